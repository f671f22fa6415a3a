"""What stands around a table on its sheet: notes and totals below, other tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.formats.excel.grid import Grid
from core.formats.excel.layout import blank_rows
from core.formats.excel.parts.notes import column_letters

_TOTAL = re.compile(
    r"(?:grand\s+|sub)?totals?|sum|summe|gesamt(?:summe)?|somme|totaux|suma|totale|totaal|ukupno|итого",
    re.IGNORECASE,
)
_MOST_FOOTER = 20  # rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Footer:
    skipped: int  #: rows at the end that are notes
    evidence: str
    warnings: tuple[str, ...]


def footer_rows(grid: Grid, first: int) -> Footer:
    """Notes below the table, behind a blank row; and whether the last data row is a total."""
    blank = blank_rows(grid)
    end = grid.cells.height
    while end > first and blank[end - 1]:
        end -= 1
    start = end
    while start > first and end - start < _MOST_FOOTER and not blank[start - 1]:
        start -= 1
    lone = all(_count(grid, n) == 1 for n in range(start, end))
    apart = start > first + 2 and blank[start - 1] and end - start < _MOST_FOOTER
    skipped = 0
    evidence = ""
    warnings: list[str] = []
    if apart and lone and _usual(grid, first, start) > 1:
        skipped = end - start
        words = " ".join(_filled(grid, start))[:60]
        evidence = f"Notes stand below the table, behind a blank row: “{words}”."
        warnings.append(f"The last {skipped} rows are skipped: notes, beginning “{words}”.")
        end = start
        while end > first and blank[end - 1]:
            end -= 1
    last = next(_filled(grid, end - 1), "") if end > first + 1 else ""
    if _TOTAL.fullmatch(last.strip().rstrip(":")):
        warnings.append(
            f"Row {end} seems to hold totals (“{last.strip()}”), and is read like any other. Skip "
            "it if it is no data."
        )
    return Footer(skipped=skipped, evidence=evidence, warnings=tuple(warnings))


def other_tables(grid: Grid, first: int, names: Sequence[str]) -> list[str]:
    """Warnings about tables below, or beside, the one that begins in row `first` (from 0).

    `names`: of its columns, '' where there is none.
    """
    said = []
    below = _table_below(grid, first)
    if below is not None:
        said.append(
            f"Row {below + 1}, behind a blank row, looks like the header of another table, whose "
            "rows are read as rows of the first. Move one of the tables to another sheet."
        )
    columns = enumerate(grid.cells.iter_columns())
    filled = [n for n, column in columns if column[first:].count() or names[n]]
    gaps = [a + 1 for a, b in pairwise(filled) if b > a + 1]
    if gaps:
        said.append(
            f"Column {column_letters(gaps[0])} is blank: several tables may stand side by side, "
            "which are read as one."
        )
    return said


def _table_below(grid: Grid, first: int) -> int | None:
    """A row of words behind a blank row, over rows that hold more than words."""
    blank = blank_rows(grid)
    starts = (~blank & blank.shift(1, fill_value=False)).arg_true()
    for row in starts.filter(starts > first + 1).head(100):
        words = list(_filled(grid, row))
        if len(words) < 2 or any(_numeric(word) for word in words) or row + 1 >= len(blank):
            continue
        if any(_numeric(cell) for cell in _filled(grid, row + 1)):
            return int(row)
    return None


def _numeric(cell: str) -> bool:
    return cell.lstrip("-+")[:1].isdigit()


def _filled(grid: Grid, row: int) -> Iterator[str]:
    return (cell for cell in grid.cells.row(row) if cell)


def _count(grid: Grid, row: int) -> int:
    return sum(cell is not None for cell in grid.cells.row(row))


def _usual(grid: Grid, first: int, last: int) -> int:
    counts = sorted(_count(grid, n) for n in range(first, min(last, first + 100)))
    return counts[len(counts) // 2]
