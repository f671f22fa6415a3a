"""Parquet files, by Arrow.

texts       a column of Arrow as canonical text
reading     row group by row group, into text
types       the type of a column written, and its cells as values of it
writing     the writer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.parquet import reading
from core.formats.parquet.writing import write_rows
from core.model.content import PARQUET as CONTENT
from core.model.content import identify
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

INFO = FormatInfo(
    name="parquet",
    title="Parquet",
    extensions=(".parquet",),
    media_type="application/vnd.apache.parquet",
    description="Typed columns for data tools such as DuckDB, Spark and pandas",
    readable=True,
    writable=True,
)


class ParquetReader:
    info = INFO

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """See `core.formats.base.Reader`."""
        content = INFO.name if identify(head.start) is CONTENT else None
        if given.get("format", content) != INFO.name:
            return None
        return reading.detect(head.whole(), Dialect(format=INFO.name))

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """See `core.formats.base.Reader`."""
        return reading.read_rows(file.read(), rows=rows, limits=limits)


class ParquetWriter:
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


PARQUET = Format(info=INFO, reader=ParquetReader(), writer=ParquetWriter())
