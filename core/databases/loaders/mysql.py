"""Loading into MySQL and MariaDB: INSERT of many rows at a time, strictly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.databases.catalogs.mysql import Stored, stored_as
from core.databases.loaders import merge
from core.databases.loaders.base import Loader
from core.databases.loaders.contract import Target
from core.databases.loaders.families import delete_leaves, parents_first
from core.databases.loaders.faults import refers_to_itself
from core.databases.loaders.merge import POSITION
from core.databases.loaders.transaction import TargetTransaction
from core.databases.mysql import LOCK_SECONDS, exact_collation
from core.databases.mysql_binding import bent_rows, mysql_values, oversized, refused_size
from core.databases.names import ROW, quote, quote_ref
from core.databases.refusals import Refusal, translated
from core.errors import InvalidRequest
from core.model.plan import OnConflict
from core.model.table import Kind, Table

_IN_TRANSACTION = 1  # SERVER_STATUS_IN_TRANS of the protocol
_ENVELOPE = 64 * 1024  # of a statement, beside its values

_ENGINE = sa.text("""
    SELECT e.ENGINE AS name, e.TRANSACTIONS = 'YES' AS whole
    FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
    WHERE t.TABLE_SCHEMA = coalesce(:schema, DATABASE()) AND t.TABLE_NAME = :name
""")


class MysqlTransaction(TargetTransaction):
    """Time-outs and temporary tables are the session's, not the transaction's."""

    def hold(self, table: Table) -> None:
        """The rows that are there are locked: LOCK TABLES would commit."""
        # By no index: the locks would be on its entries alone. The name is reflected and quoted.
        rows = f"SELECT count(*) FROM {quote_ref(table.ref)} USE INDEX ()"  # noqa: S608
        lock = f"{rows} LOCK IN SHARE MODE"
        with translated(f"{table.label} cannot be held while it is written to"):
            self.connection.exec_driver_sql(lock.replace("%", "%%"))

    def _prepare(self) -> None:
        self.temporary: list[str] = []  #: names of tables to drop with the transaction
        lock = max(1, math.ceil(self.limits.lock_seconds))
        self._set_locks(lock)
        self._say(f"SET SESSION wait_timeout = {math.ceil(self.limits.idle_seconds)}")
        if self.is_mariadb:
            self._say(f"SET SESSION max_statement_time = {self.limits.statement_seconds}")
        found = self._say("SELECT @@max_allowed_packet")
        self.most_bytes = int(found[0][0]) - _ENVELOPE

    def _restore(self) -> None:
        for name in self.temporary:
            self._say(f"DROP TEMPORARY TABLE IF EXISTS {quote(name)}")
        self._set_locks(LOCK_SECONDS)
        self._say("SET SESSION wait_timeout = DEFAULT")
        if self.is_mariadb:
            self._say("SET SESSION max_statement_time = DEFAULT")

    def _start(self) -> None:
        # Without it the server would not say whether the transaction is still the one begun.
        self.connection.exec_driver_sql("START TRANSACTION")

    @property
    def is_mariadb(self) -> bool:
        return bool(getattr(self.connection.dialect, "is_mariadb", False))

    def lost(self) -> bool:
        """A deadlock ends the transaction, savepoints and all."""
        driver: Any = self.connection.connection.driver_connection
        if driver is None or not driver.open:
            return False  # said by the error itself
        driver.ping(reconnect=False)
        return not driver.server_status & _IN_TRANSACTION

    def _set_locks(self, seconds: int) -> None:
        self._say(
            f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}"
        )

    def _say(self, statement: str) -> Any:
        """On the driver's own connection: a transaction is not begun by this."""
        driver: Any = self.connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()


