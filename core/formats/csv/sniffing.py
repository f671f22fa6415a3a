"""How delimited text is written: delimiter, quote, preamble, header, each with its evidence.

Every candidate pair of delimiter and quote splits a sample with the splitter that will read
the file; the one whose rows agree best in width and whose cells look most like values wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from core.formats.csv.numbers import find_number_marks
from core.formats.csv.parts import find_parts
from core.formats.csv.sample import Row, Sample, Sniffed, behind, rows_of
from core.formats.text.rows import SEP_LINE
from core.formats.text.splitting import Record
from core.model.dialect import Dialect, Finding, Given

DELIMITER_WORDS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    ", ": "comma and space",
    "; ": "semicolon and space",
    "||": "two pipes",
    "::": "two colons",
    "~": "tilde",
    "^": "caret",
    "\x1f": "unit separator",
    "\x01": "Ctrl-A",
    " ": "space",
}
_SAMPLE = 1 << 16  # characters
_SAMPLE_ROWS = 400
_AROUND = 0.25  # weight of rows before and behind the table
_ONE_COLUMN = 0.3  # score of the reading that there is one column
_SPACE = 0.4  # spaces stand in ordinary text: they need far better evidence
_NO_QUOTE = 0.9  # that quotes mean nothing must explain the file better, not as well
_APOSTROPHE = re.compile(r"(?:^|[,;|\t])\s?'[^'\r\n]*'\s?(?:[,;|\t]|$)", re.MULTILINE)
_DOUBLE_QUOTES = re.compile('"+')
_DECIMAL_COMMA = re.compile(r"[-+]?[\d. ]*\d,\d+\s?[%€]?|[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


class _Reading(NamedTuple):
    """The sample as one candidate dialect reads it."""

    dialect: Dialect
    rows: list[Row]
    width: int
    agreeing: float  # share of rows that have the usual width
    score: float


def sniff(text: str, start: Dialect, given: Given, *, complete: bool) -> Sniffed:
    """Everything but the encoding, which `start` holds already, and but what is given.

    `complete`: the text is the whole file; else its last row may be cut and is not looked at.
    """
    sep = SEP_LINE.match(text)
    if sep:
        delimiter = "\t" if sep.group(1) == "\\t" else sep.group(1)
        start = replace(start, delimiter=delimiter, skip_rows=1)
    start = replace(start, **given)
    table = behind(text, max(start.skip_rows, 1 if sep else 0))
    sample = table._replace(text=_cut(table.text, complete))
    reading = _best(sample, start, given, delimiter_known=sep is not None or "delimiter" in given)
    rows = rows_of(table, reading.dialect) if complete else reading.rows
    parts = find_parts(rows, reading.width, reading.dialect, given, complete=complete)
    cells = (cell for row in rows[:_SAMPLE_ROWS] for cell in row.cells)
    marks = find_number_marks(cells, parts.dialect, given)
    return Sniffed(
        dialect=marks.dialect,
        findings=(
            *_delimiter_finding(reading, sep is not None),
            *_quote_finding(reading),
            *parts.findings,
            *marks.findings,
        ),
        warnings=(*parts.warnings, *marks.warnings),
    )


def _cut(text: str, complete: bool) -> str:
    if complete and len(text) <= _SAMPLE:
        return text
    sample = text[:_SAMPLE]
    end = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: end + 1] if end > 0 else sample


def _read(sample: Sample, dialect: Dialect) -> _Reading:
    rows = rows_of(sample, dialect, most=_SAMPLE_ROWS)
    width = _usual_width(rows)
    if width == 1:
        agreeing = sum(len(row.cells) == 1 for row in rows) / max(len(rows), 1)
        return _Reading(dialect, rows, 1, agreeing, _ONE_COLUMN if rows else 0.0)
    alike = [index for index, row in enumerate(rows) if len(row.cells) == width]
    usual = [rows[index].record for index in alike]
    # Titles before the table and notes behind it need not agree with it.
    span = alike[-1] - alike[0] + 1
    agreeing = len(usual) / (span + _AROUND * (len(rows) - span))
    sound = sum(row.record.flaw is None for row in rows) / len(rows)
    mark = dialect.delimiter.rstrip() if dialect.delimiter.endswith(" ") else ""
    likely = sum(_plausible(record, mark) for record in usual) / len(usual)
    void = sum(not any(column) for column in zip(*(r.cells for r in usual), strict=True))
    breadth = (1 - 1 / (width - void + 1)) * (1 - void / width / 2)
    score = agreeing * (0.5 + 0.5 * sound) * likely * breadth
    if dialect.quote is None:
        score *= _NO_QUOTE
    if dialect.delimiter == " ":
        score *= _SPACE
    return _Reading(dialect, rows, width, agreeing, score)


def _usual_width(rows: Sequence[Row]) -> int:
    """The width of most rows; of rows of one cell only where hardly any other comes twice."""
    widths = Counter(len(row.cells) for row in rows)
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 1
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    singles = widths[1]
    return 1 if count < singles and (count < 2 or count < 0.2 * singles) else width


def _plausible(record: Record, mark: str) -> float:
    """How much the cells of a row look like values rather than like pieces of them, 0…1."""
    total = 0.0
    for index, cell in enumerate(record.cells):
        if index in record.quoted:
            total += 1.0
        elif mark and mark in cell:  # a delimiter without its blank is hardly text
            total += 0.0
        else:
            total += _plausible_cell(cell)
    return total / len(record.cells)


def _plausible_cell(cell: str) -> float:
    if cell.isalnum() or not cell:
        return 1.0
    bare = cell.strip()
    if bare.startswith("'") and bare.endswith("'") and len(bare) > 1:
        return 0.5
    if any(c in cell for c in ';|\t"') or bare.startswith("'") != bare.endswith("'"):
        return 0.0
    if "," in cell:
        return 1.0 if _DECIMAL_COMMA.fullmatch(bare) else 0.5
    return 0.9 if cell.startswith(" ") else 1.0


def _best(sample: Sample, start: Dialect, given: Given, *, delimiter_known: bool) -> _Reading:
    delimiters = [start.delimiter] if delimiter_known else list(DELIMITER_WORDS)
    start = replace(start, delimiter=delimiters[0])
    if "quote" not in given and not _sound(start):
        start = replace(start, quote=None)
    best = _read(sample, start)
    if best.width == 1:
        best = best._replace(score=_ONE_COLUMN)
    for delimiter in delimiters:
        if delimiter not in sample.text:
            continue
        for quote in _quotes(sample.text, given):
            dialect = replace(start, delimiter=delimiter, quote=quote)
            reading = _read(sample, dialect) if _sound(dialect) else best
            if reading.score > best.score + 1e-9:
                best = reading
    return best if "escape" in given else _escaping(sample, best)


def _quotes(text: str, given: Given) -> list[str | None]:
    """Those that may be meant."""
    if "quote" in given:
        return [given["quote"]]
    quotes: list[str | None] = ['"']
    if _APOSTROPHE.search(text):
        quotes.append("'")
    if '"' in text:
        quotes.append(None)
    return quotes


def _sound(dialect: Dialect) -> bool:
    """Is the delimiter something else than the marks around and inside cells?"""
    return all(mark not in dialect.delimiter for mark in (dialect.quote, dialect.escape) if mark)


def _escaping(sample: Sample, best: _Reading) -> _Reading:
    """The same with an escape character before quotes, if that reads better."""
    quote = best.dialect.quote
    if quote == "'" and '"' in sample.text and _only_pairs(best):
        return best._replace(dialect=replace(best.dialect, escape='"'))
    if quote is None or "\\" + quote not in sample.text:
        return best
    escaped = _read(sample, replace(best.dialect, escape="\\"))
    better = _flawed(escaped) < _flawed(best) or escaped.score > best.score + 1e-9
    return escaped if better else best


def _only_pairs(reading: _Reading) -> bool:
    """Whether double quotes stand doubled only, so that one of them escapes the other."""
    cells = [row.cells[index] for row in reading.rows for index in row.record.quoted]
    runs = [run for cell in cells for run in _DOUBLE_QUOTES.findall(cell)]
    return bool(runs) and all(len(run) % 2 == 0 for run in runs)


def _flawed(reading: _Reading) -> int:
    return sum(row.record.flaw is not None for row in reading.rows)


def _delimiter_finding(reading: _Reading, from_sep_line: bool) -> Iterator[Finding]:
    word = DELIMITER_WORDS.get(reading.dialect.delimiter, repr(reading.dialect.delimiter))
    if from_sep_line:
        evidence, confidence = "The first line says so (sep=).", 1.0
    elif reading.width == 1:
        evidence, confidence = "No delimiter parts the rows alike: there is one column.", 0.5
    else:
        evidence = (
            f"{reading.agreeing:.0%} of the first {len(reading.rows)} rows have "
            f"{reading.width} cells when parted by it."
        )
        confidence = round(min(0.99, 0.5 + 0.5 * reading.score * (1 + 1 / reading.width)), 2)
    yield Finding(name="delimiter", value=word, confidence=confidence, evidence=evidence)


def _quote_finding(reading: _Reading) -> Iterator[Finding]:
    dialect = reading.dialect
    cells = sum(len(row.record.quoted) for row in reading.rows)
    if dialect.quote is None:
        yield Finding(
            name="quote",
            value="none",
            confidence=0.6,
            evidence="Quotes do not pair up around cells, so they are ordinary characters.",
        )
        return
    yield Finding(
        name="quote",
        value={'"': "double quote", "'": "single quote"}.get(dialect.quote, dialect.quote),
        confidence=0.95 if cells else 0.5,
        evidence=f"It surrounds {cells} of the cells seen." if cells else "No cell is quoted.",
    )
    if dialect.escape:
        yield Finding(
            name="escape",
            value="backslash" if dialect.escape == "\\" else "double quote",
            confidence=0.9,
            evidence="Quotes inside quoted cells stand behind it.",
        )
