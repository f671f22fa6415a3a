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
    shown: pl.DataFrame | None = None  #: see `Batch`; all pieces of a file have it, or none


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
    shown: list[pl.DataFrame] = []
    count = done = bytes_read = 0
    for piece in pieces:
        bytes_read = piece.bytes_read
        ignored += piece.ignored
        held.append(piece.frame)
        shown += [piece.shown] if piece.shown is not None else []
        count += piece.frame.height
        if limits.max_rows is not None and done + count > limits.max_rows:
            raise TooManyRowsToImport(f"The file has more than {limits.max_rows:,} rows.")
        while count >= rows:
            frame, held = _parted(held, rows)
            dressed, shown = _parted(shown, rows) if shown else (None, [])
            yield _numbered(frame, done, ignored, bytes_read, dressed)
            done, ignored, count = done + rows, 0, count - rows
    if count or ignored or not done:
        frame = pl.concat([*held, _empty(names)])
        yield _numbered(frame, done, ignored, bytes_read, pl.concat(shown) if shown else None)


def _parted(held: list[pl.DataFrame], rows: int) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """So many rows, and what is left."""
    joined = pl.concat(held)
    return joined.head(rows), [joined.slice(rows)]


def _numbered(
    frame: pl.DataFrame, done: int, ignored: int, bytes_read: int, shown: pl.DataFrame | None
) -> Batch:
    numbers = pl.int_range(done + 1, done + 1 + frame.height, dtype=pl.Int64, eager=True)
    return Batch(frame.insert_column(0, numbers.alias(ROW)), ignored, bytes_read, shown)


def _empty(names: Sequence[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {LINE: pl.Int64(), FLAW: pl.String()}
    return pl.DataFrame(schema=schema | {name: pl.String() for name in names})
