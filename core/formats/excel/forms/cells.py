"""The rows of a form as XML (ECMA-376 Part 1, 18.3.1.73), in the few styles it has.

openpyxl would take thirty times as long over each cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from core.errors import InvalidRequest
from core.formats.excel.forms.columns import FormColumn, FormRow
from core.formats.excel.forms.texts import held, shown
from core.formats.excel.writing.cells import letters

#: Comments of a sheet: each is a drawing, made in memory here and in what opens it.
MOST_COMMENTS = 1_000
#: Characters of all cells together: the workbook is made in memory.
MOST_CHARACTERS = 100_000_000
_COMMENT = 1_000  # characters
_COMMENT_LINE = 45  # characters
_AUTHOR = "Tableport"
_LINE = 32_000  # characters
_STYLES: dict[str, dict[str, Any]] = {
    "text": {},
    "bad": {"fill": PatternFill("solid", fgColor="FFC7CE"), "font": Font(color="9C0006")},
    "added": {"font": Font(color="808080")},
    "number": {"number_format": "0", "font": Font(color="808080")},
    "header": {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="E7E6E6")},
    "required": {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="FFE699")},
    "title": {"font": Font(bold=True, size=14)},
    "line": {"alignment": Alignment(wrap_text=True, vertical="top")},
}


class Cells:
    """Makes the rows of one workbook."""

    def __init__(self, sheet: Worksheet, columns: Sequence[FormColumn]) -> None:
        """`sheet`: the form itself."""
        self._sheet, self._columns = sheet, columns
        self._letters = [letters(place) for place in range(len(columns))]
        self._styles = {name: _style(sheet, look) for name, look in _STYLES.items()}
        self._comments = self._characters = 0

    def header(self) -> bytes:
        """The first row: the names of the columns, each with its note."""
        made = []
        for place, column in enumerate(self._columns):
            style = "required" if column.required else "header"
            name = held(column.name, "The header")
            made.append(self._text(self._letters[place], 1, name, style))
            self._note(1, place, column.note)
        return _row(1, made)

    def row(self, row: FormRow, number: int) -> bytes:
        """One row; its wrong cells are red, and the first thousand of the sheet say why."""
        made = []
        for place, (column, value) in enumerate(zip(self._columns, row.cells, strict=True)):
            flaw = row.flaws.get(place)
            style = "bad" if flaw is not None else "added" if column.added else "text"
            letter = self._letters[place]
            if isinstance(value, str):
                text = held(value, f"Row {number:,} of the workbook, column {column.name!r}")
                self._characters += len(text)
                made.append(self._text(letter, number, text, style))
            elif value is not None:
                look = self._styles["number"]
                made.append(f'<c r="{letter}{number}" s="{look}"><v>{value}</v></c>')
            elif flaw is not None:
                made.append(f'<c r="{letter}{number}" s="{self._styles[style]}"/>')
            if flaw is not None:
                self._note(number, place, flaw)
        self._require_room()
        return _row(number, made)

    def guide(self, lines: Sequence[str]) -> Iterator[bytes]:
        """The lines of the sheet that explains the form; the first is a heading."""
        for number, line in enumerate(lines, 1):
            text = held(shown(line, _LINE), "A line")
            style = "title" if number == 1 else "line"
            yield _row(number, [self._text("A", number, text, style)])

    def lists(self, lists: Sequence[tuple[str, ...]]) -> Iterator[bytes]:
        """A sheet that has one list in each column."""
        for number, values in enumerate(zip_longest(*lists), 1):
            yield _row(
                number,
                [
                    self._text(letters(place), number, held(value, "A list"), "text")
                    for place, value in enumerate(values)
                    if value is not None
                ],
            )

    def _text(self, letter: str, row: int, text: str, style: str) -> str:
        """A text is a text: =1+1 and #N/A too."""
        return (
            f'<c r="{letter}{row}" s="{self._styles[style]}" t="inlineStr">'
            f'<is><t xml:space="preserve">{text}</t></is></c>'
        )

    def _note(self, row: int, place: int, text: str) -> None:
        if not text or self._comments == MOST_COMMENTS:
            return
        self._comments += 1
        said = shown(text, _COMMENT)
        lines = sum(len(line) // _COMMENT_LINE + 1 for line in said.splitlines())
        cell = Cell(self._sheet, row, place + 1)
        cell.comment = Comment(said, _AUTHOR, height=24 + 18 * lines, width=320)
        self._sheet._comments.append(CommentRecord.from_cell(cell))

    def _require_room(self) -> None:
        if self._characters > MOST_CHARACTERS:
            raise InvalidRequest(
                f"The rows hold more than {MOST_CHARACTERS:,} characters, the most such a workbook "
                "is made of. Choose CSV."
            )


def _row(number: int, cells: Sequence[str]) -> bytes:
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _style(sheet: Worksheet, look: dict[str, Any]) -> int:
    """The number of a style in the workbook."""
    model = Cell(sheet, 1, 1)
    for name, value in ({"number_format": "@"} | look).items():
        setattr(model, name, value)
    number = model.style_id
    assert isinstance(number, int)
    return number
