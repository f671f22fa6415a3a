"""Loading into SQLite: executemany, all in one BEGIN IMMEDIATE transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from core.databases.binding import SqliteValues, sqlite_values
from core.databases.connect import BUSY_SECONDS
from core.databases.kinds import sqlite_affinity
from core.databases.loaders.base import Loader
from core.databases.loaders.faults import refers_to_itself
from core.databases.loaders.merge import POSITION, insert_staged
from core.databases.loaders.transaction import TargetTransaction
from core.databases.names import ROW, quote, quote_ref
from core.databases.refusals import Refusal
from core.model.plan import OnConflict
from core.model.table import Column, Table

#: Pages of the indexes that rows are brought into: those of a large table do not fit into what
#: SQLite keeps by itself, and are then written and read again and again.
_CACHE_KIB, _USUAL_CACHE_KIB = 64 << 10, 2000


class SqliteTransaction(TargetTransaction):
    """BEGIN IMMEDIATE: the lock of the one writer is held from the start."""

    def lost(self) -> bool:
        """RAISE(ROLLBACK) in a trigger ends the transaction, savepoints and all."""
        driver = self.connection.connection.driver_connection
        return driver is not None and not driver.in_transaction

    def hold(self, table: Table) -> None:
        """Nothing: nobody else writes to the database from the start."""

    def _prepare(self) -> None:
        self._set("busy_timeout", int(self.limits.lock_seconds * 1000))
        self._set("cache_size", -_CACHE_KIB)

    def _restore(self) -> None:
        self._set("busy_timeout", int(BUSY_SECONDS * 1000))
        self._set("cache_size", -_USUAL_CACHE_KIB)

    def _start(self) -> None:
        """Nothing: the time-out is the connection's."""

    def _set(self, name: str, value: int) -> None:
        """On the driver's own connection: BEGIN IMMEDIATE would have to wait for the lock first."""
        driver = self.connection.connection.driver_connection
        if driver is not None:
            driver.execute(f"PRAGMA {name} = {value}")


