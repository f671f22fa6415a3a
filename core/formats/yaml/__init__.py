"""YAML: lists of maps, alone, under a key, or in documents that follow one another.

detection   whether it is YAML, and where the records stand
events      what the file says, piece by piece, as libyaml reads it
strict      YAML 1.2 to the letter, for what libyaml refuses: documents and indentation
flow        the same: scalars, and what stands in brackets
quoting     the same: what texts in quotes say
cursor      walking through events by value, item and member
scalars     what scalars and tags mean
reading     the reader that joins them
writing     the writer

Records become columns as those of JSON do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.yaml import detection
from core.formats.yaml.reading import read_rows
from core.formats.yaml.writing import write_rows
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

INFO = FormatInfo(
    name=detection.NAME,
    title="YAML",
    extensions=(".yaml", ".yml"),
    media_type="application/yaml",
    description="A list of maps, alone or under a key: one map for each record",
    readable=True,
    writable=True,
    options=("date_format", "encoding", "bom", "pretty_print"),
    read_options=("encoding", "record_path"),
)


class YamlReader:
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


class YamlWriter:
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


YAML = Format(info=INFO, reader=YamlReader(), writer=YamlWriter())
