"""One transaction in a target database, from opening to commit, with its row in the ledger."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core.databases.connect import begin_immediate
from core.databases.loaders import ledger
from core.databases.loaders.contract import Limits, Target
from core.databases.refusals import translated
from core.errors import TargetDatabaseError
from core.model.job import Counts
from core.model.table import Table

_NO_LEDGER = (
    "The database user may not create tables: after a crash nobody can tell whether "
    "this import was committed"
)


class TargetTransaction(ABC):
    """What loaders write in: several may share one, for tables that are loaded as one.

    A subclass per backend knows its time-outs.
    """

    def __init__(
        self, engine: Engine, *, run_id: str, limits: Limits, what: str, recorded: bool = True
    ) -> None:
        """`recorded`: in our ledger, which is made where it is missing.

        Raises TargetDatabaseError, which names `what`, when it cannot be written to now.
        """
        self.engine, self.run_id, self.limits = engine, run_id, limits
        self.notes: list[str] = []  #: what could not be done and does not matter enough to fail
        self._open, self._stages = True, 0
        with translated(f"{what} cannot be written to"):
            self.connection: Connection = begin_immediate(engine.connect())
            try:
                self._prepare()
                #: does this database keep ours?
                self.ledger = recorded and ledger.prepare(self.connection)
                self.connection.begin()
                self._start()
            except DBAPIError:
                self._close()
                raise
        if recorded and not self.ledger:
            self.notes.append(_NO_LEDGER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rollback()

    def already_committed(self) -> Counts | None:
        """The counts of this run when another try at it was committed, else None."""
        if not self.ledger:
            return None
        with translated("The ledger cannot be read"):
            return ledger.committed(self.connection, self.run_id)

    def record(self, run_id: str, what: str, counts: Counts) -> None:
        """Write the ledger row of another run that is committed together with this one."""
        if self.ledger:
            with translated("The ledger cannot be written"):
                ledger.record(self.connection, run_id, what, counts)

    def commit(self, what: str, counts: Counts) -> None:
        """Write the ledger row and commit everything; `what` was written to, in words.

        Raises TargetDatabaseError when the database refuses now (a deferred constraint): nothing
        was written then.
        """
        self._commit(what, counts if self.ledger else None)

    def commit_part(self, what: str) -> None:
        """Commit without a ledger row, for more is to come; `what` was written to, in words.

        Raises TargetDatabaseError as `commit` does.
        """
        self._commit(what)

    def rollback(self) -> None:
        """Undo everything since opening; nothing happens after commit or a second time."""
        self._close()

    def staged(self, target: Target) -> Target:
        """The target with a staging table of its own among those of this transaction."""
        self._stages += 1
        return replace(target, stage=f"{target.stage}_{self._stages}")

    @abstractmethod
    def hold(self, table: Table) -> None:
        """Keep others from writing to the table until the end, where it is not held anyway.

        Raises TargetDatabaseError when others write to it for too long.
        """

    def lost(self) -> bool:
        """Has the database ended the transaction on its own?"""
        return False

    @abstractmethod
    def _prepare(self) -> None:
        """Time-outs of the connection, before any transaction."""

    @abstractmethod
    def _restore(self) -> None:
        """Undo `_prepare` before the connection goes back to the pool."""

    @abstractmethod
    def _start(self) -> None:
        """Time-outs of the transaction, inside it."""

    def _commit(self, what: str, counts: Counts | None = None) -> None:
        try:
            with translated(f"Nothing was written to {what}"):
                if counts is not None:
                    ledger.record(self.connection, self.run_id, what, counts)
                self.connection.commit()
        except TargetDatabaseError:
            # SQLite keeps the transaction open when COMMIT fails, while SQLAlchemy thinks it has
            # ended: such a connection must not go back to the pool.
            self.connection.invalidate()
            raise
        finally:
            self._close()

    def _close(self) -> None:
        """Give the connection back; what was not committed is rolled back by that."""
        if self._open:
            self._open = False
            if not self.connection.invalidated:
                self.connection.rollback()
                self._restore()
            self.connection.close()
