"""A reviewer's decision on an import that needs one (rulings A19 and A34)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from core.errors import Conflict
from core.metastore.jobs import get
from core.metastore.schema import import_jobs
from core.metastore.text import storable
from core.model.job import ENDED, Job, JobStatus


def require(db: sa.Connection, job: Job) -> None:
    """From now on the import needs approval; nothing takes that back."""
    db.execute(
        sa.update(import_jobs).where(import_jobs.c.id == job.id).values(requires_approval=True)
    )


def approve(db: sa.Connection, job: Job, *, reviewer: int, plan_hash: str, notes: str = "") -> Job:
    """Let the import run, if its plan is still the one the reviewer saw.

    One compare-and-swap: of two decisions at once one wins. Raises Conflict when it was
    decided before, the plan has changed, the job has ended, or the reviewer made the job.
    """
    table = import_jobs.c
    waiting = table.status == JobStatus.AWAITING_APPROVAL.value
    values = {
        "approved_at": datetime.now(UTC),
        "approved_by": reviewer,
        "approved_hash": plan_hash,
        "notes": storable(notes, 10_000),
        "status": sa.case((waiting, JobStatus.PENDING.value), else_=table.status),
        "updated_at": datetime.now(UTC),
    }
    statement = _undecided(job, reviewer).where(table.plan_hash == plan_hash).values(values)
    return _decide(db, job, statement)


def reject(db: sa.Connection, job: Job, *, reviewer: int, notes: str = "") -> Job:
    """End the import as CANCELLED with the reviewer's words. Raises Conflict as `approve`."""
    now = datetime.now(UTC)
    words = storable(notes.strip(), 10_000)
    values = {
        "status": JobStatus.CANCELLED.value,
        "run_after": None,
        "notes": words,
        "error_message": f"A reviewer rejected this import: {words}"
        if words
        else "A reviewer rejected this import.",
        "completed_at": now,
        "updated_at": now,
    }
    return _decide(db, job, _undecided(job, reviewer).values(values))


def _undecided(job: Job, reviewer: int) -> sa.Update:
    table = import_jobs.c
    return sa.update(import_jobs).where(
        table.id == job.id,
        table.requires_approval.is_(sa.true()),
        table.approved_at.is_(None),
        table.lease_owner.is_(None),
        table.status.not_in([status.value for status in ENDED]),
        table.created_by.is_distinct_from(reviewer),
    )


def _decide(db: sa.Connection, job: Job, statement: sa.Update) -> Job:
    if db.execute(statement).rowcount != 1:
        raise Conflict(
            "This import cannot be decided on: it was decided before, was changed since you "
            "opened it, has ended, or is your own.",
            job_id=job.job_id,
        )
    return get(db, job.job_id)
