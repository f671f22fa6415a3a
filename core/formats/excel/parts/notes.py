"""What is to be said of single cells beside their values: other text, shown text, flaws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

TEXT = 0  #: the cell's text is this one
SHOWN = 1  #: the workbook's program shows this text for the value
FLAW = 2  #: what is wrong with the cell: "holds the error #N/A"

_SCHEMA = {"row": pl.UInt32(), "column": pl.UInt32(), "what": pl.UInt8(), "text": pl.String()}
_PACKED_AT = 1 << 16

NO_RESULT = "holds a formula without a result (open the workbook in Excel and save it)"


@dataclass(slots=True)
class Notes:
    """Notes on the cells of one sheet; rows and columns count from 0."""

    hidden_rows: int = 0
    formulas: bool = False  #: are there any?
    _rows: list[int] = field(default_factory=list)
    _columns: list[int] = field(default_factory=list)
    _whats: list[int] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _packed: list[pl.DataFrame] = field(default_factory=list)

    def add(self, row: int, column: int, what: int, text: str) -> None:
        self._rows.append(row)
        self._columns.append(column)
        self._whats.append(what)
        self._texts.append(text)
        if len(self._rows) >= _PACKED_AT:
            self._pack()

    def extend(self, notes: pl.DataFrame, columns: pl.Series) -> None:
        """Many at once: rows, whats and texts of `notes`, and the columns they are in."""
        self._packed.append(
            notes.select(pl.col("row").cast(pl.UInt32), columns.alias("column"), "what", "text")
        )

    def add_error(self, row: int, column: int, error: str) -> None:
        """The cell holds an error value, such as #DIV/0!."""
        self.add(row, column, TEXT, error)
        self.add(row, column, FLAW, f"holds the error {error}")

    def frame(self) -> pl.DataFrame:
        """All of them: row, column, what, text."""
        self._pack()
        return pl.concat([pl.DataFrame(schema=_SCHEMA), *self._packed])

    def _pack(self) -> None:
        data: dict[str, Sequence[int | str]] = {
            "row": self._rows,
            "column": self._columns,
            "what": self._whats,
            "text": self._texts,
        }
        self._packed.append(pl.DataFrame(data, schema=_SCHEMA))
        self._rows, self._columns, self._whats, self._texts = [], [], [], []


def column_letters(column: int) -> str:
    """The letters of a column that counts from 0: A, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The column with these letters, from 0."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
