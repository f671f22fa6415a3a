"""How delimited text is written: delimiter, quote, preamble, header, each with its evidence.

Every candidate pair of delimiter and quote splits a sample with the splitter that will read
the file; the one whose rows agree best in width and whose cells look most like values wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.formats.text.header import judge_header
from core.formats.text.rows import SEP_LINE
from core.formats.text.splitting import Record, Splitter
from core.model.dialect import Dialect, Finding

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
_SAMPLE_ROWS = 200
_MOST_PREAMBLE = 30  # lines
_ONE_COLUMN = 0.3  # score of the reading that there is one column
_SPACE = 0.4  # spaces stand in ordinary text: they need far better evidence
_NO_QUOTE = 0.9  # that quotes mean nothing must explain the file better, not as well
_APOSTROPHE = re.compile(r"(?:^|[,;|\t])\s?'[^'\r\n]*'\s?(?:[,;|\t]|$)", re.MULTILINE)
_DECIMAL_COMMA = re.compile(r"[-+]?[\d. ]*\d,\d+\s?[%€]?|[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sniffed:
    dialect: Dialect
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]


class _Row(NamedTuple):
    record: Record
    line: int


class _Reading(NamedTuple):
    """The sample as one candidate dialect reads it."""

    dialect: Dialect
    rows: list[_Row]  # blank ones left out
    width: int
    agreeing: float  # share of rows that have the usual width
    score: float


def sniff(text: str, start: Dialect, *, complete: bool) -> Sniffed:
    """Everything but the encoding, which `start` holds already.

    `complete`: the text is the whole file; else its last row may be cut and is not looked at.
    """
    sample = _cut(text, complete)
    sep = SEP_LINE.match(sample)
    if sep:
        delimiter = "\t" if sep.group(1) == "\\t" else sep.group(1)
        start = replace(start, delimiter=delimiter, skip_rows=1)
    reading = _best(sample, start, sep is not None)
    dialect = reading.dialect
    findings = [*_delimiter_finding(reading, sep is not None), *_quote_finding(reading)]
    warnings: list[str] = []
    first, skipped = _preamble(reading)
    if skipped:
        dialect = replace(dialect, skip_rows=reading.rows[first].line - 1)
        findings.append(
            Finding(
                name="skip_rows",
                value=str(dialect.skip_rows),
                confidence=0.8,
                evidence=f"{skipped} before the first row of {reading.width} cells.",
            )
        )
        warnings.append(f"The first {dialect.skip_rows} lines are skipped: {skipped}.")
    body = [row.record.cells for row in reading.rows[first:]]
    header = judge_header(body, reading.width)
    findings.append(
        Finding(
            name="header",
            value="yes" if header.present else "no",
            confidence=header.confidence,
            evidence=header.evidence,
        )
    )
    if header.confidence < 0.75:
        warnings.append(header.warning)
    return Sniffed(
        dialect=replace(dialect, header=header.present),
        findings=tuple(findings),
        warnings=tuple(warnings),
    )


def _cut(text: str, complete: bool) -> str:
    if complete and len(text) <= _SAMPLE:
        return text
    sample = text[:_SAMPLE]
    end = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: end + 1] if end > 0 else sample


def _read(sample: str, dialect: Dialect) -> _Reading:
    rows = list(_rows(sample, dialect))
    widths = Counter(len(row.record.cells) for row in rows)
    if not widths:
        return _Reading(dialect, rows, 1, 1.0, 0.0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    agreeing = count / len(rows)
    if width == 1:
        return _Reading(dialect, rows, 1, agreeing, _ONE_COLUMN)
    usual = [row.record for row in rows if len(row.record.cells) == width]
    sound = sum(row.record.flaw is None for row in rows) / len(rows)
    likely = sum(_plausible(record) for record in usual) / len(usual)
    void = sum(not any(column) for column in zip(*(r.cells for r in usual), strict=True))
    breadth = (1 - 1 / (width - void + 1)) * (1 - void / width / 2)
    score = agreeing * (0.5 + 0.5 * sound) * likely * breadth
    if dialect.quote is None:
        score *= _NO_QUOTE
    if dialect.delimiter == " ":
        score *= _SPACE
    return _Reading(dialect, rows, width, agreeing, score)


def _rows(sample: str, dialect: Dialect) -> Iterator[_Row]:
    splitter = Splitter(dialect)
    position, line = 0, 1
    for index in range(_SAMPLE_ROWS + dialect.skip_rows):
        if position >= len(sample):
            return
        record = splitter.record(sample, position, final=True)
        assert record is not None
        if index >= dialect.skip_rows and not record.blank:
            yield _Row(record, line)
        position, line = record.end, line + record.lines


def _plausible(record: Record) -> float:
    """How much the cells of a row look like values rather than like pieces of them, 0…1."""
    total = 0.0
    for index, cell in enumerate(record.cells):
        total += 1.0 if index in record.quoted else _plausible_cell(cell)
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


def _best(sample: str, start: Dialect, delimiter_known: bool) -> _Reading:
    delimiters = [start.delimiter] if delimiter_known else list(DELIMITER_WORDS)
    quotes: list[str | None] = ['"']
    if _APOSTROPHE.search(sample):
        quotes.append("'")
    if '"' in sample:
        quotes.append(None)
    best = _read(sample, replace(start, delimiter=delimiters[0]))
    if best.width == 1:
        best = best._replace(score=_ONE_COLUMN)
    for delimiter in delimiters:
        if delimiter not in sample:
            continue
        for quote in quotes:
            reading = _read(sample, replace(start, delimiter=delimiter, quote=quote))
            if reading.score > best.score + 1e-9:
                best = reading
    return _escaping(sample, best)


def _escaping(sample: str, best: _Reading) -> _Reading:
    """The same with backslashes before quotes, if that reads better."""
    quote = best.dialect.quote
    if quote is None or "\\" + quote not in sample:
        return best
    escaped = _read(sample, replace(best.dialect, escape="\\"))
    better = _flawed(escaped) < _flawed(best) or escaped.score > best.score + 1e-9
    return escaped if better else best


def _flawed(reading: _Reading) -> int:
    return sum(row.record.flaw is not None for row in reading.rows)


def _preamble(reading: _Reading) -> tuple[int, str]:
    """Index of the first row that is no preamble, and words for what comes before it ('')."""
    rows, width = reading.rows, reading.width
    if width < 2:
        return 0, ""
    for index, row in enumerate(rows[:_MOST_PREAMBLE]):
        cells = row.record.cells
        filled = sum(bool(cell.strip()) for cell in cells)
        comment = cells[0].startswith("#") and len(cells) != width
        if filled > max(1, width // 4) and not comment:
            if index == 0:
                return 0, ""
            shown = " ".join(reading.dialect.delimiter.join(rows[0].record.cells).split())[:60]
            return index, f"title or comment lines beginning with “{shown}”"
    return 0, ""


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
            value="backslash",
            confidence=0.9,
            evidence="Quotes inside quoted cells stand behind a backslash.",
        )
