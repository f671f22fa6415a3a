"""How users mapped their files before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from core.errors import NotFound
from core.metastore.schema import remembered_mappings as kept
from core.metastore.text import storable
from core.model.mapping import FieldMapping, RememberedMapping

#: Of one user and table; the oldest are forgotten.
MOST = 50
_MAPPINGS = TypeAdapter(tuple[FieldMapping, ...])


def find(
    db: sa.Connection, user_id: int | None, connection: str, table: str, fingerprint: str
) -> RememberedMapping | None:
    query = sa.select(kept).where(
        _of(user_id, connection, table), kept.c.fingerprint == fingerprint
    )
    row = db.execute(query).mappings().first()
    return None if row is None else _remembered(row)


def list_remembered(
    db: sa.Connection, user_id: int | None, connection: str, table: str
) -> list[RememberedMapping]:
    """Of one user and table, the last used first."""
    query = sa.select(kept).where(_of(user_id, connection, table))
    ordered = query.order_by(kept.c.used_at.desc(), kept.c.id.desc())
    return [_remembered(row) for row in db.execute(ordered).mappings()]


def put(
    db: sa.Connection,
    user_id: int | None,
    connection: str,
    table: str,
    *,
    fingerprint: str,
    columns: Sequence[str],
    mappings: tuple[FieldMapping, ...],
    used_at: datetime,
) -> None:
    """Keep it instead of what was kept for files with these columns."""
    mine = _of(user_id, connection, table)
    db.execute(sa.delete(kept).where(mine, kept.c.fingerprint == fingerprint))
    db.execute(
        sa.insert(kept).values(
            user_id=user_id,
            connection=storable(connection, 100),
            table_name=storable(table, 255),
            fingerprint=fingerprint,
            columns=list(columns),
            mappings=_MAPPINGS.dump_python(mappings, mode="json"),
            used_at=used_at,
        )
    )
    newest = sa.select(kept.c.id).where(mine).order_by(kept.c.used_at.desc(), kept.c.id.desc())
    stay = [row[0] for row in db.execute(newest.limit(MOST))]
    db.execute(sa.delete(kept).where(mine, kept.c.id.not_in(stay)))


def delete(
    db: sa.Connection, user_id: int | None, connection: str, table: str, remembered_id: int
) -> None:
    """Raises NotFound when this user has none of that id for the table."""
    mine = _of(user_id, connection, table)
    if db.execute(sa.delete(kept).where(mine, kept.c.id == remembered_id)).rowcount == 0:
        raise NotFound(f"You have no remembered mapping {remembered_id} for {table}.")


def _of(user_id: int | None, connection: str, table: str) -> sa.ColumnElement[bool]:
    who = kept.c.user_id.is_(None) if user_id is None else kept.c.user_id == user_id
    return sa.and_(
        who,
        kept.c.connection == storable(connection, 100),
        kept.c.table_name == storable(table, 255),
    )


def _remembered(row: sa.RowMapping) -> RememberedMapping:
    return RememberedMapping(
        id=row["id"],
        connection=row["connection"],
        table=row["table_name"],
        columns=tuple(row["columns"]),
        mappings=_MAPPINGS.validate_python(row["mappings"]),
        used_at=row["used_at"],
    )
