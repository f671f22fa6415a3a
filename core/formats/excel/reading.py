"""Reading workbooks: the chosen sheet as a table, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from core.formats.base import Batch, ReadLimits
from core.formats.batching import Piece, batched
from core.formats.excel.layout import Layout, lay_out
from core.formats.excel.workbook import Workbook
from core.model.dialect import Dialect

_PIECE = 1 << 20  # bytes read at a time


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the rows of a sheet; see `core.formats.base.Reader.read`.

    The sheet is read whole first: its table of contents stands at the end of the file.
    """
    data = b"".join(iter(lambda: file.read(_PIECE), b""))
    layout = _layout(data, dialect, limits)
    pieces = _pieces(layout, rows, len(data))
    yield from batched(pieces, layout.names, rows=rows, limits=limits, ignored=layout.ignored)


def _layout(data: bytes, dialect: Dialect, limits: ReadLimits) -> Layout:
    workbook = Workbook(data)
    return lay_out(workbook.load(workbook.chosen(dialect.sheet)), dialect, limits)


def _pieces(layout: Layout, rows: int, size: int) -> Iterator[Piece]:
    height = layout.frame.height
    for start in range(0, height, rows):
        yield Piece(
            layout.frame.slice(start, rows),
            0,
            size * min(height, start + rows) // height,
            layout.shown.slice(start, rows) if layout.shown is not None else None,
        )
