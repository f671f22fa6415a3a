"""The columns that a table would need to hold an upload, as it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.databases.making.tables import reserved_names
from core.pipeline.proposing import READ_ROWS, propose_columns, read_columns
from core.usecases.proposals import decimal_of
from core.usecases.reading import bare_plan, source_of

if TYPE_CHECKING:
    from core.model.dialect import Detection
    from core.model.file import StoredFile
    from core.model.new_table import NewTable, ProposedColumn
    from core.model.plan import ImportPlan
    from core.pipeline.proposing import FileReadings
    from core.workspace import Workspace

_MARKS = {".": "point", ",": "comma"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """The columns, and what was read to tell them."""

    table: NewTable
    columns: tuple[ProposedColumn, ...]
    found: FileReadings


def with_columns(
    ws: Workspace, connection: str, spec: NewTable, upload: StoredFile, detection: Detection
) -> Proposed:
    """The table `spec` with columns for the upload, read as detected. Raises as reading does."""
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    plan = replace(
        bare_plan(upload, detection), max_rows=READ_ROWS + 1, batch_rows=ws.settings.batch_rows
    )
    found = read_columns(source.batches(plan), detection.columns)
    decimal = _MARKS.get(decimal_of(detection) or "")
    columns = propose_columns(found, reserved_names(ws.engine(connection)), decimal, spec.name)
    spec = replace(spec, columns=tuple(proposed.column for proposed in columns))
    return Proposed(table=spec, columns=columns, found=found)


def proposed_anew(
    ws: Workspace, plan: ImportPlan, upload: StoredFile, detection: Detection
) -> ImportPlan:
    """A plan that makes its table, with the columns its file has as it is read now."""
    assert plan.creates is not None
    made = with_columns(ws, plan.connection, plan.creates, upload, detection)
    mappings = tuple(proposed.mapping for proposed in made.columns)
    return replace(plan, creates=made.table, mappings=mappings)
