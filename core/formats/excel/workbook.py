"""A workbook of any kind: checked before it is opened, its sheets, the cells of one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.errors import InvalidFormat
from core.formats.excel.grid import Grid, read_grid
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.binary import binary_notes, binary_sheets
from core.formats.excel.parts.legacy import is_locked, legacy_notes, workbook_stream
from core.formats.excel.parts.notes import Notes, column_letters
from core.formats.excel.parts.opendocument import is_open_document, open_document_notes
from core.formats.excel.parts.package import Package, open_package
from core.formats.excel.parts.scanning import SheetNotes
from core.formats.excel.parts.sheet_texts import SheetTexts
from core.formats.excel.parts.sheet_xml import SheetSize, filled_extent, measure_sheet

MAX_CELLS = 20_000_000  #: of the rectangle that the cells of a sheet span

ZIP_START = b"PK"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_PROTECTED = "The workbook is protected by a password. Save it without one and try again."
_BROKEN = (
    "The workbook cannot be read ({}). Open it in the program it comes from, save it as .xlsx and "
    "try again."
)
_MACROS = "The workbook holds macros: only its data is read, and nothing in it is run."
_LINKS = (
    "Cells of the workbook are linked to other files or programs: the values stored last are read."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    name: str
    visible: bool


class Workbook:
    """An opened workbook; the cells of a sheet are read when they are asked for."""

    def __init__(self, data: bytes) -> None:
        """Raises InvalidFormat when it cannot be read, UnsafeContent when it must not be."""
        self._data = data
        self.warnings: list[str] = []
        self._records = b""
        self._archive: Archive | None = None
        self._package: Package | None = None
        self._parts: dict[str, str] = {}
        self._sizes: dict[str, SheetSize] = {}
        self._sheets: dict[str, CalamineSheet] = {}
        if data.startswith(ZIP_START):
            self._archive = Archive(data)
            self._texts = SheetTexts(self._archive)
            self._check_archive(self._archive)
        else:
            self._check_ole()
        with calamine():
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            listed = [m for m in self._book.sheets_metadata if m.typ is SheetTypeEnum.WorkSheet]
        self.sheets = tuple(
            Sheet(name=m.name, visible=m.visible is SheetVisibleEnum.Visible) for m in listed
        )

    def chosen(self, wanted: str | None) -> Sheet:
        """The sheet of that name or number, else the first visible one that is not blank.

        Raises InvalidFormat naming the sheets there are.
        """
        if not self.sheets:
            raise InvalidFormat("The workbook has no sheet of cells.")
        if wanted is not None:
            return self._wanted(wanted)
        visible = [sheet for sheet in self.sheets if sheet.visible] or list(self.sheets)
        filled = (sheet for sheet in visible if self.rows(sheet) != 0)
        return next(filled, visible[0])

    def rows(self, sheet: Sheet) -> int:
        """The last row of a sheet, from 1. Raises InvalidFormat when the sheet is broken."""
        if size := self._sizes.get(sheet.name):
            return size.rows if size.filled else 0
        end = self._opened(sheet).end
        return end[0] + 1 if end else 0

    def load(self, sheet: Sheet) -> Grid:
        """All cells of a sheet. Raises InvalidFormat and UnsafeContent."""
        # calamine lets other threads run while it reads.
        with ThreadPoolExecutor(1, thread_name_prefix="notes") as side:
            noted = side.submit(self._notes, sheet.name)
            found = self._opened(sheet)
            notes = noted.result()
        self._tell_of(notes)
        with calamine():
            return read_grid(found, notes, found.merged_cell_ranges)

    def _tell_of(self, notes: Notes) -> None:
        if notes.hidden_rows:
            rows = "row is" if notes.hidden_rows == 1 else "rows are"
            self.warnings.append(
                f"On the sheet {notes.hidden_rows:,} {rows} hidden, and read as well."
            )
        if notes.formulas and self._package is not None and self._package.calculates_on_load():
            self.warnings.append(
                "The workbook asks to be calculated when it is opened: results of formulas may "
                "be out of date. Open it in Excel and save it if they look wrong."
            )

    def _check_archive(self, archive: Archive) -> None:
        package = self._package = open_package(archive)
        if package is None and not is_open_document(archive):
            raise InvalidFormat(
                "The content is a ZIP archive without a workbook in it. Unpack it first."
            )
        if package is not None and package.binary:
            self._parts = binary_sheets(package)
        elif package is not None:
            self._parts = package.sheets()
            for name, part in self._parts.items():
                self._sizes[name] = measure_sheet(self._texts.look(part))
        archive.check()
        names = archive.names
        if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in names):
            self.warnings.append(_MACROS)
        if any("/externallinks/" in f"/{name}" for name in names):
            self.warnings.append(_LINKS)

    def _check_ole(self) -> None:
        if not self._data.startswith(OLE_START):
            raise InvalidFormat("The content is not a workbook.")
        if _ENCRYPTED in self._data:
            raise InvalidFormat(_PROTECTED)
        stream = workbook_stream(self._data)
        if stream == b"":
            raise InvalidFormat(
                "The content is an old Office document, but no workbook. Save the table it holds "
                "as .xlsx or CSV."
            )
        if stream is not None and is_locked(stream):
            raise InvalidFormat(_PROTECTED)
        self._records = stream or b""
        if _OLD_MACROS in self._data:
            self.warnings.append(_MACROS)

    def _notes(self, name: str) -> Notes:
        """What is to be said of the cells of a sheet."""
        part = self._parts.get(name)
        if self._archive is None:
            return self._old_notes(name)
        if self._package is None:
            return open_document_notes(self._archive, name)
        if part is None:
            return Notes()
        if self._package.binary:
            return binary_notes(self._archive.read(part))
        package = self._package
        noting = SheetNotes(package.styles, package.empty_strings, from_1904=package.from_1904)
        return noting.of(self._texts.read(part))

    def _old_notes(self, name: str) -> Notes:
        names = [metadata.name for metadata in self._book.sheets_metadata]
        notes = legacy_notes(self._records, names.index(name))
        if notes is None:
            self.warnings.append(
                "Error cells such as #N/A cannot be told from blank ones in this old workbook. "
                "Save it as .xlsx if that matters."
            )
        return notes or Notes()

    def _opened(self, sheet: Sheet) -> CalamineSheet:
        if sheet.name not in self._sheets:
            self._check_extent(sheet.name)
            with calamine():
                self._sheets = {sheet.name: self._book.get_sheet_by_name(sheet.name)}
        return self._sheets[sheet.name]

    def _check_extent(self, name: str) -> None:
        """calamine holds the whole rectangle that the cells of a sheet span."""
        size = self._sizes.get(name)
        if size is None or self._archive is None or size.rows * size.columns <= MAX_CELLS:
            return
        rows, columns = filled_extent(self._archive.chunks(self._parts[name]))
        if rows * columns > MAX_CELLS:
            raise InvalidFormat(
                f"The sheet {name} reaches to cell {column_letters(columns - 1)}{rows}: that is "
                f"{rows * columns:,} cells, and {MAX_CELLS:,} can be read. Delete what stands far "
                "from the table, or save the table as CSV."
            )

    def _wanted(self, wanted: str) -> Sheet:
        for sheet in self.sheets:
            if sheet.name == wanted:
                return sheet
        if wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= len(self.sheets):
            return self.sheets[int(wanted) - 1]
        names = ", ".join(f"“{sheet.name}”" for sheet in self.sheets)
        raise InvalidFormat(f"The workbook has no sheet “{wanted}”. Its sheets are {names}.")


@contextmanager
def calamine() -> Iterator[None]:
    """The seam to calamine: what it raises, panics included, becomes InvalidFormat."""
    try:
        yield
    except PasswordError as error:
        raise InvalidFormat(_PROTECTED) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise InvalidFormat(_BROKEN.format(error)) from error
    except BaseException as error:
        # The class of a panic is made at run time, and no module lets it be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise InvalidFormat(_BROKEN.format("its structure makes no sense")) from error
