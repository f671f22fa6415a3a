"""What was wrong with the rows of an import: each violation, and the rejected rows as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, JobId, Space
from app.api.downloads import FILE_ANSWERS, hand_over
from app.api.failures import FAILURES
from app.api.schemas import Problem
from core.usecases import findings

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


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
) -> ProblemPage:
    found = findings.list_violations(
        ws, who, job_id, offset=offset, limit=limit + 1, field=field, check=check
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
    summary="The rejected rows, with reasons, as CSV",
    response_class=Response,
    responses=FILE_ANSWERS,
)
async def rejects(job_id: JobId, request: Request, ws: Space, who: Caller) -> Response:
    """The file's own columns with the reasons beside them: correct it and import it again."""
    return await hand_over(request, await run_in_threadpool(findings.open_rejects, ws, who, job_id))
