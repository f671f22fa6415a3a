"""Which marks the numbers of a file use: point or comma before the fraction, and thousands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.formats.csv.sample import Row, Sniffed
from core.model.dialect import Dialect, Finding, Given

_MOST_CELLS = 20_000
_MOST_ROWS = 400
_WHOLE = re.compile(r"[-+]?\d+")
_CENTS = re.compile(r"\d\d")
_BARE = re.compile(r"[-+]?(?:[$€£]\s?)?(\d[\d.,' \u00a0\u202f]*\d)\s?[%€$£]?")
_GROUP = r"[' \u00a0\u202f]"
#: Readings that only one pair of decimal and thousands marks allows.
_PROOFS: tuple[tuple[re.Pattern[str], str, str | None], ...] = (
    (re.compile(r"\d{1,3}(?:\.\d{3})+,\d+"), ",", "."),
    (re.compile(r"\d{1,3}(?:,\d{3})+\.\d+"), ".", ","),
    (re.compile(r"\d{1,3}(?:,\d{3}){2,}"), ".", ","),
    (re.compile(r"\d{1,3}(?:\.\d{3}){2,}"), ",", "."),
    (re.compile(rf"\d{{1,3}}(?:{_GROUP}\d{{3}})+,\d+"), ",", " "),
    (re.compile(rf"\d{{1,3}}(?:{_GROUP}\d{{3}})+\.\d+"), ".", " "),
    (re.compile(r"\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d{3}|0,\d+"), ",", None),
    (re.compile(r"\d+\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d{3}|0\.\d+"), ".", None),
)
_WORDS = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}


def find_number_marks(cells: Iterable[str], dialect: Dialect, given: Given) -> Sniffed:
    """The dialect with its `decimal` and `thousands`, as far as single numbers prove them.

    Numbers that contradict what is given prove nothing.
    """
    if given.get("thousands") == dialect.decimal and "decimal" not in given:
        dialect = replace(dialect, decimal=",")
    votes: Counter[str] = Counter()
    groups: Counter[tuple[str, str]] = Counter()
    examples: dict[str, str] = {}
    for cell, decimal, thousands in _proofs(cells):
        if given.get("decimal", decimal) != decimal or given.get("thousands") == decimal:
            continue
        votes[decimal] += 1
        examples.setdefault(decimal, cell)
        if thousands is not None:
            groups[decimal, thousands] += 1
    if not votes:
        return Sniffed(dialect=dialect)
    (decimal, count), others = votes.most_common(1)[0], votes.total()
    grouped = [mark for (mark_of, mark), _ in groups.most_common() if mark_of == decimal]
    found = replace(dialect, decimal=decimal, thousands=grouped[0] if grouped else "")
    findings = [
        Finding(
            name="decimal",
            value=_WORDS[decimal],
            confidence=round(0.99 * count / others, 2),
            evidence=f"“{examples[decimal]}” and {count - 1} other cells can only be read so.",
        )
    ]
    if grouped:
        findings.append(
            Finding(
                name="thousands",
                value=_WORDS[grouped[0]],
                confidence=0.9,
                evidence=f"It groups the digits of {groups[decimal, grouped[0]]} cells.",
            )
        )
    warnings = []
    if len(votes) > 1:
        shown = " and ".join(f"“{examples[mark]}”" for mark in sorted(examples))
        warnings.append(f"Numbers are written in two ways, such as {shown}: check each column.")
    return Sniffed(dialect=found, findings=tuple(findings), warnings=tuple(warnings))


def parted_decimals(names: Row, body: Sequence[Row], width: int, delimiter: str) -> Iterator[str]:
    """A warning where commas both part the cells and stand inside the numbers of one column.

    Then every row has a cell more than there are `names`, and the fractions stand alone.
    """
    rows = [row for row in body[:_MOST_ROWS] if len(row.cells) == width]
    if delimiter != "," or len(names.cells) != width - 1 or len(rows) < max(3, len(body) // 2):
        return
    for place, column in enumerate(zip(*(row.cells for row in rows), strict=True)):
        whole = [row.cells[place - 1] for row in rows] if place else [""]
        bare = not any(place in row.record.quoted for row in rows)
        if bare and all(map(_CENTS.fullmatch, column)) and all(map(_WHOLE.fullmatch, whole)):
            yield (
                f"The rows have a cell more than the header, as if “{whole[0]},{column[0]}” in line"
                f" {rows[0].line:,} were one number, parted at its decimal comma: the names stand "
                "over the wrong cells then. Save the file with semicolons between its cells, or "
                "with quotes around such numbers."
            )
            return


def _proofs(cells: Iterable[str]) -> Iterator[tuple[str, str, str | None]]:
    """Cells that are numbers of one reading only, with their decimal and thousands marks."""
    for _, cell in zip(range(_MOST_CELLS), cells, strict=False):
        bare = _BARE.fullmatch(cell.strip())
        if bare is None or bare[1].isdigit():
            continue
        for pattern, decimal, thousands in _PROOFS:
            if pattern.fullmatch(bare[1]):
                mark = "'" if thousands == " " and "'" in bare[1] else thousands
                yield cell.strip(), decimal, mark
                break
