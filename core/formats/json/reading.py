"""Reading JSON: find the records, settle the columns, batch the rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

from core.formats.base import Batch, ReadLimits
from core.formats.batching import batched
from core.formats.json.columns import CellMaker, columns_for
from core.formats.json.lines import LinesText
from core.formats.json.records import LINES, find_records
from core.formats.json.settling import Settled, settle_columns, until_cut
from core.formats.json.text import JsonText
from core.formats.text.encoding import DecodedText
from core.formats.text.rows import TextSource
from core.model.dialect import Dialect


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the records of a JSON file; see `core.formats.base.Reader.read`."""
    source: TextSource
    if dialect.format == LINES:
        source = LinesText(file, dialect.encoding, limits)
    else:
        source = DecodedText(file, dialect.encoding)
    settled = _settled(source, dialect, limits)
    yield from batched(settled.pieces, settled.columns.names, rows=rows, limits=limits)


class HeadColumns(NamedTuple):
    """What the head of a file tells of its columns."""

    names: list[str]
    warnings: list[str]


def head_columns(source: TextSource, dialect: Dialect, *, complete: bool) -> HeadColumns:
    """The columns of a file by its head alone. Raises InvalidFormat.

    `complete`: the head is the whole file; else it may end in the middle of a record.
    """
    settled = _settled(source, dialect, ReadLimits(), forgiving=not complete)
    return HeadColumns(settled.columns.names, settled.columns.warnings)


def _settled(
    source: TextSource, dialect: Dialect, limits: ReadLimits, *, forgiving: bool = False
) -> Settled:
    text = JsonText(source)
    found = find_records(text, dialect.format, dialect.record_path)
    if forgiving:
        found = until_cut(found)
    cells = CellMaker(limits=limits, encoding=dialect.encoding)
    return settle_columns(found, text, cells, partial(columns_for, header=dialect.header))
