"""A pipe that can be read from its start once more: for detecting and reading in one go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

_PIECE = 1 << 20  # bytes


class Rewound:
    """Keeps what is read until `rewind`, gives it again, and goes on with what follows.

    Nothing read after `rewind` is kept, and what was kept is let go piece by piece as it is
    given again. So at most what was read before is ever held: of a text the bytes detection
    looks at (`core.formats.text.encoding` bounds them), of a workbook all.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._kept: deque[memoryview] = deque()
        self._keeping = True

    @property
    def held(self) -> int:
        """Bytes kept at present."""
        return sum(map(len, self._kept))

    def rewind(self) -> None:
        """Back to the start. Once only."""
        assert self._keeping
        self._keeping = False

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all that are left if negative; none only at the end."""
        return self._read(size) if size >= 0 else b"".join(self._rest())

    def _rest(self) -> Iterator[bytes]:
        while piece := self._read(_PIECE):
            yield piece

    def _read(self, size: int) -> bytes:
        if self._keeping or not self._kept:
            piece = self._file.read(size)
            if self._keeping and piece:
                self._kept.append(memoryview(piece))
            return piece
        first = self._kept.popleft()
        if len(first) > size:
            self._kept.appendleft(first[size:])
        return bytes(first[:size])
