"""The first rows of a file: raw, and as they would be loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from core.formats.base import FLAW, LINE, META, ROW
from core.model.check import Severity, Violation
from core.model.preview import FilePreview, ImportPreview, Row
from core.pipeline.importing import text_sources
from core.pipeline.judging import Judge

if TYPE_CHECKING:
    from core.model.dialect import Detection
    from core.model.plan import ImportPlan
    from core.model.table import Table
    from core.pipeline.importing import Source
    from core.pipeline.judging import Judged, Terms


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


def preview_import(plan: ImportPlan, terms: Terms, frame: pl.DataFrame) -> ImportPreview:
    """`frame` (as read) after edits, mapping, transforms and checks. Nothing is written."""
    targets = tuple(m.target for m in plan.mappings)
    columns = terms.table.columns
    unmapped = tuple(c.name for c in columns if c.required and c.name not in targets)
    if not plan.mappings or not frame.height:
        return ImportPreview(
            rows=(), row_numbers=(), line_numbers=(), violations=(), unmapped_required=unmapped
        )
    judged = Judge(plan, terms).judge(frame)
    return ImportPreview(
        rows=tuple(_rows(_shown(plan, judged))),
        row_numbers=tuple(frame[ROW].to_list()),
        line_numbers=tuple(frame[LINE].to_list()),
        violations=as_values(judged.violations),
        unmapped_required=unmapped,
    )


def _shown(plan: ImportPlan, judged: Judged) -> pl.DataFrame:
    """Where a transform failed there is no new text to show: show what the file has."""
    shown: list[pl.Series] = []
    for mapping in plan.mappings:
        cells = judged.mapped[mapping.target]
        if mapping.source:
            cells = cells.zip_with(cells.is_not_null(), judged.source[mapping.source])
        shown.append(cells.alias(mapping.target))
    return pl.DataFrame(shown)


def as_values(violations: pl.DataFrame) -> tuple[Violation, ...]:
    """A frame of violations as values."""
    return tuple(
        Violation(**v | {"severity": Severity(v["severity"])})
        for v in violations.iter_rows(named=True)
    )


def _rows(frame: pl.DataFrame) -> list[Row]:
    return list(frame.iter_rows(named=True))
