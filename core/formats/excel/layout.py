"""From the cells of a sheet and a dialect to named columns and data rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import InvalidFormat
from core.formats.base import FLAW, LINE, ReadLimits
from core.formats.column_names import name_columns
from core.formats.excel.grid import Grid
from core.formats.excel.parts.notes import column_letters
from core.model.dialect import Dialect


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The table on a sheet."""

    names: list[str]
    warnings: list[str]
    frame: pl.DataFrame  #: LINE, FLAW, and a String column for each name
    shown: pl.DataFrame | None  #: see `core.formats.base.Batch`
    ignored: int  #: blank, preamble and footer rows


def lay_out(grid: Grid, dialect: Dialect, limits: ReadLimits) -> Layout:
    """The table the dialect says. Raises InvalidFormat when nothing is there."""
    blank = blank_rows(grid)
    first, body, end = _bounds(blank, dialect)
    header = header_cells(grid, first, body) if dialect.header else None
    rows = _Rows(body, end, blank[body:end] if dialect.skip_blank_rows else None)
    cells = rows.of(grid.cells)
    kept = table_columns(grid, range(first, body) if dialect.header else range(0), cells)
    _check(cells, kept, rows, limits)
    names, warnings = name_columns(
        [header[n] for n in kept] if header is not None else None, [len(kept)]
    )
    frame = _named(cells, dict(zip(kept, names, strict=True)), dialect)
    frame.insert_column(0, rows.lines.alias(LINE))
    frame.insert_column(1, rows.of(grid.flaws.alias(FLAW).to_frame())[FLAW])
    shown = {n: name for n, name in zip(kept, names, strict=True) if f"c{n}" in grid.shown.columns}
    return Layout(
        names=names,
        warnings=warnings,
        frame=frame,
        shown=_named(rows.of(grid.shown), shown, dialect) if shown else None,
        ignored=first + end - body - cells.height + dialect.skip_footer,
    )


def _bounds(blank: pl.Series, dialect: Dialect) -> tuple[int, int, int]:
    """The first row that is not skipped, the first data row, and the one behind the last."""
    start = min(dialect.skip_rows, blank.len())
    filled = (~blank).arg_true()
    if not filled.len() or filled[-1] < start:
        raise InvalidFormat(_nothing(start))
    first = int(filled.filter(filled >= start)[0])
    body = first + (max(1, dialect.header_rows) if dialect.header else 0)
    return first, body, max(body, int(filled[-1]) + 1 - dialect.skip_footer)


class _Rows:
    """The data rows among those of a sheet."""

    def __init__(self, start: int, end: int, blank: pl.Series | None) -> None:
        self._start = start
        self._length = end - start
        self._kept = ~blank if blank is not None and blank.any() else None

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        part = frame.slice(self._start, self._length)
        return part if self._kept is None else part.filter(self._kept)

    @property
    def lines(self) -> pl.Series:
        """Their rows on the sheet, from 1."""
        end = self._start + self._length
        numbers = pl.int_range(self._start + 1, end + 1, dtype=pl.Int64, eager=True)
        return numbers if self._kept is None else numbers.filter(self._kept)


def blank_rows(grid: Grid) -> pl.Series:
    """Which rows hold neither a cell nor a flaw."""
    if not grid.cells.width:
        return pl.Series([], dtype=pl.Boolean)
    return grid.cells.select(pl.all_horizontal(pl.all().is_null())).to_series() & (
        grid.flaws.is_null()
    )


def header_cells(grid: Grid, first: int, body: int) -> list[str]:
    """One name for each column from the header's rows; merged cells name all they cover."""
    filled = filled_rows(grid, first, min(body, grid.cells.height))
    names = []
    for column in zip(*filled, strict=True):
        parts = [cell for n, cell in enumerate(column) if cell and cell not in column[:n]]
        names.append(" ".join(parts))
    return names


def filled_rows(grid: Grid, first: int, last: int) -> list[list[str]]:
    """Rows as texts, '' for no cell, with merged cells written into all the cells they cover."""
    rows = [[cell or "" for cell in row] for row in grid.cells[first:last].iter_rows()]
    for (top, left), (bottom, right) in grid.merged:
        if not first <= top < last or left >= grid.cells.width:
            continue
        text = rows[top - first][left]
        for row in range(top - first, min(bottom + 1, last) - first):
            for column in range(left, min(right + 1, grid.cells.width)):
                rows[row][column] = text
    return rows


def table_columns(grid: Grid, header: range, data: pl.DataFrame) -> list[int]:
    """The columns of a table with these header rows and data: those with any cell of their own.

    Without a header, blank columns between others keep their place.
    """
    filled = {n for n, column in enumerate(data.iter_columns()) if column.count()}
    filled |= grid.flawed_columns
    if header:
        cells = grid.cells[header.start : header.stop]
        named = {n for n, column in enumerate(cells.iter_columns()) if column.count()}
        return sorted(named | filled)
    return list(range(min(filled), max(filled) + 1)) if filled else []


def _check(cells: pl.DataFrame, kept: Sequence[int], rows: _Rows, limits: ReadLimits) -> None:
    if len(kept) > limits.max_columns:
        raise InvalidFormat(
            f"The sheet has {len(kept):,} columns; a file may have {limits.max_columns:,}. Delete "
            "columns, or split the table."
        )
    for n in kept:
        large = (cells[f"c{n}"].str.len_bytes() > limits.max_cell_bytes).arg_true()
        if large.len():
            raise InvalidFormat(
                f"Cell {column_letters(n)}{rows.lines[large[0]]} is larger than "
                f"{limits.max_cell_bytes:,} bytes. Shorten it."
            )


def _named(cells: pl.DataFrame, names: Mapping[int, str], dialect: Dialect) -> pl.DataFrame:
    """These columns by their names, with the words for NULL taken out."""
    words = [word for word in dialect.null_values if word]
    columns = []
    for n, name in names.items():
        column = cells[f"c{n}"].alias(name)
        columns.append(column.set(column.is_in(words), None) if words else column)
    return pl.DataFrame(columns)


def _nothing(skipped: int) -> str:
    if skipped:
        return f"Nothing is left of the sheet after skipping {skipped} rows."
    return "The sheet holds no cells. Choose another sheet, or fill it."
