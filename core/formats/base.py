"""What a format offers the rest of the house: a reader, a writer, or both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

import polars as pl

from core.model.dialect import Detection, Dialect, FormatInfo
from core.model.table import Column

ROW = "__row__"  #: Int64, 1-based data row
LINE = "__line__"  #: Int64, 1-based physical line where the row starts
FLAW = "__flaw__"  #: String: a sentence on what is wrong with the row, null when regular
META = (ROW, LINE, FLAW)


class Batch(NamedTuple):
    """Rows on their way: ROW, LINE, FLAW, then one String column per source column."""

    frame: pl.DataFrame
    ignored: int  #: blank, preamble and footer lines met since the last batch
    bytes_read: int  #: bytes of the file consumed so far, ever growing


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
    date_format: str = "iso"  #: iso, us, eu, timestamp, or strftime / moment tokens (A27)
    escape_formulas: bool = True  #: rulings A16, A41
    pretty: bool = False  #: laid out for people to read, where the format has a choice


class Reader(Protocol):
    @property
    def info(self) -> FormatInfo: ...

    def detect(
        self, head: bytes, *, complete: bool, filename: str, given: Dialect | None
    ) -> Detection | None:
        """What a file looks like, from its first bytes (at most 256 KiB); None: not mine.

        `complete`: head is the whole file. `given`: a dialect to be taken exactly as it is;
        only columns, warnings and first lines are then worked out. Raises InvalidFormat.
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
