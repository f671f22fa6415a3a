"""The archive of a workbook, written forward and in one pass.

Left to itself openpyxl writes each sheet to a file in the system's folder for such, where what
people uploaded must never lie in the clear.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

#: The document's property that names the job whose rows a workbook holds.
MARKER = "tableport_job"
_CREATOR = "Tableport"


def save(
    book: Workbook,
    bodies: Sequence[Iterable[bytes]],
    file: BinaryIO,
    *,
    title: str,
    marker: str | None,
    made_at: datetime,
) -> None:
    """Write a workbook; `bodies`: the rows of each of its sheets, as XML."""
    properties = book.properties
    properties.title, properties.creator = title, _CREATOR
    properties.created = properties.modified = made_at
    if marker is not None:
        book.custom_doc_props.append(StringProperty(name=MARKER, value=marker))
    with _Archive(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _Writer(book, archive, bodies).write_data()


class _Archive(zipfile.ZipFile):
    """Parts have no date: the same workbook is the same bytes, and a broken download resumes."""

    def writestr(
        self,
        zinfo_or_arcname: str | zipfile.ZipInfo,
        data: Any,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        given = zinfo_or_arcname
        part = _undated(given.filename if isinstance(given, zipfile.ZipInfo) else given)
        super().writestr(part, data, compress_type, compresslevel)


class _Writer(ExcelWriter):  # type: ignore[misc]  # openpyxl has no types
    def __init__(
        self, book: Workbook, archive: _Archive, bodies: Sequence[Iterable[bytes]]
    ) -> None:
        super().__init__(book, archive)
        self._archive = archive
        self._bodies = dict(zip(book.sheetnames, bodies, strict=True))

    def write_worksheet(self, ws: Worksheet) -> None:
        """As the original, with the rows at hand and the archive instead of a file."""
        with self._archive.open(_undated(ws.path[1:]), "w") as out:
            writer = _SheetWriter(ws, self._bodies[ws.title], out)
            writer.write()
        ws._rels = writer._rels
        self.manifest.append(ws)


class _SheetWriter(WorksheetWriter):  # type: ignore[misc]  # openpyxl has no types
    def __init__(self, ws: Worksheet, body: Iterable[bytes], out: Any) -> None:
        self._body = body
        super().__init__(ws, out)

    def write_dimensions(self) -> None:
        """Not known before the rows are written, and not needed."""

    def write_rows(self) -> None:
        """Rows that are XML already."""
        xf = self.xf.send(True)
        with xf.element("sheetData"):
            xf.flush()
            for row in self._body:
                self.out.write(row)
        self.xf.send(None)


def _undated(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
