"""The effective grant of one user on one table (rulings A17 and A35)."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from core.metastore.permissions import grant_of_row
from core.metastore.schema import export_permissions, import_permissions, role_grants
from core.metastore.text import storable
from core.model.access import (
    CHANGE_ACTIONS,
    EXPORT_ACTIONS,
    IMPORT_ACTIONS,
    Action,
    Grant,
    Role,
)


def grant_of(
    db: sa.Connection, user_id: int | None, role: Role, connection: str, table: str
) -> Grant:
    """What this user may do to this table.

    Each half is decided by one row alone. For imports, the user's row of
    import_permissions, else the role's row; for exports, the user's row of
    export_permissions, else the role's. Of several rows the one that names the table wins
    over `*`, then the one that names the connection. To the other ways of changing a table
    that the role gives, a user's row of imports adds its own; one that forbids importing takes
    all of them away. Everything else comes from the role. No row at all: no actions.
    """
    connection, table = storable(connection, 100), storable(table, 255)
    row = _closest(db, role_grants, role_grants.c.role == role.value, connection, table)
    grant = grant_of_row(row) if row else Grant()
    grant = replace(grant, connection=connection, table=table)
    if user_id is None:
        return grant
    rows = import_permissions
    if row := _closest(db, rows, rows.c.user_id == user_id, connection, table):
        grant = _with_import(grant, row)
    rows = export_permissions
    if row := _closest(db, rows, rows.c.user_id == user_id, connection, table):
        grant = _with_export(grant, row)
    return grant


def granted_connections(db: sa.Connection, user_id: int | None, role: Role) -> frozenset[str]:
    """Connections of which any row of the user or role speaks; `*` means every one.

    For offering connections; what may be done on a table only `grant_of` says.
    """
    spoken_of = sa.union(
        sa.select(role_grants.c.connection).where(role_grants.c.role == role.value),
        sa.select(import_permissions.c.connection).where(import_permissions.c.user_id == user_id),
        sa.select(export_permissions.c.connection).where(export_permissions.c.user_id == user_id),
    )
    return frozenset(db.execute(spoken_of).scalars())


def _closest(
    db: sa.Connection, rows: sa.Table, whose: sa.ColumnElement[bool], connection: str, table: str
) -> sa.RowMapping | None:
    """The most specific row that speaks of this table."""
    query = (
        sa.select(rows)
        .where(whose)
        .where(rows.c.connection.in_({connection, "*"}), rows.c.table_name.in_({table, "*"}))
        .order_by(rows.c.table_name == "*", rows.c.connection == "*")
        .limit(1)
    )
    return db.execute(query).mappings().one_or_none()


def _with_import(grant: Grant, row: sa.RowMapping) -> Grant:
    given = {
        Action.IMPORT: row["can_import"],
        Action.VALIDATE: row["can_validate"],
        Action.PREVIEW_IMPORT: row["can_preview"],
    }
    actions = (grant.actions - IMPORT_ACTIONS) | {a for a, allowed in given.items() if allowed}
    more = {Action(name) for name in row["more_actions"]}
    return replace(
        grant,
        actions=actions | more if row["can_import"] else actions - CHANGE_ACTIONS,
        max_file_size_mb=row["max_file_size_mb"],
        max_rows_per_import=row["max_rows_per_import"],
        import_formats=tuple(row["allowed_formats"]),
        requires_approval=row["requires_approval"],
    )


def _with_export(grant: Grant, row: sa.RowMapping) -> Grant:
    given = {Action.EXPORT: row["can_export"], Action.PREVIEW_EXPORT: row["can_preview"]}
    actions = (grant.actions - EXPORT_ACTIONS) | {a for a, allowed in given.items() if allowed}
    return replace(
        grant,
        actions=actions,
        max_rows_per_export=row["max_rows_per_export"],
        export_formats=tuple(row["allowed_formats"]),
        allowed_columns=tuple(row["allowed_columns"]),
    )
