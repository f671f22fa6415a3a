"""Loading into PostgreSQL: COPY, straight into the table or into a staging table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from core.databases.binding import as_text
from core.databases.catalogs.postgresql import base_types
from core.databases.loaders import binary
from core.databases.loaders.base import Loader
from core.databases.loaders.contract import Target
from core.databases.loaders.merge import POSITION, insert_staged
from core.databases.loaders.transaction import TargetTransaction
from core.databases.names import ROW, quote, quote_ref
from core.databases.refusals import forbidden, translated
from core.model.plan import OnConflict
from core.model.table import Kind, Table

_SEND_BYTES = 1 << 17  # psycopg2 sends 8 KiB at a time by default, which is a third slower

#: The sequence behind a column: its own, else the one its default draws from.
_SEQUENCE = sa.text("""
    SELECT coalesce(
        pg_get_serial_sequence(:table, :column)::regclass,
        (SELECT s.oid::regclass FROM pg_catalog.pg_attribute a
         JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         JOIN pg_catalog.pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
         JOIN pg_catalog.pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
         WHERE a.attrelid = CAST(:table AS regclass) AND a.attname = :column LIMIT 1)
    )::text
""")


class PostgresqlTransaction(TargetTransaction):
    """Time-outs are set for the transaction alone, and end with it."""

    def _prepare(self) -> None:
        """Nothing: see above."""

    def _restore(self) -> None:
        """Nothing: see above."""

    def _start(self) -> None:
        limits = self.limits
        for name, seconds in (
            ("lock_timeout", limits.lock_seconds),
            ("statement_timeout", limits.statement_seconds),
            ("idle_in_transaction_session_timeout", limits.idle_seconds),
        ):
            setting = sa.func.set_config(name, f"{int(seconds * 1000)}ms", True)
            self.connection.execute(sa.select(setting))

    def hold(self, table: Table) -> None:
        savepoint = self.connection.begin_nested()
        lock = f"LOCK TABLE {quote_ref(table.ref)} IN SHARE ROW EXCLUSIVE MODE"
        with translated(f"{table.label} cannot be held while it is written to"):
            try:
                self.connection.exec_driver_sql(lock.replace("%", "%%"))
            except DBAPIError as error:
                savepoint.rollback()
                if not forbidden(error):
                    raise
                self.notes.append(
                    f"The database user may not lock {table.label}: what others wrote to it while "
                    "this import was written was not held against the plan"
                )
            else:
                savepoint.commit()


class PostgresqlLoader(Loader):
    """COPY takes its binary form, or CSV where a column or a cell has none: strings quoted, NULL
    an unquoted nothing, so that '' stays ''."""

    def _start(self) -> None:
        # May COPY write into the table itself? A frame of one column has lines that are empty,
        # which COPY takes for "" or for the end: such frames are staged behind a position.
        inserts = self.target.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
        plain = inserts and self.target.journal is None
        self._direct = plain and len(self.target.columns) > 1
        self._columns = self.target.columns
        self._forms = binary.forms_of(
            self.target.specs, base_types(self.connection, self.target.table.ref)
        )
        self._sorting = _index_order(self.target)
        if not self._direct:
            self._make_stage()

    def _make_stage(self) -> None:
        """Columns of the target's own types, and without its constraints."""
        names = ", ".join(quote(name) for name in self._columns)
        position = f"CAST(NULL AS bigint) AS {POSITION}, "
        self._make_temporary(self.target.stage, position + names)
        if self.target.on_conflict is OnConflict.SYNC:
            key = ", ".join(quote(name) for name in self.target.key)
            self._make_temporary(self.target.keys_table, key)

    def _make_temporary(self, name: str, cells: str) -> None:
        # Every name is a reflected one, quoted, or ours; what DDL names cannot be bound.
        self.connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {quote(name)} ON COMMIT DROP AS SELECT "  # noqa: S608
            f"{cells} FROM {quote_ref(self.target.table.ref)} WITH NO DATA".replace("%", "%%")
        )

    def _insert(self, frame: pl.DataFrame) -> int:
        if self._direct and len(self.target.columns) > 1:
            return self._copy(quote_ref(self.target.table.ref), self._in_index_order(frame))
        self._make_stage()
        self._stage(frame)
        return insert_staged(self.connection, self.target)

    def _stage(self, frame: pl.DataFrame) -> None:
        self._empty_stage()
        stage = f"pg_temp.{quote(self.target.stage)}"
        positions = pl.int_range(frame.height, dtype=pl.Int64, eager=True)
        self._copy(stage, frame, positions)

    def _empty_stage(self) -> None:
        self.connection.exec_driver_sql(f"TRUNCATE pg_temp.{quote(self.target.stage)}")

    def _make_shelf(self, name: str) -> None:
        names = ", ".join(quote(column) for column in self._columns)
        # As a staging table, but it outlives the transaction.
        statement = (
            f"CREATE TABLE {quote(name)} AS SELECT CAST(NULL AS bigint) AS {POSITION}, {names} "  # noqa: S608
            f"FROM {quote_ref(self.target.table.ref)} WITH NO DATA"
        )
        self.connection.exec_driver_sql(statement.replace("%", "%%"))
        self.connection.exec_driver_sql(f"ALTER TABLE {quote(name)} ADD PRIMARY KEY ({POSITION})")

    def _shelve(self, name: str, frame: pl.DataFrame) -> None:
        self._copy(quote(name), frame, frame[ROW])

    def _in_index_order(self, frame: pl.DataFrame) -> pl.DataFrame:
        """An index that gets its keys in their order is read and written in fewer places."""
        return frame if self._sorting is None else frame.sort(frame[self._sorting])

    def _copy(self, table: str, frame: pl.DataFrame, positions: pl.Series | None = None) -> int:
        """Send the frame; how many rows there are now (a trigger may have dropped some)."""
        cells = [frame.get_column(name) for name in self.target.columns]
        names = [quote(name) for name in self.target.columns]
        if positions is not None:
            cells.insert(0, positions.alias(POSITION))
            names.insert(0, POSITION)
        data, form = self._encoded(cells)
        driver: Any = self.connection.connection.driver_connection
        with as_driver_error(), driver.cursor() as cursor:
            cursor.copy_expert(
                f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT {form})",
                data,
                size=_SEND_BYTES,
            )
            return int(cursor.rowcount)

    def _encoded(self, cells: list[pl.Series]) -> tuple[io.BytesIO, str]:
        forms = {POSITION: binary.unchanged, **self._forms}
        if all(cell.name in forms for cell in cells):
            data = binary.encoded(pl.DataFrame(cells), forms)
            if data is not None:
                return data, "binary"
        specs = {column.name: column for column in self.target.specs}
        texts = (as_text(c, specs[c.name]) if c.name in specs else c for c in cells)
        data = io.BytesIO()
        pl.DataFrame(texts).write_csv(
            data, include_header=False, quote_style="non_numeric", null_value=""
        )
        data.seek(0)
        return data, "csv"

    def _other_way(self, error: DBAPIError) -> bool:
        """COPY FROM is refused under row-level security; INSERT is not."""
        if not self._direct or getattr(error.orig, "pgcode", None) != "0A000":
            return False
        self._direct = False
        self._make_stage()
        return True

    def _advance_sequences(self) -> None:
        for column in self.target.specs:
            if column.autoincrement:
                self._advance(column.name)

    def _advance(self, name: str) -> None:
        """Never backwards. Sequences stand outside transactions: a roll-back leaves a gap."""
        table = quote_ref(self.target.table.ref)
        savepoint = self.connection.begin_nested()
        try:
            at = {"table": table, "column": name}
            sequence = self.connection.execute(_SEQUENCE, at).scalar()
            if sequence is not None:
                # A sequence is named by the database itself, table and column by reflection, all
                # quoted: a name after FROM cannot be bound.
                sql = (
                    f"SELECT setval('{sequence.replace(chr(39), chr(39) * 2)}'::regclass, m.top) "  # noqa: S608
                    f"FROM (SELECT max({quote(name)}) AS top FROM {table}) AS m, {sequence} AS s "
                    "WHERE m.top > s.last_value OR (m.top = s.last_value AND NOT s.is_called)"
                )
                self.connection.exec_driver_sql(sql.replace("%", "%%"))
        except DBAPIError as error:
            savepoint.rollback()
            if not forbidden(error):
                raise
            self.notes.append(
                f"The counter of {name} could not be advanced: the database user may not. "
                "The next row added without a value may collide"
            )
        else:
            savepoint.commit()


def _index_order(target: Target) -> str | None:
    """The column by which a batch is best sorted: text or UUIDs, whose index the rows of a file
    meet all over. None where the database numbers rows in the order they come."""
    numbered = (c for c in target.table.columns if c.autoincrement)
    if any(column.name not in target.columns for column in numbered):
        return None
    for key in target.table.keys:
        first = key.columns[0]
        if first in target.columns and target.table.column(first).kind in (Kind.TEXT, Kind.UUID):
            return first
    return None


@contextmanager
def as_driver_error() -> Iterator[None]:
    """What is done on the driver's own connection raises as SQLAlchemy would have it."""
    try:
        yield
    except psycopg2.Error as error:
        raise DBAPIError("COPY", None, error, hide_parameters=True) from error
