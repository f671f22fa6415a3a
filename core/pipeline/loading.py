"""The second pass: the accepted rows of a checked file go into their table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.databases.loaders import Outcome, RowFailure, RowTaker
from core.databases.loaders.faults import refers_to_itself
from core.formats.base import ROW
from core.model.job import Counts
from core.model.plan import OnConflict, OnErrors
from core.pipeline.importing import CheckedFile, Report, nothing_written, too_many
from core.pipeline.spool import read_batches

if TYPE_CHECKING:
    from core.model.plan import ImportPlan


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What the second pass did."""

    counts: Counts
    failures: tuple[RowFailure, ...]  #: rows that only the database could refuse
    stopped: bool  #: too much failed for this plan: nothing may be committed


def load_spool(
    plan: ImportPlan,
    checked: CheckedFile,
    spool: BinaryIO,
    loader: RowTaker,
    report: Report,
) -> Loaded:
    """The second pass, in the loader's transaction, which is left open for the caller to end.

    When the plan is to stop on errors, or after so many, it ends with the batch that says so.
    """
    done, orphans = Outcome(), _Orphans(loader)
    deleted = loader.clear() if plan.on_conflict is OnConflict.REPLACE else 0
    loaded, accepted = 0, max(1, checked.rows_read - checked.rejected)
    replaced = checked.superseded.implode()
    for frame in read_batches(spool):
        kept = frame.filter(~pl.col(ROW).is_in(replaced)) if len(checked.superseded) else frame
        done += Outcome(skipped=frame.height - kept.height)
        done += orphans.set_aside(kept, load_batch(plan, loader, kept))
        if stops(plan, checked, done):
            return Loaded(counts=nothing_written(checked, len(done.failures)),
                          failures=done.failures, stopped=True)  # fmt: skip
        loaded += frame.height
        report("Loading", loaded / accepted, loaded)
    done += orphans.settle(lambda frame: load_batch(plan, loader, frame))
    if stops(plan, checked, done):
        return Loaded(counts=nothing_written(checked, len(done.failures)),
                      failures=done.failures, stopped=True)  # fmt: skip
    if plan.on_conflict is OnConflict.SYNC:
        report("Deleting", 1.0, loaded)
        deleted = loader.delete_others()
    return Loaded(counts=counts_of(checked, done, deleted), failures=done.failures, stopped=False)


def counts_of(checked: CheckedFile, done: Outcome, deleted: int) -> Counts:
    """What became of all rows of a file, and of so many that the table had and the file not."""
    return Counts(
        rows_read=checked.rows_read,
        inserted=done.inserted,
        updated=done.updated,
        unchanged=done.unchanged,
        skipped=done.skipped,
        rejected=checked.rejected + len(done.failures),
        ignored=checked.ignored,
        deleted=deleted,
    )


def stops(plan: ImportPlan, checked: CheckedFile, done: Outcome) -> bool:
    """Have too many rows failed in the database for this plan?"""
    if done.failures and plan.on_errors is OnErrors.STOP:
        return True
    return too_many(plan, checked.rejected + len(done.failures))


def load_batch(plan: ImportPlan, loader: RowTaker, frame: pl.DataFrame) -> Outcome:
    """Load a batch; the database fills in cells that are empty where they are to be left to it."""
    optional = _left_to_database(plan, loader)
    empty = [frame[name].is_null() for name in optional]
    if not any(column.any() for column in empty):
        return loader.load(frame)
    outcome = Outcome()
    for rows, missing in _alike(empty, in_order=plan.on_conflict is OnConflict.SKIP):
        left_out = {name for name, out in zip(optional, missing, strict=True) if out}
        names = tuple(n for n in loader.target.columns if n not in left_out)
        # A row that is empty all over still is a row.
        outcome += loader.load(frame[rows], names or loader.target.columns[:1])
    return outcome


def _left_to_database(plan: ImportPlan, loader: RowTaker) -> list[str]:
    """Columns that a statement must not name for a row where they are empty.

    Where rows go by a staging table it knows defaults by itself, but not a counter's next value.
    """
    direct = plan.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
    key = () if direct else loader.target.key
    table = loader.target.table
    columns = (table.column(name) for name in plan.blanks_by_column if name not in key)
    return [c.name for c in columns if c.autoincrement or (direct and c.default is not None)]


def _alike(
    flags: list[pl.Series], *, in_order: bool
) -> Iterator[tuple[pl.Series, tuple[bool, ...]]]:
    """Positions of rows whose flags are the same, with those flags; only neighbours if
    `in_order`, since of two rows with one key the first is the one to load."""
    names = [f"f{n}" for n in range(len(flags))]
    frame = pl.DataFrame([f.alias(n) for n, f in zip(names, flags, strict=True)])
    by = [*names, "run"] if in_order else names
    groups = (
        frame.with_columns(pl.struct(names).rle_id().alias("run"))
        .with_row_index("at")
        .group_by(by, maintain_order=True)
        .agg("at")
    )
    for group in groups.iter_rows(named=True):
        yield pl.Series(group["at"], dtype=pl.UInt32), tuple(group[n] for n in names)


class _Orphans:
    """Where a table refers to itself, rows that came before their parents: tried once more at
    the end. Kept in memory; there are as many as there are such rows."""

    def __init__(self, loader: RowTaker) -> None:
        self._possible = refers_to_itself(loader.target.table)
        self._waiting: list[pl.DataFrame] = []

    def set_aside(self, frame: pl.DataFrame, outcome: Outcome) -> Outcome:
        """The outcome without the rows that may yet find their parents."""
        again = [f.row for f in outcome.failures if f.check == "foreign_key"]
        if not self._possible or not again:
            return outcome
        self._waiting.append(frame.filter(pl.col(ROW).is_in(again)))
        others = tuple(f for f in outcome.failures if f.check != "foreign_key")
        return replace(outcome, failures=others)

    def settle(self, load: Callable[[pl.DataFrame], Outcome]) -> Outcome:
        """Load them as long as more of them go in."""
        done = Outcome()
        while self._waiting:
            frame = pl.concat(self._waiting).sort(ROW)
            self._waiting = []
            outcome = load(frame)
            if len(outcome.failures) == frame.height:
                return done + outcome
            done += self.set_aside(frame, outcome)
        return done
