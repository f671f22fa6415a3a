"""Make, find, list and change jobs. What workers do to them is in `queue`."""

from __future__ import annotations

import heapq
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import Conflict, NotFound
from core.metastore.jobrows import TABLES, job_of, kind_of, plan_values
from core.metastore.schema import users
from core.metastore.text import storable, storable_or_none
from core.model.job import ENDED, Job, JobKind, JobStatus, JobTask
from core.model.plan import ExportPlan, ImportPlan, foresees_alike, plan_hash

_ENDED = [status.value for status in ENDED]

#: Columns `update` does not touch: a job's name, its owner, its plan, its place in the
#: queue, and its approval are changed only by the functions made for that.
_GUARDED = frozenset(
    {
        "id",
        "job_id",
        "connection",
        "table_name",
        "plan",
        "plan_hash",
        "created_at",
        "created_by",
        "task",
        "run_after",
        "lease_owner",
        "lease_until",
        "attempt",
        "max_attempts",
        "lost_attempts",
        "cancel_requested",
        "checkpoint_rows",
        "idempotency_key",
        "schedule_id",
        "fire_time",
        "undone_by",
        "requires_approval",
        "approved_at",
        "approved_by",
        "approved_hash",
    }
)


def insert_import(
    db: sa.Connection,
    plan: ImportPlan,
    *,
    created_by: int | None,
    file_size: int | None = None,
    requires_approval: bool = False,
    priority: int = 0,
    idempotency_key: str | None = None,
    schedule: tuple[int, datetime] | None = None,
) -> Job:
    """A draft: uploaded, nothing asked yet. Ask with `queue.enqueue`.

    A job that already carries this idempotency key, or this schedule's id and fire time, is
    returned instead of a new one. Keys are unique among all users: put the user's id in.
    """
    values = {"file_size": file_size, "requires_approval": requires_approval}
    return _insert(db, plan, created_by, priority, idempotency_key, schedule, values)


def insert_export(
    db: sa.Connection,
    plan: ExportPlan,
    *,
    created_by: int | None,
    estimated_rows: int | None = None,
    priority: int = 0,
    idempotency_key: str | None = None,
    schedule: tuple[int, datetime] | None = None,
) -> Job:
    """A new export, not yet asked for; see `insert_import`."""
    values = {"estimated_rows": estimated_rows}
    return _insert(db, plan, created_by, priority, idempotency_key, schedule, values)


def get(db: sa.Connection, job_id: str, *, owner: int | None = None) -> Job:
    """The job; with `owner`, only when that user made it. Raises NotFound in both cases alike."""
    for kind in JobKind:
        query = _select(kind).where(TABLES[kind].c.job_id == storable(job_id, 36))
        if owner is not None:
            query = query.where(TABLES[kind].c.created_by == owner)
        row = db.execute(query).mappings().one_or_none()
        if row is not None:
            return job_of(kind, row)
    raise NotFound(f"There is no job {storable(job_id, 36)}.")


def details(db: sa.Connection, job: Job) -> dict[str, Any]:
    """Every column of the job's row, for what `Job` leaves out: notes, upload_file, spool_file,
    checkpoint_rows, plan_hash and the like."""
    table = TABLES[job.kind]
    row = db.execute(sa.select(table).where(table.c.id == job.id)).mappings().one()
    return {str(name): value for name, value in row.items()}


def list_jobs(
    db: sa.Connection,
    *,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
    connection: str | None = None,
    table: str | None = None,
    user_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Job]:
    """Jobs that match all that is given, newest first. `user_id` keeps to the jobs of one user."""
    wanted = (status, connection, table, user_id)
    pages = []
    for each in [kind] if kind else list(JobKind):
        rows = TABLES[each].c
        query = _select(each).where(*_matching(each, *wanted))
        query = query.order_by(rows.created_at.desc(), rows.id.desc()).limit(limit + offset)
        pages.append([job_of(each, row) for row in db.execute(query).mappings()])
    newest_first = heapq.merge(*pages, key=_age, reverse=True)
    return list(newest_first)[offset : offset + limit]


def count_jobs(
    db: sa.Connection,
    *,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
    connection: str | None = None,
    table: str | None = None,
    user_id: int | None = None,
) -> int:
    """How many jobs `list_jobs` would list without a limit."""
    return sum(
        db.execute(
            sa.select(sa.func.count())
            .select_from(TABLES[each])
            .where(*_matching(each, status, connection, table, user_id))
        ).scalar_one()
        for each in ([kind] if kind else list(JobKind))
    )


