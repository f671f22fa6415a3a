"""The job tables are the queue: one lease with a fencing number on each job.

A job is asked for when run_after is set; it is held when lease_owner is set. Every claim
raises `attempt`, which never falls, and every later word of a worker names its owner and
attempt: who lost the lease changes nothing. Times are compared by the database's clock
alone (`sqltypes.epoch`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict, WorkersLost
from core.metastore.jobrows import TABLES
from core.metastore.jobs import get, open_for_work
from core.metastore.sqltypes import epoch
from core.model.job import ENDED, Job, JobKind, JobStatus, JobTask

#: Tries each time a job is asked for something.
MAX_ATTEMPTS = 3
#: So often a job that lost its worker is begun again, which costs it none of its tries: a machine
#: may fail more than once. But a job that kills its workers must not do so for ever.
MOST_LOST = 5

_ENDED = [status.value for status in ENDED]
_STARTED = {JobKind.IMPORT: JobStatus.PARSING, JobKind.EXPORT: JobStatus.IN_PROGRESS}
_REST: dict[str, Any] = {"run_after": None, "lease_owner": None, "lease_until": None}


def enqueue(
    db: sa.Connection, job: Job, task: JobTask, *, delay: float = 0.0, attempts: int = MAX_ATTEMPTS
) -> Job:
    """Ask the workers to do a task, no sooner than `delay` seconds from now.

    An import that needs an approval it does not have waits as AWAITING_APPROVAL and goes
    ahead by itself once approved. Raises Conflict when the job is queued, running or ended
    (a check that failed may be asked again).
    """
    table = TABLES[job.kind]
    statement = (
        sa.update(table)
        .where(table.c.id == job.id, table.c.lease_owner.is_(None), table.c.run_after.is_(None))
        .where(open_for_work(table))
        .values(
            task=task.value,
            run_after=epoch() + delay,
            status=sa.case(
                (_approved(job.kind, task), JobStatus.PENDING.value),
                else_=JobStatus.AWAITING_APPROVAL.value,
            ),
            max_attempts=table.c.attempt + attempts,
            lost_attempts=0,
            cancel_requested=False,
            progress_percent=0.0,
            phase="",
            error_code=None,
            error_message=None,
            started_at=None,
            completed_at=None,
            updated_at=datetime.now(UTC),
        )
    )
    if db.execute(statement).rowcount != 1:
        now = get(db, job.job_id)
        raise Conflict(f"The job is {now.status} and cannot be asked to {task}.", job_id=job.job_id)
    return get(db, job.job_id)


def claim(db: sa.Connection, owner: str, lease: float, *, job_id: str | None = None) -> Job | None:
    """Take the next due job, or that one, for `lease` seconds; None when there is none.

    Higher priority first, then the longest due. A job whose lease ran out is taken over, also
    to be cancelled or, when that happened too often (`has_lost_too_many`), given up: whether it
    was not done after all only a worker can find out. An import that needs approval is never
    taken for RUN before its very plan was approved (ruling A34).
    """
    for kind in _by_urgency(db, job_id):
        table = TABLES[kind]
        due = _due(kind, job_id).limit(1).with_for_update(skip_locked=True)
        lost = sa.case((table.c.lease_owner.is_not(None), 1), else_=0)
        statement = (
            sa.update(table)
            .where(table.c.id == due.with_only_columns(table.c.id).scalar_subquery())
            .values(
                lease_owner=owner,
                lease_until=epoch() + lease,
                attempt=table.c.attempt + 1,
                max_attempts=table.c.max_attempts + lost,
                lost_attempts=table.c.lost_attempts + lost,
                progress_percent=0.0,
                processed_rows=0,
                phase="",
                status=_STARTED[kind].value,
                started_at=sa.func.coalesce(table.c.started_at, datetime.now(UTC)),
                updated_at=datetime.now(UTC),
            )
            .returning(table.c.job_id)
        )
        claimed = db.execute(statement).scalar_one_or_none()
        if claimed is not None:
            return get(db, claimed)
    return None


def has_lost_too_many(job: Job) -> bool:
    """Has the job lost so many workers that it must not be begun again?"""
    return job.lost_attempts > MOST_LOST


def fence(
    db: sa.Connection,
    job: Job,
    owner: str,
    lease: float,
    values: Mapping[str, Any] | None = None,
    *,
    checkpoint_rows: int | None = None,
) -> bool | None:
    """Prolong the lease and note progress, in one statement: the first of every batch.

    Returns whether somebody asked to cancel; None when the job is no longer ours, and then
    nothing was written: roll back and leave. A checkpoint never falls.
    """
    table = TABLES[job.kind]
    changes: dict[str, Any] = dict(values or {})
    if checkpoint_rows is not None:
        kept = table.c.checkpoint_rows
        changes["checkpoint_rows"] = sa.case((kept < checkpoint_rows, checkpoint_rows), else_=kept)
    statement = (
        sa.update(table)
        .where(_held(table, job, owner))
        .values(lease_until=epoch() + lease, updated_at=datetime.now(UTC), **changes)
        .returning(table.c.cancel_requested)
    )
    return db.execute(statement).scalar_one_or_none()


def finish(
    db: sa.Connection, job: Job, owner: str, status: JobStatus, values: Mapping[str, Any]
) -> bool:
    """Give the lease back with the outcome; False when the job was no longer ours."""
    outcome: dict[str, Any] = dict(values) | _REST | {"status": status.value}
    if status.ended:
        outcome["completed_at"] = datetime.now(UTC)
    return _leave(db, job, owner, outcome)


def retry_later(
    db: sa.Connection, job: Job, owner: str, delay: float, values: Mapping[str, Any]
) -> bool:
    """Queue the job again after a passing trouble, in `delay` seconds.

    False when the job was no longer ours or has no attempts left: then `finish` it.
    """
    table = TABLES[job.kind]
    outcome = dict(values) | _again(table, delay)
    return _leave(db, job, owner, outcome, table.c.attempt < table.c.max_attempts)


def give_back(db: sa.Connection, job: Job, owner: str) -> bool:
    """Queue the job again because its worker is asked to stop: this attempt does not count."""
    table = TABLES[job.kind]
    outcome = _again(table, 0.0) | {"max_attempts": table.c.max_attempts + 1}
    return _leave(db, job, owner, outcome)


def cancel(db: sa.Connection, job: Job) -> JobStatus:
    """Cancel a job; returns its status now.

    A job nobody works on is CANCELLED at once; a running one stops within its batch. Raises
    Conflict when it has ended.
    """
    table = TABLES[job.kind]
    mine = sa.update(table).where(table.c.id == job.id, table.c.status.not_in(_ENDED))
    now = datetime.now(UTC)
    at_rest = mine.where(table.c.lease_owner.is_(None)).values(
        status=JobStatus.CANCELLED.value, completed_at=now, updated_at=now, **_REST
    )
    running = mine.where(table.c.lease_owner.is_not(None)).values(
        cancel_requested=True, updated_at=now
    )
    # Once more at the end: a worker may have claimed or returned it between the two.
    for statement in (at_rest, running, at_rest):
        if db.execute(statement).rowcount == 1:
            return get(db, job.job_id).status
    status = get(db, job.job_id).status
    raise Conflict(f"The job is {status} and cannot be cancelled.", job_id=job.job_id)


def release_dead(db: sa.Connection, owner_prefix: str) -> int:
    """End the leases of a worker known to be dead (`host:pid:`); returns how many.

    Its jobs are taken over or swept as if their leases had run out.
    """
    return sum(
        db.execute(
            sa.update(table)
            .where(table.c.lease_owner.startswith(owner_prefix, autoescape=True))
            .values(lease_until=0.0)
        ).rowcount
        for table in TABLES.values()
    )


def sweep(db: sa.Connection) -> list[str]:
    """End jobs whose lease ran out and which no worker will take over; returns their ids.

    Those asked to cancel become CANCELLED, the others FAILED.
    """
    ended: list[str] = []
    for kind, table in TABLES.items():
        now = datetime.now(UTC)
        lost = sa.and_(
            table.c.lease_until < epoch(),
            table.c.lease_owner.is_not(None),
            table.c.status.not_in(_ENDED),
            sa.not_(sa.func.coalesce(_taken_over(kind), sa.false())),
        )
        shared = _REST | {"completed_at": now, "updated_at": now}
        cancelled = sa.update(table).where(lost, table.c.cancel_requested.is_(sa.true()))
        outcomes = (
            (cancelled, {"status": JobStatus.CANCELLED.value}),
            (
                sa.update(table).where(lost),
                {
                    "status": JobStatus.FAILED.value,
                    "error_code": WorkersLost.code,
                    "error_message": WorkersLost.description,
                },
            ),
        )
        for statement, outcome in outcomes:
            values = shared | outcome
            rows = db.execute(statement.values(**values).returning(table.c.job_id))
            ended += rows.scalars()
    return ended


def is_due(db: sa.Connection, *, job_id: str | None = None) -> bool:
    """Would `claim` find something? Needs no write transaction."""
    return bool(_by_urgency(db, job_id))


def count_waiting(db: sa.Connection) -> int:
    """Due jobs that no worker holds: the guide's queue_size (ruling A29)."""
    return sum(
        db.execute(
            sa.select(sa.func.count()).select_from(_due(kind, None).order_by(None).subquery())
        ).scalar_one()
        for kind in JobKind
    )


