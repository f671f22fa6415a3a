"""The named databases. Their URLs arrive here sealed and leave so."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.metastore.schema import connections
from core.metastore.text import exact, storable
from core.model.access import ConnectionInfo


def put(db: sa.Connection, info: ConnectionInfo, url_encrypted: str) -> None:
    """Insert or replace the connection of that name; as the default it displaces the other."""
    name = exact(info.name, 100, "The name of the connection")
    if name == "*":
        raise Conflict("A connection cannot be named *: in grants that means any connection.")
    values = {
        "backend": info.backend,
        "url_encrypted": url_encrypted,
        "address": info.address,
        "is_default": info.default,
        "ad_hoc": info.ad_hoc,
        "updated_at": datetime.now(UTC),
    }
    if info.default:
        db.execute(sa.update(connections).values(is_default=False))
    changed = db.execute(sa.update(connections).where(connections.c.name == name).values(**values))
    if changed.rowcount == 0:
        created = datetime.now(UTC)
        db.execute(sa.insert(connections).values(name=name, created_at=created, **values))


def get(db: sa.Connection, name: str) -> ConnectionInfo:
    """Raises NotFound."""
    return _info(_row(db, name))


def sealed_url(db: sa.Connection, name: str) -> str:
    """The connection's URL, still sealed. Raises NotFound."""
    sealed: str = _row(db, name)["url_encrypted"]
    return sealed


def default(db: sa.Connection) -> ConnectionInfo | None:
    """The connection meant when none is named."""
    query = sa.select(connections).where(connections.c.is_default.is_(sa.true()))
    row = db.execute(query).mappings().one_or_none()
    return _info(row) if row else None


def list_connections(db: sa.Connection, *, ad_hoc: bool = False) -> list[ConnectionInfo]:
    """Every connection offered on screens, by name; with `ad_hoc` the others too."""
    query = sa.select(connections).order_by(connections.c.name)
    if not ad_hoc:
        query = query.where(connections.c.ad_hoc.is_(sa.false()))
    return [_info(row) for row in db.execute(query).mappings()]


def set_default(db: sa.Connection, name: str) -> None:
    """Make it the connection meant when none is named. Raises NotFound."""
    _row(db, name)
    db.execute(sa.update(connections).values(is_default=connections.c.name == name))


def delete(db: sa.Connection, name: str) -> None:
    """Forget a connection; its jobs and grants stay. Raises NotFound."""
    if db.execute(sa.delete(connections).where(connections.c.name == name)).rowcount == 0:
        raise NotFound(f"There is no connection {storable(name, 100)}.")


def _row(db: sa.Connection, name: str) -> sa.RowMapping:
    query = sa.select(connections).where(connections.c.name == storable(name, 100))
    row = db.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no connection {storable(name, 100)}.")
    return row


def _info(row: sa.RowMapping) -> ConnectionInfo:
    return ConnectionInfo(
        name=row["name"],
        backend=row["backend"],
        address=row["address"],
        default=row["is_default"],
        ad_hoc=row["ad_hoc"],
    )
