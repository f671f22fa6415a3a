"""The patches that a plan names, read back from the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import FileExpired
from core.model.edit import PatchRows
from core.model.plan import ImportPlan
from core.pipeline.patches import Patch, read_patch

if TYPE_CHECKING:
    import polars as pl

    from core.model.plan import ExportPlan
    from core.pipeline.importing import Source
    from core.pipeline.patches import Patches
    from core.workspace import Workspace


def patches_of(ws: Workspace, plan: ImportPlan) -> Patches:
    """By file id. Raises FileExpired or StorageDamaged."""
    named = [edit.file_id for edit in plan.edits if isinstance(edit, PatchRows)]
    return {file_id: _patch(ws, file_id) for file_id in named}


def narrowed(ws: Workspace, plan: ImportPlan, source: Source) -> Source:
    """The source, giving only the rows the plan is about."""
    if plan.rows_of is None:
        return source
    return replace(source, only=_patch(ws, plan.rows_of).rows)


def rows_read(ws: Workspace, plan: ImportPlan | ExportPlan) -> pl.Series | None:
    """The numbers of the rows the plan is about; None: all, or nobody can tell any more."""
    if not isinstance(plan, ImportPlan) or plan.rows_of is None:
        return None
    try:
        return _patch(ws, plan.rows_of).rows
    except FileExpired:
        return None


def _patch(ws: Workspace, file_id: str) -> Patch:
    with ws.uploads.open(file_id) as file:
        return read_patch(file)
