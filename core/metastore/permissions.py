"""The rows that grant: the guide's two permission tables, and what roles may do by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from core.metastore.schema import export_permissions, import_permissions, role_grants
from core.metastore.text import exact
from core.model.access import Action, Grant, Role

_GUIDE_FORMATS = ("csv", "json", "excel")
_Row = TypeVar("_Row")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPermission:
    """What one user may import; the defaults are the guide's (R38), and that they may undo."""

    user_id: int
    connection: str = "default"  #: `*` is any
    table: str  #: `*` is any
    can_import: bool = True
    can_validate: bool = True
    can_preview: bool = True
    max_file_size_mb: int = 10
    max_rows_per_import: int = 10_000
    allowed_formats: tuple[str, ...] = _GUIDE_FORMATS
    requires_approval: bool = False
    more_actions: tuple[Action, ...] = (Action.UNDO,)  #: of CHANGE_ACTIONS, beside the role's


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportPermission:
    """What one user may export; the defaults are the guide's (R39)."""

    user_id: int
    connection: str = "default"  #: `*` is any
    table: str  #: `*` is any
    can_export: bool = True
    can_preview: bool = True
    max_rows_per_export: int = 100_000
    allowed_formats: tuple[str, ...] = _GUIDE_FORMATS
    allowed_columns: tuple[str, ...] = ()  #: empty: all


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleGrant:
    """What everybody of a role may do (ruling A35)."""

    role: Role
    grant: Grant


def import_permission(
    db: sa.Connection, user_id: int, connection: str, table: str
) -> ImportPermission | None:
    """The row of exactly that user, connection and table."""
    return _get(db, import_permissions, _import_of, user_id, connection, table)


def export_permission(
    db: sa.Connection, user_id: int, connection: str, table: str
) -> ExportPermission | None:
    """The row of exactly that user, connection and table."""
    return _get(db, export_permissions, _export_of, user_id, connection, table)


def list_import_permissions(
    db: sa.Connection, *, user_id: int | None = None
) -> list[ImportPermission]:
    """Rows of one user or of all, by user, connection and table."""
    return _list(db, import_permissions, _import_of, user_id)


def list_export_permissions(
    db: sa.Connection, *, user_id: int | None = None
) -> list[ExportPermission]:
    """Rows of one user or of all, by user, connection and table."""
    return _list(db, export_permissions, _export_of, user_id)


def set_import_permission(db: sa.Connection, permission: ImportPermission) -> None:
    """Insert or replace the row of that user, connection and table."""
    values = {
        "can_import": permission.can_import,
        "can_validate": permission.can_validate,
        "can_preview": permission.can_preview,
        "max_file_size_mb": permission.max_file_size_mb,
        "max_rows_per_import": permission.max_rows_per_import,
        "allowed_formats": list(permission.allowed_formats),
        "requires_approval": permission.requires_approval,
        "more_actions": [action.value for action in permission.more_actions],
    }
    key = _user_key(permission.user_id, permission.connection, permission.table)
    _put(db, import_permissions, key, values)


def set_export_permission(db: sa.Connection, permission: ExportPermission) -> None:
    """Insert or replace the row of that user, connection and table."""
    values = {
        "can_export": permission.can_export,
        "can_preview": permission.can_preview,
        "max_rows_per_export": permission.max_rows_per_export,
        "allowed_formats": list(permission.allowed_formats),
        "allowed_columns": list(permission.allowed_columns),
    }
    key = _user_key(permission.user_id, permission.connection, permission.table)
    _put(db, export_permissions, key, values)


def delete_import_permission(db: sa.Connection, user_id: int, connection: str, table: str) -> bool:
    """True when there was such a row."""
    return _delete(db, import_permissions, _user_key(user_id, connection, table))


def delete_export_permission(db: sa.Connection, user_id: int, connection: str, table: str) -> bool:
    """True when there was such a row."""
    return _delete(db, export_permissions, _user_key(user_id, connection, table))


def role_grant(db: sa.Connection, role: Role, connection: str, table: str) -> Grant | None:
    """The row of exactly that role, connection and table."""
    query = sa.select(role_grants).where(
        role_grants.c.role == role.value,
        role_grants.c.connection == connection,
        role_grants.c.table_name == table,
    )
    row = db.execute(query).mappings().one_or_none()
    return grant_of_row(row) if row else None


def list_role_grants(db: sa.Connection, *, role: Role | None = None) -> list[RoleGrant]:
    """Rows of one role or of all, by role, connection and table."""
    order = (role_grants.c.role, role_grants.c.connection, role_grants.c.table_name)
    query = sa.select(role_grants).order_by(*order)
    if role is not None:
        query = query.where(role_grants.c.role == role.value)
    rows = db.execute(query).mappings()
    return [RoleGrant(role=Role(row["role"]), grant=grant_of_row(row)) for row in rows]


