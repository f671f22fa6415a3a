"""XML documents: elements repeated side by side are the records.

detection   whether it is XML, and where the records stand
encoding    what the file declares
outline     the elements a file holds, and which are records
parsing     strict, without a DTD, piece by piece
names       namespaces, paths, columns named after elements
elements    the value of an element
records     taking records off the file
reading     the reader that joins them
writing     the writer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.xml import detection
from core.formats.xml.reading import read_rows
from core.formats.xml.writing import write_rows
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

INFO = FormatInfo(
    name=detection.NAME,
    title="XML",
    extensions=(".xml",),
    media_type="application/xml",
    description="One document: an element for each record, with an element for each cell",
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


class XmlReader:
    info = INFO

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """See `core.formats.base.Reader`."""
        if given.get("format", INFO.name) != INFO.name:
            return None
        return detection.detect(head, given=given)

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """See `core.formats.base.Reader`."""
        return read_rows(file, dialect, rows=rows, limits=limits)


class XmlWriter:
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


XML = Format(info=INFO, reader=XmlReader(), writer=XmlWriter())
