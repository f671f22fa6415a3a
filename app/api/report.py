"""What an import's file is like, and the report of its check that people can send."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, JobId, Space
from app.api.downloads import FILE_ANSWERS, hand_over
from app.api.failures import FAILURES
from core.usecases import check_page, profiles

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)

#: The page has no script and loads nothing; opened from our address it may not act for anybody.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Form(StrEnum):
    HTML = "html"
    JSON = "json"


class FileProfile(BaseModel):
    """Every source column, as the last check saw it."""

    job_id: str
    rows: int = Field(description="Counts are of all of them")
    sample_rows: int = Field(description="Kinds and histograms are of so many of them")
    left_out: int = Field(description="Columns beyond the first 300 are not profiled")
    columns: list[dict[str, Any]] = Field(description="The guide's field_analysis, and more")


@router.get("/{job_id}/profile", summary="What each column of the file is like")
def profile(job_id: JobId, ws: Space, who: Caller) -> FileProfile:
    """Nulls, distinct values, least and greatest, the most frequent values, a histogram, and what
    kind of cells the column holds with the evidence. Without columns when nothing was checked
    yet."""
    found = profiles.read_profile(ws, who, job_id)
    return FileProfile(
        job_id=job_id,
        rows=found.rows,
        sample_rows=found.sample_rows,
        left_out=found.left_out,
        columns=[profiles.column_document(column) for column in found.columns],
    )


@router.head("/{job_id}/report", include_in_schema=False)
@router.get(
    "/{job_id}/report",
    summary="The report of the check, to save or send",
    response_class=Response,
    responses=FILE_ANSWERS,
)
async def report(
    job_id: JobId,
    request: Request,
    ws: Space,
    who: Caller,
    form: Annotated[Form, Query(alias="format", description="A page for people, or data")] = (
        Form.HTML
    ),
) -> Response:
    """Counts, problem groups with samples, profiles, the plan, and what became of the rows once the
    import ran. The page is one file that loads nothing."""
    made = await run_in_threadpool(check_page.open_report, ws, who, job_id, form.value)
    response = await hand_over(request, made)
    response.headers["content-security-policy"] = _POLICY
    return response
