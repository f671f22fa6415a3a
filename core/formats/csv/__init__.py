"""Delimited text: CSV, TSV and their many dialects.

sniffing    delimiter, quote, preamble
blocks      the fast path: blocks proven regular, parsed by Polars
reading     the reader, which joins it with the tolerant splitter
writing     the writer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from core.errors import InvalidFormat
from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.csv.reading import read_rows
from core.formats.csv.sniffing import Sniffed, sniff
from core.formats.csv.writing import write_rows
from core.formats.text.encoding import decode_head, guess_encoding
from core.formats.text.heads import encoding_finding, encoding_warnings, first_lines
from core.formats.text.rows import HeadText, TextRows, read_layout
from core.formats.text.splitting import Splitter
from core.model.content import identify
from core.model.dialect import Detection, Dialect, FormatInfo
from core.model.table import Column

INFO = FormatInfo(
    name="csv",
    title="CSV",
    extensions=(".csv", ".tsv", ".txt"),
    media_type="text/csv",
    description="Rows of cells parted by commas, semicolons, tabs or other delimiters",
    readable=True,
    writable=True,
)


class CsvReader:
    info = INFO

    def detect(self, head: Head, *, given: Dialect | None) -> Detection | None:
        """See `core.formats.base.Reader`. Any text is delimited text; other content is refused."""
        if given is not None and given.format != INFO.name:
            return None
        start, complete = head.start, head.complete
        if not start.strip():
            raise InvalidFormat("The file is empty. Upload a file that holds at least one row.")
        content = identify(start)
        if content is not None:
            raise InvalidFormat(f"The content is {content.what}: {content.remedy}.")
        guess = guess_encoding(start, complete=complete)
        encoding = given.encoding if given else guess.encoding
        text = decode_head(start, encoding, complete=complete)
        if not text.strip():
            raise InvalidFormat("The file holds nothing but blank lines.")
        sniffed = (
            Sniffed(dialect=given, findings=(), warnings=())
            if given
            else sniff(text, Dialect(encoding=encoding, bom=guess.bom), complete=complete)
        )
        dialect = sniffed.dialect
        columns, warnings = _columns(text, dialect, complete)
        return Detection(
            dialect=dialect,
            columns=columns,
            findings=() if given else (encoding_finding(guess), *sniffed.findings),
            warnings=(
                *(encoding_warnings(guess) if not given else ()),
                *sniffed.warnings,
                *warnings,
            ),
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


def _columns(text: str, dialect: Dialect, complete: bool) -> tuple[tuple[str, ...], list[str]]:
    if not complete:  # the last row may be cut
        end = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: end + 1] if end > 0 else text
    layout = read_layout(TextRows(HeadText(text), Splitter(dialect), ReadLimits()), dialect)
    return tuple(layout.names), layout.warnings
