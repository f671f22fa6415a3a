"""What a format offers the rest of the house: a reader, a writer, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

import polars as pl

from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

ROW = "__row__"  #: Int64, 1-based data row
LINE = "__line__"  #: Int64, 1-based physical line where the row starts
FLAW = "__flaw__"  #: String: a sentence on what is wrong with the row, null when regular
META = (ROW, LINE, FLAW)

HEAD_BYTES = 256 * 1024  #: how much of a file detection looks at
_PIECE_BYTES = 1 << 20


class Batch(NamedTuple):
    """Rows on their way: ROW, LINE, FLAW, then one String column per source column."""

    frame: pl.DataFrame
    ignored: int  #: blank, preamble and footer lines met since the last batch
    bytes_read: int  #: bytes of the file consumed so far, ever growing
    #: As many rows as `frame`: those of its columns whose cells the file's own program shows
    #: otherwise than by their values (0.25 as 25%). Text columns of a table take these.
    shown: pl.DataFrame | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLimits:
    """What a file may ask of us while it is read."""

    max_columns: int = 1000
    max_cell_bytes: int = 1 << 20
    max_rows: int | None = None  #: one row more raises TooManyRowsToImport


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteOptions:
    """How values are spelled in the file written."""

    dialect: Dialect
    date_format: str = "iso"  #: iso, us, eu, de, timestamp, or strftime / moment tokens (A27)
    escape_formulas: bool = True  #: rulings A16, A41
    pretty: bool = False  #: laid out for people to read, where the format has a choice
    table: str = "data"  #: name of the table, where the format says it
    fit: bool = True  #: columns as wide as their values, in workbooks
    freeze: bool = True  #: the header stays in sight, in workbooks
    unencodable: str = "error"  #: or replace: what the encoding does not have becomes ?
    sql_for: str = "standard"  #: or postgresql: how SQL spells bytes
    rows_per_statement: int = 500  #: of an INSERT
    #: Told in a sentence what stands in the file otherwise than in the table.
    warn: Callable[[str], None] | None = None


class Head:
    """What detection has of a file: how it begins and, for formats that need it, all of it."""

    def __init__(self, file: BinaryIO, filename: str) -> None:
        """`file` can only be read forward, and stands at its start."""
        self.filename = filename
        self._file = file
        self._whole: bytes | None = None
        self._passed = False
        read = _read_fully(file, HEAD_BYTES + 1)
        self.start = read[:HEAD_BYTES]  #: at most HEAD_BYTES
        self.complete = len(read) <= HEAD_BYTES  #: is that the whole file?
        self._next = read[HEAD_BYTES:]
        self.seen = len(self.start)  #: bytes looked at so far

    def beyond(self, most: int) -> Iterator[bytes]:
        """What follows the start, up to `most` bytes, piece by piece and only once.

        Nothing of it is kept, so `whole` cannot be asked afterwards.
        """
        piece, self._next = self._next, b""
        self._passed = True
        while piece:
            self.seen += len(piece)
            yield piece
            most -= len(piece)
            piece = self._file.read(min(most, _PIECE_BYTES)) if most > 0 else b""

    def within(self, size: int) -> bytes | None:
        """The whole file if it has at most `size` bytes, else None; `beyond` still gives it."""
        assert not self._passed
        if self._whole is not None:
            return self._whole if len(self._whole) <= size else None
        missing = size + 1 - len(self.start) - len(self._next)
        if self._next and missing > 0:
            self._next += _read_fully(self._file, missing)
        file = self.start + self._next
        return file if len(file) <= size else None

    def whole(self) -> bytes:
        """The whole file, for formats whose table of contents stands at their end."""
        assert not self._passed
        if self._whole is None:
            self._whole = b"".join((self.start, self._next, self._file.read()))
        return self._whole


def _read_fully(file: BinaryIO, size: int) -> bytes:
    """So many bytes, or all there are: a pipe may give fewer at a time."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Reader(Protocol):
    @property
    def info(self) -> FormatInfo: ...

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """What a file looks like; None: not mine.

        `given`: what is not to be found but taken as it is; all else is found under it. A format
        that is given is this one. Raises InvalidFormat.
        """
        ...

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """Batches of at most `rows` rows from a file that can only be read forward.

        There is always at least one batch, so the columns are known even without rows.
        Raises InvalidFormat and TooManyRowsToImport.
        """
        ...


class Writer(Protocol):
    @property
    def info(self) -> FormatInfo: ...

    def write(
        self,
        batches: Iterable[pl.DataFrame],
        columns: Sequence[Column],
        file: BinaryIO,
        options: WriteOptions,
    ) -> int:
        """Write frames of canonical text and return the number of rows.

        Every frame has a String column for each of `columns`, which also fix the order.
        Raises InvalidRequest when a value cannot be written with these options.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A file format and its two abilities."""

    info: FormatInfo
    reader: Reader | None = None
    writer: Writer | None = None

    @property
    def name(self) -> str:
        return self.info.name
