"""What can be read and written, and by what transforms and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.checks.builtin import check_infos
from core.formats import by_name, readers, writers
from core.mapping.transforms import transform_infos
from core.settings import family_of

if TYPE_CHECKING:
    from core.model.dialect import FormatInfo
    from core.workspace import Workspace

__all__ = [
    "check_infos",
    "exportable_formats",
    "format_named",
    "importable_formats",
    "transform_infos",
]


def importable_formats(ws: Workspace) -> tuple[FormatInfo, ...]:
    """The formats that are read here, in menu order (IMPORT_ALLOWED_EXTENSIONS)."""
    allowed = ws.settings.import_allowed_extensions
    return tuple(f.info for f in readers() if family_of(f.info.name) in allowed)


def exportable_formats(ws: Workspace) -> tuple[FormatInfo, ...]:
    """The formats that are written here, in menu order (EXPORT_ALLOWED_FORMATS)."""
    allowed = ws.settings.export_allowed_formats
    return tuple(f.info for f in writers() if family_of(f.info.name) in allowed)


def format_named(name: str) -> FormatInfo:
    """A format by its name or alias, such as xlsx. Raises InvalidFormat."""
    return by_name(name).info