def follow_ups(db: sa.Connection, job_id: str) -> list[Job]:
    """Imports of rows that this one rejected, oldest first."""
    rows = TABLES[JobKind.IMPORT].c
    query = _select(JobKind.IMPORT).where(rows.plan["follows"].as_string() == job_id)
    found = db.execute(query.order_by(rows.id)).mappings()
    return [job_of(JobKind.IMPORT, row) for row in found]


def list_with_spool(db: sa.Connection) -> list[Job]:
    """Imports that have ended and still keep what they would have gone on with."""
    rows = TABLES[JobKind.IMPORT].c
    ended = sa.and_(rows.spool_file.is_not(None), rows.status.in_(_ENDED))
    found = db.execute(_select(JobKind.IMPORT).where(ended, rows.lease_owner.is_(None))).mappings()
    return [job_of(JobKind.IMPORT, row) for row in found]


def list_undoable(db: sa.Connection, *, before: datetime, limit: int) -> list[Job]:
    """Imports that could be undone up to a moment before this one."""
    rows = TABLES[JobKind.IMPORT].c
    until = rows.import_results["undoable_until"].as_string()
    query = _select(JobKind.IMPORT).where(until < before.isoformat(timespec="seconds"))
    found = db.execute(query.order_by(rows.id).limit(limit)).mappings()
    return [job_of(JobKind.IMPORT, row) for row in found]


def set_undone_by(db: sa.Connection, job: Job, undone_by: str) -> None:
    """Say which job takes the import back. Raises Conflict when that is not as the job has it."""
    table = TABLES[job.kind]
    statement = sa.update(table).where(
        table.c.id == job.id, table.c.undone_by.is_not_distinct_from(job.undone_by)
    )
    if db.execute(statement.values(undone_by=undone_by)).rowcount != 1:
        raise Conflict("The import is being undone already.", job_id=job.job_id)


def count_running(db: sa.Connection) -> dict[JobKind, int]:
    """How many jobs of each kind a worker holds."""
    return {
        kind: db.execute(
            sa.select(sa.func.count())
            .select_from(table)
            .where(table.c.lease_owner.is_not(None), table.c.status.not_in(_ENDED))
        ).scalar_one()
        for kind, table in TABLES.items()
    }


def update(db: sa.Connection, job: Job, **values: Any) -> None:
    """Change columns of a job's row by name, such as status, validation_results or notes.

    Raises ValueError for a column that does not exist or that has a function of its own.
    """
    table = TABLES[job.kind]
    wrong = [name for name in values if name in _GUARDED or name not in table.c]
    if wrong:
        raise ValueError(f"not to be set by update: {', '.join(sorted(wrong))}")
    now = datetime.now(UTC)
    db.execute(sa.update(table).where(table.c.id == job.id).values(**values, updated_at=now))


def set_plan(
    db: sa.Connection,
    job: Job,
    plan: ImportPlan | ExportPlan,
    *,
    instead_of: ImportPlan | ExportPlan | None = None,
) -> Job:
    """Give a job that nobody works on another plan; its approval is void, and so are its check
    and what was foreseen, unless the plan would make the same changes.

    With `instead_of` only while that is still its plan. Raises Conflict then, and when the job is
    queued, running or ended. A failed check of an import wrote nothing and may be planned anew.
    """
    table = TABLES[job.kind]
    alike = _alike(job.plan, plan)
    if isinstance(plan, ImportPlan) and not alike and not plan.members:
        plan = replace(plan, planned=None)
    values = plan_values(plan) | {
        "status": JobStatus.PENDING.value,
        "task": JobTask.NONE.value,
        "run_after": None,
        "error_code": None,
        "error_message": None,
        "updated_at": datetime.now(UTC),
    }
    if job.kind is JobKind.IMPORT:
        values |= dict.fromkeys(("approved_at", "approved_by", "approved_hash"))
        values |= {} if alike else _UNFOUND
    waiting = table.c.status == JobStatus.AWAITING_APPROVAL.value
    idle = sa.and_(table.c.lease_owner.is_(None), table.c.run_after.is_(None) | waiting)
    statement = sa.update(table).where(table.c.id == job.id, idle, open_for_work(table))
    if job.kind is JobKind.IMPORT:
        statement = statement.where(_not_at_work_in_a_set())
    if instead_of is not None:
        statement = statement.where(table.c.plan_hash == plan_hash(instead_of))
    if db.execute(statement.values(**values)).rowcount != 1:
        now = get(db, job.job_id)
        status = now.status
        if instead_of is not None and now.plan != instead_of:
            raise Conflict("The import was changed at the same moment.", job_id=job.job_id)
        words = f"The job is {status}" if now.set_id is None else "The job or its set is at work"
        raise Conflict(f"{words} and cannot be changed.", job_id=job.job_id)
    return get(db, job.job_id)


