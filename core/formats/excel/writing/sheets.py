"""Sheets (ECMA-376 Part 1, 18.3.1.99): what stands before and behind their rows, and their size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.excel.writing.cells import header_row, letters
from core.formats.excel.writing.faces import Face
from core.formats.excel.writing.package import HEADER_STYLE, MAIN, Book

MAX_ROWS = 1_048_576  #: of a sheet, the header among them
MAX_COLUMNS = 16_384
#: Of the XML of rows, so that a part needs no ZIP64, which Excel takes for damage.
MAX_BYTES = 1_800_000_000
DEFAULT_NAME = "Data"
_LONGEST_NAME = 31
_FORBIDDEN = r"[\[\]:*?/\\\x00-\x1f]"
_WIDEST, _NARROWEST = 50, 6  # characters
_ROOM = 2  # for the arrow of the filter


def sheet_name(wanted: str | None) -> str:
    """The name asked for, or the usual one. Raises InvalidRequest when Excel takes it not."""
    if wanted is None:
        return DEFAULT_NAME
    units = len(wanted.encode("utf-16-le")) // 2
    if not 0 < units <= _LONGEST_NAME or re.search(_FORBIDDEN, wanted):
        raise InvalidRequest(
            f"sheet_name: {wanted!r} cannot be the name of a sheet: give 1 to {_LONGEST_NAME} "
            r"characters, and none of [ ] : * ? / \ "
        )
    if wanted.startswith("'") or wanted.endswith("'") or wanted.lower() == "history":
        raise InvalidRequest(
            f"sheet_name: {wanted!r} cannot be the name of a sheet: no apostrophe may stand at "
            "either end, and History is taken"
        )
    return wanted


class Sheets:
    """The sheets of a workbook, one after another."""

    def __init__(
        self,
        book: Book,
        names: Sequence[str],
        first: pl.DataFrame,
        faces: Sequence[Face],
        options: WriteOptions,
    ) -> None:
        """`first`: the first rows, by which the columns are fitted."""
        self._book = book
        self._names = names
        self._header = options.dialect.header
        self._freeze = options.freeze and self._header
        self._widths = _widths(names, first, faces) if options.fit else []
        self._bytes = 0  # of the rows of the open sheet
        self._open()

    def parts(self, chunk: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The rows in pieces that fit; each is to be written before the next is asked for."""
        while chunk.height:
            if self.next_row > MAX_ROWS or self._bytes > MAX_BYTES:
                self.close()
                self._open()
            part = chunk.head(MAX_ROWS + 1 - self.next_row)
            yield part
            self.next_row += part.height
            chunk = chunk.slice(part.height)

    def write(self, xml: bytes) -> None:
        """Rows of the open sheet."""
        self._part.write(xml)
        self._bytes += len(xml)

    def close(self) -> None:
        """End the open sheet."""
        last = self.next_row - 1
        area = f"A1:{letters(len(self._names) - 1)}{max(last, 1)}"
        tail = "</sheetData>"
        if self._header:
            tail += f'<autoFilter ref="{area}"/>'
        # Digits in a column of text are meant: no green corner says otherwise.
        tail += f'<ignoredErrors><ignoredError sqref="{area}" numberStoredAsText="1"/>'
        self.write(f"{tail}</ignoredErrors></worksheet>".encode())
        self._part.close()

    def _open(self) -> None:
        self._part = self._book.open_sheet()
        self.next_row = 1
        pane = ""
        if self._freeze:
            pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        selected = ' tabSelected="1"' if self._book.sheet_count == 1 else ""
        head = f'{MAIN}<sheetViews><sheetView{selected} workbookViewId="0">{pane}</sheetView>'
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
            for n, width in enumerate(self._widths, 1)
        )
        head += "</sheetViews>" + (f"<cols>{columns}</cols>" if columns else "") + "<sheetData>"
        self.write(head.encode())
        if self._header:
            self.write(header_row(self._names, HEADER_STYLE))
            self.next_row = 2
        self._bytes = 0


def _widths(names: Sequence[str], first: pl.DataFrame, faces: Sequence[Face]) -> list[int]:
    widths = []
    for name, cells, face in zip(names, first, faces, strict=True):
        longest = cells.str.len_chars().max()
        widest = face.width or (longest if isinstance(longest, int) else 0)
        widths.append(min(_WIDEST, max(_NARROWEST, widest, len(name)) + _ROOM))
    return widths
