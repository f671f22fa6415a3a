"""From pieces of rows, as a parser meets them, to batches of the size asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from core.errors import TooManyRowsToImport
from core.formats.base import FLAW, LINE, ROW, Batch, ReadLimits


class Piece(NamedTuple):
    """Rows without their numbers: LINE, FLAW and the cells."""

    frame: pl.DataFrame
    ignored: int
    bytes_read: int


def batched(
    pieces: Iterator[Piece],
    names: Sequence[str],
    *,
    rows: int,
    limits: ReadLimits,
    ignored: int = 0,
) -> Iterator[Batch]:
    """Frames of exactly `rows` rows but the last, numbered from 1; at least one, if empty.

    `ignored`: lines passed over before the first piece. Raises TooManyRowsToImport.
    """
    held: list[pl.DataFrame] = []
    count = done = bytes_read = 0
    for piece in pieces:
        bytes_read = piece.bytes_read
        ignored += piece.ignored
        held.append(piece.frame)
        count += piece.frame.height
        if limits.max_rows is not None and done + count > limits.max_rows:
            raise TooManyRowsToImport(f"The file has more than {limits.max_rows:,} rows.")
        while count >= rows:
            joined = pl.concat(held)
            yield _numbered(joined.head(rows), done, ignored, bytes_read)
            done, ignored, count = done + rows, 0, count - rows
            held = [joined.slice(rows)]
    if count or ignored or not done:
        yield _numbered(pl.concat([*held, _empty(names)]), done, ignored, bytes_read)


def _numbered(frame: pl.DataFrame, done: int, ignored: int, bytes_read: int) -> Batch:
    numbers = pl.int_range(done + 1, done + 1 + frame.height, dtype=pl.Int64, eager=True)
    return Batch(frame.insert_column(0, numbers.alias(ROW)), ignored, bytes_read)


def _empty(names: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {LINE: pl.Int64(), FLAW: pl.String()}
    return pl.DataFrame(schema=schema | {name: pl.String() for name in names})