def _by_urgency(db: sa.Connection, job_id: str | None) -> list[JobKind]:
    """The kinds that have something due, the one with the most urgent job first."""
    heads = []
    for kind in JobKind:
        rows = TABLES[kind].c
        query = _due(kind, job_id).with_only_columns(rows.priority, rows.run_after).limit(1)
        row = db.execute(query).one_or_none()
        if row is not None:
            heads.append(((-row.priority, row.run_after), kind))
    return [kind for _, kind in sorted(heads)]


def _due(kind: JobKind, job_id: str | None) -> sa.Select[Any]:
    """Jobs a worker may take now, the most urgent first."""
    table = TABLES[kind]
    rows = table.c
    fresh = sa.and_(
        rows.lease_owner.is_(None),
        rows.run_after <= epoch(),
        rows.cancel_requested.is_(sa.false()),
        _workable(kind),
    )
    lost = sa.and_(rows.lease_owner.is_not(None), rows.lease_until < epoch(), _taken_over(kind))
    query = (
        sa.select(table)
        .where(rows.status.not_in(_ENDED), sa.or_(fresh, lost))
        .order_by(rows.priority.desc(), rows.run_after, rows.id)
    )
    return query if job_id is None else query.where(rows.job_id == job_id)


def _taken_over(kind: JobKind) -> sa.ColumnElement[bool]:
    """Will a worker take the job over once its lease has run out?"""
    return sa.and_(TABLES[kind].c.lost_attempts <= MOST_LOST, _workable(kind))


