"""JSON documents and JSON Lines.

detection   which of the two, and where the records stand
outline     the lists a document holds
decoding    one value: strict, numbers as spelled
cursor      walking through a document by value, item and member
text        that walk through JSON text
lines       the source of that text in a file of lines, before it is decoded
regular     the fastest path: whole lines proven regular, parted by Polars
blocks      the fast path: many flat records decoded in one go
records     taking records off a document or off lines
columns     from records to columns of text
settling    the columns a file has, by its first records
reading     the reader that joins them
writing     the writer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.json import detection, reading, writing
from core.formats.json.detection import DOCUMENT
from core.formats.json.records import LINES
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

DOCUMENT_INFO = FormatInfo(
    name=DOCUMENT,
    title="JSON",
    extensions=(".json",),
    media_type="application/json",
    description="One document: a list of records, alone or somewhere inside an object",
    readable=True,
    writable=True,
    options=(
        "date_format",
        "encoding",
        "bom",
        "pretty_print",
    ),
    read_options=("encoding", "record_path"),
)
LINES_INFO = FormatInfo(
    name=LINES,
    title="JSON Lines",
    extensions=(".jsonl", ".ndjson"),
    media_type="application/x-ndjson",
    description="A record on every line, each a JSON object of its own",
    readable=True,
    writable=True,
    options=(
        "date_format",
        "encoding",
        "bom",
    ),
    read_options=("encoding",),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonReader:
    """Reads one of the two layouts."""

    info: FormatInfo

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """See `core.formats.base.Reader`."""
        if given.get("format", self.info.name) != self.info.name:
            return None
        found = detection.detect(head, given=given)
        return found if found is not None and found.dialect.format == self.info.name else None

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """See `core.formats.base.Reader`."""
        return reading.read_rows(file, dialect, rows=rows, limits=limits)


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonWriter:
    """Writes one of the two layouts."""

    info: FormatInfo

    def write(
        self,
        batches: Iterable[pl.DataFrame],
        columns: Sequence[Column],
        file: BinaryIO,
        options: WriteOptions,
    ) -> int:
        """See `core.formats.base.Writer`."""
        lines = self.info.name == LINES
        return writing.write_rows(batches, columns, file, options, lines=lines)


JSON = Format(
    info=DOCUMENT_INFO, reader=JsonReader(info=DOCUMENT_INFO), writer=JsonWriter(info=DOCUMENT_INFO)
)
JSON_LINES = Format(
    info=LINES_INFO, reader=JsonReader(info=LINES_INFO), writer=JsonWriter(info=LINES_INFO)
)
