"""What waits for a reviewer, and the decision. Never on one's own import (ruling A19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ActionDenied
from core.metastore import approvals, jobs
from core.model.access import Action
from core.model.job import JobKind, JobStatus
from core.model.plan import plan_hash
from core.usecases.rights import job_of, may_review, note, require, reviewed_tables

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job
    from core.workspace import Workspace


def list_waiting(ws: Workspace, who: Identity) -> list[Job]:
    """Imports of others that this person may decide on, newest first."""
    with ws.metastore.connect() as db:
        waiting = jobs.list_jobs(
            db, kind=JobKind.IMPORT, status=JobStatus.AWAITING_APPROVAL, limit=500
        )
    return [job for job in waiting if job.created_by != who.user_id and may_review(ws, who, job)]


def approve(ws: Workspace, who: Identity, job_id: str, notes: str = "") -> Job:
    """Let it run, if its plan is still the one now seen. Raises ActionDenied or Conflict."""
    job, reviewer = _to_decide(ws, who, job_id)
    with ws.metastore.begin() as db:
        decided = approvals.approve(
            db, job, reviewer=reviewer, plan_hash=plan_hash(job.plan), notes=notes
        )
        note(
            ws, who, "import_approved", table=job.table, job_id=job_id, db=db,
            details={"notes": notes},
        )  # fmt: skip
    return decided


def reject(ws: Workspace, who: Identity, job_id: str, notes: str = "") -> Job:
    """End it with the reviewer's words. Raises ActionDenied or Conflict."""
    job, reviewer = _to_decide(ws, who, job_id)
    with ws.metastore.begin() as db:
        decided = approvals.reject(db, job, reviewer=reviewer, notes=notes)
        note(
            ws, who, "import_rejected", table=job.table, job_id=job_id, db=db,
            details={"notes": notes},
        )  # fmt: skip
    return decided


def _to_decide(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, int]:
    job = job_of(ws, who, job_id)
    for table in reviewed_tables(ws, job):
        require(ws, who, Action.REVIEW, job.connection, table, job_id=job_id)
    if who.user_id is None:
        raise ActionDenied("A decision needs a person's name: sign in to approve or reject.")
    if job.created_by == who.user_id:
        raise ActionDenied("You may not decide on your own import.", job_id=job_id)
    return job, who.user_id
