"""A bounded look at what a table holds, for telling which column of a file belongs where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.elements import ColumnElement

from core.databases.cells import shown, texts
from core.databases.features import features_of
from core.databases.names import Source
from core.databases.natural_keys import natural_keys
from core.databases.parents import open_named_rows
from core.databases.refusals import translated
from core.databases.select import count_rows
from core.model.reference import NAMING_KINDS
from core.model.table import Column, Kind, Table

#: Rows looked at.
ROWS = 5_000
#: Characters of a text.
CHARACTERS = 200
#: Of a larger parent only the keys that it declares are known: to observe them takes too long.
OBSERVED_ROWS = 50_000
_NOT_LOOKED_AT = frozenset({Kind.JSON, Kind.BINARY, Kind.OTHER})


def glimpse(engine: Engine, table: Table, columns: Sequence[str]) -> dict[str, list[str]]:
    """The values, blanks left out, that these columns have in at most 5,000 rows.

    Of a larger table half come from each end of a key that cannot be NULL; without such a key,
    whichever rows come first. Texts are cut after 200 characters. Columns of JSON, bytes and
    what no Kind tells are left out. Raises TargetDatabaseError.
    """
    chosen = [c for c in table.columns if c.name in columns and c.kind not in _NOT_LOOKED_AT]
    if not chosen:
        return {}
    source = Source.of(table, features_of(engine))
    statement = sa.select(*(_cell(source, c) for c in chosen)).select_from(source.clause)
    keys = (k.columns for k in table.keys if not any(table.column(c).nullable for c in k.columns))
    key = next(keys, ())
    if key and count_rows(engine, table, limit=ROWS + 1) > ROWS:
        by = [source.cell(name) for name in key]
        ends = [[cell.asc() for cell in by], [cell.desc() for cell in by]]
        statements = [statement.order_by(*end).limit(ROWS // 2) for end in ends]
    else:
        statements = [statement.limit(ROWS)]
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        rows = [row for one in statements for row in _rows(connection, one)]
    return {
        column.name: _texts(source, column, [row[at] for row in rows])
        for at, column in enumerate(chosen)
    }


def _rows(connection: Connection, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    return connection.execute(statement).all()


def _cell(source: Source, column: Column) -> ColumnElement[Any]:
    cell = shown(source, column)
    return sa.func.substr(cell, 1, CHARACTERS) if column.kind is Kind.TEXT else cell


def _texts(source: Source, column: Column, cells: Sequence[Any]) -> list[str]:
    found = texts(cells, column, source.features)
    return [text for text in found if text is not None and text.strip()]


def naming_columns(engine: Engine, parent: Table) -> tuple[str, ...]:
    """Columns of text by which the rows of a parent can be told apart.

    Of a parent with more than 50,000 rows only those declared unique. Raises TargetDatabaseError.
    """
    if count_rows(engine, parent, limit=OBSERVED_ROWS + 1) <= OBSERVED_ROWS:
        return tuple(key.column for key in natural_keys(engine, parent))
    alone = dict.fromkeys(key.columns[0] for key in parent.keys if len(key.columns) == 1)
    return tuple(name for name in alone if parent.column(name).kind is Kind.TEXT)


def present(engine: Engine, table: Table, by: str, values: Sequence[str]) -> frozenset[str]:
    """Those of the values that some row has in column `by`, case and blanks not counting.

    No value where the kind of the column cannot be compared as text. Raises TargetDatabaseError.
    """
    if not values or table.column(by).kind not in NAMING_KINDS:
        return frozenset()
    rows = open_named_rows(engine, table, by, by)
    found = set(rows.exact(values))
    left = [value for value in values if value not in found]
    return frozenset(found.union(rows.folded(left)))
