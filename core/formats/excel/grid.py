"""All cells of one sheet as text, with what is to be said of single ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

import polars as pl

from core.formats.excel.cells import text_column
from core.formats.excel.parts.notes import FLAW, SHOWN, TEXT, Notes, column_letters

_ROWS = 1 << 13  # turned into columns at a time
_TOP = 200

Range = tuple[tuple[int, int], tuple[int, int]]  #: first and last row and column, from 0


class Cells(Protocol):
    """A sheet as calamine gives it."""

    @property
    def end(self) -> tuple[int, int] | None: ...
    def iter_rows(self) -> Iterator[list[Any]]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Row n of the frames is row n + 1 of the sheet, column cn its column n + 1."""

    cells: pl.DataFrame  #: String columns c0, c1, …; null: no cell
    shown: pl.DataFrame  #: those of them that the workbook's program shows otherwise
    flaws: pl.Series  #: what is wrong with a row; null: nothing
    flawed_columns: frozenset[int]  #: from 0
    typed_rows: frozenset[int]  #: of the rows near the top, those that hold more than texts
    merged: tuple[Range, ...] = ()


def read_grid(sheet: Cells, notes: Notes, merged: Sequence[Range] | None) -> Grid:
    """The whole sheet. `notes` have the last word on their cells."""
    bottom, right = sheet.end or (-1, -1)
    parts: list[pl.DataFrame] = []
    typed: set[int] = set()
    count = 0
    for block in _column_blocks(sheet):
        left = right + 1 - len(block)  # calamine leaves out blank columns there
        columns = [text_column(cells, f"c{left + n}") for n, cells in enumerate(block)]
        parts.append(pl.DataFrame([column.texts for column in columns]))
        for n, column in enumerate(columns, left):
            for row in column.overflows:
                notes.add(count + row, n, FLAW, "holds a number too large to be read")
        if not count:
            top = zip(*block, strict=True)
            typed = {n for n, row in enumerate(top) if _holds_more_than_text(row)}
        count += len(block[0])
    cells = pl.concat(parts) if parts else pl.DataFrame()
    found = notes.frame()
    height = max(bottom, _most(found["row"])) + 1
    width = max(right, _most(found["column"])) + 1
    cells = _whole(cells, height, width)
    shown = found.filter(pl.col("what") == SHOWN)
    cells = _overlaid(cells, found.filter(pl.col("what") == TEXT))
    dressed = [f"c{n}" for n in shown["column"].unique().sort()]
    flaws = found.filter(pl.col("what") == FLAW)
    return Grid(
        cells=cells,
        shown=_overlaid(cells.select(dressed), shown),
        flaws=_flaws(flaws, height),
        flawed_columns=frozenset(flaws["column"]),
        typed_rows=frozenset(typed),
        merged=tuple(merged or ()),
    )


def _column_blocks(sheet: Cells) -> Iterator[list[list[Any]]]:
    """The columns of some rows at a time; of few first: without their header they are of one
    kind, and quickly turned to text."""
    if sheet.end is None:
        return
    rows = sheet.iter_rows()
    first = next(rows, [])
    cells = [*first, *chain.from_iterable(islice(rows, _TOP - 1))]
    while cells:
        yield [cells[n :: len(first)] for n in range(len(first))]
        # No row is kept as a list of its own: so many would keep the garbage collector busy.
        cells = list(chain.from_iterable(islice(rows, _ROWS)))


def _holds_more_than_text(row: Sequence[Any]) -> bool:
    return any(type(cell) is not str for cell in row)


def _most(places: pl.Series) -> int:
    most = places.max()
    return most if isinstance(most, int) else -1


def _whole(cells: pl.DataFrame, height: int, width: int) -> pl.DataFrame:
    """The cells with the blank columns before and behind them, and the blank rows below."""
    blank = pl.Series([None], dtype=pl.String)
    below = blank.new_from_index(0, height - cells.height)
    columns = []
    for n in range(width):
        name = f"c{n}"
        if name not in cells.columns:
            columns.append(blank.new_from_index(0, height).alias(name))
            continue
        columns.append(cells[name].append(below) if below.len() else cells[name])
    return pl.DataFrame(columns)


def _overlaid(cells: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    for (column,), group in notes.group_by("column", maintain_order=True):
        changed = cells[f"c{column}"].scatter(group["row"], group["text"])
        cells = cells.with_columns(changed)
    return cells


def _flaws(notes: pl.DataFrame, height: int) -> pl.Series:
    """One sentence for each row that has a flawed cell."""
    sentences: dict[int, list[str]] = {}
    for row, column, text in (
        notes.sort("row", "column").select("row", "column", "text").iter_rows()
    ):
        sentences.setdefault(row, []).append(f"{column_letters(column)}{row + 1} {text}")
    said = pl.Series([None], dtype=pl.String).new_from_index(0, height)
    if sentences:
        texts = ["; ".join(flaws) for flaws in sentences.values()]
        said = said.scatter(list(sentences), texts)
    return said
