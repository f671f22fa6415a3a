"""The columns of nested records, settled by the first of them, and their rows in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple, Protocol

from core.formats.batching import Piece
from core.formats.json.columns import CellMaker, Columns
from core.formats.json.records import Records
from core.formats.json.text import Unfinished

#: Characters read before the columns are settled: all keys of a file up to this size count.
SETTLING_CHARACTERS = 32 << 20


class Progress(Protocol):
    """How far a text has been read."""

    @property
    def passed(self) -> int: ...  # characters
    @property
    def bytes_read(self) -> int: ...
    @property
    def marked(self) -> bool: ...  # bytes were met that could not be decoded


class Settled(NamedTuple):
    columns: Columns
    pieces: Iterator[Piece]


def settle_columns(
    found: Iterator[Records],
    text: Progress,
    cells: CellMaker,
    columns_for: Callable[[Records, CellMaker], Columns],
) -> Settled:
    """Columns, by the first SETTLING_CHARACTERS of the text, and all the rows.

    `columns_for` chooses what makes columns of records like the first. Raises InvalidFormat.
    """
    first = next(found, Records([], [], [], 0))
    columns = columns_for(first, cells)

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

    return Settled(columns, finished())


def until_cut(found: Iterator[Records]) -> Iterator[Records]:
    """The records as far as the text goes."""
    try:
        yield from found
    except Unfinished:
        return


def _emptying(held: list[Piece]) -> Iterator[Piece]:
    """The pieces, each forgotten as soon as it is given."""
    held.reverse()
    while held:
        yield held.pop()
