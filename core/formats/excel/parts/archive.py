"""The ZIP archive a workbook is: every byte it inflates to is counted before anything parses it.

Bounds (OWASP ASVS 5.0, 5.2.3): as many entries, as many bytes really inflated, and as many of
them for each packed byte. Honest workbooks were measured at ratios of 10 to 15.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from core.errors import InvalidFormat, UnsafeContent

MAX_ENTRIES = 10_000
MAX_INFLATED = 1 << 30  #: bytes, of all parts together
MAX_RATIO = 100  #: inflated bytes for each byte of the file
#: An archive that inflates to no more than this may be packed as well as it likes.
RATIO_FLOOR = 32 << 20

_CHUNK = 1 << 20
_PROLOG = 1 << 16  # how far into a part a DOCTYPE is looked for
_DOCTYPES = tuple("<!DOCTYPE".encode(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be"))
_NESTED = b"PK\x03\x04"
_DAMAGED = "The workbook is damaged: {}. Open it in the program it comes from and save it again."


class Archive:
    """The parts of an archive by name: lower case, with slashes, without a leading one."""

    def __init__(self, data: bytes) -> None:
        """Read the table of contents. Raises InvalidFormat and UnsafeContent."""
        self._size = len(data)
        self._inflated = 0
        self._counted: set[str] = set()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        # Beside BadZipFile, zipfile lets through what broken offsets (ValueError, OSError) and
        # versions it does not know (NotImplementedError) make fail.
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise InvalidFormat(_DAMAGED.format("its table of contents cannot be read")) from error
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise UnsafeContent(
                f"The archive has {len(entries):,} entries; a workbook may have {MAX_ENTRIES:,}."
            )
        self._entries = {plain_name(entry.filename): entry for entry in entries}
        if len(self._entries) < len(entries):
            raise InvalidFormat(_DAMAGED.format("two of its parts have the same name"))

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """All parts, in the order of the archive."""
        return tuple(self._entries)

    def read(self, name: str) -> bytes:
        """A whole part; b'' when there is none. Raises what `chunks` raises."""
        return b"".join(self.chunks(name)) if name in self._entries else b""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part piece by piece, checked on the way.

        Raises InvalidFormat when it is damaged, UnsafeContent when it is a bomb, another archive,
        or XML with a DOCTYPE.
        """
        entry = self._entries[name]
        counting = name not in self._counted
        self._counted.add(name)
        try:
            with self._zip.open(entry) as part:
                first = True
                while chunk := part.read(_CHUNK):
                    if first:
                        _look_into(chunk, name)
                        first = False
                    if counting:
                        self._count(len(chunk))
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise InvalidFormat(_DAMAGED.format(f"its part {name} cannot be unpacked")) from error
        except RuntimeError as error:  # what zipfile says of an encrypted part
            raise InvalidFormat(
                "The workbook is protected by a password. Save it without one and try again."
            ) from error

    def check(self) -> None:
        """Inflate every part that was not inflated yet. Raises what `chunks` raises."""
        for name in self._entries:
            if name not in self._counted:
                for _ in self.chunks(name):
                    pass

    def _count(self, more: int) -> None:
        self._inflated += more
        if self._inflated > MAX_INFLATED:
            raise UnsafeContent(
                f"The workbook unpacks to more than {MAX_INFLATED >> 20:,} MB, and is refused as a "
                "possible bomb. Split it, or save the data as CSV."
            )
        if self._inflated > max(RATIO_FLOOR, self._size * MAX_RATIO):
            raise UnsafeContent(
                f"The workbook unpacks to more than {MAX_RATIO} times its size, and is refused as "
                "a possible bomb. Save the data as CSV."
            )


def plain_name(name: str) -> str:
    """A part's name as all programs spell it: some write backslashes, a slash before, capitals."""
    return name.replace("\\", "/").lstrip("/").lower()


def _look_into(chunk: bytes, name: str) -> None:
    if chunk.startswith(_NESTED):
        raise UnsafeContent(
            f"The workbook holds another archive or document ({name}). Remove the embedded object, "
            "or save the data alone."
        )
    prolog = chunk[:_PROLOG]
    if any(mark in prolog for mark in _DOCTYPES):
        raise UnsafeContent(
            f"The part {name} of the workbook declares a DOCTYPE, which none needs."
        )
