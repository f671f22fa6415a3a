"""A folder of encrypted files, each published whole or not at all.

    <root>/incoming/<file id>.part   being written; never opened
    <root>/<ab>/<file id>            published; the first two digits spread them over 256 folders

Folders are 0700 and files 0600. File ids are random and made here; a user's file name is never
part of a path.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
import secrets
import time
from collections.abc import Container, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, cast

from core.errors import ConfigurationError, Conflict, FileExpired, FileTooLarge, NotFound
from core.files.frames import FRAME, HEADER, EncryptedReader, EncryptedWriter
from core.files.scratch import Scratch

_INCOMING = "incoming"
_FILE_ID = re.compile(r"[0-9a-f]{32}")
_BUFFER = 1 << 16


class Stored(NamedTuple):
    """A published file: its id, its plain bytes, and their SHA-256 in hex."""

    file_id: str
    size: int
    sha256: str


class FileStore:
    """Encrypted files below one folder, under one files key. Safe between processes."""

    def __init__(self, root: Path, key: bytes) -> None:
        """Open the store, making its folder if it is missing.

        Raises:
            ConfigurationError: the folder cannot be made, or belongs to somebody else.
        """
        self._root = root
        self._key = key
        _private_folder(root, parents=True)
        _private_folder(root / _INCOMING)

    def create(self, file_id: str | None = None) -> Draft:
        """Start a new file; see Draft."""
        return Draft(self._root, self._key, file_id)

    def scratch(self) -> Scratch:
        """A file nobody else sees, beside the others; see Scratch."""
        return Scratch(self._root / _INCOMING, self._key)

    def receive(self, chunks: Iterable[bytes], *, limit: int, file_id: str | None = None) -> Stored:
        """Keep what `chunks` bring, counting while they come, whatever length was announced.

        Args:
            chunks: the plain bytes in their order. What it raises discards the file.
            limit: most bytes to take.
            file_id: the name to publish it under; a new one by default.

        Raises:
            FileTooLarge: there was more than `limit`; nothing is kept.
            Conflict: a file of this name is being written.
            ConfigurationError: the disk is full or cannot be written.
        """
        with self.create(file_id) as draft:
            size = 0
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise FileTooLarge(f"The file is larger than the limit of {_in_words(limit)}")
                draft.file.write(chunk)
            return draft.commit()

    def open(self, file_id: str) -> BinaryIO:
        """The plain bytes of a file, buffered and seekable.

        Raises:
            FileExpired: it is not kept any more.
            NotFound: this is no file id.
            StorageDamaged: it fails its authentication.
        """
        try:
            raw = os.fdopen(os.open(self._path(file_id), os.O_RDONLY | os.O_NOFOLLOW), "rb", 0)
        except FileNotFoundError:
            raise FileExpired from None
        except OSError as exc:
            raise ConfigurationError(f"The file store cannot be read: {exc.strerror}") from exc
        try:
            reader = EncryptedReader(cast("BinaryIO", raw), self._key, file_id)
        except BaseException:
            raw.close()
            raise
        return io.BufferedReader(reader, _BUFFER)

    def chunks(self, file_id: str, size: int = FRAME) -> Iterator[bytes]:
        """The plain bytes of a file in pieces of `size`; raises what `open` raises."""
        with self.open(file_id) as file:
            while piece := file.read(size):
                yield piece

    def remove(self, file_id: str) -> bool:
        """Erase a file; False if it was gone already. Who has it open may read on."""
        try:
            descriptor = os.open(self._path(file_id), os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            self._path(file_id).unlink(missing_ok=True)
            # Without the wrapped key in the header, the blocks left on the disk are noise.
            os.pwrite(descriptor, bytes(HEADER), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return True

    def sweep_orphans(self, known_ids: Container[str], older_than: timedelta) -> int:
        """Remove published files nobody knows, once untouched for `older_than`.

        The age keeps a file safe between its publication and its row in the metastore.

        Returns:
            How many were removed.
        """
        before = time.time() - older_than.total_seconds()
        removed = 0
        for path in self._root.glob("??/*"):
            if _FILE_ID.fullmatch(path.name) and path.name not in known_ids:
                removed += _is_older(path, before) and self.remove(path.name)
        return removed

    def sweep_unfinished(self, older_than: timedelta) -> int:
        """Remove what writers that are gone left unfinished.

        A living one holds its file, however long it has not touched it; the age is for one that
        has just made its file and is about to hold it.

        Returns:
            How many were removed.
        """
        before = time.time() - older_than.total_seconds()
        unfinished = (self._root / _INCOMING).glob("*.part")
        return sum(_is_older(path, before) and _unlinked(path) for path in unfinished)

    def _path(self, file_id: str) -> Path:
        return _published(self._root, file_id)


class Draft:
    """A file being written. `commit` publishes it; leaving the `with` block without discards it.

    A given id can be written by one process at a time; what a killed one left is overwritten.

    Attributes:
        file_id: 32 hex digits, the name it will be published under.
        file: where the plain bytes go; buffered and forward-only.
    """

    def __init__(self, root: Path, key: bytes, file_id: str | None = None) -> None:
        """Raises NotFound for what is no file id; Conflict when another writes this one."""
        self.file_id = secrets.token_hex(16) if file_id is None else file_id
        self._root = root
        self._target = _published(root, self.file_id)
        self._part = root / _INCOMING / f"{self.file_id}.part"
        self._open = True
        try:
            self._raw = os.fdopen(_claimed(self._part), "wb")
        except OSError as exc:
            raise ConfigurationError(f"The file store cannot be written: {exc.strerror}") from exc
        self._encrypted = EncryptedWriter(self._raw, key, self.file_id)
        self.file: BinaryIO = io.BufferedWriter(self._encrypted, _BUFFER)

    def commit(self) -> Stored:
        """Seal the file, make it durable, then give it its name.

        Raises:
            ConfigurationError: the disk is full or cannot be written; nothing is published.
        """
        if not self._open:
            raise ValueError("the draft was committed or discarded before")
        self.file.close()
        try:
            self._raw.flush()
            os.fsync(self._raw.fileno())
            _private_folder(self._target.parent)
            self._part.rename(self._target)
            # Only now: closing it lets go of the claim.
            self._raw.close()
            _sync_folder(self._target.parent)
        except OSError as exc:
            raise ConfigurationError(f"The file store cannot be written: {exc.strerror}") from exc
        self._open = False
        size, digest = self._encrypted.size, self._encrypted.sha256.hexdigest()
        return Stored(file_id=self.file_id, size=size, sha256=digest)

    def discard(self) -> None:
        """Leave nothing behind; no effect after `commit`."""
        if self._open:
            self._open = False
            self._part.unlink(missing_ok=True)
            # Closed first, so that closing the buffer above it writes nothing more.
            self._encrypted.abandon()
            with contextlib.suppress(OSError):
                self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()


def _published(root: Path, file_id: str) -> Path:
    if not _FILE_ID.fullmatch(file_id):
        raise NotFound("There is no such file")
    return root / file_id[:2] / file_id


def _claimed(path: Path) -> int:
    """An empty file held by one writer until it is closed, also when that writer is killed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _hold(descriptor, path)
        os.ftruncate(descriptor, 0)
    except (BlockingIOError, FileNotFoundError):
        os.close(descriptor)
        raise Conflict("The file is just being written; ask again in a moment.") from None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _hold(descriptor: int, path: Path) -> None:
    """Raises BlockingIOError when another holds it, FileNotFoundError when it is gone."""
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # Who held it until a moment ago may have published or discarded it since it was opened.
    if path.stat().st_ino != os.fstat(descriptor).st_ino:
        raise BlockingIOError


def _unlinked(path: Path) -> bool:
    """Remove an unfinished file unless somebody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        _hold(descriptor, path)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True


def _private_folder(path: Path, *, parents: bool = False) -> None:
    """Make a folder only we can enter, or see that it is one."""
    try:
        path.mkdir(mode=0o700, parents=parents, exist_ok=True)
        found = path.stat()
        if found.st_uid != os.geteuid():
            raise ConfigurationError(f"The folder {path} belongs to another user: choose another")
        if found.st_mode & 0o077:
            path.chmod(0o700)
    except OSError as exc:
        raise ConfigurationError(f"The folder {path} cannot be used: {exc.strerror}") from exc


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:
        return False


def _in_words(size: int) -> str:
    megabytes = size / (1 << 20)
    return f"{megabytes:,.4g} MB" if megabytes >= 1 else f"{size:,} bytes"
