"""Undo of a finished import: what it would do, and asking for it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.asking import SIGNED_IN, Caller, JobId, Space
from app.api.failures import FAILURES
from app.api.schemas import ImportJob, Moment
from core.usecases import undoing

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


class Row(BaseModel):
    """One row the import wrote."""

    model_config = ConfigDict(from_attributes=True)
    did: str = Field(description="What the import did to it: inserted, updated, deleted")
    key: dict[str, str | None] = Field(description="Empty where it has none you may see")
    why: str | None = Field(
        description="changed, gone, referred or taken: it is kept; null: it is taken back"
    )


class Prospect(BaseModel):
    """What undoing would do now."""

    model_config = ConfigDict(from_attributes=True)
    job_id: str
    removed: int = Field(description="Rows the import inserted")
    restored: int = Field(description="Rows the import updated")
    put_back: int = Field(description="Rows the import deleted")
    kept: int = Field(description="Rows that stay: they are not as the import left them")
    reasons: dict[str, int] = Field(description="Of those kept, by reason")
    rows: list[Row] = Field(description="The first 50, those kept before the others")
    until: Moment | None = Field(description="The import can be undone up to then")


@router.get("/{job_id}/undo", summary="What undoing an import would do")
def preview_undo(job_id: JobId, ws: Space, who: Caller) -> Prospect:
    """Touches no row of the table. 409 when the import cannot be undone, with the reason."""
    return Prospect.model_validate(undoing.preview_undo(ws, who, job_id))


@router.post("/{job_id}/undo", summary="Undo an import")
def undo_import(job_id: JobId, ws: Space, who: Caller) -> ImportJob:
    """Answers at once with the job that does it: follow its status. Its counts: rows_read are the
    rows the import wrote, updated those taken back, skipped those kept, deleted those removed."""
    return ImportJob.of(undoing.start_undo(ws, who, job_id))
