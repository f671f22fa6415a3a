"""Allow or refuse an action (SECURITY 15: one decision for every way in)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.errors import ActionDenied, ExportDenied, ImportDenied, InvalidColumns, TableportError
from core.model.access import (
    CHANGE_ACTIONS,
    EXPORT_ACTIONS,
    IMPORT_ACTIONS,
    Action,
    Grant,
    Identity,
)
from core.model.plan import ImportPlan, OnConflict
from core.model.table import Table

_WORDS: dict[Action, str] = {
    Action.IMPORT: "import into",
    Action.VALIDATE: "check files against",
    Action.PREVIEW_IMPORT: "preview imports into",
    Action.EXPORT: "export from",
    Action.PREVIEW_EXPORT: "preview",
    Action.REPLACE: "replace the rows of",
    Action.DELETE: "delete rows of",
    Action.CREATE_TABLE: "create",
    Action.REVIEW: "review imports into",
    Action.UNDO: "undo imports into",
    Action.ADMINISTER: "administer",
}
_IMPORT_LIKE = IMPORT_ACTIONS | CHANGE_ACTIONS


def authorise(
    identity: Identity,
    grant: Grant,
    action: Action,
    *,
    columns: Iterable[str] | None = None,
    table_label: str,
) -> Grant:
    """The grant under which the action may be done.

    Administrators and the local administrator may do everything and see every column; the
    limits of their grant still hold, and so does the need for approval (ruling A34).

    Args:
        identity: who asks.
        grant: what was found granted to them on this table.
        action: what they want to do.
        columns: columns whose values they would see or use, for example to filter by;
            None when no column is named.
        table_label: the table in words.

    Raises:
        ImportDenied: an action that would change the table, or check against it.
        ExportDenied: an action that would show its rows.
        ActionDenied: reviewing or administering.
        InvalidColumns: one of `columns` may not be seen.
    """
    if identity.is_admin:
        return replace(grant, actions=frozenset(Action), allowed_columns=())
    if action not in grant.actions:
        raise _denial(action)(f"You may not {_WORDS[action]} {table_label}.")
    if grant.allowed_columns and columns is not None:
        _refuse_others(columns, grant.allowed_columns, table_label)
    return grant


def actions_of(plan: ImportPlan) -> tuple[Action, ...]:
    """All that carrying the plan out does to its table, importing first."""
    more = {OnConflict.REPLACE: Action.REPLACE, OnConflict.SYNC: Action.DELETE}
    asked = [Action.IMPORT]
    if plan.on_conflict in more:
        asked.append(more[plan.on_conflict])
    if plan.creates is not None:
        asked.append(Action.CREATE_TABLE)
    return tuple(asked)


def allows(identity: Identity, grant: Grant, action: Action) -> bool:
    """Would `authorise` let the action pass? For showing or hiding a button."""
    return identity.is_admin or action in grant.actions


def visible_columns(grant: Grant, table: Table) -> tuple[str, ...]:
    """The columns of the table that may be seen, in the table's order."""
    names = table.column_names
    return tuple(n for n in names if n in grant.allowed_columns) if grant.allowed_columns else names


def check_columns(grant: Grant, table: Table, columns: Iterable[str]) -> None:
    """Raises InvalidColumns when one does not exist or may not be seen: in the same words,
    so that nobody learns the names of hidden columns by asking."""
    _refuse_others(columns, visible_columns(grant, table), table.label)


def _denial(action: Action) -> type[TableportError]:
    if action in EXPORT_ACTIONS:
        return ExportDenied
    return ImportDenied if action in _IMPORT_LIKE else ActionDenied


def _refuse_others(columns: Iterable[str], allowed: Iterable[str], table_label: str) -> None:
    known = set(allowed)
    wrong = [column for column in dict.fromkeys(columns) if column not in known]
    if wrong:
        names = ", ".join(wrong)
        raise InvalidColumns(f"{table_label} has no column that you may see named {names}.")
