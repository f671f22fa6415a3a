"""The first pass of an import: check the whole file, and hand on the rows that are accepted.

It reads, maps and checks every row and writes nothing to the target. So what the file is accused of
is complete before anything is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.databases.loaders import RowFailure
from core.errors import ValidationFailed
from core.formats.base import META, ROW, Batch, ReadLimits
from core.formats.confinement.parser import ParserLimits, read_confined
from core.mapping.sources import sources_of
from core.model.job import Counts
from core.model.profile import Profile
from core.model.table import Kind
from core.pipeline.evidence import VIOLATION_SCHEMA, Evidence
from core.pipeline.judging import Judge, Terms
from core.pipeline.profiling import Profiling
from core.pipeline.spool import write_batch

if TYPE_CHECKING:
    from core.model.plan import ImportPlan
    from core.model.table import Table

#: Told after every batch: phase, fraction done 0…1, rows so far. May raise to stop.
Report = Callable[[str, float, int], None]
#: Given every batch's accepted rows, in order, and how many rows were rejected so far.
Take = Callable[[pl.DataFrame, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An upload and how to read it. `open` gives the plain bytes from the start, each time."""

    open: Callable[[], Iterator[bytes]]
    size: int  #: bytes
    limits: ReadLimits
    parser: ParserLimits
    only: pl.Series | None = None  #: numbers of the data rows that are read; None: all

    def batches(
        self, plan: ImportPlan, *, as_shown: Collection[str] = frozenset()
    ) -> Iterator[Batch]:
        """Batches as the confined reader yields them, at most `plan.max_rows` rows in all.

        The columns named in `as_shown` have the text the file's own program shows (ruling A9).
        """
        left, limits = plan.max_rows, self.limits
        if left is not None and (limits.max_rows is None or left <= limits.max_rows):
            # Whoever asks for few rows may have them of a file with too many.
            limits = replace(limits, max_rows=None)
        few = left is not None and self.only is None
        rows = max(1, min(plan.batch_rows, left or 1)) if few else plan.batch_rows
        reading = read_confined(
            self.open(), plan.dialect, rows=rows, limits=limits, parser=self.parser
        )
        try:
            for read in reading:
                batch, done = self._narrowed(_as_shown(read, as_shown))
                if left is None:
                    yield batch
                    if done:
                        return
                    continue
                yield batch._replace(frame=batch.frame.head(left))
                left -= batch.frame.height
                if left <= 0 or done:
                    return
        finally:
            # Ends the parser at once when we stop before the file does.
            reading.close()

    def _narrowed(self, batch: Batch) -> tuple[Batch, bool]:
        """The batch with the rows wanted alone, and whether none comes any more."""
        if self.only is None:
            return batch, False
        last = batch.frame[ROW].max() if batch.frame.height else None
        done = self.only.is_empty() or (last is not None and bool((self.only <= last).all()))
        wanted = batch.frame.filter(pl.col(ROW).is_in(self.only.implode()))
        # What was ignored between other rows was counted when those were read.
        return batch._replace(frame=wanted, ignored=0), done


def _as_shown(batch: Batch, names: Collection[str]) -> Batch:
    if batch.shown is None:
        return batch
    taken = [column for column in batch.shown if column.name in names]
    return batch._replace(frame=batch.frame.with_columns(taken), shown=None)


