"""Reading rows, as frames of canonical text: one String column per column asked for.

Rows come in a stable order: as sorted, then by the primary key (else the first unique key that
cannot be NULL, else the backend's own row address); empty cells sort last either way. Views, and
tables without such a key on MySQL, have no row address: a stream of one is in no order but the one
asked for, a page of one is ordered by all its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.elements import ColumnElement

from core.databases.cells import compared, shown, texts
from core.databases.features import Features, features_of
from core.databases.filters import conditions
from core.databases.mysql import cut_short
from core.databases.names import Source
from core.databases.refusals import translated
from core.errors import InvalidColumns, InvalidRequest
from core.model.plan import Filter, Sort
from core.model.table import Column, Kind, Table

_INT64 = 2**63
_SORTED_AS_TEXT = (Kind.JSON, Kind.OTHER)  # json and point have no order on PostgreSQL


def stream_rows(
    engine: Engine,
    table: Table,
    columns: Sequence[str] = (),
    *,
    filters: Sequence[Filter] = (),
    search: str | None = None,
    sort: Sequence[Sort] = (),
    limit: int | None = None,
    batch_rows: int = 20_000,
) -> Iterator[pl.DataFrame]:
    """All rows asked for, `batch_rows` at a time, of one moment: changes made meanwhile by
    others are not seen. No columns named: all of them. No rows: no frames.

    The search looks into the text columns among `columns`. On SQLite without WAL a stream keeps
    others from writing until it ends: close the generator when you stop early.
    Raises InvalidColumns, InvalidRequest (a filter's value) and TargetDatabaseError.
    """
    chosen = _chosen(table, columns)
    statement = _statement(engine, table, chosen, filters, search, sort, whole_order=False)
    if limit is not None:
        statement = statement.limit(_counted("limit", limit))
    return _batches(engine, table, chosen, statement, batch_rows)


def page_rows(
    engine: Engine,
    table: Table,
    columns: Sequence[str] = (),
    *,
    filters: Sequence[Filter] = (),
    search: str | None = None,
    sort: Sequence[Sort] = (),
    limit: int,
    offset: int = 0,
) -> pl.DataFrame:
    """One page of rows, for looking at; otherwise as `stream_rows`. May have no rows."""
    chosen = _chosen(table, columns)
    statement = _statement(engine, table, chosen, filters, search, sort, whole_order=True)
    page = statement.limit(_counted("limit", limit)).offset(_counted("offset", offset))
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        rows = connection.execute(page).all()
    return _frame(rows, chosen, features_of(engine))


def count_rows(
    engine: Engine,
    table: Table,
    columns: Sequence[str] = (),
    *,
    filters: Sequence[Filter] = (),
    search: str | None = None,
    limit: int | None = None,
) -> int:
    """How many rows `stream_rows` would give; with `limit`, counting stops there."""
    source = Source.of(table, features_of(engine))
    searched = [column.name for column in _chosen(table, columns)]
    found = conditions(source, filters=filters, search=search, searched=searched)
    inner = sa.select(sa.literal(1)).select_from(source.clause).where(*found)
    if limit is not None:
        inner = inner.limit(_counted("limit", limit))
    statement = sa.select(sa.func.count()).select_from(inner.subquery())
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        return int(connection.execute(statement).scalar_one())


def _counted(name: str, number: int) -> int:
    """SQLite takes a number below zero for no limit at all."""
    if not 0 <= number < _INT64:
        raise InvalidRequest(f"{name}: {number} is not a number of rows")
    return number


def _chosen(table: Table, columns: Iterable[str]) -> tuple[Column, ...]:
    names = tuple(columns)
    unknown = [name for name in names if name not in table.column_names]
    if unknown:
        raise InvalidColumns(f"{table.label} has no column {', '.join(map(repr, unknown))}")
    if len(set(names)) < len(names):
        raise InvalidColumns(f"A column of {table.label} is named twice")
    return tuple(table.column(name) for name in names) if names else table.columns


def _statement(
    engine: Engine,
    table: Table,
    chosen: tuple[Column, ...],
    filters: Sequence[Filter],
    search: str | None,
    sort: Sequence[Sort],
    *,
    whole_order: bool,
) -> sa.Select[Any]:
    source = Source.of(table, features_of(engine))
    searched = [column.name for column in chosen]
    found = conditions(source, filters=filters, search=search, searched=searched)
    return (
        sa.select(*(shown(source, column) for column in chosen))
        .select_from(source.clause)
        .where(*found)
        .order_by(*_order(source, sort, whole_order=whole_order))
    )


def _order(
    source: Source, sort: Sequence[Sort], *, whole_order: bool
) -> Iterator[ColumnElement[Any]]:
    sorted_by = {item.column for item in sort}
    for item in sort:
        column = _chosen(source.table, (item.column,))[0]
        cell = _sortable(source, column.name)
        way = cell.desc() if item.descending else cell.asc()
        # Said only where it matters, since it may keep an index from being used.
        if column.nullable and not source.features.nulls_last:
            yield cell.is_(None)
        yield way.nulls_last() if column.nullable and source.features.nulls_last else way
    for name in _tie_break(source.table, source.features, whole_order=whole_order):
        if name not in sorted_by:
            yield _sortable(source, name)


def _sortable(source: Source, name: str) -> ColumnElement[Any]:
    if name in source.table.column_names:
        column = source.table.column(name)
        if column.kind in _SORTED_AS_TEXT:
            return compared(source, column)
    return source.cell(name)


def _tie_break(table: Table, features: Features, *, whole_order: bool) -> tuple[str, ...]:
    for key in table.keys:
        if key.primary or not any(table.column(name).nullable for name in key.columns):
            return key.columns
    free = [name for name in features.row_address if name not in table.column_names]
    if free and not table.ref.is_view:
        return tuple(free[:1])
    return table.column_names if whole_order else ()


def _batches(
    engine: Engine,
    table: Table,
    chosen: tuple[Column, ...],
    statement: sa.Select[Any],
    batch_rows: int,
) -> Iterator[pl.DataFrame]:
    features = features_of(engine)
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        result = _snapshot(connection, features).execute(
            statement, execution_options={"yield_per": batch_rows}
        )
        try:
            for rows in result.partitions(batch_rows):
                yield _frame(rows, chosen, features)
        except GeneratorExit:
            if features.reads_to_end:
                cut_short(engine, connection, result)
            raise


def _snapshot(connection: Connection, features: Features) -> Connection:
    """SQLite's read transactions are snapshots as they are."""
    if not features.enforces_types:
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _frame(
    rows: Sequence[sa.Row[Any]], chosen: tuple[Column, ...], features: Features
) -> pl.DataFrame:
    cells = list(zip(*rows, strict=True)) if rows else [() for _ in chosen]
    return pl.DataFrame(
        [texts(list(c), column, features) for c, column in zip(cells, chosen, strict=True)]
    )
