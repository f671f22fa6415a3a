"""The packed bytes of a file that can only be read forward: counted, with a look ahead."""

from __future__ import annotations

from typing import BinaryIO

CHUNK = 1 << 16  #: bytes read at a time
CUT_OFF = "it is cut off"


class Broken(Exception):
    """The packed bytes are no more what their format says; the text says how, as a clause."""


class Source:
    """Read forward, with bytes put back where too much was taken."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ahead = b""
        self._taken = 0

    @property
    def count(self) -> int:
        """Bytes consumed so far."""
        return self._taken - len(self._ahead)

    def read(self, size: int = -1) -> bytes:
        """Some bytes, at most `size` (all that are left if negative); none only at the end."""
        if size < 0:
            rest = [self._ahead]
            self._ahead = b""
            while piece := self._file.read(1 << 20):
                rest.append(piece)
                self._taken += len(piece)
            return b"".join(rest)
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        taken = self._file.read(size)
        self._taken += len(taken)
        return taken

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer only at the end, without consuming them."""
        while len(self._ahead) < size and (more := self._file.read(CHUNK)):
            self._taken += len(more)
            self._ahead += more
        return self._ahead[:size]

    def take(self, size: int) -> bytes:
        """So many bytes. Raises Broken when there are fewer."""
        parts: list[bytes] = []
        while size > 0:
            part = self.read(min(size, CHUNK))
            if not part:
                raise Broken(CUT_OFF)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def put_back(self, data: bytes) -> None:
        """Bytes that were taken too many."""
        self._ahead = data + self._ahead