class MysqlLoader(Loader):
    """What strict mode would still bend is found beforehand: see `mysql_binding`."""

    transaction: MysqlTransaction

    def __init__(self, transaction: TargetTransaction, target: Target) -> None:
        """Raises InvalidRequest where the table's storage engine has no transactions."""
        at = {"schema": target.table.ref.schema, "name": target.table.ref.name}
        engine = transaction.connection.execute(_ENGINE, at).first()
        if engine is not None and not engine.whole:
            transaction.rollback()
            raise InvalidRequest(
                f"{target.table.label} is kept by the engine {engine.name}, which has no "
                "transactions: an import that fails could not be undone. Change the table with "
                "ALTER TABLE … ENGINE=InnoDB"
            )
        super().__init__(transaction, target)

    def _start(self) -> None:
        self._own = refers_to_itself(self.target.table)
        inserts = self.target.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
        if not inserts or self.target.journal is not None:
            self._make_stage()

    def _make_stage(self) -> None:
        """The target's own types; keys compare as in the target, all else exactly.

        Of two collations of one character set the binary one prevails: so `a` in the place of `A`
        is a change.
        """
        target, stored = self.target, stored_as(self.connection, self.target.table.ref)
        # JSON compares exactly as it is, and beside another such collation not at all.
        alike = {*target.key, *(c.name for c in target.specs if c.kind is Kind.JSON)}
        cells = [
            self._declared(name, stored[name], exact=name not in alike) for name in target.columns
        ]
        self._make(target.stage, [f"{POSITION} BIGINT NOT NULL PRIMARY KEY", *cells])
        if target.on_conflict is OnConflict.SYNC:
            keys = [self._declared(name, stored[name], exact=False) for name in target.key]
            if any(set(key.columns) == set(target.key) for key in target.table.keys):
                keys.append(f"INDEX ({', '.join(quote(name) for name in target.key)})")
            self._make(target.keys_table, keys)

    def _declared(self, name: str, stored: Stored, *, exact: bool) -> str:
        if exact and stored.charset is not None:
            collation = exact_collation(stored.charset, mariadb=self.transaction.is_mariadb)
            stored = Stored(declared=stored.declared, charset=stored.charset, collation=collation)
        return f"{quote(name)} {stored.sql} NULL"

    def _make(self, name: str, definitions: list[str]) -> None:
        # TEMPORARY is said each time: other definitions would commit what was written.
        self.connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {quote(name)}")
        self.transaction.temporary.append(name)
        statement = f"CREATE TEMPORARY TABLE {quote(name)} ({', '.join(definitions)}) ENGINE=InnoDB"
        self.connection.exec_driver_sql(statement.replace("%", "%%"))

    def _insert(self, frame: pl.DataFrame) -> int:
        return self._fill(quote_ref(self.target.table.ref), self._in_order(frame))

    def _stage(self, frame: pl.DataFrame) -> None:
        self._empty_stage()
        self._fill(quote(self.target.stage), self._in_order(frame), numbers=range(frame.height))

    def _empty_stage(self) -> None:
        # Its name is one of ours; names of tables cannot be bound.
        self.connection.exec_driver_sql(f"DELETE FROM {quote(self.target.stage)}")  # noqa: S608

    def _make_shelf(self, name: str) -> None:
        stored = stored_as(self.connection, self.target.table.ref)
        columns = [self._declared(n, stored[n], exact=True) for n in self.target.columns]
        cells = ", ".join((f"{POSITION} BIGINT NOT NULL PRIMARY KEY", *columns))
        statement = f"CREATE TABLE {quote(name)} ({cells}) ENGINE=InnoDB"
        self.connection.exec_driver_sql(statement.replace("%", "%%"))

    def _shelve(self, name: str, frame: pl.DataFrame) -> None:
        # A shelf has its rows in the file's order: parents may come too late in it.
        if not self._own:
            self._fill(quote(name), frame, numbers=frame[ROW])

    def _in_order(self, frame: pl.DataFrame) -> pl.DataFrame:
        return parents_first(frame, self.target) if self._own else frame

    def _fill(
        self, table: str, frame: pl.DataFrame, *, numbers: Iterable[int] | None = None
    ) -> int:
        """Insert the frame; how many rows there are now."""
        cells = [mysql_values(frame[name]).to_list() for name in self.target.columns]
        into = [quote(name) for name in self.target.columns]
        if numbers is not None:
            into.insert(0, POSITION)
            cells.insert(0, list(numbers))
        marks = ", ".join(["%s"] * len(into))
        names = ", ".join(into).replace("%", "%%")
        # Names are reflected and quoted, for they cannot be bound; every value is. The driver
        # makes statements of many rows out of this one.
        statement = f"INSERT INTO {table.replace('%', '%%')} ({names}) VALUES ({marks})"  # noqa: S608
        rows = list(zip(*cells, strict=True))
        return self.connection.exec_driver_sql(statement, rows).rowcount

    def _delete(self, delete: Callable[[Connection, Target], int]) -> int:
        if not self._own:
            return super()._delete(delete)
        goal = merge.goal_of(self.target)
        others = delete is merge.delete_others
        conditions = [merge.unnamed(goal, self.target)] if others else []

        def leaves_first(connection: Connection, target: Target) -> int:
            leaves = delete_leaves(connection, goal, target, *conditions)
            return leaves + delete(connection, target)

        return super()._delete(leaves_first)

    def _unstorable(self, frame: pl.DataFrame) -> dict[int, Refusal]:
        found = bent_rows(frame, self.target.specs)
        for at in oversized(frame, self.transaction.most_bytes):
            found.setdefault(at, refused_size(self.transaction.most_bytes))
        return found

    def _advance_sequences(self) -> None:
        """Nothing to do: AUTO_INCREMENT continues after the highest value that was given."""
