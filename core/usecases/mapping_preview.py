"""What each transform of a mapping does to real rows, before anything is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from core.errors import InvalidMapping, InvalidRequest
from core.formats.base import ROW
from core.mapping.apply import Taken, take_steps
from core.mapping.document import mappings_document, parse_mappings
from core.mapping.registry import Given
from core.mapping.sources import sources_of
from core.mapping.validate import validate_mappings
from core.model.preview import StepCells, StepsPreview
from core.pipeline.judging import source_columns
from core.pipeline.previewing import first_rows
from core.usecases.reading import source_of
from core.usecases.rights import import_seen
from core.usecases.targets import terms_of
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.mapping import FieldMapping
    from core.workspace import Workspace

__all__ = ["MOST_ROWS", "mapping_from", "mappings_document", "preview_steps"]

#: Rows that can be asked for.
MOST_ROWS = 200


def mapping_from(document: Any) -> FieldMapping:
    """One mapping in the words the API reads. Raises InvalidMapping."""
    found = parse_mappings([document])
    if not found:
        raise InvalidMapping("mapping 1: targetColumn is missing")
    return found[0]


def preview_steps(
    ws: Workspace, who: Identity, job_id: str, mapping: FieldMapping, rows: int = 20
) -> StepsPreview:
    """The cells of the upload's first rows before and after each transform of `mapping`.

    The mapping stands in the place of the one that feeds its target now; nothing is saved, and
    the job's edits count. Raises ImportDenied, InvalidMapping as saving the mapping would, or
    InvalidRequest.
    """
    _, before = import_seen(ws, who, job_id)
    if not 1 <= rows <= MOST_ROWS:
        raise InvalidRequest(f"rows: 1 to {MOST_ROWS} rows can be previewed.")
    others = tuple(m for m in before.mappings if m.target != mapping.target)
    plan = replace(before, mappings=(*others, mapping))
    terms = terms_of(ws, who, plan)
    upload = upload_of(ws, who, plan.upload)
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    frame = first_rows(plan, source, rows, terms.table)
    if not frame.height:
        validate_mappings((mapping,), sources_of(mapping), terms.table)
        return StepsPreview(target=mapping.target, row_numbers=(), columns=(), before=(), steps=())
    known = source_columns(frame)
    validate_mappings((mapping,), known, terms.table)
    read = terms.overlay(plan).apply(frame)
    given = Given(batch=read, source_columns=known, circumstances=terms.circumstances)
    columns = sources_of(mapping, known)
    return StepsPreview(
        target=mapping.target,
        row_numbers=tuple(read[ROW].to_list()),
        columns=columns,
        before=_rows(read, columns),
        steps=tuple(_shown(taken, read.height) for taken in take_steps(given, mapping)),
    )


def _rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[dict[str, str | None], ...]:
    if not columns:
        return tuple({} for _ in range(frame.height))
    return tuple(pl.DataFrame([frame[name] for name in columns]).iter_rows(named=True))


def _shown(taken: Taken, height: int) -> StepCells:
    said = dict(taken.failures.iter_rows()) if taken.failures is not None else {}
    return StepCells(
        transform=taken.transform.info.name,
        cells=tuple(taken.cells.to_list()),
        problems=tuple(said.get(position) for position in range(height)),
    )
