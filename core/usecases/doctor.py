"""Is all well? Each answer says what to do when it is not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from core.errors import TableportError
from core.metastore import audit, connections, users, workers

if TYPE_CHECKING:
    from core.workspace import Workspace

#: What was looked at, whether it is well, and words.
Finding = tuple[str, bool, str]


def examine(ws: Workspace) -> list[Finding]:
    """Home, disk, metastore, accounts, worker, audit trail, and every connection."""
    settings = ws.settings
    free = shutil.disk_usage(settings.home).free / 1e9
    found: list[Finding] = [
        ("home", True, str(settings.home)),
        (
            "disk",
            free >= 1,
            f"{free:,.1f} GB free" + ("" if free >= 1 else ": make room, or move TABLEPORT_HOME"),
        ),
    ]
    with ws.metastore.connect() as db:
        alive = workers.alive_workers(db)
        accounts = users.count(db)
        known = connections.list_connections(db, ad_hoc=True)
        broken = audit.verify_chain(db, ws.audit_key)
    found.append(("metastore", True, ws.metastore.write.url.render_as_string(hide_password=True)))
    found.append(
        ("accounts", bool(accounts), f"{accounts} users" if accounts else "none yet: start `serve`")
    )
    found.append(
        ("worker", bool(alive), f"{alive} alive" if alive else "none: start `serve` or `worker`")
    )
    found.append(("audit trail", not broken, "unbroken" if not broken else " ".join(broken[:3])))
    return found + [_connection(ws, c.name) for c in known]


def _connection(ws: Workspace, name: str) -> Finding:
    from core.databases.connect import check_connection

    try:
        check_connection(ws.engine(name))
    except TableportError as error:
        return (f"connection {name}", False, f"{error.detail} {error.solution}")
    return (f"connection {name}", True, "answers")
