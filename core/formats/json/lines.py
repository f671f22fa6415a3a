"""Text of a file of lines: as bytes where they are proven regular, decoded everywhere else."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from core.formats.base import ReadLimits
from core.formats.json.regular import RegularLines, regular_lines
from core.formats.text.encoding import DecodedText, plain_codec

_FIRST_BYTES = 1 << 16  # few: the first record has to be read before any are proven
_BYTES = 1 << 22  # read and proven at a time, since Polars likes long columns
_BYTES_AGAIN = 1 << 20  # after a refusal, so that one odd line makes few others slow


class LinesText:
    """A source of text; see TextSource. Between two pieces regular lines can be taken whole."""

    def __init__(self, file: BinaryIO, encoding: str, limits: ReadLimits) -> None:
        self._feed = _Feed(file)
        # It does nothing with the file but read.
        self._text = DecodedText(cast("BinaryIO", self._feed), encoding)
        self._limits = limits
        # A spelling that leaves the choice to a BOM may turn out to be another encoding.
        self._provable = plain_codec(encoding) == ("utf-8", False)
        self._size = _BYTES
        self.bytes_read = 0
        self.ended = False

    def read(self) -> str:
        """The next piece of text; '' only at the end."""
        text = self._text.read()
        self.bytes_read, self.ended = self._feed.given, self._text.ended
        return text

    def take_regular(self) -> RegularLines | None:
        """The records of the lines that follow, which are passed over; None: read them as text.

        May only be asked when all text read so far has been used up.
        """
        if not self._provable:
            return None
        data = self._feed.whole_lines(self._size)
        if not data:
            return None
        found = regular_lines(
            data,
            most_keys=self._limits.max_columns,
            max_cell_bytes=self._limits.max_cell_bytes,
        )
        if found is None:
            self._size = _BYTES_AGAIN
            return None
        self._size = _BYTES
        self._feed.pass_over()
        self.bytes_read = self._feed.given
        return found


class _Feed(io.RawIOBase):
    """The bytes of a file, parted between lines where that can be."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ready = b""  # to be given next
        self._begun = b""  # what is held of the line behind that
        self._between = False  # does `_ready` begin a line?
        self.given = 0

    def read(self, size: int = -1, /) -> bytes:
        """Bytes of whole lines, fewer than `size` if need be; b'' only at the end."""
        if not self._ready:
            self._load(_BYTES if self.given else _FIRST_BYTES)
        most = len(self._ready) if size < 0 else size
        end = self._ready.rfind(b"\n", 0, most) + 1 or most
        taken, self._ready = self._ready[:end], self._ready[end:]
        self._between = taken.endswith(b"\n")
        self.given += len(taken)
        return taken

    def whole_lines(self, size: int) -> bytes:
        """About so many bytes of whole lines, which `read` gives unless they are passed over.

        b'' when no line begins here, or `read` was to give what follows.
        """
        if self._ready or not self._between:
            return b""
        self._load(size)
        return self._ready if self._ready.endswith(b"\n") else b""

    def pass_over(self) -> None:
        """Forget what `whole_lines` gave."""
        self.given += len(self._ready)
        self._ready = b""

    def _load(self, size: int) -> None:
        more = self._file.read(size)
        end = more.rfind(b"\n") + 1 or len(more)
        self._ready = b"".join((self._begun, memoryview(more)[:end]))
        self._begun = more[end:]
