"""The JSON the API sends: every key of the guide, always present, null where there is nothing.

Statuses are upper case (ruling A3), times UTC with a Z (A24). `valid_rows`, `error_rows` and
`processed_rows` are the guide's words, derived from the counts (A39).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.model.access import Identity
from core.model.check import Violation
from core.model.file import StoredFile, UploadState
from core.model.job import Counts, Job
from core.model.mapping import Lookup, Step, Suggestion
from core.model.plan import ExportPlan, ImportPlan
from core.usecases.rules import origin_of
from core.usecases.undo_journals import undoable_until


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is meant to be in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(in_utc)]


def moment_json(moment: datetime) -> str:
    """As the models write it: 2026-01-31T13:45:00Z."""
    return in_utc(moment).isoformat().replace("+00:00", "Z")


class RowCounts(BaseModel):
    """rows_read = inserted + updated + unchanged + skipped + rejected; ignored lines of the file
    and deleted rows of the table stand apart."""

    model_config = ConfigDict(from_attributes=True)
    rows_read: int
    inserted: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    ignored: int
    deleted: int = 0


class JobBase(BaseModel):
    """What imports and exports have in common."""

    id: int
    job_id: str
    connection: str
    table_name: str
    status: str = Field(examples=["COMPLETED"])
    phase: str = Field(description="What the worker is doing, in a word or two")
    progress_percent: float
    processed_rows: int
    started_at: Moment | None
    completed_at: Moment | None
    processing_time_seconds: float | None
    error_code: str | None
    error_message: str | None = Field(
        description="Why the job failed; of a finished export, what its file holds otherwise"
    )
    created_at: Moment | None
    created_by: int | None
    created_by_name: str


class ImportJob(JobBase):
    """One import."""

    original_filename: str
    file_format: str
    file_size: int | None = Field(description="Bytes")
    upload_id: str
    total_rows: int | None
    valid_rows: int
    error_rows: int
    skipped_rows: int
    counts: RowCounts
    requires_approval: bool
    approved_at: Moment | None
    rejects_url: str | None = Field(description="CSV of the rejected rows with reasons")
    set_id: str | None = Field(description="Of the import set it is a member of")
    undoable_until: Moment | None = Field(description="The import can be undone up to then")
    undone_by: str | None = Field(description="The job that takes the import back, or did")
    undoes: str | None = Field(description="The import that this job takes back")

    @classmethod
    def of(cls, job: Job) -> ImportJob:
        assert isinstance(job.plan, ImportPlan)
        valid, wrong = valid_and_error_rows(job)
        return cls(
            **_base(job),
            original_filename=job.filename or job.plan.filename,
            file_format=job.format or job.plan.dialect.format,
            file_size=job.file_size,
            upload_id=job.plan.upload,
            total_rows=job.total_rows,
            valid_rows=valid,
            error_rows=wrong,
            skipped_rows=job.counts.skipped,
            counts=_counts(job.counts),
            requires_approval=job.requires_approval,
            approved_at=job.approved_at,
            rejects_url=f"/api/v1/data/import/{job.job_id}/rejects" if job.rejects_file else None,
            set_id=job.set_id,
            undoable_until=undoable_until(job),
            undone_by=job.undone_by,
            undoes=job.plan.undoes,
        )


class ExportJob(JobBase):
    """One export."""

    export_format: str
    selected_columns: list[str]
    filename: str | None
    file_size: int | None = Field(description="Bytes")
    estimated_rows: int | None
    download_url: str | None = Field(description="Needs the session or token of the same user")
    expires_at: Moment | None

    @classmethod
    def of(cls, job: Job, download_url: str | None) -> ExportJob:
        assert isinstance(job.plan, ExportPlan)
        return cls(
            **_base(job),
            export_format=job.format or job.plan.dialect.format,
            selected_columns=list(job.plan.columns),
            filename=job.filename,
            file_size=job.file_size,
            estimated_rows=job.total_rows,
            download_url=download_url,
            expires_at=job.expires_at,
        )


def valid_and_error_rows(job: Job) -> tuple[int, int]:
    """Rows found good and bad: by the run if there was one, else by the last check."""
    if job.counts.rows_read:
        return job.counts.rows_read - job.counts.rejected, job.counts.rejected
    found = job.validation_results
    return int(found.get("validRows") or 0), int(found.get("errorRows") or 0)


def _counts(counts: Counts) -> RowCounts:
    return RowCounts.model_validate(counts)


def _base(job: Job) -> dict[str, Any]:
    seconds = None
    if job.started_at is not None and job.completed_at is not None:
        seconds = (in_utc(job.completed_at) - in_utc(job.started_at)).total_seconds()
    return {
        "id": job.id,
        "job_id": job.job_id,
        "connection": job.connection,
        "table_name": job.table,
        "status": job.status.value,
        "phase": job.phase,
        "progress_percent": job.progress_percent,
        "processed_rows": job.processed_rows,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "processing_time_seconds": seconds,
        "error_code": job.error_code,
        "error_message": job.error_message,
        "created_at": job.created_at,
        "created_by": job.created_by,
        "created_by_name": job.created_by_name,
    }


class UploadInfo(BaseModel):
    """A file that was received; its id stands for it from now on."""

    upload_id: str
    filename: str
    size: int = Field(description="Bytes")
    sha256: str
    detected_format: str | None
    expires_at: Moment | None

    @classmethod
    def of(cls, file: StoredFile, detected_format: str | None) -> UploadInfo:
        return cls(
            upload_id=file.file_id,
            filename=file.filename,
            size=file.size,
            sha256=file.sha256,
            detected_format=detected_format,
            expires_at=file.expires_at,
        )


class UploadProgress(BaseModel):
    """How much of an upload in parts is here."""

    upload_id: str
    filename: str
    received: int = Field(description="Bytes; the next part begins at this offset")
    size: int = Field(description="Bytes, as announced")
    done: bool = Field(description="Whether the upload_id can be used")
    part_size: int = Field(description="Bytes; proposed for a part", examples=[8388608])
    upload: UploadInfo | None = Field(description="The file, when done")

    @classmethod
    def of(cls, state: UploadState, part_size: int, detected_format: str | None) -> UploadProgress:
        return cls(
            upload_id=state.upload_id,
            filename=state.filename,
            received=state.received,
            size=state.size,
            done=state.done,
            part_size=part_size,
            upload=UploadInfo.of(state.file, detected_format) if state.file else None,
        )


class Problem(BaseModel):
    """One violation (the guide's error item, R93)."""

    model_config = ConfigDict(from_attributes=True)
    row: int | None = Field(description="1-based data row")
    line: int | None = Field(description="1-based line of the file")
    column: str | None = Field(description="Column of the file")
    field: str | None = Field(description="Column of the table")
    check: str
    message: str
    severity: str
    value: str | None
    origin: str = Field("schema", description="Who asks it: schema, transform or rule")

    @classmethod
    def of(cls, violation: Violation) -> Problem:
        found = cls.model_validate(violation)
        return found.model_copy(update={"origin": origin_of(violation.check)})


class Person(BaseModel):
    """Who is signed in."""

    user_id: int | None
    username: str
    name: str
    role: str

    @classmethod
    def of(cls, who: Identity) -> Person:
        return cls(user_id=who.user_id, username=who.username, name=who.name, role=who.role.value)


def mapping_json(
    source: str,
    target: str | None,
    steps: Sequence[Step],
    lookup: Lookup | None,
    *,
    skip_empty: bool,
) -> dict[str, Any]:
    """A mapping in the guide's spelling (R76), fit to be sent back among field_mappings.

    targetColumn is null where nothing is proposed, sourceColumn where the steps make the cells;
    `transform` is null, a name, an object with name and options, or a list of these in order.
    lookup and skipEmpty are there only where they say something.
    """
    written = [
        {"name": s.transform, "options": dict(s.options)} if s.options else s.transform
        for s in steps
    ]
    found: dict[str, Any] = {
        "sourceColumn": source or None,
        "targetColumn": target,
        "transform": written[0] if len(written) == 1 else written or None,
    }
    if lookup is not None:
        found["lookup"] = {
            "by": lookup.by,
            "decisions": [
                {name: value for name, value in asdict(one).items() if value is not None}
                for one in lookup.decisions
            ],
        }
    return found | {"skipEmpty": True} if skip_empty else found


def suggested_mapping(s: Suggestion) -> dict[str, Any]:
    """A proposed mapping, as `mapping_json` writes it."""
    return mapping_json(s.source, s.target, s.steps, s.lookup, skip_empty=s.skip_empty)


def suggestion_reason(suggestion: Suggestion) -> dict[str, Any]:
    """How sure a proposal is, and why."""
    return {
        "sourceColumn": suggestion.source,
        "confidence": suggestion.confidence,
        "auto": suggestion.auto,
        "reason": suggestion.reason,
        "samples": list(suggestion.samples),
    }
