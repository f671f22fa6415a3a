"""The audit trail: read it, check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.metastore import audit
from core.usecases.rights import job_of, note, require_admin

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.audit import AuditEvent
    from core.workspace import Workspace


def list_events(
    ws: Workspace,
    who: Identity,
    *,
    job_id: str | None = None,
    username: str | None = None,
    operation: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[AuditEvent]:
    """Events, newest first. Of a job of one's own everybody may see them; else administrators."""
    if job_id is not None:
        job_of(ws, who, job_id)
    else:
        require_admin(ws, who, "read the audit trail")
    with ws.metastore.connect() as db:
        return audit.list_events(
            db, job_id=job_id, username=username, operation=operation, limit=limit, offset=offset
        )


def verify_trail(ws: Workspace, who: Identity) -> list[str]:
    """What is wrong with the chain, in sentences; empty when it is sound."""
    require_admin(ws, who, "verify the audit trail")
    with ws.metastore.connect() as db:
        return audit.verify_chain(db, ws.audit_key)


def note_denied(ws: Workspace, who: Identity | None, operation: str, detail: str) -> None:
    """A refusal that no use case saw, such as a request without a session or of foreign origin."""
    note(ws, who, "access_denied", details={"action": operation, "detail": detail})
