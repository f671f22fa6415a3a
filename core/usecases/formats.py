"""What can be read and written, and by what transforms and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.checks.builtin import check_infos
from core.formats import by_name, readers, writers
from core.mapping.transforms import transform_infos
from core.settings import FAMILIES, family_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
    return _menu((f.info for f in readers()), ws.settings.import_allowed_extensions)


def exportable_formats(ws: Workspace) -> tuple[FormatInfo, ...]:
    """The formats that are written here, in menu order (EXPORT_ALLOWED_FORMATS)."""
    return _menu((f.info for f in writers()), ws.settings.export_allowed_formats)


def _menu(infos: Iterable[FormatInfo], allowed: Collection[str]) -> tuple[FormatInfo, ...]:
    """In the order of FAMILIES, what people use most first: formats are sniffed in another."""
    offered = [info for info in infos if family_of(info.name) in allowed]
    return tuple(sorted(offered, key=lambda info: list(FAMILIES).index(family_of(info.name) or "")))


def format_named(name: str) -> FormatInfo:
    """A format by its name or alias, such as xlsx. Raises InvalidFormat."""
    return by_name(name).info