def set_role_grant(db: sa.Connection, role: Role, grant: Grant) -> None:
    """Insert or replace what a role may do to the grant's connection and table."""
    values = {
        "actions": sorted(action.value for action in grant.actions),
        "max_file_size_mb": grant.max_file_size_mb,
        "max_rows_per_import": grant.max_rows_per_import,
        "import_formats": _list_or_none(grant.import_formats),
        "requires_approval": grant.requires_approval,
        "max_rows_per_export": grant.max_rows_per_export,
        "export_formats": _list_or_none(grant.export_formats),
        "allowed_columns": list(grant.allowed_columns),
    }
    _put(db, role_grants, _role_key(role, grant.connection, grant.table), values)


def delete_role_grant(db: sa.Connection, role: Role, connection: str, table: str) -> bool:
    """True when there was such a row."""
    return _delete(db, role_grants, _role_key(role, connection, table))


def grant_of_row(row: sa.RowMapping) -> Grant:
    """A row of role_grants as the model has it."""
    return Grant(
        connection=row["connection"],
        table=row["table_name"],
        actions=frozenset(Action(name) for name in row["actions"]),
        max_file_size_mb=row["max_file_size_mb"],
        max_rows_per_import=row["max_rows_per_import"],
        import_formats=_tuple_or_none(row["import_formats"]),
        requires_approval=row["requires_approval"],
        max_rows_per_export=row["max_rows_per_export"],
        export_formats=_tuple_or_none(row["export_formats"]),
        allowed_columns=tuple(row["allowed_columns"]),
    )


def _import_of(row: sa.RowMapping) -> ImportPermission:
    return ImportPermission(
        user_id=row["user_id"],
        connection=row["connection"],
        table=row["table_name"],
        can_import=row["can_import"],
        can_validate=row["can_validate"],
        can_preview=row["can_preview"],
        max_file_size_mb=row["max_file_size_mb"],
        max_rows_per_import=row["max_rows_per_import"],
        allowed_formats=tuple(row["allowed_formats"]),
        requires_approval=row["requires_approval"],
        more_actions=tuple(Action(name) for name in row["more_actions"]),
    )


def _export_of(row: sa.RowMapping) -> ExportPermission:
    return ExportPermission(
        user_id=row["user_id"],
        connection=row["connection"],
        table=row["table_name"],
        can_export=row["can_export"],
        can_preview=row["can_preview"],
        max_rows_per_export=row["max_rows_per_export"],
        allowed_formats=tuple(row["allowed_formats"]),
        allowed_columns=tuple(row["allowed_columns"]),
    )


def _user_key(user_id: int, connection: str, table: str) -> dict[str, Any]:
    return {"user_id": user_id, "connection": connection, "table_name": table}


def _role_key(role: Role, connection: str, table: str) -> dict[str, Any]:
    return {"role": role.value, "connection": connection, "table_name": table}


def _matches(table: sa.Table, key: dict[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in key.items()))


def _get(
    db: sa.Connection,
    rows: sa.Table,
    decode: Callable[[sa.RowMapping], _Row],
    user_id: int,
    connection: str,
    table: str,
) -> _Row | None:
    key = _user_key(user_id, connection, table)
    row = db.execute(sa.select(rows).where(_matches(rows, key))).mappings().one_or_none()
    return decode(row) if row else None


def _list(
    db: sa.Connection,
    rows: sa.Table,
    decode: Callable[[sa.RowMapping], _Row],
    user_id: int | None,
) -> list[_Row]:
    query = sa.select(rows).order_by(rows.c.user_id, rows.c.connection, rows.c.table_name)
    if user_id is not None:
        query = query.where(rows.c.user_id == user_id)
    return [decode(row) for row in db.execute(query).mappings()]


def _put(db: sa.Connection, rows: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    exact(key["connection"], 100, "The connection")
    exact(key["table_name"], 255, "The table")
    now = datetime.now(UTC)
    changed = db.execute(
        sa.update(rows).where(_matches(rows, key)).values(**values, updated_at=now)
    )
    if changed.rowcount == 0:
        db.execute(sa.insert(rows).values(**key, **values, created_at=now, updated_at=now))


def _delete(db: sa.Connection, rows: sa.Table, key: dict[str, Any]) -> bool:
    return db.execute(sa.delete(rows).where(_matches(rows, key))).rowcount > 0


def _list_or_none(formats: tuple[str, ...] | None) -> list[str] | None:
    return None if formats is None else list(formats)


def _tuple_or_none(formats: list[str] | None) -> tuple[str, ...] | None:
    return None if formats is None else tuple(formats)
