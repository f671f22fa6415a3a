"""Delimited text: CSV, TSV and their many dialects.

sample      what detection looks at, and what it concludes
sniffing    delimiter, quote, escape
parts       lines before the table, its header, its rows, what follows them
numbers     decimal and thousands marks
endings     totals and notes at the end of a file
blocks      the fast path: blocks proven regular, parsed by Polars
reading     the reader, which joins it with the tolerant splitter
writing     the writer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

import polars as pl

from core.errors import InvalidFormat
from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.csv.endings import END_SEEN
from core.formats.csv.reading import read_rows
from core.formats.csv.sample import Sniffed, behind
from core.formats.csv.sniffing import sniff
from core.formats.csv.writing import write_rows
from core.formats.text.encoding import EncodingGuess, decode_head, encoding_under
from core.formats.text.heads import encoding_finding, encoding_warnings, first_lines
from core.formats.text.layout import read_layout
from core.formats.text.rows import HeadText, TextRows
from core.formats.text.splitting import Splitter
from core.model.content import identify
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

INFO = FormatInfo(
    name="csv",
    title="CSV",
    extensions=(".csv", ".tsv", ".txt"),
    media_type="text/csv",
    description="Rows of cells parted by commas, semicolons, tabs or other delimiters",
    readable=True,
    writable=True,
    options=(
        "include_headers",
        "date_format",
        "delimiter",
        "encoding",
        "decimal",
        "null_representation",
        "quote",
        "line_end",
        "unencodable",
        "bom",
        "escape_formulas",
    ),
    read_options=(
        "encoding",
        "delimiter",
        "quote",
        "escape",
        "skip_rows",
        "header",
        "header_rows",
        "skip_footer",
        "decimal",
        "thousands",
        "null_values",
        "skip_blank_rows",
    ),
)


class CsvReader:
    info = INFO

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """See `core.formats.base.Reader`. Any text is delimited text; other content is refused."""
        if given.get("format", INFO.name) != INFO.name:
            return None
        start, complete = head.start, head.complete
        if not start.strip():
            raise InvalidFormat("The file is empty. Upload a file that holds at least one row.")
        content = identify(start)
        if content is not None:
            raise InvalidFormat(f"The content is {content.what}: {content.remedy}.")
        whole = head.within(END_SEEN)
        guess = encoding_under(head, given)
        text = decode_head(start, guess.encoding, complete=complete)
        if not text.strip():
            raise InvalidFormat("The file holds nothing but blank lines.")
        sniffed = _sniffed(text, whole, guess, given)
        dialect = replace(sniffed.dialect, **given)
        columns, warnings = _columns(text, dialect, complete)
        return Detection(
            dialect=dialect,
            columns=columns,
            findings=(encoding_finding(guess), *sniffed.findings),
            warnings=(*encoding_warnings(guess), *sniffed.warnings, *warnings),
            first_lines=first_lines(text),
        )

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """See `core.formats.base.Reader`."""
        return read_rows(file, dialect, rows=rows, limits=limits)


class CsvWriter:
    info = INFO

    def write(
        self,
        batches: Iterable[pl.DataFrame],
        columns: Sequence[Column],
        file: BinaryIO,
        options: WriteOptions,
    ) -> int:
        """See `core.formats.base.Writer`."""
        return write_rows(batches, columns, file, options)


CSV = Format(info=INFO, reader=CsvReader(), writer=CsvWriter())


def _sniffed(text: str, whole: bytes | None, guess: EncodingGuess, given: Given) -> Sniffed:
    start = Dialect(encoding=guess.encoding, bom=guess.bom)
    if whole is not None:
        text = decode_head(whole, guess.encoding, complete=True)
    return sniff(text, start, given, complete=whole is not None)


def _columns(text: str, dialect: Dialect, complete: bool) -> tuple[tuple[str, ...], list[str]]:
    if not complete:  # the last row may be cut
        end = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: end + 1] if end > 0 else text
        dialect = replace(dialect, skip_footer=0)
        if dialect.skip_rows and not behind(text, dialect.skip_rows).text.strip():
            return (), ["The rows begin beyond what was looked at."]
    layout = read_layout(TextRows(HeadText(text), Splitter(dialect), ReadLimits()), dialect)
    return tuple(layout.names), layout.warnings
