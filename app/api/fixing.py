"""Setting rejected rows right: problems with repairs, edits, checking again, mended files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, JobId, Space, require_whole
from app.api.failures import FAILURES
from app.api.import_form import described, received
from app.api.schemas import ImportJob
from core.errors import InvalidRequest
from core.model.edit import Edit, FindReplace, Ignore, ReplaceValues, SetCell, StepsOn
from core.model.repair import EditPreview, Edits, Problem, Recheck
from core.usecases import fixing, mending

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)

AnEdit = Annotated[
    ReplaceValues | FindReplace | StepsOn | SetCell | Ignore, Body(discriminator="kind")
]


class ProblemList(BaseModel):
    job_id: str
    problems: list[Problem] = Field(description="Groups of the last check, with proposed repairs")


class EditList(BaseModel):
    job_id: str
    edits: list[Edit] = Field(description="In the order in which they are applied")
    since_check: int = Field(description="Edits made or undone since the last check")
    checked: bool = Field(description="Whether there is a report of a check")

    @classmethod
    def of(cls, job_id: str, found: Edits) -> EditList:
        return cls(
            job_id=job_id,
            edits=list(found.edits),
            since_check=found.since,
            checked=found.checked,
        )


class RecheckBody(BaseModel):
    rows: list[int] = Field(
        max_length=fixing.MOST_RECHECKED, description="1-based data rows that were rejected"
    )


class PatchAnswer(BaseModel):
    job: ImportJob = Field(description="The import itself, or the one that follows it")
    rows: int = Field(description="Rows in the mended file")
    cells: int = Field(description="Cells that differ from what was rejected")


@router.get("/{job_id}/problems", summary="What is wrong, and what might set it right")
def problems(job_id: JobId, ws: Space, who: Caller) -> ProblemList:
    """Problems grouped by column, check and shape of the cell. A repair is a proposal: send its
    `edit` to take it. Where `asks` says so, put a value of yours into the edit first."""
    return ProblemList(job_id=job_id, problems=list(fixing.list_problems(ws, who, job_id)))


@router.get("/{job_id}/edits", summary="The edits of an import")
def edits(job_id: JobId, ws: Space, who: Caller) -> EditList:
    return EditList.of(job_id, fixing.list_edits(ws, who, job_id))


@router.post("/{job_id}/edits", summary="Change cells without changing the file")
def edit(job_id: JobId, ws: Space, who: Caller, body: AnEdit) -> EditList:
    """One more edit, applied after the others to the rows as read. The report of the last check
    stays until the next; an approval is void."""
    return EditList.of(job_id, fixing.add_edit(ws, who, job_id, body))


@router.delete("/{job_id}/edits", summary="Undo the last edit, or all of them")
def undo(
    job_id: JobId,
    ws: Space,
    who: Caller,
    every: Annotated[bool, Query(alias="all", description="All of them")] = False,
) -> EditList:
    act = fixing.clear_edits if every else fixing.undo_edit
    return EditList.of(job_id, act(ws, who, job_id))


@router.post("/{job_id}/edits/preview", summary="What an edit would change")
def preview(job_id: JobId, ws: Space, who: Caller, body: AnEdit) -> EditPreview:
    """How many cells of the rejected rows, and the first twenty before and after. Where no row
    was rejected yet, of the first rows of the file."""
    return fixing.preview_edit(ws, who, job_id, body)


@router.post("/{job_id}/recheck", summary="Check rejected rows again with the edits")
def recheck(job_id: JobId, ws: Space, who: Caller, body: RecheckBody) -> Recheck:
    """At once and without the whole file: `partial` says that keys which repeat elsewhere in the
    file were not looked for."""
    return fixing.recheck(ws, who, job_id, body.rows)


@router.post(
    "/{job_id}/patch", summary="Hand in mended rejected rows", openapi_extra=described(required=[])
)
async def patch(job_id: JobId, request: Request, ws: Space, who: Caller) -> PatchAnswer:
    """The rejects file, mended, in any format that can be read: as `file`, or as the `upload_id`
    of one sent before, in a form or as JSON. An import that has not run gets one more edit; one
    that has is followed by a new import of these rows: start that."""
    if request.headers.get("content-type", "").startswith("application/json"):
        upload_id = await _upload_id(request)
        done = await run_in_threadpool(mending.patch_import, ws, who, job_id, upload_id)
    else:
        async with received(request, ws, who) as form:
            done = await run_in_threadpool(mending.patch_import, ws, who, job_id, form.upload_id)
    return PatchAnswer(job=ImportJob.of(done.job), rows=done.rows, cells=done.cells)


async def _upload_id(request: Request) -> str:
    try:
        body: Any = await request.json()
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"Not valid JSON ({error}).") from error
    found = body.get("upload_id") if isinstance(body, dict) else None
    if not isinstance(found, str):
        raise InvalidRequest('upload_id: send {"upload_id": "…"}.')
    require_whole("upload_id", found)
    return found
