"""Is the first row a header, or data already?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[-+]?[$€£]?\s?\d[\d., ']*(?:[eE][-+]?\d+)?\s?[%€]?")
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].+)?|"
    r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?"
)
_BOOLEAN = {"true", "false", "yes", "no", "y", "n", "t", "f"}
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_ROWS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderJudgement:
    present: bool
    confidence: float
    evidence: str

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
    body = [row for row in rows[1 : _MOST_ROWS + 1] if len(row) == width]
    if not body:
        return _alone(first)
    columns = list(zip(*body, strict=True))
    pairs = list(zip(first, columns, strict=False))
    named = [i for i, (cell, column) in enumerate(pairs, 1) if _stands_over(cell, column)]
    alike = [i for i, (cell, column) in enumerate(pairs, 1) if _like_data(cell, column)]
    if len(named) > len(alike):
        return HeaderJudgement(
            present=True,
            confidence=0.95 if not alike else 0.7,
            evidence=f"Its cell {named[0]} is a word where the rows below have values.",
        )
    if alike:
        return HeaderJudgement(
            present=False,
            confidence=0.9 if not named else 0.6,
            evidence=f"Its cell {alike[0]} is the same kind of value as those below.",
        )
    return _all_words(first, columns)


def _alone(first: Sequence[str]) -> HeaderJudgement:
    values = [cell for cell in first if _kind(cell) in ("number", "date")]
    if values:
        return HeaderJudgement(
            present=False, confidence=0.6, evidence="It is the only row and holds values."
        )
    return HeaderJudgement(
        present=True, confidence=0.5, evidence="It is the only row and holds words."
    )


def _all_words(first: Sequence[str], columns: Sequence[Sequence[str]]) -> HeaderJudgement:
    repeated = [
        cell for cell, column in zip(first, columns, strict=False) if cell and cell in column
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


def _kind(cell: str) -> str:
    cell = cell.strip()
    if not cell:
        return "empty"
    if _DATE.fullmatch(cell):
        return "date"
    if _NUMBER.fullmatch(cell):
        return "number"
    return "boolean" if cell.lower() in _BOOLEAN else "text"


def _column_kind(column: Sequence[str]) -> str:
    """The kind of four fifths of the filled cells; text when they differ."""
    kinds = [kind for kind in map(_kind, column) if kind != "empty"]
    for kind in ("number", "date", "boolean"):
        if kinds and kinds.count(kind) >= 0.8 * len(kinds):
            return kind
    return "text"


def _stands_over(cell: str, column: Sequence[str]) -> bool:
    """Is this a word over a column of values, or a year over one of other numbers?"""
    kind = _column_kind(column)
    if kind == "text":
        return False
    if _YEAR.fullmatch(cell):
        return not all(_YEAR.fullmatch(value.strip()) for value in column if value.strip())
    return _kind(cell) == "text"


def _like_data(cell: str, column: Sequence[str]) -> bool:
    kind = _kind(cell)
    if kind not in ("number", "date", "boolean") or _stands_over(cell, column):
        return False
    return kind == _column_kind(column)
