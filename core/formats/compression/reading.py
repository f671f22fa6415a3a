"""The bytes packed in a file as a file of their own, which unpacks while it is read.

A packed file may be a bomb: a thousand times its size, or without end. So what comes out is
counted, and more than any honest table needs is refused as unsafe.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.errors import InvalidFormat, UnsafeContent
from core.formats.compression.gzipped import gunzip
from core.formats.compression.source import Broken, Source
from core.formats.compression.zipped import unzip
from core.formats.compression.zstandard import unzstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Bytes one file may unpack to. The limits of rows, cells and time end most files before.
MOST_UNPACKED = 16 << 30
#: Bytes unpacked for one packed byte, once so much was unpacked that the ratio means something.
#: Tables were measured at 3 to 60; the bombs of deflate reach 1,032.
MOST_RATIO = 200
RATIO_FROM = 64 << 20
#: Bytes that are unpacked and checked while a file is only looked at.
CHECKED = 96 << 20

_UNPACKERS: dict[str, Callable[[Source], Iterator[bytes]]] = {
    "gzip": gunzip,
    "zip": unzip,
    "zstd": unzstd,
}


class Unpacked(io.RawIOBase):
    """What is packed in `source`, read forward.

    Reading raises InvalidFormat when it is cut off or damaged, and UnsafeContent when it is more
    than a table can be.
    """

    def __init__(self, source: Source, compression: str) -> None:
        self._source = source
        self._compression = compression
        self._pieces = _UNPACKERS[compression](source)
        self._piece = b""
        self._unpacked = 0

    @property
    def packed_read(self) -> int:
        """Packed bytes consumed so far."""
        return self._source.count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._piece:
            self._piece = self._next()
        taken = min(len(view), len(self._piece))
        view[:taken] = self._piece[:taken]
        self._piece = self._piece[taken:]
        return taken

    def check_on(self) -> None:
        """Unpack a little further, so that what is wrong with the file is known early."""
        while self._unpacked < CHECKED and self._next():
            pass

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except Broken as broken:
            raise InvalidFormat(
                f"The {self._compression} file unpacks for {self._unpacked:,} bytes, then "
                f"{broken}. Pack the data again, or upload it as it is."
            ) from broken
        self._unpacked += len(piece)
        if self._unpacked > MOST_UNPACKED or (
            self._unpacked > RATIO_FROM and self._unpacked > MOST_RATIO * max(1, self._source.count)
        ):
            raise UnsafeContent(
                f"{self._source.count:,} packed bytes unpack to {self._unpacked:,} and more: "
                f"more than {MOST_RATIO} times as much, or than {MOST_UNPACKED >> 30} GB, is not "
                "unpacked. Upload the data as it is."
            )
        return piece
