"""The rows of a parent table by the values of another of its columns than its key.

A parent of up to 100,000 rows is read once; a larger one is asked for the values at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql.elements import ColumnElement

from core.databases.cells import shown, texts
from core.databases.features import features_of
from core.databases.names import Source
from core.databases.refusals import translated
from core.databases.select import count_rows, stream_rows
from core.model.reference import ParentRows, fold
from core.model.table import Column, Kind, Table

#: A parent with more rows, or more text in its names, is not kept in memory.
READ_ROWS = 100_000
READ_CHARACTERS = 20_000_000
#: Keys told of the rows that share one value.
CANDIDATES = 5
_ASKED_AT_ONCE = 5_000
_WHOLE_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NamedRows(Protocol):
    """Rows of a parent, by name. Every value is canonical text; rows without a key are none."""

    @property
    def names(self) -> Mapping[str, str]:
        """Names that one row has, with its key; empty when there are too many to know."""

    def exact(self, values: Sequence[str]) -> dict[str, ParentRows]:
        """The rows of those values that some row has. Raises TargetDatabaseError."""

    def folded(self, values: Sequence[str]) -> dict[str, ParentRows]:
        """The same when case and blanks at the ends do not count."""

    def keys(self, values: Sequence[str]) -> frozenset[str]:
        """Which of the values are keys themselves; only of whole numbers and UUIDs."""


def open_named_rows(engine: Engine, table: Table, by: str, key: str) -> NamedRows:
    """`by` and `key` are columns of the table. Raises TargetDatabaseError."""
    if count_rows(engine, table, limit=READ_ROWS + 1) <= READ_ROWS:
        read = _read(engine, table, by, key)
        if read is not None:
            return read
    return _AskedRows(engine, table, by, key)


def _possible_keys(values: Iterable[str], key: Column) -> list[str]:
    """Those that may be keys as they stand: 07 is not the number 7."""
    shape = {Kind.INTEGER: _WHOLE_NUMBER, Kind.UUID: _UUID}.get(key.kind)
    return [value for value in values if shape.fullmatch(value)] if shape else []


# ---------------------------------------------------------------- read once
def _read(engine: Engine, table: Table, by: str, key: str) -> _ReadRows | None:
    """None when the names turn out to be too long to be kept."""
    rows = _ReadRows(table.column(key))
    characters = 0
    columns = tuple(dict.fromkeys((by, key)))
    for frame in stream_rows(engine, table, columns):
        names, keys = frame.get_column(by), frame.get_column(key)
        characters += int(names.str.len_chars().sum() or 0)
        if characters > READ_CHARACTERS:
            return None
        rows.add(names.to_list(), keys.to_list())
    return rows


class _ReadRows:
    """A parent's names in memory."""

    def __init__(self, key: Column) -> None:
        self._key = key
        self._rows: dict[str, ParentRows] = {}
        self._alike: dict[str, list[str]] = {}
        self._keys: set[str] = set()

    def add(self, names: Sequence[str | None], keys: Sequence[str | None]) -> None:
        for name, key in zip(names, keys, strict=True):
            if key is None:
                continue
            self._keys.add(key)
            if name is None:
                continue
            before = self._rows.get(name)
            if before is None:
                self._alike.setdefault(fold(name), []).append(name)
                self._rows[name] = ParentRows(count=1, keys=(key,))
            else:
                self._rows[name] = _together([before, ParentRows(count=1, keys=(key,))])

    @property
    def names(self) -> Mapping[str, str]:
        return {name: rows.keys[0] for name, rows in self._rows.items() if rows.count == 1}

    def exact(self, values: Sequence[str]) -> dict[str, ParentRows]:
        return {value: self._rows[value] for value in values if value in self._rows}

    def folded(self, values: Sequence[str]) -> dict[str, ParentRows]:
        found = {value: self._alike.get(fold(value), ()) for value in values}
        return {
            value: _together([self._rows[name] for name in names])
            for value, names in found.items()
            if names
        }

    def keys(self, values: Sequence[str]) -> frozenset[str]:
        return frozenset(self._keys.intersection(_possible_keys(values, self._key)))


def _together(parts: Sequence[ParentRows]) -> ParentRows:
    keys = tuple(key for part in parts for key in part.keys)
    return ParentRows(count=sum(part.count for part in parts), keys=keys[:CANDIDATES])


