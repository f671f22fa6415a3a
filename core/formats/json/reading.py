"""Reading JSON: find the records, settle the columns, batch the rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from core.formats.base import Batch, ReadLimits
from core.formats.batching import Piece, batched
from core.formats.json.columns import CellMaker, Columns, columns_for
from core.formats.json.records import Records, find_records
from core.formats.json.text import JsonText, Unfinished
from core.formats.text.encoding import DecodedText
from core.formats.text.rows import TextSource
from core.model.dialect import Dialect

#: Characters read before the columns are settled: all keys of a file up to this size count.
SETTLING_CHARACTERS = 32 << 20


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the records of a JSON file; see `core.formats.base.Reader.read`."""
    opened = _open(DecodedText(file, dialect.encoding), dialect, limits)
    yield from batched(opened.pieces, opened.columns.names, rows=rows, limits=limits)


class HeadColumns(NamedTuple):
    """What the head of a file tells of its columns."""

    names: list[str]
    warnings: list[str]


def head_columns(source: TextSource, dialect: Dialect, *, complete: bool) -> HeadColumns:
    """The columns of a file by its head alone. Raises InvalidFormat.

    `complete`: the head is the whole file; else it may end in the middle of a record.
    """
    opened = _open(source, dialect, ReadLimits(), forgiving=not complete)
    return HeadColumns(opened.columns.names, opened.columns.warnings)


class _Opened(NamedTuple):
    columns: Columns
    pieces: Iterator[Piece]


def _open(
    source: TextSource, dialect: Dialect, limits: ReadLimits, *, forgiving: bool = False
) -> _Opened:
    text = JsonText(source)
    found = find_records(text, dialect.format, dialect.record_path)
    if forgiving:
        found = _until_cut(found)
    cells = CellMaker(limits=limits, encoding=dialect.encoding)
    first = next(found, Records([], [], [], 0))
    columns = columns_for(first, cells, header=dialect.header)

    def piece(records: Records) -> Piece:
        cells.marked = text.marked
        return Piece(columns.frame(records), records.ignored, text.bytes_read)

    held = [piece(first)]
    while text.passed < SETTLING_CHARACTERS and (records := next(found, None)) is not None:
        held.append(piece(records))
    columns.settle()

    def finished() -> Iterator[Piece]:
        for one in chain(_emptying(held), map(piece, found)):
            yield one._replace(frame=columns.finish(one.frame))

    return _Opened(columns, finished())


def _until_cut(found: Iterator[Records]) -> Iterator[Records]:
    try:
        yield from found
    except Unfinished:
        return


def _emptying(held: list[Piece]) -> Iterator[Piece]:
    """The pieces, each forgotten as soon as it is given."""
    held.reverse()
    while held:
        yield held.pop()
