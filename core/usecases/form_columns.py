"""The columns of forms: what each takes, in words, and the values it offers as a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from core.access.authorise import visible_columns
from core.databases.parents import open_named_rows
from core.databases.select import count_rows
from core.errors import InvalidMapping, NotFound, TargetDatabaseError
from core.formats.base import LINE, ROW
from core.formats.excel.forms import FormColumn
from core.formats.excel.forms.entries import MOST_CHOICES
from core.mapping.apply import apply_mappings
from core.model.access import Action
from core.model.mapping import Circumstances
from core.model.table import Column, Kind
from core.usecases.references import list_natural_keys
from core.usecases.rights import grant_for
from core.usecases.targets import reference_of, reflected

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.mapping import FieldMapping
    from core.model.plan import ImportPlan
    from core.model.table import Table
    from core.workspace import Workspace

_NAMED_CHOICES = 20  #: of a column, in words

_TAKES = {
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "A date, such as 2026-01-31",
    Kind.DATETIME: "A date and time, such as 2026-01-31 13:45:00",
    Kind.TIME: "A time of day, such as 13:45:00",
    Kind.JSON: "JSON, such as {}",
    Kind.UUID: "A UUID, such as 123e4567-e89b-12d3-a456-426614174000",
    Kind.BINARY: r"Bytes as \x and two hex digits each",
}


# ---------------------------------------------------------------- of a blank template
def template_columns(
    ws: Workspace, who: Identity, connection: str, table: Table
) -> tuple[FormColumn, ...]:
    """The writable columns of a table in its order, for whoever may preview imports into it.

    Without those that the database numbers, unless there are no others: a column that is there
    wants a value in every row.
    """
    found = []
    writable = [column for column in table.columns if column.writable]
    for column in [c for c in writable if not c.autoincrement] or writable:
        words, choices = _values(ws, who, connection, table, column)
        found.append(
            FormColumn(
                name=column.name,
                takes=column,
                note="\n".join([*_words(table, column), *words]),
                choices=choices,
                required=column.required,
            )
        )
    return tuple(found)


def _words(table: Table, column: Column) -> list[str]:
    """What a column takes, a sentence a line."""
    found = [f"{takes(column)}.", _needed(column)]
    for key in table.keys:
        if key.columns == (column.name,):
            found.append("No two rows have the same.")
        elif column.name in key.columns:
            others = ", ".join(name for name in key.columns if name != column.name)
            found.append(f"Together with {others}, no two rows have the same.")
    if column.comment:
        found.append(column.comment)
    return list(dict.fromkeys(found))


def _needed(column: Column) -> str:
    if column.required:
        return "Required."
    if column.filled_by_trigger:
        return "May stay empty: the database fills it in."
    if column.nullable and not column.autoincrement:
        return "May stay empty."
    return "Fill it in each row, or delete the column: then the database gives the value."


def takes(column: Column) -> str:
    """What is entered in a column, in words without an end."""
    match column.kind:
        case Kind.TEXT:
            most = column.max_length
            return "Text" if most is None else f"Text of {most:,} characters at most"
        case Kind.INTEGER:
            low, high = column.minimum, column.maximum
            within = "" if low is None or high is None else f" from {low:,} to {high:,}"
            return f"A whole number{within}"
        case Kind.NUMBER if column.exact and column.precision is not None:
            places = column.scale or 0
            behind = f", {places} of them after the point" if places else ""
            return f"A number of {column.precision} digits at most{behind}"
        case Kind.NUMBER:
            return "A number"
        case Kind.DATETIME | Kind.TIME if column.timezone:
            return f"{_TAKES[column.kind]}+00:00, with its time zone"
        case Kind.OTHER:
            return f"A value of the type {column.type_text}, as the database writes it"
        case kind:
            return _TAKES[kind]


def _values(
    ws: Workspace, who: Identity, connection: str, table: Table, column: Column
) -> tuple[list[str], tuple[str, ...]]:
    """Which values there are for a column: in words, and as a list where one is offered."""
    if column.choices:
        more = len(column.choices) - _NAMED_CHOICES
        named = ", ".join(column.choices[:_NAMED_CHOICES])
        return [f"One of: {named}{f' and {more:,} more' if more > 0 else ''}."], column.choices
    try:
        reference = reference_of(table, column.name)
    except InvalidMapping:
        return [], ()
    parent, key = reference.target_label, reference.target_columns[0]
    by = _name_of(ws, who, connection, table, column.name)
    values = parent_values(ws, who, connection, table, column.name, by or key)
    if values and by is not None and by != key:
        return [f"{_article(by)} {by} of {parent}, or its {key}."], values
    return [f"{_article(key)} {key} of {parent}."], values


def _article(name: str) -> str:
    return "An" if name[:1].lower() in "aeiou" else "A"


# ---------------------------------------------------------------- of rejected rows
def offered_values(ws: Workspace, who: Identity, plan: ImportPlan) -> dict[str, tuple[str, ...]]:
    """For each source column that feeds one of a few values: those that its steps leave alone.

    Nothing for columns whose table is not there any more: the rows are handed over all the same.
    """
    try:
        table = reflected(ws, plan.connection, plan.table)
    except (NotFound, TargetDatabaseError):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for mapping in plan.mappings:
        if not mapping.source or mapping.target not in table.column_names:
            continue
        values = table.column(mapping.target).choices
        if mapping.lookup is not None:
            by = mapping.lookup.by
            values = parent_values(ws, who, plan.connection, table, mapping.target, by)
        if values and (kept := _left_alone(values, mapping, plan, who)):
            # A column that feeds two columns of the table takes what suits both.
            before = found.get(mapping.source, kept)
            found[mapping.source] = tuple(value for value in kept if value in before)
    return found


def _left_alone(
    values: tuple[str, ...], mapping: FieldMapping, plan: ImportPlan, who: Identity
) -> tuple[str, ...]:
    numbers = pl.int_range(1, len(values) + 1, eager=True)
    frame = pl.DataFrame({ROW: numbers, LINE: numbers, mapping.source: values})
    mapped = apply_mappings(
        frame,
        [replace(mapping, lookup=None)],
        source_columns=[mapping.source],
        circumstances=Circumstances(
            now=datetime.now(UTC), user=who.username, filename=plan.filename
        ),
    )
    made = mapped.frame[mapping.target].to_list()
    return tuple(value for value, then in zip(values, made, strict=True) if value == then)


# ---------------------------------------------------------------- of parents
def parent_values(
    ws: Workspace, who: Identity, connection: str, table: Table, column: str, by: str
) -> tuple[str, ...]:
    """What rows of the table that a column refers to are called, each in one row only.

    None where the person may not see them, where there are too many for a list, and where the
    parent cannot be read: a list is a help, and the check is the judge.
    """
    try:
        parent = _seen_parent(ws, who, connection, table, column)
        if parent is None or by not in parent.column_names:
            return ()
        key = reference_of(table, column).target_columns[0]
        names = open_named_rows(ws.engine(connection), parent, by, key).names
    except (InvalidMapping, NotFound, TargetDatabaseError):
        return ()
    return tuple(sorted(names))


def _name_of(
    ws: Workspace, who: Identity, connection: str, table: Table, column: str
) -> str | None:
    """The column by which people tell the rows of a parent apart."""
    try:
        if _seen_parent(ws, who, connection, table, column) is None:
            return None
        known = list_natural_keys(ws, who, table.label, column, connection)
    except (NotFound, TargetDatabaseError):
        return None
    return known.natural_keys[0].column if known.natural_keys else None


def _seen_parent(
    ws: Workspace, who: Identity, connection: str, table: Table, column: str
) -> Table | None:
    """The parent with the columns this person may see; None: not its key, or it is too long."""
    reference = reference_of(table, column)
    grant = grant_for(ws, who, connection, reference.target_label)
    if Action.PREVIEW_EXPORT not in grant.actions:
        return None
    parent = reflected(ws, connection, reference.target_label)
    seen = visible_columns(grant, parent)
    if reference.target_columns[0] not in seen:
        return None
    if count_rows(ws.engine(connection), parent, limit=MOST_CHOICES + 1) > MOST_CHOICES:
        return None
    return replace(parent, columns=tuple(c for c in parent.columns if c.name in seen))
