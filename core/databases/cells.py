"""How a cell is selected, and what came back as canonical text (docs/architecture.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import Features
from core.databases.names import Source
from core.databases.spelling import canonical, text_of_cells
from core.model.table import Column, Kind

#: Kept in a form of MySQL's own; a cast to text is refused.
_PLACES = re.compile(r"(?:POINT|LINESTRING|POLYGON|MULTI\w+|GEOMETRY\w*|GEOMCOLLECTION)")


def shown(source: Source, column: Column) -> ColumnElement[Any]:
    """What is selected: the server's own text where types are enforced, else the cell itself."""
    cell = source.cell(column.name)
    if not source.features.enforces_types:
        return cell
    if source.features.prints_kinds:
        return sa.cast(cell, sa.Text())
    return _spelt(cell, column)


def compared(source: Source, column: Column) -> ColumnElement[str]:
    """The cell as text, for what has no order or equality of its own; by `shown` where a cast is
    refused."""
    places = _PLACES.fullmatch(column.type_text) and not source.features.prints_kinds
    return sa.cast(shown(source, column) if places else source.cell(column.name), sa.Text())


def texts(cells: Sequence[Any], column: Column, features: Features) -> pl.Series:
    """What `shown` brought, as canonical text."""
    if not features.enforces_types:
        return text_of_cells(cells, column)
    found = canonical(pl.Series(column.name, cells, dtype=pl.String), column)
    single = not features.prints_kinds and column.type_text.startswith("FLOAT")
    return _short_floats(found) if single else found


def _spelt(cell: ColumnElement[Any], column: Column) -> ColumnElement[Any]:
    """MySQL prints booleans as numbers, bits and bytes as they are, and no zone."""
    text = sa.cast(cell, sa.Text())
    match column.kind:
        case Kind.TEXT:
            # The driver gives text as text, and an index in the order asked for stays of use.
            return cell
        case Kind.BOOLEAN:
            number = cell + sa.literal_column("0")
            return sa.case(
                (number == 0, sa.literal_column("'false'")),
                (number == 1, sa.literal_column("'true'")),
                else_=sa.cast(number, sa.Text()),
            )
        case Kind.INTEGER:
            return sa.cast(cell + sa.literal_column("0"), sa.Text())
        case Kind.DATETIME if column.timezone:
            return sa.func.concat(text, sa.literal_column("'+00:00'"))
        case Kind.NUMBER if column.type_text.startswith("FLOAT"):
            # Printed with six digits, which are fewer than it has.
            return sa.cast(sa.cast(cell, mysql.DOUBLE()), sa.Text())
        case Kind.BINARY:
            return sa.func.concat(sa.literal_column("'\\x'"), sa.func.lower(sa.func.hex(cell)))
        case Kind.OTHER if _PLACES.fullmatch(column.type_text):
            return sa.func.ST_AsText(cell)
        case _:
            return text


def _short_floats(values: pl.Series) -> pl.Series:
    """The shortest text that a four-byte float is read back from."""
    short = [v if v is None else repr(float(str(np.float32(v)))) for v in values]
    return pl.Series(values.name, short, dtype=pl.String)
