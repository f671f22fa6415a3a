"""The encrypted file: a header, then frames that can each be read alone.

    header  magic 4 | version 1 | log2(frame size) 1 | nonce prefix 7
            | wrap nonce 12 | wrapped file key 48
    frame   AES-256-GCM of 1 MiB of plain bytes (the last: 0 to 1 MiB) | tag 16

Every file has a random key of its own, wrapped by the files key with AES-256-GCM; the rest of
the header and the file's id are authenticated along with it, so that neither a header nor a
whole file can stand in for another. Frames follow the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015):
nonce = prefix | frame number 4 | last flag 1. A frame that is altered, moved, dropped or added
fails its authentication, and so does a file cut at the border of a frame.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import struct
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import ConfigurationError, StorageDamaged

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

FRAME = 1 << 20
_MAGIC = b"TPEF"
_VERSION = 1
_FRAME_BITS = FRAME.bit_length() - 1
_TAG = 16
_PREFIX = 7
_NONCE = 12
_KEY = 32
_PLAIN_HEADER = len(_MAGIC) + 2 + _PREFIX
HEADER = _PLAIN_HEADER + _NONCE + _KEY + _TAG
#: Frame numbers are four bytes: 4 PiB.
_MOST_FRAMES = 1 << 32
_DAMAGED = "A stored file was altered, cut short, or made with another master key"


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


class EncryptedWriter(io.RawIOBase):
    """A forward-only file that encrypts what is written; `close` seals its end.

    Attributes:
        size: plain bytes written so far.
        sha256: the hash over them.
    """

    def __init__(self, raw: BinaryIO, files_key: bytes, file_id: str) -> None:
        """Start a file at the position of `raw`, which stays open when this is closed."""
        super().__init__()
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._raw = raw
        self._held = bytearray()
        self._number = 0
        self._prefix = secrets.token_bytes(_PREFIX)
        key, wrap_nonce = secrets.token_bytes(_KEY), secrets.token_bytes(_NONCE)
        self._cipher = AESGCM(key)
        start = _MAGIC + bytes([_VERSION, _FRAME_BITS]) + self._prefix
        wrapped = AESGCM(files_key).encrypt(wrap_nonce, key, start + file_id.encode())
        self._put(start + wrap_nonce + wrapped)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: ReadableBuffer, /) -> int:
        """Take all of `data`.

        Raises:
            ConfigurationError: the disk is full or cannot be written.
            ValueError: the file is closed.
        """
        if self.closed:
            raise ValueError("write to a closed file")
        view = memoryview(data).cast("B")
        self.sha256.update(view)
        self.size += len(view)
        taken = 0
        # One full frame is always held back: only at the end is it known whether it is the last.
        while len(self._held) + len(view) - taken > FRAME:
            until = taken + FRAME - len(self._held)
            if self._held:
                self._held += view[taken:until]
                self._seal(self._held, last=False)
                self._held = bytearray()
            else:
                self._seal(view[taken:until], last=False)
            taken = until
        self._held += view[taken:]
        return len(view)

    def close(self) -> None:
        """Write the last frame. Without it the file cannot be opened."""
        if not self.closed:
            try:
                self._seal(self._held, last=True)
            finally:
                super().close()

    def abandon(self) -> None:
        """Close without the last frame: what was written can never be opened."""
        super().close()

    def _seal(self, plain: bytearray | memoryview, *, last: bool) -> None:
        if self._number == _MOST_FRAMES:
            raise ConfigurationError("A stored file cannot be larger than 4 PiB")
        nonce = _nonce(self._prefix, self._number, last=last)
        self._put(self._cipher.encrypt(nonce, plain, None))
        self._number += 1

    def _put(self, sealed: bytes) -> None:
        try:
            self._raw.write(sealed)
        except OSError as exc:
            raise ConfigurationError(f"The file store cannot be written: {exc.strerror}") from exc


class EncryptedReader(io.RawIOBase):
    """The plain bytes of an encrypted file, at any position.

    Opening authenticates the header and the last frame, so that `size` can be believed before
    anything is read. One frame is held in memory.
    """

    def __init__(self, raw: BinaryIO, files_key: bytes, file_id: str) -> None:
        """Open the file in `raw`, which must be seekable and is closed along with this.

        Raises:
            StorageDamaged: altered, cut short, another file's, or made with another key.
        """
        super().__init__()
        self._raw = raw
        self._position = 0
        self._frame_number = -1
        self._frame = b""
        self._prefix, self._cipher = self._open_header(files_key, file_id)
        sealed = raw.seek(0, os.SEEK_END) - HEADER
        self._frames = -(-sealed // (FRAME + _TAG))
        self.size = sealed - self._frames * _TAG
        in_last = self.size - (self._frames - 1) * FRAME
        # An empty last frame is only ever the one frame of an empty file.
        if self._frames < 1 or in_last < min(self._frames - 1, 1):
            raise StorageDamaged(_DAMAGED)
        self._load(self._frames - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError(f"negative seek position {start + offset}")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` with at most what is left of one frame.

        Raises:
            StorageDamaged: the frame was altered or moved.
        """
        if self.closed:
            raise ValueError("read of a closed file")
        view = memoryview(buffer).cast("B")
        if not view or self._position >= self.size:
            return 0
        number, start = divmod(self._position, FRAME)
        self._load(number)
        piece = memoryview(self._frame)[start : start + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._frame = b""
            self._raw.close()
            super().close()

    def _open_header(self, files_key: bytes, file_id: str) -> tuple[bytes, AESGCM]:
        self._raw.seek(0)
        header = _read_exactly(self._raw, HEADER)
        start, rest = header[:_PLAIN_HEADER], header[_PLAIN_HEADER:]
        if len(header) < HEADER or start[:6] != _MAGIC + bytes([_VERSION, _FRAME_BITS]):
            raise StorageDamaged(_DAMAGED)
        try:
            key = AESGCM(files_key).decrypt(rest[:_NONCE], rest[_NONCE:], start + file_id.encode())
        except InvalidTag as exc:
            raise StorageDamaged(_DAMAGED) from exc
        return start[6:], AESGCM(key)

    def _load(self, number: int) -> None:
        if number == self._frame_number:
            return
        self._raw.seek(HEADER + number * (FRAME + _TAG))
        sealed = _read_exactly(self._raw, FRAME + _TAG)
        nonce = _nonce(self._prefix, number, last=number == self._frames - 1)
        try:
            self._frame = self._cipher.decrypt(nonce, sealed, None)
        except InvalidTag as exc:
            raise StorageDamaged(_DAMAGED) from exc
        self._frame_number = number


def _read_exactly(raw: BinaryIO, size: int) -> bytes:
    """`size` bytes, or fewer where the file ends."""
    pieces: list[bytes] = []
    try:
        while size > 0 and (piece := raw.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except OSError as exc:
        raise StorageDamaged(f"A stored file cannot be read: {exc.strerror}") from exc
    return b"".join(pieces)
