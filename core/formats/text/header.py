"""Is the first row a header, or data already? How many rows does it take?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.formats.text.kinds import (
    VALUES,
    YEAR,
    column_kind,
    column_shape,
    is_missing,
    kind_of,
    shape_of,
)

MOST_HEADER_ROWS = 5
_MOST_ROWS = 100
#: Other rows of the header may still be among the rows below the first.
_UNSURE_ROWS = MOST_HEADER_ROWS - 1
_BRACKETED = re.compile(r"[(\[].{1,20}[)\]]|%|°.?")


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderJudgement:
    present: bool
    confidence: float
    evidence: str
    by_values: bool = False  #: present because it differs in kind from the rows below

    @property
    def warning(self) -> str:
        """What to tell the user when the confidence is low."""
        if self.present:
            return (
                "The first row is taken as column names, but this is not certain: "
                f"{self.evidence} Turn the header off if it is data."
            )
        return (
            "The first row is taken as data, but this is not certain: "
            f"{self.evidence} Turn the header on if it holds column names."
        )


def judge_header(rows: Sequence[Sequence[str]], width: int) -> HeaderJudgement:
    """Compare the first of the rows (cells, blank rows left out) with those that follow."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    # A header that comes again is no sign of data.
    body = [r for r in rows[1 : _MOST_ROWS + 1] if len(r) == width and r != rows[0]]
    if not body:
        return _alone(first)
    pairs = list(zip(first, zip(*_surely_data(body), strict=True), strict=False))
    named = [i for i, (cell, column) in enumerate(pairs, 1) if _stands_over(cell, column)]
    alike = [i for i, (cell, column) in enumerate(pairs, 1) if _like_data(cell, column)]
    if len(named) > len(alike):
        return HeaderJudgement(
            present=True,
            confidence=0.95 if not alike else 0.7,
            evidence=f"Its cell {named[0]} is a word where the rows below have values.",
            by_values=True,
        )
    if alike:
        return HeaderJudgement(
            present=False,
            confidence=0.9 if not named else 0.6,
            evidence=f"Its cell {alike[0]} is the same kind of value as those below.",
        )
    return _all_words(first, list(zip(*body, strict=True)))


def header_height(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many rows a header takes that begins with the first of the rows, 1 at least.

    A further row belongs to it if it holds nothing but words where the rows below have values:
    over two columns at least, or as units in brackets, or as the first row again.
    """
    height = 1
    while height < min(MOST_HEADER_ROWS, len(rows) - 1):
        row, below = rows[height], [r for r in rows[height + 1 :][:_MOST_ROWS] if len(r) == width]
        repeated = [c.strip() for c in row] == [c.strip() for c in rows[0]]
        if not below or not _names_too(row, _surely_data(below), repeated=repeated):
            break
        height += 1
    return height


def join_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """One name a column from the rows of a header.

    A name of an upper row that stands over several columns (blank cells follow it) counts for
    each of them.
    """
    width = max(map(len, rows))
    filled = [[*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in rows]
    for index, row in enumerate(filled[:-1]):
        for place in range(1, width):
            if not row[place] and any(lower[place] for lower in filled[index + 1 :]):
                row[place] = row[place - 1]
    return [" ".join(cell for cell in column if cell) for column in zip(*filled, strict=True)]


def holds_words(row: Sequence[str]) -> bool:
    """Could the row be one of names: no values but years, and no name twice?"""
    cells = [cell.strip() for cell in row if cell.strip()]
    words = all(kind_of(cell) in ("text", "boolean") or YEAR.fullmatch(cell) for cell in cells)
    return words and len(set(cells)) == len(cells)


def _surely_data(body: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    return body[min(_UNSURE_ROWS, len(body) // 2) :]


def _alone(first: Sequence[str]) -> HeaderJudgement:
    values = [cell for cell in first if kind_of(cell) in ("number", "date")]
    if values:
        return HeaderJudgement(
            present=False, confidence=0.6, evidence="It is the only row and holds values."
        )
    return HeaderJudgement(
        present=True, confidence=0.5, evidence="It is the only row and holds words."
    )


def _all_words(first: Sequence[str], columns: Sequence[Sequence[str]]) -> HeaderJudgement:
    repeated = [
        cell
        for cell, column in zip(first, columns, strict=False)
        if cell and any(cell == value.strip() for value in column)
    ]
    if repeated:
        return HeaderJudgement(
            present=False,
            confidence=0.6,
            evidence=f"“{repeated[0][:40]}” stands again in the rows below.",
        )
    if all(first) and len(set(first)) == len(first):
        return HeaderJudgement(
            present=True,
            confidence=0.65,
            evidence="All its cells are words that differ and do not come again.",
        )
    return HeaderJudgement(
        present=True, confidence=0.4, evidence="Nothing tells it apart from the rows below."
    )


def _names_too(row: Sequence[str], body: Sequence[Sequence[str]], *, repeated: bool) -> bool:
    pairs = list(zip(row, zip(*body, strict=True), strict=False))
    if not holds_words(row) and not all(_BRACKETED.fullmatch(c.strip()) for c in row if c.strip()):
        return False
    if any(_like_data(cell, column) for cell, column in pairs):
        return False
    over = [cell for cell, column in pairs if _stands_over(cell, column)]
    return len(over) > (not repeated) or any(_BRACKETED.fullmatch(cell.strip()) for cell in over)


def _stands_over(cell: str, column: Sequence[str]) -> bool:
    """Is this a word over a column of values, or a year over one of other numbers?"""
    cell, kind = cell.strip(), column_kind(column)
    if is_missing(cell):
        return False
    if kind not in VALUES:
        shape = column_shape(column)
        return kind_of(cell) == "text" and bool(shape) and shape_of(cell) != shape
    if YEAR.fullmatch(cell):
        return not all(YEAR.fullmatch(value.strip()) for value in column if value.strip())
    return kind_of(cell) in ("text", "boolean") and kind_of(cell) != kind


def _like_data(cell: str, column: Sequence[str]) -> bool:
    if not cell.strip() or _stands_over(cell, column):
        return False
    kind = kind_of(cell)
    if kind in VALUES:
        return kind == column_kind(column)
    shape = shape_of(cell)
    return bool(shape) and shape == column_shape(column)
