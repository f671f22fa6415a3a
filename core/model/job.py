"""A job is one plan, carried out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.plan import ExportPlan, ImportPlan


class JobKind(StrEnum):
    IMPORT = "import"
    EXPORT = "export"


class JobTask(StrEnum):
    """What the worker is asked to do with an import job next."""

    NONE = "none"  #: a draft: uploaded, nothing asked yet
    VALIDATE = "validate"  #: check the whole file, write nothing
    PLAN = "plan"  #: check the whole file and foresee what it would change; write nothing
    RUN = "run"  #: carry out the plan


class JobStatus(StrEnum):
    """Every state a job can be in (ruling A3). Stored and sent in upper case."""

    PENDING = "PENDING"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    PARSING = "PARSING"
    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    IMPORTING = "IMPORTING"
    IN_PROGRESS = "IN_PROGRESS"  #: exports only
    COMPLETED = "COMPLETED"
    PARTIALLY_COMPLETED = "PARTIALLY_COMPLETED"  #: valid rows in, others held as rejected
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"  #: exports only: the file is gone, the job is kept

    @property
    def ended(self) -> bool:
        return self in ENDED


ENDED = frozenset(
    {
        JobStatus.COMPLETED,
        JobStatus.PARTIALLY_COMPLETED,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.EXPIRED,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The only words for how many (ruling A39).

    rows_read = inserted + updated + unchanged + skipped + rejected; `ignored` (blank,
    preamble and footer lines) and `deleted` (rows of the table that went) stand apart.
    """

    rows_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    ignored: int = 0
    deleted: int = 0

    @property
    def reconciled(self) -> bool:
        """Is every row read accounted for?"""
        parts = self.inserted + self.updated + self.unchanged + self.skipped + self.rejected
        return self.rows_read == parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A row of import_jobs or export_jobs, as everyone but the metastore sees it."""

    kind: JobKind
    id: int
    job_id: str
    connection: str
    table: str
    status: JobStatus
    plan: ImportPlan | ExportPlan
    task: JobTask = JobTask.RUN
    queued: bool = False  #: waiting for a worker
    running: bool = False  #: a worker holds it
    format: str = ""
    filename: str | None = None
    file_size: int | None = None  #: bytes
    progress_percent: float = 0.0
    phase: str = ""  #: what the worker is doing, in a word or two
    total_rows: int | None = None
    processed_rows: int = 0
    counts: Counts = Counts()
    validation_results: dict[str, Any] = field(default_factory=dict)
    import_results: dict[str, Any] = field(default_factory=dict)
    rejects_file: str | None = None  #: file id of the rejected rows
    violations_file: str | None = None  #: file id of every violation, NDJSON
    changes_file: str | None = None  #: file id of every change foreseen
    changes: dict[str, Any] = field(default_factory=dict)  #: what was foreseen, in numbers
    undone_by: str | None = None  #: the job that took it back, or is about to
    set_id: str | None = None  #: the job that carries this one out together with others
    artifact: str | None = None  #: file id of what an export made
    expires_at: datetime | None = None  #: of the artifact
    requires_approval: bool = False
    approved_at: datetime | None = None
    attempt: int = 0
    lost_attempts: int = 0  #: of this asking: those that ended with the death of their worker
    cancel_requested: bool = False
    error_code: str | None = None
    error_message: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    created_by: int | None = None
    created_by_name: str = ""

    @property
    def active(self) -> bool:
        """Will its row change without anybody asking?"""
        return self.queued or self.running
