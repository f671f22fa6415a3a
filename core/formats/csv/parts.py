"""The parts of a file: lines before the table, its header, its rows, what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from core.formats.csv.endings import names_a_total
from core.formats.csv.numbers import parted_decimals
from core.formats.csv.sample import Row, Sniffed
from core.formats.text.header import (
    HeaderJudgement,
    header_height,
    holds_words,
    judge_header,
)
from core.formats.text.kinds import column_kind, kind_of
from core.formats.text.mending import Mender
from core.model.dialect import Dialect, Finding, Given

_MOST_PREAMBLE = 60  # rows
_MOST_FOOTER = 60  # rows
_MOST_CANDIDATES = 50  # rows looked at as the header of another table
_JUDGED_ROWS = 100
_NOTE = re.compile(
    r"\s*(?:(?:sources?|notes?|footnotes?|quellen?|fuentes?|fontes?|bron|remarks?|legend|"
    r"disclaimer|copyright|generated|exported|created|printed|end of)\b|[*†‡©]|\(\d{1,2}\)|\[\d)",
    re.IGNORECASE,
)


_ABOVE_VALUES = HeaderJudgement(
    present=True,
    confidence=0.7,
    evidence="It holds words right above the first row of the table, but not as many.",
)
_GIVEN_HEADER = HeaderJudgement(
    present=True, confidence=1.0, evidence="More than one row was set for it."
)


class _Top(NamedTuple):
    first: int  # index of the first row of the table
    judged: HeaderJudgement
    header_rows: int


def find_parts(
    rows: Sequence[Row], width: int, dialect: Dialect, given: Given, *, complete: bool
) -> Sniffed:
    """The dialect with preamble, header and footer, and what was found out about them.

    `rows` follow the lines the dialect skips already. `complete`: the last of them is the last
    of the file, else nothing is known of its end.
    """
    width = _first_width(rows, width)
    top = _top_under(rows, width, dialect, given)
    body = top.first + top.header_rows
    above = _described_top(rows, top, dialect)
    other = _other_table(rows, body, width)
    ends = complete and "skip_footer" not in given
    below = _described_end(rows, body, other, width, above.dialect) if ends else None
    warnings = list(above.warnings)
    if len(rows) > body > 0:
        warnings += parted_decimals(rows[body - 1], rows[body:], width, dialect.delimiter)
    if other is not None:
        warnings.append(_other_table_warning(rows, other, dialect, ends))
    return Sniffed(
        dialect=below.dialect if below else above.dialect,
        findings=(*above.findings, *(below.findings if below else ())),
        warnings=(*warnings, *(below.warnings if below else ())),
    )


def _described_top(rows: Sequence[Row], top: _Top, dialect: Dialect) -> Sniffed:
    findings = [*_header_findings(top)]
    warnings = [] if top.judged.confidence >= 0.75 else [top.judged.warning]
    if top.first:
        line = rows[top.first].line
        shown = f"“{rows[0].shown(dialect.delimiter)}” and so on"
        evidence = f"{shown} stands before the first row of the table."
        dialect = replace(dialect, skip_rows=line - 1)
        findings.append(_finding("skip_rows", dialect.skip_rows, 0.8, evidence))
        what = f"first {line - 1} lines are" if line > 2 else "first line is"
        warnings.insert(0, f"The {what} skipped: {shown}.")
    body = rows[top.first + top.header_rows :]
    again = [row.line for row in body if _repeats(row, rows[top.first])]
    if top.judged.present and again:
        warnings.append(
            f"The header comes again in line {again[0]:,}: such rows are reported, not loaded."
        )
    found = replace(dialect, header=top.judged.present, header_rows=max(top.header_rows, 1))
    return Sniffed(dialect=found, findings=tuple(findings), warnings=tuple(warnings))


def _described_end(
    rows: Sequence[Row], body: int, other: int | None, width: int, dialect: Dialect
) -> Sniffed:
    """`other`: where another table begins, with which the first ends at the latest."""
    stop = len(rows) if other is None else other
    end = _find_end(rows, body, stop, width)
    left_out = len(rows) - end
    findings, warnings = [], []
    if left_out:
        shown = f"line {rows[end].line:,}, “{rows[end].shown(dialect.delimiter)}”"
        evidence = f"From {shown} on, no row is one of the table."
        findings.append(_finding("skip_footer", left_out, 0.8, evidence))
        if other is None:
            what = f"last {left_out} rows are" if left_out > 1 else "last row is"
            warnings.append(
                f"The {what} left out as notes or totals, from {shown} on. "
                "Set the footer to 0 to read all rows."
            )
    if end == stop and end > body and names_a_total(rows[end - 1].cells):
        warnings.append(
            f"The last row, “{rows[end - 1].shown(dialect.delimiter)}”, may be a total: "
            f"set the footer to {left_out + 1} to leave it out."
        )
    return Sniffed(
        dialect=replace(dialect, skip_footer=left_out),
        findings=tuple(findings),
        warnings=tuple(warnings),
    )


def _finding(name: str, value: int, confidence: float, evidence: str) -> Finding:
    return Finding(name=name, value=str(value), confidence=confidence, evidence=evidence)


def _header_findings(top: _Top) -> Iterator[Finding]:
    judged = top.judged
    value = "yes" if judged.present else "no"
    yield Finding(
        name="header", value=value, confidence=judged.confidence, evidence=judged.evidence
    )
    if top.header_rows > 1:
        evidence = "Words stand in all of them where the rows below have values."
        yield _finding("header_rows", top.header_rows, 0.8, evidence)


def _top_under(rows: Sequence[Row], width: int, dialect: Dialect, given: Given) -> _Top:
    """The top as it is found, as far as it is not given."""
    top = _find_top(rows, width, dialect)
    if "skip_rows" in given and top.first:
        judged = _judge(rows, 0, width)
        top = _Top(0, judged, _height(rows, 0, width) if judged.present else 0)
    several = given.get("header_rows", 1) > 1
    if "header" in given or several:
        judged = replace(_GIVEN_HEADER, present=given.get("header", True))
        top = top._replace(judged=judged)
    if not top.judged.present:
        return top._replace(header_rows=0)
    height = top.header_rows or _height(rows, top.first, width)
    return top._replace(header_rows=given.get("header_rows", height))


def _height(rows: Sequence[Row], start: int, width: int) -> int:
    cells = [row.cells for row in rows[start : start + _JUDGED_ROWS]]
    return header_height(cells, width)


def _find_top(rows: Sequence[Row], width: int, dialect: Dialect) -> _Top:
    start = _fullest(rows, width)
    judged = _judge(rows, start, width)
    first = start
    while first and _names_groups(rows, first - 1, width):
        first -= 1
    if first == start and not judged.by_values:
        if start and _names_columns(rows, start - 1, width, dialect):
            return _Top(start - 1, _ABOVE_VALUES, 1)
        # Without a header that is sure, only what cannot be data is passed over.
        notes = (i for i, row in enumerate(rows[:start]) if not _is_note(row, width))
        first = start = next(notes, start)
        judged = _judge(rows, start, width)
    if not judged.present and first == start:
        return _Top(first, judged, 0)
    height = start - first + _height(rows, start, width)
    return _Top(first, replace(judged, present=True), height)


def _first_width(rows: Sequence[Row], width: int) -> int:
    """The width of the first of several tables, `width` being that of the largest.

    What comes before the largest is a table too if it has a header above values.
    """
    start = _fullest(rows, width)
    begin = 0
    for index in range(1, start + 1):
        alike = len(rows[index].cells) == len(rows[begin].cells) and _touches(rows, index - 1)
        if alike and index < start:
            continue
        own = len(rows[begin].cells)
        if own > 1 and index - begin > 2:
            cells = [row.cells for row in rows[begin:index]]
            if holds_words(cells[0]) and judge_header(cells, own).by_values:
                return own
        begin = index
    return width


def _judge(rows: Sequence[Row], start: int, width: int) -> HeaderJudgement:
    return judge_header([row.cells for row in rows[start : start + _JUDGED_ROWS + 1]], width)


def _fullest(rows: Sequence[Row], width: int) -> int:
    """The first row that is filled as the rows of the table are; 0 when none is."""
    regular = [row.filled for row in rows if len(row.cells) == width and row.filled > 1]
    if width < 2 or not regular:
        return 0
    wanted = max(2, median(regular) / 2)
    for index, row in enumerate(rows[:_MOST_PREAMBLE]):
        if len(row.cells) == width and row.filled >= wanted:
            return index
    return 0


def _names_groups(rows: Sequence[Row], index: int, width: int) -> bool:
    """Does this row name groups of the columns the next one names? It has gaps, then."""
    row = rows[index]
    filled = [bool(cell.strip()) for cell in row.cells]
    gap = any(later and not earlier for earlier, later in pairwise(filled))
    named = list(dict.fromkeys(cell.strip() for cell in row.cells))
    return gap and len(filled) == width and _touches(rows, index) and holds_words(named)


def _names_columns(rows: Sequence[Row], index: int, width: int, dialect: Dialect) -> bool:
    """Is this row, too short or too long for one of the table, a header all the same?"""
    row = rows[index]
    if not _touches(rows, index):
        return False
    if row.filled >= max(2, 0.6 * width) and holds_words(row.cells):
        return True
    line = dialect.delimiter.join(row.cells)  # as it stands in the file, if nothing is quoted
    return not row.record.quoted and Mender(dialect, width, ()).header(line, row.record) is not None


def _touches(rows: Sequence[Row], index: int) -> bool:
    """No blank line parts the row from the next."""
    return rows[index].line + rows[index].record.lines == rows[index + 1].line


def _is_note(row: Row, width: int) -> bool:
    """One text where the table has several cells, or a comment."""
    if row.cells[0].startswith("#"):
        return True
    if row.filled <= 1:
        return not any(kind_of(cell) in ("number", "date") for cell in row.cells)
    few = len(row.cells) != width and row.filled <= max(1, width // 4)
    return few and not any(kind_of(cell) in ("number", "date") for cell in row.cells)


def _repeats(row: Row, header: Row) -> bool:
    return row.cells == header.cells and row.filled > 1


def _other_table(rows: Sequence[Row], body: int, width: int) -> int | None:
    """Index of the first row that belongs to another table, titles before it included."""
    looked = 0
    for index in range(body + 1, len(rows) - 1):
        row, above = rows[index], rows[index - 1]
        apart = above.line + above.record.lines < row.line or _is_note(above, width)
        if row.filled < 2 or not (apart or len(row.cells) != width) or _is_note(row, width):
            continue
        looked += 1
        if looked > _MOST_CANDIDATES:
            return None
        if _begins_table(rows, index, body, width):
            while index > body + 1 and _is_note(rows[index - 1], width):
                index -= 1
            return index
    return None


def _begins_table(rows: Sequence[Row], index: int, body: int, width: int) -> bool:
    """Is the row a header, and are most rows from there on as wide as it is?"""
    row = rows[index]
    if not holds_words(row.cells) or row.cells == rows[max(body - 1, 0)].cells:
        return False
    own = len(row.cells)
    following = rows[index + 1 : index + 1 + _JUDGED_ROWS]
    alike = sum(len(other.cells) == own for other in following)
    if own < 2 or alike < max(2, 0.8 * len(following)):
        return False
    return _judge(rows, index, own).by_values


def _other_table_warning(rows: Sequence[Row], other: int, dialect: Dialect, left_out: bool) -> str:
    line = rows[other].line
    begun = f"Another table begins in line {line:,} (“{rows[other].shown(dialect.delimiter)}”)"
    if not left_out:
        return f"{begun}: its rows are read as rows of the first. Split the file there."
    return (
        f"{begun}: the {len(rows) - other:,} rows from there on are left out. "
        f"To read them instead, skip the first {line - 1:,} lines and set the footer to 0."
    )


def _find_end(rows: Sequence[Row], body: int, stop: int, width: int) -> int:
    """Index behind the last row of the table; what follows are notes and totals."""
    end = stop
    least = max(body + 1, stop - _MOST_FOOTER)
    while end > least and _ends(rows, end - 1, body, width):
        end -= 1
    if end == stop or not any(len(row.cells) == width for row in rows[body:end]):
        return stop
    # Where such rows stand among the others too, they are rows like the others.
    among = sum(_is_note(row, width) for row in rows[body:end])
    return end if among <= 0.02 * (end - body) else stop


def _ends(rows: Sequence[Row], index: int, body: int, width: int) -> bool:
    row = rows[index]
    if width < 2:
        return False
    first = row.cells[0].strip()
    noted = bool(_NOTE.match(first))
    if len(row.cells) == 1 or (width > 2 and row.filled == 1 and first):
        # One word may be what is left of a row.
        prose = " " in first or noted or not _touches(rows, index - 1)
        return prose and kind_of(first) not in ("number", "date")
    if noted and len(row.cells) != width:
        return True
    return not row.filled or _is_total(rows, index, body, width)


def _is_total(rows: Sequence[Row], index: int, body: int, width: int) -> bool:
    """A word for a total, and texts that are missing or figures that add up."""
    cells = rows[index].cells
    if not names_a_total(cells) or len(cells) > width:
        return False
    above = [row.cells for row in rows[body:index] if len(row.cells) == width]
    if not above:
        return False
    named = next(place for place, cell in enumerate(cells) if cell.strip())
    for place, column in enumerate(zip(*above, strict=True)):
        cell = cells[place].strip() if place < len(cells) else ""
        if place == named:
            continue
        if not cell and column_kind(column[-_JUDGED_ROWS:]) not in ("empty", "number"):
            return True
        if cell and _adds_up(cell, column):
            return True
    return False


def _adds_up(cell: str, column: Sequence[str]) -> bool:
    total, figures = _figure(cell), [_figure(value) for value in column if value.strip()]
    if total is None or len(figures) < 2 or None in figures:
        return False
    summed = sum(figure for figure in figures if figure is not None)
    return abs(summed - total) <= 0.001 * max(1.0, abs(total))


def _figure(cell: str) -> float | None:
    bare = re.sub(r"[\s$€£%']", "", cell)
    if re.fullmatch(r"-?\d+,\d{1,2}", bare):
        bare = bare.replace(",", ".")
    try:
        return float(bare.replace(",", ""))
    except ValueError:
        return None