def text_sources(plan: ImportPlan, table: Table) -> frozenset[str]:
    """The source columns that go into columns of text and nowhere else, one to one.

    A name that is looked up is a text too, whatever its key is. What is put together or worked
    out from several columns has the values, not their looks.
    """
    kinds = {column.name: column.kind for column in table.columns}
    others = {
        name.casefold()
        for m in plan.mappings
        if not m.source or (m.lookup is None and kinds.get(m.target) is not Kind.TEXT)
        for name in sources_of(m)
    }
    return frozenset(
        m.source for m in plan.mappings if m.source and m.source.casefold() not in others
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """What the first pass knows."""

    rows_read: int
    rejected: int
    ignored: int
    superseded: pl.Series  #: row numbers a later row of the file replaces
    conflict_key: tuple[str, ...]
    profile: Profile  #: of the rows read, with the plan's edits
    seconds: float  #: it took


def check_file(
    plan: ImportPlan,
    terms: Terms,
    source: Source,
    evidence: Evidence,
    take: Take | None,
    report: Report,
    clashes: Take | None = None,
) -> CheckedFile:
    """The first pass; it ends early when more rows are rejected than the plan bears.

    `clashes` is given the rows that are rejected for no more than a key that the table has.
    Raises ValidationFailed for a file without rows that would empty its table.
    """
    judge, since = Judge(plan, terms), time.monotonic()
    rows_read = ignored = rejected = 0
    with Profiling() as profiling:
        for batch in source.batches(plan, as_shown=text_sources(plan, terms.table)):
            judged = judge.judge(batch.frame)
            profiling.add(judged.source)
            evidence.add(judged.source, judged.violations)
            rows_read += batch.frame.height
            rejected += judged.rejected
            if take is not None:
                take(judged.accepted, rejected)
            if clashes is not None:
                clashes(judged.clashing, rejected)
            ignored += batch.ignored
            evidence.report.count(rows=batch.frame.height, ignored=batch.ignored)
            report("Checking", min(1.0, batch.bytes_read / max(1, source.size)), rows_read)
            if too_many(plan, rejected):
                break
        profile = profiling.profile()
    if plan.on_conflict.deletes and not rows_read:
        raise ValidationFailed(
            f"The file has no rows: to {plan.on_conflict} with it would empty {terms.table.label}. "
            "Nothing was written."
        )
    return CheckedFile(
        rows_read=rows_read,
        rejected=rejected,
        ignored=ignored,
        superseded=judge.across.superseded(),
        conflict_key=judge.across.conflict_key,
        profile=profile,
        seconds=time.monotonic() - since,
    )


def into_spool(spool: BinaryIO) -> Take:
    """Keeps the accepted rows for `load_spool`."""

    def take(accepted: pl.DataFrame, _rejected: int) -> None:
        if accepted.height:
            write_batch(spool, accepted)

    return take


def too_many(plan: ImportPlan, rejected: int) -> bool:
    """Have more rows been rejected than the plan bears?"""
    return plan.max_error_count is not None and rejected > plan.max_error_count


def nothing_written(checked: CheckedFile, refused: int = 0) -> Counts:
    """The counts of an import that stopped: valid rows were left out, so they count as skipped."""
    rejected = checked.rejected + refused
    return Counts(
        rows_read=checked.rows_read,
        skipped=checked.rows_read - rejected,
        rejected=rejected,
        ignored=checked.ignored,
    )


def note_failures(
    plan: ImportPlan,
    terms: Terms,
    source: Source,
    failures: tuple[RowFailure, ...],
    evidence: Evidence,
) -> None:
    """Add rows that only the database refused to the evidence, with their own cells.

    The file is read once more for them: keeping every accepted row's text for the rare refusal
    would double the spool.
    """
    if not failures:
        return
    sources = {m.target: m.source for m in plan.mappings if m.source}
    found = pl.DataFrame(
        {
            "row": [f.row for f in failures],
            "line": [f.line for f in failures],
            "column": [sources.get(f.field) if f.field else None for f in failures],
            "field": [f.field for f in failures],
            "check": [f.check for f in failures],
            "message": [f.message for f in failures],
            "value": [None] * len(failures),
            "severity": ["error"] * len(failures),
        },
        schema=VIOLATION_SCHEMA,
    )
    wanted = found["row"].implode()
    left = found["row"].n_unique()
    overlay = terms.overlay(plan)
    for batch in source.batches(plan, as_shown=text_sources(plan, terms.table)):
        rows = overlay.apply(batch.frame.filter(pl.col(ROW).is_in(wanted)))
        if rows.height:
            here = found.filter(pl.col("row").is_in(rows[ROW].implode()))
            evidence.add(rows, _with_cells(here, rows))
            left -= rows.height
        if left <= 0:
            return


def _with_cells(violations: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    cells = rows.drop(*(c for c in META if c != ROW)).unpivot(
        index=ROW, variable_name="column", value_name="cell"
    )
    return (
        violations.join(
            cells,
            left_on=["row", "column"],
            right_on=[ROW, "column"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("cell").alias("value"))
        .select(*VIOLATION_SCHEMA)
    )
