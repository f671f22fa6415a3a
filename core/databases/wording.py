"""Why a database refused one row, in plain words that quote the row itself and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.model.table import ForeignKey, Table

_SHOWN = 60  # characters of a value in a sentence
Row = Mapping[str, object]
NO_ROW: Row = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why the database refused one row."""

    check: str  #: unique, foreign_key, required, check, type, trigger, database
    field: str | None
    message: str


def key_named(table: Table, name: str | None) -> tuple[str, ...]:
    """The columns of the key of that name, none for one that is more than plain columns."""
    return next((key.columns for key in table.keys if key.name == name), ())


#: What PostgreSQL says of a reference that is not the table's own, as one of its partitions'.
_ABSENT = re.compile(r"Key \((.*)\)=\((.*)\) is not present in table \"(.*)\"\.", re.DOTALL)


def broken_reference(table: Table, name: str | None, row: Row, detail: str = "") -> Refusal:
    """A reference by its constraint's name; SQLite does not say which one it was."""
    for key in table.foreign_keys:
        if name is not None and key.name == name:
            return reference_refusal(key, row)
    if len(table.foreign_keys) == 1 and name is None:
        return reference_refusal(table.foreign_keys[0], row)
    if absent := _ABSENT.fullmatch(detail):
        column, value, target = absent.groups()
        return Refusal(
            check="foreign_key",
            field=column if column in table.column_names else None,
            message=f"{column} {value[:_SHOWN]} is not in {target}",
        )
    text = "the row refers to a row that does not exist, or is referred to by another"
    return Refusal(check="foreign_key", field=None, message=text)


def reference_refusal(key: ForeignKey, row: Row = NO_ROW) -> Refusal:
    """A reference that leads nowhere."""
    return Refusal(
        check="foreign_key",
        field=key.columns[0],
        message=f"{_named(key.columns, row)} is not in {key.target_label}",
    )


def unique_refusal(
    columns: tuple[str, ...], row: Row = NO_ROW, index: str | None = None
) -> Refusal:
    """A key that is already in the table; `index` names one that is more than plain columns."""
    if not columns:
        rule = f" (rule {index})" if index else ""
        text = f"a value that must be unique is already in the table{rule}"
        return Refusal(check="unique", field=None, message=text)
    message = f"{_named(columns, row)} is already in the table"
    return Refusal(check="unique", field=columns[0], message=message)


def _named(columns: tuple[str, ...], row: Row) -> str:
    """`isbn 978-3`, or `store 1, day 2026-01-31`: columns and the row's own values."""
    return ", ".join(
        f"{name} {str(row[name])[:_SHOWN]}" if row.get(name) is not None else name
        for name in columns
    )


def check_refusal(table: Table, name: str | None, column: str | None = None) -> Refusal:
    """A CHECK constraint, named and with its rule when the table's reflection knows it."""
    rule = next((check.sql for check in table.checks if check.name == name), None)
    text = f"the row breaks the rule {name or 'of a CHECK'} of {table.label}"
    return Refusal(check="check", field=column, message=f"{text}: {rule}" if rule else text)
