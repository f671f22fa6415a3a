"""What detection looks at: rows of the text with their lines, and what it concludes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from core.formats.text.splitting import LINE_END, Record, Splitter
from core.model.dialect import Dialect, Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Sniffed:
    dialect: Dialect
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


class Row(NamedTuple):
    """A row, and the physical line in which it starts."""

    record: Record
    line: int

    @property
    def cells(self) -> list[str]:
        return self.record.cells

    @property
    def filled(self) -> int:
        return sum(bool(cell.strip()) for cell in self.record.cells)

    def shown(self, delimiter: str) -> str:
        """How the row begins, for people."""
        return " ".join(delimiter.join(self.record.cells).split())[:60]


class Sample(NamedTuple):
    """Text of a file from one of its physical lines on."""

    text: str
    line: int


def behind(text: str, lines: int) -> Sample:
    """What comes after the first lines of the file."""
    position, line = 0, 1
    while line <= lines and (found := LINE_END.search(text, position)):
        position, line = found.end(), line + 1
    return Sample(text[position:] if line > lines else "", line)


def rows_of(sample: Sample, dialect: Dialect, *, most: int | None = None) -> list[Row]:
    """The rows of the sample, skipping none of its lines: those of the first `most`."""
    return [row for row in islice(_rows(sample, dialect), most) if not row.record.blank]


def _rows(sample: Sample, dialect: Dialect) -> Iterator[Row]:
    splitter = Splitter(dialect)
    text, line, position = *sample, 0
    while position < len(text):
        record = splitter.record(text, position, final=True)
        assert record is not None
        yield Row(record, line)
        position, line = record.end, line + record.lines
