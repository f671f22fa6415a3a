"""What a handler is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.jobs.lease import Lease
from core.model.job import Counts, Job, JobKind, JobStatus, JobTask


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a job went, written by one fenced statement when the handler returns it."""

    status: JobStatus
    counts: Counts | None = None
    total_rows: int | None = None
    phase: str = ""
    error_code: str | None = None
    error_message: str | None = None
    #: other columns of the job's row: validation_results, rejects_file, artifact_file, …
    fields: Mapping[str, Any] = field(default_factory=dict)


#: Does the job's task; calls `lease.beat` once a batch. Raises a TableportError to fail it.
Handler = Callable[[Job, Lease], Ended]
Handlers = Mapping[tuple[JobKind, JobTask], Handler]
