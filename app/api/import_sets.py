"""Several files into several tables as one: make the set, look, validate, start."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from app.api.asking import SIGNED_IN, Caller, Space
from app.api.failures import FAILURES
from app.api.schemas import ImportJob
from core.errors import InvalidRequest
from core.model.import_set import ImportSet, SetFile
from core.model.plan import OnConflict, OnErrors
from core.usecases import import_sets

router = APIRouter(
    prefix="/data/import/sets", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


class FileBody(BaseModel):
    """One file of a set."""

    upload_id: str = Field(description="As POST /data/uploads answers it")
    table_name: str | None = Field(None, description="Left out: the table of the file's name")


class SetBody(BaseModel):
    """Files to draft, or imports that are drafted already."""

    files: list[FileBody] = Field([], max_length=import_sets.MOST_FILES)
    members: list[str] = Field(
        [],
        description="Ids of drafted imports, in place of files",
        max_length=import_sets.MOST_FILES,
    )
    connection: str | None = Field(None, description="Of files; the default one when left out")
    on_conflict: OnConflict | None = Field(None, description="Of files: rows already there")
    on_errors: OnErrors = Field(
        OnErrors.STOP, description="stop: nothing of the set is written if a row fails"
    )


class SetStartBody(BaseModel):
    """May be left out."""

    on_errors: OnErrors | None = None


class MemberJson(BaseModel):
    """One file of a set, at its place in the order of loading."""

    job: ImportJob
    reasons: list[str] = Field(description="Why it comes after others, what it may not count on")


class SetJson(BaseModel):
    """An import set. Its own job has the sums of its members' counts."""

    set_id: str
    job: ImportJob
    members: list[MemberJson] = Field(description="In the order of loading")
    circle: str | None = Field(description="Tables that refer to each other in a circle")
    refused: str | None = Field(description="Why the set cannot be loaded as it is")

    @classmethod
    def of(cls, found: ImportSet) -> SetJson:
        return cls(
            set_id=found.job.job_id,
            job=ImportJob.of(found.job),
            members=[
                MemberJson(job=ImportJob.of(member.job), reasons=list(member.reasons))
                for member in found.members
            ],
            circle=found.circle,
            refused=found.refused,
        )


@router.post("", summary="Make a set of uploaded files")
def make_set(ws: Space, who: Caller, body: SetBody) -> SetJson:
    """Each file becomes a draft with a proposed mapping: change it by the routes of imports.
    Nothing is queued. The files' tables refer to each other: parents are loaded first."""
    if body.members and body.files:
        raise InvalidRequest("files: a set is made of files or of members, not of both.")
    if body.members:
        found = import_sets.set_of_imports(ws, who, body.members, on_errors=body.on_errors)
    else:
        given = [SetFile(upload_id=f.upload_id, table=f.table_name) for f in body.files]
        found = import_sets.draft_set(
            ws, who, given, body.connection, on_conflict=body.on_conflict, on_errors=body.on_errors
        )
    return SetJson.of(found)


@router.get("/{set_id}", summary="A set, its members in order, and how far they are")
def show_set(set_id: str, ws: Space, who: Caller) -> SetJson:
    return SetJson.of(import_sets.read_set(ws, who, set_id))


@router.post("/{set_id}/validate", summary="Check every file of a set, write nothing")
def validate_set(set_id: str, ws: Space, who: Caller) -> ImportJob:
    """Answers at once; follow the set until VALIDATED. What was found is told by the members' own
    routes: violations, problems, rejects."""
    return ImportJob.of(import_sets.check_set(ws, who, set_id))


@router.post("/{set_id}/start", summary="Load the files of a set as one")
def start_set(
    set_id: str, ws: Space, who: Caller, body: Annotated[SetStartBody | None, Body()] = None
) -> ImportJob:
    """All or nothing, in one transaction; answers at once. AWAITING_APPROVAL when one of the
    members needs a reviewer. Cancel, approve and reject it by the routes of imports."""
    asked: dict[str, Any] = body.model_dump() if body else {}
    return ImportJob.of(import_sets.start_set(ws, who, set_id, **asked))
