"""Rows of the table read as text: beside those of a file, or before they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from core.databases.cells import shown, texts
from core.databases.features import features_of
from core.databases.loaders import merge
from core.databases.loaders.contract import Target
from core.databases.names import LINE, ROW, Source
from core.databases.refusals import translated
from core.model.changes import CellChange, Change, ChangeKind
from core.model.table import Column

_AT_A_TIME = 5_000  # rows that go, read from the table


class Sink(Protocol):
    """Takes down what is foreseen."""

    @property
    def more_new(self) -> int:
        """How many new rows it still lists; the others it counts."""

    def note(self, kind: ChangeKind, rows: Sequence[int]) -> None:
        """These rows of the file are of this kind."""

    def add(self, change: Change) -> None:
        """A change to list."""


class SideBySide:
    """Lists what the table has, in canonical text, where a file would change it."""

    def __init__(
        self,
        connection: Connection,
        target: Target,
        goal: sa.TableClause,
        stage: sa.TableClause,
        sink: Sink,
    ) -> None:
        self._connection, self._target, self._sink = connection, target, sink
        self._goal, self._stage = goal, stage
        self._features = features_of(connection)

    def pairs(
        self,
        kind: ChangeKind,
        part: pl.DataFrame,
        values: dict[str, ColumnElement[Any]],
        *,
        only_differing: bool,
        without: frozenset[int] = frozenset(),
    ) -> set[int]:
        """List staged rows beside those of the table with their key; the positions listed."""
        target, goal, stage = self._target, self._goal, self._stage
        differs = [merge.differing(goal, value, target, name) for name, value in values.items()]
        if only_differing and not differs:
            return set()
        cells = [stage.c[merge.POSITION].label("at")]
        cells += [goal.c[name].label(f"k{n}") for n, name in enumerate(target.key)]
        cells += [goal.c[name].label(f"o{n}") for n, name in enumerate(values)]
        cells += [value.label(f"n{n}") for n, value in enumerate(values.values())]
        cells += [sa.case((is_so, 1), else_=0).label(f"d{n}") for n, is_so in enumerate(differs)]
        inner = sa.select(*cells).select_from(stage.join(goal, merge.on_key(goal, stage, target)))
        if only_differing:
            inner = inner.where(sa.or_(*differs))
        pairs = inner.subquery("tableport_pairs")
        source = Source(table=target.table, features=self._features, clause=pairs)
        asked = self._pair_columns(tuple(values))
        statement = sa.select(
            pairs.c["at"],
            *(pairs.c[f"d{n}"] for n in range(len(values))),
            *(shown(source, column) for column in asked),
        ).order_by(pairs.c["at"])
        rows = [row for row in self._connection.execute(statement) if row[0] not in without]
        for change in self._changes(kind, part, rows, tuple(values), asked):
            self._sink.add(change)
        return {row[0] for row in rows}

    def _pair_columns(self, names: tuple[str, ...]) -> tuple[Column, ...]:
        """The columns of a comparison as they are called in it: key, old, new."""
        table = self._target.table
        return (
            *(replace(table.column(k), name=f"k{n}") for n, k in enumerate(self._target.key)),
            *(replace(table.column(v), name=f"o{n}") for n, v in enumerate(names)),
            *(replace(table.column(v), name=f"n{n}") for n, v in enumerate(names)),
        )

    def _changes(
        self,
        kind: ChangeKind,
        part: pl.DataFrame,
        rows: list[sa.Row[Any]],
        names: tuple[str, ...],
        asked: tuple[Column, ...],
    ) -> Iterator[Change]:
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        first = 1 + len(names)
        spelt = [
            texts(cells, column, self._features).to_list()
            for cells, column in zip(columns[first:], asked, strict=True)
        ]
        key_width, width = len(self._target.key), len(names)
        numbers, lines = part[ROW].to_list(), part[LINE].to_list()
        for n, row in enumerate(rows):
            cells = tuple(
                CellChange(
                    column=name, old=spelt[key_width + c][n], new=spelt[key_width + width + c][n]
                )
                for c, name in enumerate(names)
                if row[1 + c]
            )
            key = {name: spelt[k][n] for k, name in enumerate(self._target.key)}
            yield Change(kind=kind, row=numbers[row[0]], line=lines[row[0]], key=key, cells=cells)

    def going(self, condition: ColumnElement[bool] | None) -> int:
        """List the rows of the table that go; how many they are."""
        table, count = self._target.table, 0
        source = Source(table=table, features=self._features, clause=self._goal)
        statement = sa.select(*(shown(source, column) for column in table.columns))
        statement = statement.select_from(source.clause)
        if condition is not None:
            statement = statement.where(condition)
        key = self._target.key or table.primary_key
        statement = statement.order_by(*(source.cell(name) for name in key))
        with translated(f"{table.label} cannot be read"):
            result = self._connection.execute(statement, execution_options={"stream_results": True})
            while rows := result.fetchmany(_AT_A_TIME):
                count += len(rows)
                self._list_going(rows, key)
        return count

    def _list_going(self, rows: Sequence[sa.Row[Any]], key: tuple[str, ...]) -> None:
        columns = self._target.table.columns
        spelt = [
            texts(cells, column, self._features).to_list()
            for cells, column in zip(zip(*rows, strict=True), columns, strict=True)
        ]
        names = [column.name for column in columns]
        for cells in zip(*spelt, strict=True):
            record = dict(zip(names, cells, strict=True))
            gone = tuple(CellChange(column=n, old=v, new=None) for n, v in record.items())
            self._sink.add(Change(kind=ChangeKind.DELETED, row=None, line=None, cells=gone,
                                  key={name: record[name] for name in key}))  # fmt: skip
