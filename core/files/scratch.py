"""A file for one process and a moment, written once and then read; it has no name.

What has no name needs no tidying: the system frees it when the process ends, however it ends.
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from core.errors import ConfigurationError
from core.files.frames import HEADER, EncryptedReader, EncryptedWriter

_BUFFER = 1 << 16


class Scratch:
    """Encrypted as every file of ours; gone at the end of the `with` block.

    Attributes:
        file: where the plain bytes go; buffered and forward-only.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        """`folder`: on whose disk it lies. Raises ConfigurationError where it cannot be written."""
        self._key = key
        self._id = secrets.token_hex(16)
        try:
            self._raw = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115  ends in __exit__
        except OSError as exc:
            raise ConfigurationError(f"The file store cannot be written: {exc.strerror}") from exc
        self._encrypted = EncryptedWriter(cast("BinaryIO", self._raw), key, self._id)
        self.file: BinaryIO = io.BufferedWriter(self._encrypted, _BUFFER)

    def reread(self) -> BinaryIO:
        """The plain bytes from the start; nothing can be written any more.

        Raises:
            ConfigurationError: the disk is full or cannot be written.
            StorageDamaged: they fail their authentication.
        """
        self.file.close()
        raw = os.fdopen(os.dup(self._raw.fileno()), "rb", 0)
        try:
            reader = EncryptedReader(cast("BinaryIO", raw), self._key, self._id)
        except BaseException:
            raw.close()
            raise
        return io.BufferedReader(reader, _BUFFER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closed first, so that closing the buffer above it writes nothing more.
        self._encrypted.abandon()
        # Without the wrapped key in the header, the blocks left on the disk are noise.
        os.pwrite(self._raw.fileno(), bytes(HEADER), 0)
        self._raw.close()
