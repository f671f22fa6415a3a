"""Are two cells, or two rows, exactly the same? What a collation takes for equal is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from core.model.table import Column, Kind

Cell = ColumnElement[Any]

#: No equality on PostgreSQL (json, xml, point): compared as text.
_AS_TEXT = (Kind.JSON, Kind.OTHER)


def _sqlite(cell: Cell, _column: Column) -> Cell:
    return sa.collate(cell, "BINARY")  # any column may hold text


def _postgresql(cell: Cell, column: Column) -> Cell:
    if column.kind in _AS_TEXT or column.kind is Kind.TEXT:
        return sa.collate(sa.cast(cell, sa.Text()), "C")
    return cell


def _mysql(cell: Cell, column: Column) -> Cell:
    if column.kind in _AS_TEXT or column.kind is Kind.TEXT:
        return sa.cast(cell, sa.LargeBinary())
    return cell


_EXACT: dict[str, Callable[[Cell, Column], Cell]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "mysql": _mysql,
}


def exact(cell: Cell, column: Column, backend: str) -> Cell:
    """The cell so that only the same value is equal to it."""
    return _EXACT[backend](cell, column)


def differ(one: Cell, other: Cell, column: Column, backend: str) -> ColumnElement[bool]:
    """NULL is the same as NULL."""
    return exact(one, column, backend).is_distinct_from(exact(other, column, backend))


def whole(cells: list[Cell], backend: str) -> Cell:
    """A row as one text: the same for the same cells alone, on backends without keys to go by."""
    if backend == "postgresql":
        return sa.collate(sa.cast(sa.func.row(*cells), sa.Text()), "C")
    spelled: list[Cell] = [sa.func.quote(cell) for cell in cells]
    return reduce(lambda one, other: one.concat(",").concat(other), spelled)