#: A check's findings, and what was foreseen, undone.
_UNFOUND: dict[str, Any] = {
    "validation_results": {},
    "spool_file": None,
    "rejects_file": None,
    "violations_file": None,
    "changes": {},
    "changes_file": None,
}


def _alike(one: ImportPlan | ExportPlan, other: ImportPlan | ExportPlan) -> bool:
    if not (isinstance(one, ImportPlan) and isinstance(other, ImportPlan)):
        return False
    return foresees_alike(one, other)


def mark_expired(db: sa.Connection) -> list[str]:
    """Exports whose artifact's time is over become EXPIRED; returns their job ids."""
    jobs = TABLES[JobKind.EXPORT]
    statement = (
        sa.update(jobs)
        .where(jobs.c.status == JobStatus.COMPLETED.value)
        .where(jobs.c.expires_at <= datetime.now(UTC))
        .values(status=JobStatus.EXPIRED.value, artifact_file=None, updated_at=datetime.now(UTC))
        .returning(jobs.c.job_id)
    )
    return list(db.execute(statement).scalars())


def open_for_work(table: sa.Table) -> sa.ColumnElement[bool]:
    """Jobs that have not ended; a check or a plan that failed wrote nothing and may be asked
    again."""
    harmless = (JobTask.VALIDATE.value, JobTask.PLAN.value)
    failed_check = sa.and_(table.c.status == JobStatus.FAILED.value, table.c.task.in_(harmless))
    return sa.or_(table.c.status.not_in(_ENDED), failed_check)


def _not_at_work_in_a_set() -> sa.ColumnElement[bool]:
    """What a set is asked to carry out, or a reviewer to agree to, stays as it was then."""
    member, whole = TABLES[JobKind.IMPORT], TABLES[JobKind.IMPORT].alias("whole")
    at_work = sa.or_(whole.c.run_after.is_not(None), whole.c.lease_owner.is_not(None))
    return ~sa.exists().where(whole.c.job_id == member.c.set_id, at_work)


def _select(kind: JobKind) -> sa.Select[Any]:
    table = TABLES[kind]
    return sa.select(table, users.c.username).outerjoin_from(
        table, users, table.c.created_by == users.c.id
    )


def _insert(
    db: sa.Connection,
    plan: ImportPlan | ExportPlan,
    created_by: int | None,
    priority: int,
    idempotency_key: str | None,
    schedule: tuple[int, datetime] | None,
    values: dict[str, Any],
) -> Job:
    table = TABLES[kind_of(plan)]
    schedule_id, fire_time = schedule or (None, None)
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(table)
        .values(
            job_id=str(uuid.uuid4()),
            created_by=created_by,
            created_at=datetime.now(UTC),
            priority=priority,
            idempotency_key=idempotency_key,
            schedule_id=schedule_id,
            fire_time=fire_time,
            **plan_values(plan),
            **values,
        )
        .on_conflict_do_nothing()
        .returning(table.c.job_id)
    )
    job_id = db.execute(statement).scalar_one_or_none()
    if job_id is None:
        same_fire = sa.and_(table.c.schedule_id == schedule_id, table.c.fire_time == fire_time)
        query = sa.select(table.c.job_id).where(
            sa.or_(table.c.idempotency_key == idempotency_key, same_fire)
        )
        job_id = db.execute(query.limit(1)).scalar_one()
    return get(db, job_id)


def _matching(
    kind: JobKind,
    status: JobStatus | None,
    connection: str | None,
    table: str | None,
    user_id: int | None,
) -> list[sa.ColumnElement[bool]]:
    rows = TABLES[kind].c
    equal = {
        rows.status: status.value if status else None,
        rows.connection: storable_or_none(connection, 100),
        rows.table_name: storable_or_none(table, 255),
        rows.created_by: user_id,
    }
    return [column == value for column, value in equal.items() if value is not None]


def _age(job: Job) -> tuple[datetime, int]:
    return (job.created_at or datetime.min.replace(tzinfo=UTC), job.id)
