"""Typed rows kept between checking and loading: length-prefixed Arrow IPC streams.

Batches may differ in nothing but their rows; each is a stream of its own, so that a reader holds
one batch at a time and a writer never goes back.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, BinaryIO, Protocol

import polars as pl

from core.errors import StorageDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator


class Rereadable(Protocol):
    """Where a spool lies."""

    def reread(self) -> BinaryIO:
        """It from the start."""


_LENGTH = struct.Struct(">Q")


def write_batch(file: BinaryIO, frame: pl.DataFrame) -> None:
    """Append one batch."""
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    file.write(_LENGTH.pack(buffer.tell()))
    file.write(buffer.getbuffer())


def write_end(file: BinaryIO) -> None:
    """Say that no more batches come, where something else follows them."""
    file.write(_LENGTH.pack(0))


def read_batches(file: BinaryIO) -> Iterator[pl.DataFrame]:
    """Every batch in the order written, to the end of the file or what `write_end` wrote.

    Raises StorageDamaged when the file is cut short.
    """
    while head := file.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise StorageDamaged("The rows kept between checking and loading are cut short.")
        (length,) = _LENGTH.unpack(head)
        if not length:
            return
        body = file.read(length)
        if len(body) < length:
            raise StorageDamaged("The rows kept between checking and loading are cut short.")
        yield pl.read_ipc_stream(io.BytesIO(body))
