"""What was wrong with the rows of an import: each violation, and the rejected rows as a file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, JobId, Space
from app.api.downloads import FILE_ANSWERS, hand_over
from app.api.failures import FAILURES
from app.api.schemas import Problem
from core.usecases import findings, forms

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


class RejectsFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class ProblemPage(BaseModel):
    job_id: str
    violations: list[Problem]
    offset: int
    limit: int
    has_more: bool


@router.get("/{job_id}/violations", summary="Every violation found, page by page")
def violations(
    job_id: JobId,
    ws: Space,
    who: Caller,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    field: Annotated[str | None, Query(description="Column of the table")] = None,
    check: Annotated[str | None, Query(description="Name of the check")] = None,
    shape: Annotated[str | None, Query(description="Shape of the cell, as groups have it")] = None,
) -> ProblemPage:
    found = findings.list_violations(
        ws, who, job_id, offset=offset, limit=limit + 1, field=field, check=check, shape=shape
    )
    return ProblemPage(
        job_id=job_id,
        violations=[Problem.of(violation) for violation in found[:limit]],
        offset=offset,
        limit=limit,
        has_more=len(found) > limit,
    )


@router.head("/{job_id}/rejects", include_in_schema=False)
@router.get(
    "/{job_id}/rejects",
    summary="The rejected rows, with reasons, as CSV or as a workbook",
    response_class=Response,
    responses=FILE_ANSWERS,
)
async def rejects(
    job_id: JobId,
    request: Request,
    ws: Space,
    who: Caller,
    form: Annotated[
        RejectsFormat, Query(alias="format", description="xlsx: with the wrong cells in red")
    ] = RejectsFormat.CSV,
) -> Response:
    """The file's own columns with the reasons beside them: correct it and hand it in again. A
    workbook has up to 100,000 rows."""
    chosen = findings.open_rejects if form is RejectsFormat.CSV else forms.open_rejects_workbook
    return await hand_over(request, await run_in_threadpool(chosen, ws, who, job_id))