def _workable(kind: JobKind) -> sa.ColumnElement[bool]:
    rows = TABLES[kind].c
    return sa.and_(rows.run_after.is_not(None), rows.task != JobTask.NONE.value, _approved(kind))


def _approved(kind: JobKind, task: JobTask | None = None) -> sa.ColumnElement[bool]:
    """May the job's task (or `task`) go ahead as far as approval is concerned?

    Only approval of the plan as it is now counts.
    """
    if kind is JobKind.EXPORT:
        return sa.true()
    rows = TABLES[kind].c
    asked = sa.literal(task.value) if task else rows.task
    return sa.or_(
        asked != JobTask.RUN.value,
        rows.requires_approval.is_(sa.false()),
        sa.and_(rows.approved_at.is_not(None), rows.approved_hash == rows.plan_hash),
    )


def _again(table: sa.Table, delay: float) -> dict[str, Any]:
    """Back to the queue; but who was asked to cancel while running is cancelled now."""
    asked = table.c.cancel_requested.is_(sa.true())
    now = sa.literal(datetime.now(UTC), table.c.completed_at.type)
    return _REST | {
        "run_after": sa.case((asked, None), else_=epoch() + delay),
        "status": sa.case((asked, JobStatus.CANCELLED.value), else_=JobStatus.PENDING.value),
        "completed_at": sa.case((asked, now), else_=None),
    }


def _held(table: sa.Table, job: Job, owner: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.id == job.id, table.c.lease_owner == owner, table.c.attempt == job.attempt
    )


def _leave(
    db: sa.Connection,
    job: Job,
    owner: str,
    values: Mapping[str, Any],
    *conditions: sa.ColumnElement[bool],
) -> bool:
    table = TABLES[job.kind]
    statement = (
        sa.update(table)
        .where(_held(table, job, owner), *conditions)
        .values(**values, updated_at=datetime.now(UTC))
    )
    return db.execute(statement).rowcount == 1
