"""Unpacking Zstandard (RFC 8878): any number of frames one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.formats.compression.source import CUT_OFF, Broken, Source

_PIECE = 1 << 18  # bytes unpacked at a time


class _File:
    """What Arrow asks of a Python file it reads."""

    closed = False

    def __init__(self, source: Source) -> None:
        self._source = source
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self.failure = error
            raise

    def close(self) -> None:
        """The file is not ours to close."""


def unzstd(source: Source) -> Iterator[bytes]:
    """The data, piece by piece. Raises Broken."""
    # Arrow, which is here for Parquet, unpacks it: Python does only from 3.14 on.
    import pyarrow as pa

    file = _File(source)
    stream: Any = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
    while True:
        try:
            piece = stream.read(_PIECE)
        except OSError as error:
            if file.failure is not None:
                raise file.failure from None
            cut = "runcated" in str(error)
            raise Broken(CUT_OFF if cut else "it is damaged") from error
        if not piece:
            return
        yield piece
