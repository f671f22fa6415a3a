"""The first rows of a file: raw, and as they would be loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from core.checks.problems import gather, positions
from core.checks.run import Checker
from core.formats.base import FLAW, LINE, META, ROW
from core.mapping.apply import apply_mappings
from core.model.check import Severity, Violation
from core.model.preview import FilePreview, ImportPreview, Row
from core.pipeline.across import AcrossRows
from core.pipeline.evidence import as_violations
from core.pipeline.importing import source_columns, text_sources

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.dialect import Detection
    from core.model.plan import ImportPlan
    from core.model.table import Table
    from core.pipeline.importing import Source


def first_rows(
    plan: ImportPlan, source: Source, rows: int, table: Table | None = None
) -> pl.DataFrame:
    """The first `rows` data rows as read, with their meta columns; may be empty.

    As they are read to be loaded into `table`, if one is given.
    """
    most = rows if plan.max_rows is None else min(rows, plan.max_rows)
    few = replace(plan, batch_rows=max(1, rows), max_rows=most)
    shown = text_sources(plan, table) if table else frozenset[str]()
    frames = [batch.frame for batch in source.batches(few, as_shown=shown)]
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def preview_file(detection: Detection, frame: pl.DataFrame) -> FilePreview:
    """Raw rows by source column."""
    cells = frame.drop(*(c for c in META if c in frame.columns))
    return FilePreview(
        detection=detection,
        rows=tuple(_rows(cells)),
        line_numbers=tuple(frame[LINE].to_list()) if frame.height else (),
        flaws=tuple(frame[FLAW].to_list()) if frame.height else (),
    )


def preview_import(
    plan: ImportPlan, table: Table, engine: Engine, frame: pl.DataFrame
) -> ImportPreview:
    """`frame` (as read) after mapping, transforms and checks. Nothing is written."""
    targets = tuple(m.target for m in plan.mappings)
    unmapped = tuple(c.name for c in table.columns if c.required and c.name not in targets)
    if not plan.mappings or not frame.height:
        return ImportPreview(
            rows=(), row_numbers=(), line_numbers=(), violations=(), unmapped_required=unmapped
        )
    sources = {m.target: m.source for m in plan.mappings}
    mapped = apply_mappings(frame, plan.mappings, source_columns=source_columns(frame))
    checker = Checker(
        table, targets, skip_empty=frozenset(m.target for m in plan.mappings if m.skip_empty)
    )
    checked = checker.check(mapped.frame, mapped.problems, frame[FLAW])
    position = positions(~checked.rejected)
    more = AcrossRows(plan, table, engine).check(checked.accepted, position)
    problems = gather([checked.problems, more])
    violations = as_violations(problems, frame, sources)
    # Where a transform failed there is no new text to show: show what the file has.
    shown = pl.DataFrame(
        [
            mapped.frame[t].zip_with(mapped.frame[t].is_not_null(), frame[sources[t]])
            for t in targets
        ]
    )
    return ImportPreview(
        rows=tuple(_rows(shown)),
        row_numbers=tuple(frame[ROW].to_list()),
        line_numbers=tuple(frame[LINE].to_list()),
        violations=tuple(
            Violation(**v | {"severity": Severity(v["severity"])})
            for v in violations.iter_rows(named=True)
        ),
        unmapped_required=unmapped,
    )


def _rows(frame: pl.DataFrame) -> list[Row]:
    return list(frame.iter_rows(named=True))
