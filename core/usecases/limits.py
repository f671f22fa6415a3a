"""The limits in force for one person and table: the grant's, under the settings'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.access.limits import Caps, Limits, effective_limits
from core.errors import ExportDenied, FileTooLarge, ImportDenied
from core.usecases.formats import exportable_formats, importable_formats

if TYPE_CHECKING:
    from core.model.access import Grant, Identity
    from core.workspace import Workspace

_MIB = 1024 * 1024


def caps_of(ws: Workspace) -> Caps:
    """What the settings allow, of what this version can read and write."""
    return replace(
        Caps.of(ws.settings),
        import_formats=tuple(f.name for f in importable_formats(ws)),
        export_formats=tuple(f.name for f in exportable_formats(ws)),
    )


def limits_of(ws: Workspace, who: Identity, grant: Grant) -> Limits:
    return effective_limits(who, grant, caps_of(ws))


def require_upload_fits(limits: Limits, *, size: int, format_name: str, table: str) -> None:
    """Raises FileTooLarge or ImportDenied. `format_name` is by content, not by name (R125)."""
    if limits.import_formats is not None and format_name not in limits.import_formats:
        allowed = ", ".join(limits.import_formats) or "none"
        raise ImportDenied(
            f"You may not import {format_name} files into {table}. Allowed formats: {allowed}."
        )
    if limits.import_bytes is not None and size > limits.import_bytes:
        raise FileTooLarge(
            f"The file has {size / _MIB:,.1f} MB; "
            f"you may import up to {limits.import_bytes / _MIB:,.0f} MB into {table}."
        )


def require_export_format(limits: Limits, *, format_name: str, table: str) -> None:
    """Raises ExportDenied."""
    if limits.export_formats is not None and format_name not in limits.export_formats:
        allowed = ", ".join(limits.export_formats) or "none"
        raise ExportDenied(
            f"You may not export {table} as {format_name}. Allowed formats: {allowed}."
        )
