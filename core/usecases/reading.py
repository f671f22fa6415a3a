"""How use cases come at an upload's rows: detection, samples, and the source of a job."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from core.formats.base import ReadLimits
from core.formats.confinement.parser import ParserLimits, detect_and_read_confined
from core.model.plan import ImportPlan
from core.pipeline.importing import Source
from core.pipeline.judging import source_columns
from core.usecases.import_options import require_sound, require_sound_choices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.formats.base import Batch
    from core.model.dialect import Detection, Given
    from core.model.file import StoredFile
    from core.model.table import Table
    from core.workspace import Workspace

#: Rows whose cells the mapping proposal looks at.
SAMPLE_ROWS = 200


def parser_limits(ws: Workspace) -> ParserLimits:
    return ParserLimits(memory_mb=ws.settings.parser_memory_mb, seconds=ws.settings.parser_seconds)


def source_of(ws: Workspace, file_id: str, size: int, *, max_rows: int | None) -> Source:
    """An upload as the pipeline reads it."""
    return Source(
        open=lambda: ws.uploads.chunks(file_id),
        size=size,
        limits=ReadLimits(max_rows=max_rows),
        parser=parser_limits(ws),
    )


def look(ws: Workspace, upload: StoredFile, given: Given) -> tuple[Detection, pl.DataFrame]:
    """What the upload looks like under what is given, and its first rows read so.

    One parser does both. The reader has the last word on the columns: it looks further than
    detection does. Raises what that and reading raise, and InvalidRequest for choices that do
    not go together.
    """
    require_sound_choices(given)
    found: list[Detection] = []

    def detected(detection: Detection) -> None:
        require_sound(detection.dialect)
        found.append(detection)

    batches = detect_and_read_confined(
        ws.uploads.chunks(upload.file_id),
        filename=upload.filename,
        given=given,
        detected=detected,
        rows=SAMPLE_ROWS,
        limits=ReadLimits(),
        parser=parser_limits(ws),
    )
    with closing(batches):
        frame = _first_rows(batches, SAMPLE_ROWS)
    (detection,) = found
    return replace(detection, columns=source_columns(frame)), frame


def _first_rows(batches: Iterator[Batch], rows: int) -> pl.DataFrame:
    """So many rows as read, or all there are."""
    frames: list[pl.DataFrame] = []
    for batch in batches:
        frames.append(batch.frame.head(rows))
        rows -= batch.frame.height
        if rows <= 0:
            break
    return pl.concat(frames, how="diagonal")


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
