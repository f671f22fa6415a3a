"""What an import would change: asked for, and read page by page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.asking import SIGNED_IN, Caller, JobId, Space
from app.api.failures import FAILURES
from app.api.schemas import ImportJob, Moment
from core.model.changes import Change, ChangeKind, ChangesPage, Foreseen
from core.model.job import Counts
from core.model.plan import Blanks, OnConflict, WriteMode
from core.usecases import planning

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


class PlanBody(BaseModel):
    """May be left out; what is named here is changed in the import first."""

    model_config = ConfigDict(extra="forbid")

    on_conflict: OnConflict | None = Field(None, description="What to do with rows already there")
    key: list[str] | None = Field(None, description="Columns that tell rows apart; []: the usual")
    blanks: Blanks | None = Field(
        None, description="What an empty cell does to a row that is there"
    )
    mode: WriteMode | None = Field(None, description="How rows get into the table")
    undo: bool | None = Field(None, description="Keep what undoing takes")


class CellChanged(BaseModel):
    """One cell, in canonical text; null is NULL."""

    model_config = ConfigDict(from_attributes=True)

    column: str
    old: str | None
    new: str | None
    hidden: bool = Field(False, description="The old value is not for the caller to see")


class RowChanged(BaseModel):
    """One row that is added, changed, in conflict or deleted."""

    kind: ChangeKind
    row: int | None = Field(description="1-based data row of the file; null for a row that goes")
    line: int | None
    key: dict[str, str | None]
    cells: list[CellChanged]
    reason: str

    @classmethod
    def of(cls, change: Change) -> RowChanged:
        return cls(
            kind=change.kind,
            row=change.row,
            line=change.line,
            key=dict(change.key),
            cells=[CellChanged.model_validate(cell) for cell in change.cells],
            reason=change.reason,
        )


class ImportChanges(BaseModel):
    """What an import would change, and a page of it."""

    job_id: str
    planned: bool = Field(description="Whether there is a plan of the import as it is")
    digest: str | None = Field(description="Of every change; a run makes these or none")
    made_at: Moment | None
    kinds: dict[str, int] = Field(description="Rows by kind; a kind without rows is 0")
    columns: dict[str, int] = Field(description="Changed cells by column")
    counts: dict[str, int] = Field(description="What the run would count")
    stopped: str = Field(description="Why the run would write nothing, else empty")
    listed_new: int = Field(description="So many new rows are among the changes")
    total: int = Field(description="Changes of the kind and column asked for")
    offset: int
    changes: list[RowChanged]

    @classmethod
    def of(cls, job_id: str, found: Foreseen | None, page: ChangesPage) -> ImportChanges:
        amounts = found.kinds if found else {}
        return cls(
            job_id=job_id,
            planned=found is not None,
            digest=found.digest if found else None,
            made_at=found.made_at if found else None,
            kinds={kind.value: amounts.get(kind, 0) for kind in ChangeKind},
            columns=dict(found.columns) if found else {},
            counts=_counts(found),
            stopped=found.stopped if found else "",
            listed_new=found.listed_new if found else 0,
            total=page.total,
            offset=page.offset,
            changes=[RowChanged.of(change) for change in page.changes],
        )


@router.post("/{job_id}/plan", summary="Foresee what an import would change, write nothing")
def make_plan(
    job_id: JobId, ws: Space, who: Caller, body: Annotated[PlanBody | None, Body()] = None
) -> ImportJob:
    """Checks every row and compares it with the table as it is. Answers at once; follow the status
    until VALIDATED, then `GET …/plan`. A run that is started afterwards makes the changes of the
    plan or, where the table has changed since, none."""
    given = body.model_dump(exclude_none=True) if body else {}
    if given:
        undo = given.pop("undo", None)
        planning.choose_writing(ws, who, job_id, undoable=undo, **given)
    return ImportJob.of(planning.plan_import(ws, who, job_id))


@router.get("/{job_id}/plan", summary="What an import would change")
def plan(
    job_id: JobId,
    ws: Space,
    who: Caller,
    kind: ChangeKind | None = None,
    column: Annotated[str | None, Query(description="With a cell of this column")] = None,
    limit: Annotated[int, Query(ge=0, le=1_000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> ImportChanges:
    """The plan in numbers and a page of its changes, old and new. Unchanged and repeated rows are
    counted only; rejected ones are at `…/violations`. What the table has is shown in the columns
    the caller may see there."""
    found = planning.read_plan(ws, who, job_id)
    page = ChangesPage(changes=(), total=0, offset=offset)
    if found is not None:
        page = planning.list_changes(
            ws, who, job_id, kind=kind, column=column, limit=limit, offset=offset
        )
    return ImportChanges.of(job_id, found, page)


def _counts(found: Foreseen | None) -> dict[str, Any]:
    return asdict(found.counts if found else Counts())