class SqliteLoader(Loader):
    """Dates and times go in as ISO text, booleans as 0 and 1; see `binding.sqlite_values`."""

    def _start(self) -> None:
        self._last: tuple[pl.DataFrame, list[SqliteValues]] | None = None
        # Row by row a child could come before its parent; one statement checks at its end.
        self._staged = refers_to_itself(self.target.table)
        inserts = self.target.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
        if self._staged or not inserts or self.target.journal is not None:
            self._make_stage()

    def _make_stage(self) -> None:
        stage, collations = quote(self.target.stage), self._key_collations()
        columns = [_declared(c, collations) for c in self.target.specs]
        self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{stage}")
        self.connection.exec_driver_sql(
            f"CREATE TEMP TABLE {stage} ({POSITION} INTEGER PRIMARY KEY, {', '.join(columns)})"
        )
        if self.target.on_conflict is OnConflict.SYNC:
            self._make_keys_table()

    def _make_keys_table(self) -> None:
        keys, collations = quote(self.target.keys_table), self._key_collations()
        columns = [_declared(self.target.table.column(n), collations) for n in self.target.key]
        named = ", ".join(quote(name) for name in self.target.key)
        # Typed and collated as the staging table is, indexed for the look-up at the end.
        self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS temp.{keys}")
        self.connection.exec_driver_sql(f"CREATE TEMP TABLE {keys} ({', '.join(columns)})")
        index = quote(f"{self.target.keys_table}_index")
        self.connection.exec_driver_sql(f"CREATE INDEX temp.{index} ON {keys} ({named})")

    def _key_collations(self) -> dict[str, str]:
        """How the key's own index compares: NOCASE makes `A` and `a` one key."""
        table = self.target.table
        for key in table.keys:
            if set(key.columns) == set(self.target.key):
                for name in self._indexes_of(key.columns):
                    rows = self._pragma("index_xinfo", name)
                    return {row[2]: quote(row[4]) for row in rows if row[2] in key.columns}
        return {}

    def _indexes_of(self, columns: tuple[str, ...]) -> list[str]:
        names = [row[1] for row in self._pragma("index_list", self.target.table.ref.name) if row[2]]
        return [n for n in names if {r[2] for r in self._pragma("index_info", n)} == set(columns)]

    def _pragma(self, name: str, argument: str) -> list[tuple[Any, ...]]:
        statement = f"PRAGMA main.{name}({quote(argument)})"
        return [tuple(row) for row in self.connection.exec_driver_sql(statement)]

    def _insert(self, frame: pl.DataFrame) -> int:
        if self._staged:
            self._stage(frame)
            return insert_staged(self.connection, self.target)
        return self._fill(quote_ref(self.target.table.ref), self.target.columns, frame)

    def _stage(self, frame: pl.DataFrame) -> None:
        self._empty_stage()
        stage = f"temp.{quote(self.target.stage)}"
        self._fill(stage, self.target.columns, frame, numbers=range(frame.height))

    def _empty_stage(self) -> None:
        # Its name is one of ours; names of tables cannot be bound.
        self.connection.exec_driver_sql(f"DELETE FROM temp.{quote(self.target.stage)}")  # noqa: S608

    def _make_shelf(self, name: str) -> None:
        columns = ", ".join(_declared(column, {}) for column in self.target.specs)
        self.connection.exec_driver_sql(
            f"CREATE TABLE {quote(name)} ({POSITION} INTEGER PRIMARY KEY, {columns})"
        )

    def _shelve(self, name: str, frame: pl.DataFrame) -> None:
        self._fill(quote(name), self.target.columns, frame, numbers=frame[ROW])

    def _fill(
        self,
        table: str,
        names: tuple[str, ...],
        frame: pl.DataFrame,
        *,
        numbers: Iterable[int] | None = None,
    ) -> int:
        """Insert the frame; how many rows there are now (a trigger may have dropped some)."""
        cells: list[list[object]] = [column.values for column in self._converted(frame)]
        self._last = None
        into = [quote(name) for name in names]
        if numbers is not None:
            into.insert(0, POSITION)
            cells.insert(0, list(numbers))
        marks = ", ".join("?" * len(into))
        # OR ABORT: a constraint declared ON CONFLICT REPLACE would drop other rows in silence.
        # Names are reflected and quoted, for they cannot be bound; every value is.
        statement = f"INSERT OR ABORT INTO {table} ({', '.join(into)}) VALUES ({marks})"  # noqa: S608
        rows = list(zip(*cells, strict=True))
        return self.connection.exec_driver_sql(statement, rows).rowcount

    def _unstorable(self, frame: pl.DataFrame) -> dict[int, Refusal]:
        found: dict[int, Refusal] = {}
        for column, cells in zip(self.target.specs, self._converted(frame), strict=True):
            for at, why in cells.bent.items():
                found.setdefault(at, Refusal(check="type", field=column.name, message=why))
        return found

    def _converted(self, frame: pl.DataFrame) -> list[SqliteValues]:
        """The target's columns as the driver takes them. Asked twice for a batch, most often: for
        what would be bent in it, then for its values."""
        if self._last is None or self._last[0] is not frame:
            self._last = frame, [sqlite_values(frame[c.name], c) for c in self.target.specs]
        return self._last[1]

    def _advance_sequences(self) -> None:
        """Nothing to do: a rowid, AUTOINCREMENT too, continues after the highest value there."""


def _affinity_word(column: Column) -> str:
    """A type of the same affinity, so that staged and stored values compare as equals."""
    affinity = sqlite_affinity(column.type_text)
    return "" if affinity == "BLOB" else affinity


def _declared(column: Column, collations: dict[str, str]) -> str:
    collation = collations.get(column.name, "BINARY")
    return f"{quote(column.name)} {_affinity_word(column)} COLLATE {collation}"
