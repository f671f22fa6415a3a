"""The databases Tableport is connected to, by name."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from core.databases import connect
from core.errors import InvalidRequest, NotFound
from core.metastore import connections, grants
from core.model.access import ConnectionInfo
from core.usecases.rights import connection_name, grant_for, note, require_admin

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.workspace import Workspace

_NAME = re.compile(r"[\w .\-]{1,100}")


def list_connections(ws: Workspace, who: Identity) -> list[ConnectionInfo]:
    """Connections in which this person may do anything at all, by name."""
    with ws.metastore.connect() as db:
        known = connections.list_connections(db)
    if who.is_admin:
        return known
    with ws.metastore.connect() as db:
        spoken_of = grants.granted_connections(db, who.user_id, who.role)
    return [c for c in known if "*" in spoken_of or c.name in spoken_of]


def default_connection(ws: Workspace, who: Identity) -> str:
    """The connection to start with: the default one if it is open to this person."""
    mine = list_connections(ws, who)
    if not mine:
        if who.is_admin:
            return connection_name(ws, None)
        raise NotFound("No database has been opened to you yet: ask an administrator.")
    return next((c.name for c in mine if c.default), mine[0].name)


def add_connection(
    ws: Workspace,
    who: Identity,
    *,
    name: str,
    url: str,
    default: bool = False,
    ad_hoc: bool = False,
) -> ConnectionInfo:
    """Connect a database, or change the address of one. Its URL is kept sealed.

    Raises InvalidRequest (name or URL) or TargetDatabaseError when it does not answer.
    """
    require_admin(ws, who, "add connections")
    if not _NAME.fullmatch(name):
        raise InvalidRequest("A connection's name has letters, digits, blanks, points and dashes.")
    address = connect.normalise_url(url)
    engine = connect.open_engine(address)
    try:
        connect.check_connection(engine)
    finally:
        engine.dispose()
    info = ConnectionInfo(
        name=name,
        backend=connect.backend_of(address),
        address=connect.address(address),
        default=default,
        ad_hoc=ad_hoc,
    )
    with ws.metastore.begin() as db:
        connections.put(db, info, ws.seal_url(name, address))
        details = {"name": name, "address": info.address}
        note(ws, who, "settings_changed", details=details, db=db)
    return info


def remove_connection(ws: Workspace, who: Identity, name: str) -> None:
    """Forget a connection; its jobs and grants stay."""
    require_admin(ws, who, "remove connections")
    with ws.metastore.begin() as db:
        connections.delete(db, name)
        note(ws, who, "settings_changed", details={"name": name, "removed": True}, db=db)


def check_connection(ws: Workspace, who: Identity, name: str) -> None:
    """Raises TargetDatabaseError, in plain words, when the database does not answer."""
    require_admin(ws, who, "check connections")
    connect.check_connection(ws.engine(connection_name(ws, name)))


def connection_for(ws: Workspace, who: Identity, name_or_url: str) -> str:
    """A connection by name; or a URL or SQLite file, remembered under a name of its own."""
    with ws.metastore.connect() as db:
        known = {c.name for c in connections.list_connections(db, ad_hoc=True)}
    if name_or_url in known:
        return name_or_url
    if not re.match(r"[A-Za-z][A-Za-z0-9+]*:|.*[/\\.]", name_or_url):
        raise NotFound(f"There is no connection {name_or_url!r}, and it is not a database URL.")
    address = connect.normalise_url(name_or_url)
    # Not the address itself: it may hold a password.
    name = "ad hoc " + hashlib.sha256(address.encode()).hexdigest()[:16]
    if name not in known:
        add_connection(ws, who, name=name, url=address, ad_hoc=True)
    return name


def may_use(ws: Workspace, who: Identity, connection: str, table: str) -> bool:
    """Is anything at all granted on this table?"""
    return bool(grant_for(ws, who, connection, table).actions)
