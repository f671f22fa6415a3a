"""How every use case asks the one question: may this person do this, here, now?

Grants are read afresh each time, so that a revocation bites on the next call of an open session,
and every refusal is in the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.access.authorise import actions_of, authorise
from core.errors import (
    ActionDenied,
    ExportDenied,
    ImportDenied,
    InvalidColumns,
    InvalidRequest,
    NotFound,
)
from core.metastore import audit, connections, grants, jobs, users
from core.model.access import Action, Grant, Identity, Role
from core.model.audit import AuditEvent
from core.model.job import Job
from core.model.plan import ImportPlan

if TYPE_CHECKING:
    import sqlalchemy as sa

    from core.workspace import Workspace


def grant_for(ws: Workspace, who: Identity, connection: str, table: str) -> Grant:
    """What `who` may do to one table; an empty grant when nothing is granted."""
    if who.is_admin:
        return Grant(connection=connection, table=table, actions=frozenset(Action))
    if who.user_id is None:
        return Grant(connection=connection, table=table)
    with ws.metastore.connect() as db:
        return grants.grant_of(db, who.user_id, who.role, connection, table)


def require(
    ws: Workspace,
    who: Identity,
    action: Action,
    connection: str,
    table: str,
    *,
    columns: Sequence[str] | None = None,
    job_id: str | None = None,
) -> Grant:
    """The grant that allows it.

    Raises ImportDenied, ExportDenied, ActionDenied or InvalidColumns.
    """
    grant = grant_for(ws, who, connection, table)
    try:
        return authorise(who, grant, action, columns=columns, table_label=table)
    except (ImportDenied, ExportDenied, ActionDenied, InvalidColumns) as refused:
        note(
            ws, who, "access_denied", table=table, job_id=job_id,
            details={"action": action.value, "code": refused.code},
        )  # fmt: skip
        raise


def require_import(ws: Workspace, who: Identity, plan: ImportPlan, job_id: str | None) -> Grant:
    """The grant under which the plan may be carried out: what it does beyond adding and changing
    rows has actions of its own. Raises ImportDenied."""
    for action in actions_of(plan):
        grant = require(ws, who, action, plan.connection, plan.table, job_id=job_id)
    return grant


def require_admin(ws: Workspace, who: Identity, what: str) -> None:
    """Only administrators pass. Raises ActionDenied."""
    if not who.is_admin:
        note(ws, who, "access_denied", details={"action": what})
        raise ActionDenied(f"Only administrators may {what}.")


def note(
    ws: Workspace,
    who: Identity | None,
    operation: str,
    *,
    table: str | None = None,
    job_id: str | None = None,
    details: dict[str, Any] | None = None,
    db: sa.Connection | None = None,
) -> None:
    """Write one audit event: in `db`'s transaction when given, else in one of its own."""
    event = AuditEvent(
        timestamp=datetime.now(UTC),
        user_id=who.user_id if who else None,
        username=who.username if who else "",
        operation=operation,
        table_name=table,
        job_id=job_id,
        details=details or {},
        ip_address=who.ip_address if who else None,
        user_agent=who.user_agent if who else None,
    )
    if db is not None:
        audit.append(db, ws.audit_key, event)
        return
    with ws.metastore.begin() as own:
        audit.append(own, ws.audit_key, event)


def job_of(ws: Workspace, who: Identity, job_id: str) -> Job:
    """The job, if it is for this person's eyes. Another user's job does not exist (NotFound)."""
    with ws.metastore.connect() as db:
        job = jobs.get(db, job_id)
    if who.is_admin or _is_owner(who, job) or _is_reviewer(ws, who, job):
        return job
    raise NotFound(f"There is no job {job_id}.")


def import_of(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    """An import for this person's eyes, with its plan. Raises NotFound, InvalidRequest."""
    job = job_of(ws, who, job_id)
    if not isinstance(job.plan, ImportPlan):
        raise InvalidRequest(f"{job_id} is an export, not an import.", job_id=job_id)
    if job.plan.members:
        raise InvalidRequest(
            f"{job_id} is a set of {len(job.plan.members)} imports: ask for one of them, or for "
            "the set.",
            job_id=job_id,
        )
    return job, job.plan


def set_of(ws: Workspace, who: Identity, job_id: str) -> Job:
    """A set of imports for this person's eyes. Raises NotFound, also for any other job."""
    job = job_of(ws, who, job_id)
    if not isinstance(job.plan, ImportPlan) or not job.plan.members:
        raise NotFound(f"There is no import set {job_id}.")
    return job


def reviewed_tables(ws: Workspace, job: Job) -> tuple[str, ...]:
    """The tables a reviewer of the job must be one for: of a set those that ask for it."""
    if not isinstance(job.plan, ImportPlan) or not job.plan.members:
        return (job.table,)
    with ws.metastore.connect() as db:
        members = [jobs.get(db, member) for member in job.plan.members]
    return tuple(member.table for member in members if member.requires_approval)


def import_seen(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    """An import of whose file this person may see cells.

    Raises NotFound, ImportDenied, or InvalidRequest for an export.
    """
    job, plan = import_of(ws, who, job_id)
    require(ws, who, Action.PREVIEW_IMPORT, job.connection, job.table, job_id=job_id)
    return job, plan


def require_owner(who: Identity, job: Job) -> None:
    """A reviewer sees a job, and decides on it; to change it is its owner's. ActionDenied."""
    if not who.is_admin and not _is_owner(who, job):
        raise ActionDenied("This is somebody else's job.", job_id=job.job_id)


def _is_owner(who: Identity, job: Job) -> bool:
    return who.user_id is not None and job.created_by == who.user_id


def _is_reviewer(ws: Workspace, who: Identity, job: Job) -> bool:
    return job.requires_approval and may_review(ws, who, job)


def may_review(ws: Workspace, who: Identity, job: Job) -> bool:
    """Is this person a reviewer of everything the job needs one for?"""
    return all(
        Action.REVIEW in grant_for(ws, who, job.connection, table).actions
        for table in reviewed_tables(ws, job)
    )


def owner_of(ws: Workspace, job: Job) -> Identity:
    """Who a job runs as: its creator with today's role. Raises ActionDenied when disabled."""
    if job.created_by is None:
        return Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
    with ws.metastore.connect() as db:
        user = users.by_id(db, job.created_by)
    if user is None or user.disabled:
        raise ActionDenied("The user who asked for this job may no longer sign in.")
    return Identity(user_id=user.id, username=user.username, name=user.name, role=user.role)


def connection_name(ws: Workspace, name: str | None) -> str:
    """The connection asked for, or the default one. Raises NotFound."""
    with ws.metastore.connect() as db:
        found = connections.get(db, name) if name else connections.default(db)
    if found is None:
        raise NotFound("No database is connected yet: add one with `tableport connection add`.")
    return found.name