# ---------------------------------------------------------------- asked
class _AskedRows:
    """A parent too large to be read: each call is a query for every 5,000 values."""

    names: Mapping[str, str] = {}

    def __init__(self, engine: Engine, table: Table, by: str, key: str) -> None:
        self._engine, self._table = engine, table
        self._by, self._key = table.column(by), table.column(key)
        self._features = features_of(engine)
        self._source = Source.of(table, self._features)

    def exact(self, values: Sequence[str]) -> dict[str, ParentRows]:
        found: dict[str, ParentRows] = {}
        for some in _in_parts(values):
            wanted = [spelling for value in some for spelling in self._spellings(value)]
            for name, rows in self._ask(self._compared(), wanted):
                found[name] = _together([found[name], rows]) if name in found else rows
        return {value: found[value] for value in values if value in found}

    def folded(self, values: Sequence[str]) -> dict[str, ParentRows]:
        """Case is folded by the database, each letter for itself: ß is not ss in PostgreSQL."""
        cell = sa.func.trim(sa.cast(self._compared(), sa.Text()))
        function = self._features.fold_function
        lowered = getattr(sa.func, function)(cell) if function else sa.func.lower(cell)
        found: dict[str, ParentRows] = {}
        for some in _in_parts(values):
            wanted = {form for v in some for form in (fold(v), v.strip().lower())}
            for name, rows in self._ask(lowered, sorted(wanted)):
                key = fold(name)
                found[key] = _together([found[key], rows]) if key in found else rows
        return {value: found[fold(value)] for value in values if fold(value) in found}

    def keys(self, values: Sequence[str]) -> frozenset[str]:
        cell, found = self._source.cell(self._key.name), set()
        for some in _in_parts(_possible_keys(values, self._key)):
            wanted: list[Any] = (
                [int(value) for value in some]
                if self._key.kind is Kind.INTEGER
                else [s for value in some for s in self._spellings(value, self._key)]
            )
            statement = sa.select(self._shown(self._key)).where(cell.in_(wanted))
            found |= set(self._texts([row[0] for row in self._run(statement)], self._key))
        return frozenset(value for value in found if value is not None)

    def _ask(self, part: ColumnElement[Any], wanted: Sequence[str]) -> Iterator[_Named]:
        """Names and their rows, of the rows whose `part` is among `wanted`."""
        storable = [text for text in wanted if "\x00" not in text]
        name, key = self._shown(self._by), self._shown(self._key)
        grouped = (
            sa.select(part, sa.func.count(), sa.func.min(name), sa.func.min(key))
            .select_from(self._source.clause)
            .where(part.in_(storable), key.is_not(None))
            .group_by(part)
        )
        rows = self._run(grouped)
        several = [row[0] for row in rows if row[1] > 1]
        yield from self._named((row[2], row[3], 1) for row in rows if row[1] == 1)
        # Which rows they are is asked only where there is more than one: it costs more.
        yield from self._first_of(part, several) if several else ()

    def _first_of(self, part: ColumnElement[Any], wanted: Sequence[Any]) -> Iterator[_Named]:
        """The first few rows of each `part`."""
        key = self._source.cell(self._key.name)
        ranked = (
            sa.select(
                self._shown(self._by).label("name"),
                self._shown(self._key).label("key"),
                sa.func.count().over(partition_by=part).label("n"),
                sa.func.row_number().over(partition_by=part, order_by=key).label("nth"),
            )
            .select_from(self._source.clause)
            .where(part.in_(wanted), key.is_not(None))
            .subquery()
        )
        c = ranked.c
        few = sa.select(c.name, c.key, c.n, c.nth).where(c.nth <= CANDIDATES)
        # The first row of a part brings the count of all its rows.
        return self._named(
            (name, own, count if nth == 1 else 0)
            for name, own, count, nth in self._run(few.order_by(c.nth))
        )

    def _named(self, rows: Iterable[tuple[Any, Any, int]]) -> Iterator[_Named]:
        """Names, keys and counts as values."""
        found = list(rows)
        names = self._texts([row[0] for row in found], self._by)
        keys = self._texts([row[1] for row in found], self._key)
        for name, key, (_, _, count) in zip(names, keys, found, strict=True):
            if name is not None and key is not None:
                yield name, ParentRows(count=count, keys=(key,))

    def _compared(self) -> ColumnElement[Any]:
        """The names as texts that are equal only when they are the same."""
        cell = self._source.cell(self._by.name)
        if self._features.enforces_types:
            return sa.cast(cell, sa.Text())
        plain = self._by.kind is not Kind.TEXT
        return sa.cast(cell, sa.Text()) if plain else sa.collate(cell, "BINARY")

    def _shown(self, column: Column) -> ColumnElement[Any]:
        return shown(self._source, column)

    def _texts(self, cells: list[Any], column: Column) -> list[str | None]:
        return texts(cells, column, self._features).to_list()

    def _spellings(self, value: str, column: Column | None = None) -> tuple[str, ...]:
        """How the database may hold it: SQLite has UUIDs with hyphens and without."""
        kind = (column or self._by).kind
        if kind is Kind.UUID and not self._features.enforces_types:
            return (value, value.replace("-", ""))
        return (value,)

    def _run(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        label = self._table.label
        with translated(f"{label} cannot be read"), self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]


_Named = tuple[str, ParentRows]


def _in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _ASKED_AT_ONCE] for at in range(0, len(values), _ASKED_AT_ONCE))
