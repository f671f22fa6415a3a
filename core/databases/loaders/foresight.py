"""What a loader would do to a table, told by reading alone.

A batch goes into the loader's own staging table and is compared with the live table by the
expressions of `merge`, so that what is foreseen is what a run would do. What only writing tells (a
trigger, a CHECK that compares columns, a row that refers to its own table) is not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from core.databases.binding import as_text
from core.databases.loaders import faults, merge
from core.databases.loaders.base import Loader
from core.databases.loaders.contract import Outcome, RowFailure, Target
from core.databases.loaders.side_by_side import SideBySide, Sink
from core.databases.names import LINE, ROW, picked
from core.databases.refusals import (
    Refusal,
    blames_row,
    refusal,
    translated,
    unique_refusal,
)
from core.databases.spelling import canonical
from core.model.changes import CellChange, Change, ChangeKind
from core.model.plan import OnConflict
from core.model.table import Column


class Foresight:
    """Stands in for a loader: the same calls, the same counts, and the table as it was."""

    def __init__(self, loader: Loader, sink: Sink) -> None:
        """In the transaction of the loader, which may load once everything is foreseen."""
        asked, self._sink = loader.target, sink
        key = asked.key if set(asked.key) <= set(asked.columns) else ()
        # Staging, and remembering keys, is what loaders do for SYNC.
        staging = OnConflict.SYNC if key else OnConflict.ERROR
        target = replace(asked, key=key, on_conflict=staging, journal=None)
        self._loader = type(loader)(loader.transaction, loader.transaction.staged(target))
        self.target: Target = replace(self._loader.target, on_conflict=asked.on_conflict)
        self._goal, self._stage = merge.goal_of(self.target), merge.stage_of(self.target)
        self._connection = loader.connection
        self._beside = SideBySide(self._connection, self.target, self._goal, self._stage, sink)

    # ------------------------------------------------------------ the calls of a loader
    def load(self, frame: pl.DataFrame, columns: tuple[str, ...] | None = None) -> Outcome:
        """What loading these rows would come to. Raises TargetDatabaseError."""
        with self._narrowed(columns), translated(f"{self._label} cannot be compared"):
            outcome = Outcome()
            for part, refused in self._storable(frame):
                outcome += Outcome(failures=refused) + self._classified(part)
            return outcome

    def clash(self, frame: pl.DataFrame) -> None:
        """Note rows that a look at the table has rejected for a key that is there."""
        self._sink.note(ChangeKind.CONFLICT, frame[ROW].to_list())
        with translated(f"{self._label} cannot be compared"):
            for part, _ in self._storable(frame):
                met = self._in_the_way(part) if self.target.key else set()
                others = part.filter(~pl.int_range(pl.len()).is_in(list(met)))
                for row in others.iter_rows(named=True):
                    self._sink.add(Change(kind=ChangeKind.CONFLICT, row=row[ROW], line=row[LINE],
                                          reason=self._unique_words(row)))  # fmt: skip

    def clear(self) -> int:
        """How many rows the table has: under REPLACE they all go."""
        return self._beside.going(None)

    def delete_others(self) -> int:
        """How many rows of the table no row of the file names: under SYNC they go."""
        return self._beside.going(merge.unnamed(self._goal, self.target))

    # ------------------------------------------------------------ a batch
    @property
    def _label(self) -> str:
        return self.target.table.label

    @contextmanager
    def _narrowed(self, columns: tuple[str, ...] | None) -> Iterator[None]:
        """Only these columns, as `Loader.load` has it."""
        wholes = self.target, self._loader.target
        if columns is not None:
            self.target = replace(self.target, columns=columns)
            self._loader.target = replace(self._loader.target, columns=columns)
        try:
            yield
        finally:
            self.target, self._loader.target = wholes

    def _storable(
        self, frame: pl.DataFrame
    ) -> Iterator[tuple[pl.DataFrame, tuple[RowFailure, ...]]]:
        """The frame in parts that are staged when they are given, and the rows left out."""
        waiting = [picked(frame, (ROW, LINE, *self.target.columns))]
        while waiting:
            part = waiting.pop()
            savepoint = self._connection.begin_nested()
            try:
                rest, refused = self._loader.stage(part)
            except DBAPIError as error:
                savepoint.rollback()
                if not blames_row(error):
                    raise
                if part.height > 1:
                    middle = part.height // 2
                    waiting += [part[middle:], part[:middle]]
                    continue
                why = refusal(error, self.target.table, part.row(0, named=True))
                rest, refused = part.clear(), {0: why}
            else:
                savepoint.commit()
            yield rest, faults.failures(part, refused)

    def _classified(self, part: pl.DataFrame) -> Outcome:
        on_conflict = self.target.on_conflict
        if part.is_empty():
            return Outcome()
        if on_conflict is OnConflict.REPLACE:
            return self._new(part, range(part.height))
        if on_conflict is OnConflict.ERROR:
            return self._strict(part)
        merge.drop_duplicates(self._connection, self._stage, self.target)
        left = set(self._positions())
        again = set(range(part.height)) - left
        if on_conflict is OnConflict.SKIP:
            return self._skipping(part, left, again)
        return self._updating(part, left, again)

    def _strict(self, part: pl.DataFrame) -> Outcome:
        """A key that came to the table since the file was held against it is in the way."""
        there = faults.known(self._connection, self.target, part, "unique")
        failures = self._refused(part, there)
        return failures + self._new(part, [n for n in range(part.height) if n not in there])

    def _skipping(self, part: pl.DataFrame, left: set[int], again: set[int]) -> Outcome:
        other, stage = faults.known(self._connection, self.target, part, "unique"), self._stage
        keys = merge.keys_of(self.target)
        same = sa.and_(*(keys.c[name] == stage.c[name] for name in self.target.key))
        earlier = set(self._positions(_found(keys, stage, same)))
        merge.note_keys(self._connection, stage, self.target)
        there = self._in_the_way(part)
        self._note(ChangeKind.CONFLICT, part, there)
        again |= earlier - there
        self._note(ChangeKind.REPEATED, part, again)
        refused = {at: why for at, why in other.items() if at not in there | again}
        new = left - there - again - set(refused)
        skipped = Outcome(skipped=len(there | again))
        return skipped + self._refused(part, refused) + self._new(part, sorted(new))

    def _updating(self, part: pl.DataFrame, left: set[int], again: set[int]) -> Outcome:
        if self.target.on_conflict is OnConflict.SYNC:
            merge.note_keys(self._connection, self._stage, self.target)
        self._note(ChangeKind.REPEATED, part, again)
        goal, stage = self._goal, self._stage
        same = merge.on_key(goal, stage, self.target)
        there = set(self._positions(_found(goal, stage, same)))
        refused = self._clashes(part)
        names = merge.changing(self.target)
        values = {name: merge.updated_value(goal, stage, self.target, name) for name in names}
        changed = self._beside.pairs(
            ChangeKind.CHANGED, part, values, only_differing=True, without=frozenset(refused)
        )
        unchanged = there - changed - set(refused)
        self._note(ChangeKind.CHANGED, part, changed)
        self._note(ChangeKind.UNCHANGED, part, unchanged)
        done = Outcome(skipped=len(again), updated=len(changed), unchanged=len(unchanged))
        new = left - there - set(refused)
        return done + self._refused(part, refused) + self._new(part, sorted(new))

    def _in_the_way(self, part: pl.DataFrame) -> set[int]:
        """Staged rows whose key is in the table; they are listed with what differs."""
        goal, stage = self._goal, self._stage
        others = [name for name in self.target.columns if name not in self.target.key]
        values = {name: merge.new_value(stage, self.target, name) for name in others}
        same = merge.on_key(goal, stage, self.target)
        there = set(self._positions(_found(goal, stage, same)))
        if there:
            self._beside.pairs(ChangeKind.CONFLICT, part, values, only_differing=False)
        return there

    def _clashes(self, part: pl.DataFrame) -> dict[int, Refusal]:
        """Rows with a value that must be unique and that another row of the table has."""
        target, found = self.target, dict[int, Refusal]()
        goal, stage = self._goal, self._stage
        for key in target.table.keys:
            if set(key.columns) == set(target.key) or not set(target.columns) >= set(key.columns):
                continue
            other = goal.alias("tableport_other")
            becomes = {name: self._becomes(name) for name in key.columns}
            held = sa.and_(
                *(other.c[name] == value for name, value in becomes.items()),
                sa.or_(*(other.c[n].is_distinct_from(stage.c[n]) for n in target.key)),
            )
            rows = stage.outerjoin(goal, merge.on_key(goal, stage, target)).join(other, held)
            statement = sa.select(stage.c[merge.POSITION]).select_from(rows).distinct()
            for at in self._connection.execute(statement).scalars():
                found.setdefault(at, unique_refusal(key.columns, part.row(at, named=True)))
        return found

    def _becomes(self, name: str) -> ColumnElement[Any]:
        """What a cell will hold, whether its row is there already or not."""
        goal, stage = self._goal, self._stage
        if name in self.target.key:
            return stage.c[name]
        kept = name not in merge.changing(self.target)
        updated = goal.c[name] if kept else merge.updated_value(goal, stage, self.target, name)
        there = goal.c[self.target.key[0]].is_not(None)
        return sa.case((there, updated), else_=merge.new_value(stage, self.target, name))

    # ------------------------------------------------------------ reading and telling
    def _positions(self, *conditions: ColumnElement[bool]) -> list[int]:
        statement = sa.select(self._stage.c[merge.POSITION]).where(*conditions)
        return list(self._connection.execute(statement).scalars())

    def _new(self, part: pl.DataFrame, positions: Sequence[int]) -> Outcome:
        self._note(ChangeKind.NEW, part, positions)
        listed = part[list(positions[: self._sink.more_new])]
        if listed.height:
            spelt = {c.name: _spelt(listed[c.name], c) for c in self.target.specs}
            for n, (row, line) in enumerate(listed.select(ROW, LINE).iter_rows()):
                cells = tuple(
                    CellChange(column=name, old=None, new=values[n])
                    for name, values in spelt.items()
                )
                key = {name: spelt[name][n] for name in self.target.key if name in spelt}
                change = Change(kind=ChangeKind.NEW, row=row, line=line, key=key, cells=cells)
                self._sink.add(change)
        return Outcome(inserted=len(positions))

    def _refused(self, part: pl.DataFrame, refused: dict[int, Refusal]) -> Outcome:
        """Rows that clash with others of the table are conflicts, and would be rejected."""
        failures = faults.failures(part, refused)
        self._note(ChangeKind.CONFLICT, part, refused)
        for failure in failures:
            self._sink.add(Change(kind=ChangeKind.CONFLICT, row=failure.row, line=failure.line,
                                  reason=failure.message))  # fmt: skip
        return Outcome(failures=failures)

    def _unique_words(self, row: dict[str, Any]) -> str:
        columns = [key.columns for key in self.target.table.keys if set(key.columns) <= set(row)]
        return f"A value of {' or '.join(' + '.join(c) for c in columns)} is already in the table"

    def _note(self, kind: ChangeKind, part: pl.DataFrame, positions: Iterable[int]) -> None:
        self._sink.note(kind, part[ROW].gather(sorted(positions)).to_list())


def _found(
    there: sa.TableClause, stage: sa.TableClause, condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    rows = sa.select(sa.literal(1)).select_from(there).where(condition)
    return sa.exists(rows.correlate(stage))


def _spelt(values: pl.Series, column: Column) -> list[str | None]:
    """Typed values as canonical text."""
    return canonical(as_text(values, column).cast(pl.String), column).to_list()
