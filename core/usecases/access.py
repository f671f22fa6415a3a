"""Grants: who may do what to which table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from core.access.limits import permissions_document
from core.databases.reflect import find_table
from core.errors import InvalidRequest, NotFound
from core.metastore import grants, permissions, users
from core.metastore.permissions import ExportPermission, ImportPermission
from core.model.access import CHANGE_ACTIONS, Action
from core.usecases.limits import caps_of
from core.usecases.rights import connection_name, grant_for, note, require_admin

if TYPE_CHECKING:
    import sqlalchemy as sa

    from core.model.access import Grant, Identity, User
    from core.workspace import Workspace


def set_grant(
    ws: Workspace,
    who: Identity,
    username: str,
    *,
    table: str,
    connection: str | None = None,
    can_import: bool | None = None,
    can_validate: bool | None = None,
    can_preview_import: bool | None = None,
    can_export: bool | None = None,
    can_preview_export: bool | None = None,
    max_file_size_mb: int | None = None,
    max_rows_per_import: int | None = None,
    import_formats: Sequence[str] | None = None,
    requires_approval: bool | None = None,
    more_actions: Sequence[str] | None = None,
    max_rows_per_export: int | None = None,
    export_formats: Sequence[str] | None = None,
    allowed_columns: Sequence[str] | None = None,
) -> Grant:
    """Set a user's own rows for one table (`*`: any); returns what is in force then.

    Only what is given changes. A half (import, export) that has no row and of which nothing is
    given stays as the role has it. `more_actions` are all of CHANGE_ACTIONS that the user's row
    gives, by name; without them a new row gives undo.

    Raises ActionDenied, InvalidRequest for another action, NotFound for a user, a connection or a
    table that is not there and that the user may not create, TargetDatabaseError.
    """
    require_admin(ws, who, "change permissions")
    user = _user(ws, username)
    name = "*" if connection == "*" else connection_name(ws, connection)
    more = None if more_actions is None else _change_actions(more_actions)
    _require_table(ws, user, name, table, more)
    imports = _given(
        can_import=can_import,
        can_validate=can_validate,
        can_preview=can_preview_import,
        max_file_size_mb=max_file_size_mb,
        max_rows_per_import=max_rows_per_import,
        allowed_formats=_tuple(import_formats),
        requires_approval=requires_approval,
        more_actions=more,
    )
    exports = _given(
        can_export=can_export,
        can_preview=can_preview_export,
        max_rows_per_export=max_rows_per_export,
        allowed_formats=_tuple(export_formats),
        allowed_columns=_tuple(allowed_columns),
    )
    with ws.metastore.begin() as db:
        if imports:
            _change_import(db, user, name, table, imports)
        if exports:
            _change_export(db, user, name, table, exports)
        note(
            ws, who, "permission_granted", table=table, db=db,
            details={"username": username, "import": imports, "export": exports},
        )  # fmt: skip
        return grants.grant_of(db, user.id, user.role, name, table)


def remove_grant(
    ws: Workspace,
    who: Identity,
    username: str,
    *,
    table: str,
    connection: str | None = None,
    half: Literal["import", "export"] | None = None,
) -> None:
    """Delete a user's own rows; what the role grants is in force then. Raises NotFound."""
    require_admin(ws, who, "change permissions")
    user = _user(ws, username)
    name = "*" if connection == "*" else connection_name(ws, connection)
    gone = False
    with ws.metastore.begin() as db:
        if half != "export":
            gone |= permissions.delete_import_permission(db, user.id, name, table)
        if half != "import":
            gone |= permissions.delete_export_permission(db, user.id, name, table)
        if not gone:
            raise NotFound(f"{username} has no grant of their own on {table}.")
        details = {"username": username, "half": half or "both"}
        note(ws, who, "permission_removed", table=table, db=db, details=details)


def list_grants(
    ws: Workspace, who: Identity, username: str | None = None
) -> list[tuple[str, Grant]]:
    """User name and effective grant of every table a user has a row of their own for."""
    require_admin(ws, who, "list permissions")
    with ws.metastore.connect() as db:
        known = {u.id: u for u in users.list_users(db)}
        wanted = None if username is None else _user(ws, username).id
        imports = permissions.list_import_permissions(db, user_id=wanted)
        exports = permissions.list_export_permissions(db, user_id=wanted)
        rows = {(p.user_id, p.connection, p.table) for p in imports}
        rows |= {(p.user_id, p.connection, p.table) for p in exports}
        return [
            (known[u].username, grants.grant_of(db, u, known[u].role, connection, table))
            for u, connection, table in sorted(rows)
        ]


def effective_permissions(
    ws: Workspace, who: Identity, table: str, connection: str | None = None
) -> dict[str, Any]:
    """The guide's document of R6: what is in force for the caller. NotFound when nothing is."""
    name = connection_name(ws, connection)
    grant = grant_for(ws, who, name, table)
    if not grant.actions:
        raise NotFound(f"There is no table {table!r}.")
    ref = find_table(ws.engine(name), table)
    return permissions_document(grant, caps_of(ws), table_label=ref.label)


def _user(ws: Workspace, username: str) -> User:
    with ws.metastore.connect() as db:
        user = users.by_username(db, username)
    if user is None:
        raise NotFound(f"There is no user {username!r}.")
    return user


def _change_actions(names: Sequence[str]) -> tuple[Action, ...]:
    """Each action once, by name. Raises InvalidRequest for one that is not of CHANGE_ACTIONS."""
    known = sorted(CHANGE_ACTIONS)
    if wrong := [name for name in names if name not in known]:
        raise InvalidRequest(
            f"{', '.join(wrong)}: what a user may be allowed beside importing is "
            f"{', '.join(known)}."
        )
    return tuple(action for action in known if action in names)


def _require_table(
    ws: Workspace, user: User, connection: str, table: str, more: tuple[Action, ...] | None
) -> None:
    """The table is there, or the user may create it. Raises NotFound, TargetDatabaseError."""
    if "*" in (connection, table):
        return
    if more is None:
        with ws.metastore.connect() as db:
            row = permissions.import_permission(db, user.id, connection, table)
        more = row.more_actions if row else ()
    if Action.CREATE_TABLE not in more:
        find_table(ws.engine(connection), table)


def _change_import(
    db: sa.Connection, user: User, connection: str, table: str, given: dict[str, Any]
) -> None:
    row = permissions.import_permission(db, user.id, connection, table) or ImportPermission(
        user_id=user.id, connection=connection, table=table
    )
    permissions.set_import_permission(db, replace(row, **given))


def _change_export(
    db: sa.Connection, user: User, connection: str, table: str, given: dict[str, Any]
) -> None:
    row = permissions.export_permission(db, user.id, connection, table) or ExportPermission(
        user_id=user.id, connection=connection, table=table
    )
    permissions.set_export_permission(db, replace(row, **given))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
