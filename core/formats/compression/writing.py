"""Packing what a writer writes, while it writes it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Of zlib: tables are packed in a third of the time that its usual 6 takes, to a fifth more.
_LEVEL = 2


@contextmanager
def packing(file: BinaryIO, compression: str, *, member: str) -> Iterator[BinaryIO]:
    """A file to write to; what is written comes out packed in `file`, complete on leaving.

    `member` is the name of the data, for archives. `file` need not be seekable and stays open.
    """
    with _PACKERS[compression](file, member) as packed:
        yield packed


class ZipWhenLarge(io.RawIOBase):
    """Writes to `file` as it is told, or zipped once it is more than `above` bytes.

    Until it is known which, what was written is held in memory. Closing it ends the archive, and
    leaves `file` open.
    """

    def __init__(self, file: BinaryIO, *, above: int, member: str) -> None:
        self._file = file
        self._above = above
        self._member = member
        self._held = bytearray()
        self._stack = ExitStack()
        self._zip: BinaryIO | None = None

    @property
    def zipped(self) -> bool:
        return self._zip is not None

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        if self._zip is not None:
            return self._zip.write(data)
        self._held += data
        if len(self._held) > self._above:
            self._zip = self._stack.enter_context(packing(self._file, "zip", member=self._member))
            self._let_go(self._zip)
        return len(memoryview(data).cast("B"))

    def close(self) -> None:
        if not self.closed:
            if self._zip is None:
                self._let_go(self._file)
            self._stack.close()
        super().close()

    def _let_go(self, file: BinaryIO) -> None:
        file.write(self._held)
        self._held = bytearray()


@contextmanager
def _gzip(file: BinaryIO, member: str) -> Iterator[BinaryIO]:
    # RFC 1952: a time of 0 means that none is told; so the same rows make the same bytes.
    with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
        yield cast("BinaryIO", packed)


@contextmanager
def _zip(file: BinaryIO, member: str) -> Iterator[BinaryIO]:
    info = zipfile.ZipInfo(member, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
        archive.open(info, "w", force_zip64=True) as packed,
    ):
        yield cast("BinaryIO", packed)


@contextmanager
def _zstd(file: BinaryIO, member: str) -> Iterator[BinaryIO]:
    # Arrow, which is here for Parquet, packs it: Python does only from 3.14 on.
    import pyarrow as pa

    with pa.CompressedOutputStream(pa.PythonFile(_Open(file), mode="w"), "zstd") as packed:
        yield packed


class _Open:
    """A file that Arrow may write to and not close."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self.flush = file.flush

    def close(self) -> None:
        """The file is not ours to close."""


_PACKERS: dict[str, Callable[[BinaryIO, str], AbstractContextManager[BinaryIO]]] = {
    "gzip": _gzip,
    "zip": _zip,
    "zstd": _zstd,
}
