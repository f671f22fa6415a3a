"""How use cases come at an upload's rows: detection, samples, and the source of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.formats.base import ReadLimits
from core.formats.confinement.parser import ParserLimits, detect_confined
from core.mapping.suggest import SourceColumn, suggest
from core.model.dialect import Finding
from core.model.plan import ImportPlan
from core.pipeline.importing import Source
from core.pipeline.judging import source_columns
from core.pipeline.previewing import first_rows
from core.usecases.import_options import require_sound

if TYPE_CHECKING:
    import polars as pl

    from core.model.dialect import Detection, Dialect
    from core.model.file import StoredFile
    from core.model.mapping import Suggestion
    from core.model.table import Table
    from core.workspace import Workspace

#: Rows whose cells the mapping proposal looks at.
SAMPLE_ROWS = 200
_SAMPLES = 50


def parser_limits(ws: Workspace) -> ParserLimits:
    return ParserLimits(memory_mb=ws.settings.parser_memory_mb, seconds=ws.settings.parser_seconds)


def detect(ws: Workspace, stored: StoredFile, overrides: Mapping[str, Any]) -> Detection:
    """What the upload looks like; the user's overrides are taken as given."""
    found = _detect(ws, stored, None)
    chosen = {n: v for n, v in overrides.items() if getattr(found.dialect, n) != v}
    if not chosen:
        return found
    given = replace(found.dialect, **chosen)
    require_sound(given)
    again = _detect(ws, stored, given)
    mine = tuple(
        Finding(
            name=n,
            value=str(v),
            confidence=1.0,
            evidence="Set for this import, not detected.",
            choices=next((f.choices for f in found.findings if f.name == n), ()),
        )
        for n, v in chosen.items()
    )
    kept = tuple(f for f in found.findings if f.name not in chosen)
    return replace(again, findings=mine + kept)


def _detect(ws: Workspace, stored: StoredFile, given: Dialect | None) -> Detection:
    return detect_confined(
        ws.uploads.chunks(stored.file_id),
        filename=stored.filename,
        given=given,
        limits=parser_limits(ws),
    )


def source_of(ws: Workspace, file_id: str, size: int, *, max_rows: int | None) -> Source:
    """An upload as the pipeline reads it."""
    return Source(
        open=lambda: ws.uploads.chunks(file_id),
        size=size,
        limits=ReadLimits(max_rows=max_rows),
        parser=parser_limits(ws),
    )


def suggest_mappings(
    frame: pl.DataFrame, detection: Detection, table: Table
) -> tuple[Suggestion, ...]:
    """A proposal for each source column, from its name and the sample's cells."""
    columns = []
    for name in detection.columns:
        cells = (
            frame[name].drop_nulls().unique(maintain_order=True) if name in frame.columns else ()
        )
        columns.append(SourceColumn(name=name, samples=tuple(cells)[:_SAMPLES]))
    return suggest(columns, table)


def look(
    ws: Workspace, upload: StoredFile, overrides: Mapping[str, Any]
) -> tuple[Detection, pl.DataFrame]:
    """Detect, then read the first rows with what was detected.

    The reader has the last word on the columns: it looks further than detection does.
    """
    detection = detect(ws, upload, overrides)
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    frame = first_rows(bare_plan(upload, detection), source, SAMPLE_ROWS)
    return replace(detection, columns=source_columns(frame)), frame


def is_header(detection: Detection, frame: pl.DataFrame, table: Table) -> bool:
    """Was the first row taken for data although it names most of its columns as the table does?

    Detection knows the file alone; a header such as `year,2024,2025` looks like data to it.
    """
    if detection.dialect.header or not frame.height:
        return False
    names = {name.casefold() for name in table.column_names}
    first = [frame[name][0] or "" for name in source_columns(frame)]
    known = sum(cell.strip().casefold() in names for cell in first)
    return known * 2 > len(first)


def bare_plan(upload: StoredFile, detection: Detection) -> ImportPlan:
    """A plan that only reads."""
    return ImportPlan(
        connection="",
        table="",
        upload=upload.file_id,
        filename=upload.filename,
        dialect=detection.dialect,
    )
