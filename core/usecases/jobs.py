"""What has been asked for, how far it is, and stopping it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.metastore import jobs, queue
from core.usecases.rights import job_of, note, require_owner

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job, JobKind, JobStatus
    from core.workspace import Workspace


def list_jobs(
    ws: Workspace,
    who: Identity,
    *,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
    table: str | None = None,
    mine: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[Job]:
    """Jobs, newest first: one's own; for administrators everybody's unless `mine`."""
    if who.user_id is None and not who.is_admin:
        return []
    owner = who.user_id if mine or not who.is_admin else None
    with ws.metastore.connect() as db:
        return jobs.list_jobs(
            db, kind=kind, status=status, table=table, user_id=owner, limit=limit, offset=offset
        )


def get_job(ws: Workspace, who: Identity, job_id: str) -> Job:
    """A job of one's own, or one to review. Another user's does not exist: NotFound."""
    return job_of(ws, who, job_id)


def cancel_job(ws: Workspace, who: Identity, job_id: str) -> Job:
    """Stop a job: at once if nobody works on it, else within a batch. Conflict when it ended.

    Raises ActionDenied for a reviewer, who rejects it instead.
    """
    job = job_of(ws, who, job_id)
    require_owner(who, job)
    with ws.metastore.begin() as db:
        queue.cancel(db, job)
        note(
            ws, who, f"{job.kind.value}_cancelled", table=job.table, job_id=job_id, db=db,
            details={"running": job.running},
        )  # fmt: skip
        return jobs.get(db, job_id)


def wait_for_job(
    ws: Workspace, who: Identity, job_id: str, *, seconds: float, poll: float = 0.1
) -> Job:
    """The job once nothing about it changes by itself, or as it is after so many seconds."""
    until = time.monotonic() + seconds
    while True:
        job = job_of(ws, who, job_id)
        if not job.active or time.monotonic() >= until:
            return job
        time.sleep(poll)
