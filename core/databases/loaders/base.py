"""What every batch goes through on its way into a table, whatever the backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import polars as pl
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from core.databases.loaders import faults, merge, staged
from core.databases.loaders.contract import Outcome, Target
from core.databases.loaders.transaction import TargetTransaction
from core.databases.names import LINE, ROW, picked, quote
from core.databases.refusals import Refusal, blames_row, reason, refusal, translated
from core.errors import InvalidMapping, TargetDatabaseError, ValidationFailed
from core.model.job import Counts
from core.model.plan import OnConflict, OnErrors

#: Under OnErrors.STOP the batch is lost anyway: enough failures to show are enough.
_SHOWN_WHEN_STOPPING = 100


class Loader(ABC):
    """Rows into one table, in one transaction from opening to commit.

    Each batch is written inside a savepoint. When a row spoils it, the rows at fault are found
    (by set look-ups, then by halving), reported as failures, and the others go in.
    """

    def __init__(self, transaction: TargetTransaction, target: Target) -> None:
        self.transaction, self.target = transaction, target
        self.connection: Connection = transaction.connection
        self._failed = False
        with translated(f"{target.table.label} cannot be written to"):
            try:
                self._start()
                if self.target.journal is not None:
                    self.target.journal.start(self.connection, self.target)
            except DBAPIError:
                transaction.rollback()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rollback()

    @property
    def notes(self) -> list[str]:
        """What could not be done and does not matter enough to fail."""
        return self.transaction.notes

    # ------------------------------------------------------------ the contract
    def already_committed(self) -> Counts | None:
        """The counts of this run when another try at it was committed, else None."""
        return self.transaction.already_committed()

    def load(self, frame: pl.DataFrame, columns: tuple[str, ...] | None = None) -> Outcome:
        """Write a typed frame: `__row__`, `__line__` and the columns named at opening.

        `columns`: of these only some, the key among them; the others are left to the database
        in a new row and as they are in one that is there.
        Counts are exact and the sum of the frame's rows. Two rows with one key in a frame count
        as they would one after the other, save that under update the earlier is `skipped`.
        So are rows a trigger of the table chose to drop. Under OnErrors.STOP the failures end
        at 100 and nothing can be committed afterwards.
        Raises TargetDatabaseError when the fault is not a row's.
        """
        if columns is not None and columns != self.target.columns:
            whole = self.target
            self.target = replace(whole, columns=columns)
            try:
                return self.load(frame)
            finally:
                self.target = whole
        missing = {ROW, LINE, *self.target.columns} - set(frame.columns)
        if missing:
            raise InvalidMapping(f"The batch lacks {', '.join(sorted(missing))}")
        with translated(f"{self.target.table.label} could not be written"):
            outcome = self._load(picked(frame, (ROW, LINE, *self.target.columns)))
        self._failed = self._failed or bool(outcome.failures)
        in_order = sorted(outcome.failures, key=lambda failure: failure.row)
        return replace(outcome, failures=tuple(in_order))

    def make_shelf(self) -> None:
        """Make the shelf, empty whatever was there. Raises TargetDatabaseError."""
        name = self.target.shelf
        assert name is not None
        with translated(f"Rows for {self.target.table.label} cannot be kept in the database"):
            self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")
            self._make_shelf(name)

    def draw_on(self, shelf: str) -> None:
        """From here on bring rows from the shelf of that name where they are on it."""
        self.target = replace(self.target, shelf=shelf)

    def shelve(self, frame: pl.DataFrame) -> None:
        """Send a typed frame to the shelf; not at all when it would not hold one of its rows,
        which `load` then finds. Raises TargetDatabaseError when the fault is not a row's.
        """
        assert self.target.shelf is not None
        whole = faults.without(frame, self._unstorable(frame))
        with translated(f"Rows for {self.target.table.label} could not be kept in the database"):
            savepoint = self.connection.begin_nested()
            try:
                self._shelve(self.target.shelf, whole)
            except DBAPIError as error:
                if error.connection_invalidated or not blames_row(error):
                    raise
                savepoint.rollback()
            else:
                savepoint.commit()

    def clear(self) -> int:
        """Delete every row of the table; how many. Before the first `load`, for REPLACE.

        Raises TargetDatabaseError, also when other rows refer to one of them.
        """
        return self._delete(merge.delete_all)

    def delete_others(self) -> int:
        """Delete the rows whose key no loaded row had; how many. After the last `load`, for SYNC.

        Raises TargetDatabaseError, also when other rows refer to one of them.
        """
        return self._delete(merge.delete_others)

    def _delete(self, delete: Callable[[Connection, Target], int]) -> int:
        table = self.target.table
        what = f"Rows of {table.label} could not be deleted"
        with translated(what):
            try:
                return delete(self.connection, self.target)
            except DBAPIError as error:
                if refusal(error, table).check != "foreign_key":
                    raise
                raise TargetDatabaseError(f"{what}: other rows refer to them") from error

    def finish(self) -> None:
        """What is left to do once the last row is in, before the transaction is committed.

        Raises ValidationFailed after a failure under OnErrors.STOP, TargetDatabaseError.
        """
        if self._failed and self.target.on_row_error is OnErrors.STOP:
            self.rollback()
            raise ValidationFailed("The database refused some rows: nothing was written")
        with translated(f"Nothing was written to {self.target.table.label}"):
            self._advance_sequences()
            if self.target.journal is not None:
                self.target.journal.finish(self.connection)

    def commit(self, counts: Counts) -> None:
        """Write the ledger row and commit everything loaded, with what others loaded into the
        same transaction.

        Raises ValidationFailed after a failure under OnErrors.STOP, and TargetDatabaseError when
        the database refuses now (a deferred constraint): either way nothing was written.
        """
        try:
            self.finish()
        except TargetDatabaseError:
            self.rollback()
            raise
        self.transaction.commit(self.target.table.label, counts)

    def rollback(self) -> None:
        """Undo everything since opening; nothing happens after commit or a second time."""
        self.transaction.rollback()

    def stage(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, Refusal]]:
        """Stage the rows that can be stored as they are, where the target has a key.

        Those rows, and why the others cannot, by position in the frame. Raises DBAPIError.
        """
        refused = self._unstorable(frame)
        rest = faults.without(frame, refused)
        if self.target.key and rest.height:
            self._stage(rest)
        return rest, refused

    # ------------------------------------------------------------ per backend
    @abstractmethod
    def _start(self) -> None:
        """Ready the staging table, where one is needed, inside the transaction."""

    @abstractmethod
    def _insert(self, frame: pl.DataFrame) -> int:
        """Insert all rows, or raise DBAPIError; how many there are now."""

    @abstractmethod
    def _stage(self, frame: pl.DataFrame) -> None:
        """Fill the staging table with these rows and no others."""

    @abstractmethod
    def _empty_stage(self) -> None:
        """Leave no row in the staging table."""

    @abstractmethod
    def _make_shelf(self, name: str) -> None:
        """A lasting table: the number of a row as its key, the target's columns without rules."""

    @abstractmethod
    def _shelve(self, name: str, frame: pl.DataFrame) -> None:
        """Add these rows to a shelf, or raise DBAPIError."""

    def _unstorable(self, frame: pl.DataFrame) -> dict[int, Refusal]:
        """Rows the database would take and bend, by position in the frame."""
        return {}

    @abstractmethod
    def _advance_sequences(self) -> None:
        """Let the database's own counters continue after the values that were given."""

    def _other_way(self, error: DBAPIError) -> bool:
        """Is there another way of writing the same rows after this error?"""
        return False

    # ------------------------------------------------------------ a batch
    def _load(self, frame: pl.DataFrame) -> Outcome:
        refused = self._unstorable(frame)
        outcome = Outcome(failures=faults.failures(frame, refused))
        rest = faults.without(frame, refused)
        result = self._attempt(rest)
        asked: set[str] = set()
        while isinstance(result, DBAPIError) and rest.height > 1:
            check = refusal(result, self.target.table).check
            if check not in ("unique", "foreign_key") or check in asked:
                return outcome + self._halve(rest, stop_after=_SHOWN_WHEN_STOPPING)
            asked.add(check)
            refused = faults.known(self.connection, self.target, rest, check)
            outcome += Outcome(failures=faults.failures(rest, refused))
            rest = faults.without(rest, refused)
            result = self._attempt(rest)
        return outcome + self._settled(rest, result)

    def _halve(self, frame: pl.DataFrame, *, stop_after: int) -> Outcome:
        """Load what can be loaded of a frame that was refused, its rows in their order."""
        outcome = Outcome()
        middle = frame.height // 2
        waiting = [frame[middle:], frame[:middle]]
        stopping = self.target.on_row_error is OnErrors.STOP
        while waiting:
            if stopping and len(outcome.failures) >= stop_after:
                break
            part = waiting.pop()
            result = self._attempt(part)
            if isinstance(result, DBAPIError) and part.height > 1:
                middle = part.height // 2
                waiting += [part[middle:], part[:middle]]
            else:
                outcome += self._settled(part, result)
        return self._reconsidered(frame, outcome)

    def _reconsidered(self, frame: pl.DataFrame, outcome: Outcome) -> Outcome:
        """Where a table refers to itself a row may have come before its parent: once more."""
        while outcome.inserted and faults.refers_to_itself(self.target.table):
            again = [f.row for f in outcome.failures if f.check == "foreign_key"]
            if not again:
                break
            others = tuple(f for f in outcome.failures if f.check != "foreign_key")
            retried = Outcome()
            for part in frame.filter(pl.col(ROW).is_in(again)).iter_slices(1):
                retried += self._settled(part, self._attempt(part))
            outcome = replace(outcome, failures=others) + retried
            if len(retried.failures) == len(again):
                break
        return outcome

    def _settled(self, frame: pl.DataFrame, result: Outcome | DBAPIError) -> Outcome:
        """The outcome of an attempt at no row, at one row, or at rows that all went in."""
        if isinstance(result, Outcome):
            return result
        why = refusal(result, self.target.table, frame.row(0, named=True))
        return Outcome(failures=faults.failures(frame, {0: why}))

    def _attempt(self, frame: pl.DataFrame) -> Outcome | DBAPIError:
        """All rows inside a savepoint, or none and the error that blames one of them."""
        if frame.is_empty():
            return Outcome()
        savepoint = self.connection.begin_nested()
        try:
            outcome = self._write(frame)
        except DBAPIError as error:
            if self.transaction.lost():
                raise TargetDatabaseError(
                    f"The database ended the whole transaction, so nothing was written to "
                    f"{self.target.table.label}: {reason(error)}"
                ) from error
            if error.connection_invalidated:
                raise
            savepoint.rollback()
            if self._other_way(error):
                return self._attempt(frame)
            if not blames_row(error):
                raise
            return error
        savepoint.commit()
        return outcome

    def _write(self, frame: pl.DataFrame) -> Outcome:
        target = self.target
        if target.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE):
            inserted = self._inserted(frame)
            return Outcome(inserted=inserted, skipped=frame.height - inserted)
        self._gather(frame)
        inserted, updated, unchanged = merge.merge(self.connection, target)
        skipped = frame.height - inserted - updated - unchanged
        return Outcome(inserted=inserted, updated=updated, unchanged=unchanged, skipped=skipped)

    def _inserted(self, frame: pl.DataFrame) -> int:
        """Insert all rows; with a journal by way of the staging table, from where what was
        inserted can be told."""
        if self.target.journal is not None:
            self._gather(frame)
            return merge.insert_staged(self.connection, self.target)
        shelved = staged.span_of(self.connection, self.target, frame[ROW])
        if shelved is not None:
            return staged.insert_shelved(self.connection, self.target, shelved)
        return self._insert(frame)

    def _gather(self, frame: pl.DataFrame) -> None:
        """Fill the staging table with these rows and no others, from the shelf if on it."""
        shelved = staged.span_of(self.connection, self.target, frame[ROW])
        if shelved is None:
            self._stage(frame)
        else:
            self._empty_stage()
            staged.fetch(self.connection, self.target, shelved)
