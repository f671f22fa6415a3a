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

_NO_LEDGER = (
    "The database user may not create tables: after a crash nobody can tell whether "
    "this import was committed"
)


class TargetTransaction(ABC):
    """What loaders write in: several may share one, for tables that are loaded as one.

    A subclass per backend knows its time-outs.
    """

    def __init__(self, engine: Engine, *, run_id: str, limits: Limits, what: str) -> None:
        """Raises TargetDatabaseError, which names `what`, when it cannot be written to now."""
        self.engine, self.run_id, self.limits = engine, run_id, limits
        self.notes: list[str] = []  #: what could not be done and does not matter enough to fail
        self._open, self._stages = True, 0
        with translated(f"{what} cannot be written to"):
            self.connection: Connection = begin_immediate(engine.connect())
            try:
                self._prepare()
                self.ledger = ledger.prepare(self.connection)  #: does this database keep ours?
                self.connection.begin()
                self._start()
            except DBAPIError:
                self._close()
                raise
        if not self.ledger:
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

    def commit(self, what: str, counts: Counts) -> None:
        """Write the ledger row and commit everything; `what` was written to, in words.

        Raises TargetDatabaseError when the database refuses now (a deferred constraint): nothing
        was written then.
        """
        try:
            with translated(f"Nothing was written to {what}"):
                if self.ledger:
                    ledger.record(self.connection, self.run_id, what, counts)
                self.connection.commit()
        except TargetDatabaseError:
            # SQLite keeps the transaction open when COMMIT fails, while SQLAlchemy thinks it has
            # ended: such a connection must not go back to the pool.
            self.connection.invalidate()
            raise
        finally:
            self._close()

    def rollback(self) -> None:
        """Undo everything since opening; nothing happens after commit or a second time."""
        self._close()

    def staged(self, target: Target) -> Target:
        """The target with a staging table of its own among those of this transaction."""
        self._stages += 1
        return replace(target, stage=f"{target.stage}_{self._stages}")

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

    def _close(self) -> None:
        """Give the connection back; what was not committed is rolled back by that."""
        if self._open:
            self._open = False
            if not self.connection.invalidated:
                self.connection.rollback()
                self._restore()
            self.connection.close()
