"""Quoted identifiers, and the meta columns that travel with a typed frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import polars as pl
import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement, quoted_name

from core.databases.features import Features
from core.model.table import Table, TableRef

ROW = "__row__"
LINE = "__line__"

#: Tables of ours that may live in a target database all begin so, and are never listed.
OWN_PREFIX = "tableport_"


def picked(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """These columns; `select` would take names such as `*` for patterns."""
    return pl.DataFrame([frame.get_column(name) for name in names])


def quoted(name: str) -> quoted_name:
    """An identifier SQLAlchemy will quote whatever it looks like."""
    return quoted_name(name, True)


def quote(name: str) -> str:
    """An identifier quoted for SQL text that SQLAlchemy does not write (COPY)."""
    return '"' + name.replace('"', '""') + '"'


def quote_ref(ref: TableRef) -> str:
    parts = (ref.schema, ref.name) if ref.schema else (ref.name,)
    return ".".join(quote(part) for part in parts)


def sql_table(ref: TableRef, columns: tuple[str, ...]) -> sa.TableClause:
    """The table as a FROM element with these columns, all of them quoted."""
    return sa.table(
        quoted(ref.name),
        *(sa.column(quoted(name)) for name in columns),
        schema=quoted(ref.schema) if ref.schema else None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A table as the one FROM element of a query.

    Cells are written `"table"."column"`: SQLite takes a bare "column" it does not find for a
    string, so that a column dropped a moment ago would read as its own name.
    """

    table: Table
    features: Features
    clause: sa.FromClause

    @classmethod
    def of(cls, table: Table, features: Features) -> Self:
        addresses = tuple(n for n in features.row_address if n not in table.column_names)
        clause = sql_table(table.ref, table.column_names + addresses)
        return cls(table=table, features=features, clause=clause)

    def cell(self, name: str) -> ColumnElement[Any]:
        return self.clause.c[name]
