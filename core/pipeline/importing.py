"""An import in two passes: check the whole file into a spool, then load the spool.

The first pass reads, maps and checks every row and writes nothing to the target; the second loads
the accepted rows in one transaction. So what the file is accused of is complete before anything
changes, and a file's own repeated keys are known before the first of them is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.checks.problems import gather, positions
from core.checks.run import Checker
from core.errors import ValidationFailed
from core.formats.base import FLAW, META, ROW, Batch, ReadLimits
from core.formats.confined import ParserLimits, read_confined
from core.mapping.apply import apply_mappings
from core.model.job import Counts
from core.model.plan import OnErrors
from core.pipeline.across import AcrossRows
from core.pipeline.evidence import VIOLATION_SCHEMA, Evidence, as_violations
from core.pipeline.spool import read_batches, write_batch

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.databases.loaders import Loader, RowFailure
    from core.model.plan import ImportPlan
    from core.model.table import Table

#: Told after every batch: phase, fraction done 0…1, rows so far. May raise to stop.
Report = Callable[[str, float, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An upload and how to read it. `open` gives the plain bytes from the start, each time."""

    open: Callable[[], Iterator[bytes]]
    size: int  #: bytes
    limits: ReadLimits
    parser: ParserLimits

    def batches(self, plan: ImportPlan) -> Iterator[Batch]:
        """Batches as the confined reader yields them, at most `plan.max_rows` rows in all."""
        left = plan.max_rows
        reading = read_confined(
            self.open(), plan.dialect, rows=plan.batch_rows, limits=self.limits, parser=self.parser
        )
        try:
            for batch in reading:
                if left is None:
                    yield batch
                    continue
                yield batch._replace(frame=batch.frame.head(left))
                left -= batch.frame.height
                if left <= 0:
                    return
        finally:
            # Ends the parser at once when we stop before the file does.
            reading.close()


def source_columns(frame: pl.DataFrame) -> tuple[str, ...]:
    """The columns of a batch that are the file's own."""
    return tuple(c for c in frame.columns if c not in META)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """What the first pass knows."""

    rows_read: int
    rejected: int
    ignored: int
    superseded: pl.Series  #: row numbers a later row of the file replaces
    conflict_key: tuple[str, ...]


def check_file(
    plan: ImportPlan,
    table: Table,
    engine: Engine,
    source: Source,
    evidence: Evidence,
    spool: BinaryIO | None,
    report: Report,
) -> CheckedFile:
    """The first pass. Raises ValidationFailed when `plan.max_error_count` is passed."""
    checker = Checker(
        table,
        tuple(m.target for m in plan.mappings),
        skip_empty=frozenset(m.target for m in plan.mappings if m.skip_empty),
    )
    across = AcrossRows(plan, table, engine)
    sources = {m.target: m.source for m in plan.mappings}
    rows_read = ignored = rejected = 0
    for batch in source.batches(plan):
        mapped = apply_mappings(
            batch.frame, plan.mappings, source_columns=source_columns(batch.frame)
        )
        checked = checker.check(mapped.frame, mapped.problems, batch.frame[FLAW])
        position = positions(~checked.rejected)
        more = across.check(checked.accepted, position)
        problems = gather([checked.problems, more])
        violations = as_violations(problems, batch.frame, sources)
        evidence.add(batch.frame, violations)
        failed = more.filter(pl.col("severity") == "error")["index"].unique()
        accepted = checked.accepted.filter(~position.is_in(failed.implode()))
        if spool is not None and accepted.height:
            write_batch(spool, accepted)
        rows_read += batch.frame.height
        rejected += batch.frame.height - accepted.height
        ignored += batch.ignored
        evidence.report.count(rows=batch.frame.height, ignored=batch.ignored)
        report("Checking", min(1.0, batch.bytes_read / max(1, source.size)), rows_read)
        _give_up(plan, rejected)
    return CheckedFile(
        rows_read=rows_read,
        rejected=rejected,
        ignored=ignored,
        superseded=across.superseded(),
        conflict_key=across.conflict_key,
    )


def _give_up(plan: ImportPlan, rejected: int) -> None:
    if plan.max_error_count is not None and rejected > plan.max_error_count:
        raise ValidationFailed(
            f"More than {plan.max_error_count:,} rows were rejected; nothing was written."
        )


def load_spool(
    plan: ImportPlan,
    checked: CheckedFile,
    spool: BinaryIO,
    loader: Loader,
    report: Report,
) -> tuple[Counts, tuple[RowFailure, ...]]:
    """The second pass, in the loader's transaction, which is left open for the caller to end.

    Returns the counts and the rows only the database could refuse. When the plan is to stop on
    errors it ends with the first batch that has such a row, and nothing can be committed.
    """
    failures: list[RowFailure] = []
    inserted = updated = unchanged = skipped = loaded = 0
    accepted = max(1, checked.rows_read - checked.rejected)
    replaced = checked.superseded.implode()
    for frame in read_batches(spool):
        kept = frame.filter(~pl.col(ROW).is_in(replaced)) if len(checked.superseded) else frame
        outcome = loader.load(kept)
        failures.extend(outcome.failures)
        if failures and plan.on_errors is OnErrors.STOP:
            return nothing_written(checked, len(failures)), tuple(failures)
        inserted += outcome.inserted
        updated += outcome.updated
        unchanged += outcome.unchanged
        skipped += outcome.skipped + frame.height - kept.height
        loaded += frame.height
        report("Loading", loaded / accepted, loaded)
        _give_up(plan, checked.rejected + len(failures))
    counts = Counts(
        rows_read=checked.rows_read,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        skipped=skipped,
        rejected=checked.rejected + len(failures),
        ignored=checked.ignored,
    )
    return counts, tuple(failures)


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
    plan: ImportPlan, source: Source, failures: tuple[RowFailure, ...], evidence: Evidence
) -> None:
    """Add rows that only the database refused to the evidence, with their own cells.

    The file is read once more for them: keeping every accepted row's text for the rare refusal
    would double the spool.
    """
    if not failures:
        return
    sources = {m.target: m.source for m in plan.mappings}
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
    for batch in source.batches(plan):
        rows = batch.frame.filter(pl.col(ROW).is_in(wanted))
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
