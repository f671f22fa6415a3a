"""File formats: what a file is, reading it into batches, writing batches to it.

    base            the seam: Batch, Reader, Writer, limits and options
    csv             delimited text, the format that takes any text (so it is asked last)
    json            JSON documents and JSON Lines
    text            what every format made of text needs
    confinement     reading in a child process that has limits
    column_names    names never blank, never twice
    batching        from pieces of rows to batches of the size asked for
    date_formats    how dates and times are spelled in a file we write
    formulas        cells a spreadsheet would run

What content surely is, whatever its name, core.model.content knows.
A new format is one module or package here, and one line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from core.errors import InvalidFormat
from core.formats.base import Batch, Format, Head, Reader, ReadLimits, Writer
from core.formats.csv import CSV
from core.formats.json import JSON, JSON_LINES
from core.model.dialect import Detection, Dialect
from core.settings import family_of

#: In the order in which they are asked whether a file is theirs.
FORMATS: tuple[Format, ...] = (JSON, JSON_LINES, CSV)

#: Other words for a format (ruling A2).
ALIASES = {
    "xlsx": "excel",
    "xls": "excel",
    "yml": "yaml",
    "tsv": "csv",
    "txt": "csv",
    "ndjson": "jsonl",
}

#: Extensions that promise a format, ours or not: content must keep the promise.
_PROMISES = frozenset(
    {"csv", "json", "jsonl", "ndjson", "xlsx", "xls", "excel", "xml", "yaml", "yml", "parquet"}
)


def by_name(name: str) -> Format:
    """The format of that name or alias. Raises InvalidFormat naming what is supported."""
    wanted = name.strip().lower().removeprefix(".")
    wanted = ALIASES.get(wanted, wanted)
    for candidate in FORMATS:
        if candidate.name == wanted:
            return candidate
    supported = ", ".join(candidate.name for candidate in FORMATS)
    raise InvalidFormat(f"{name!r} is not a supported format. Supported: {supported}.")


def readers() -> tuple[Reader, ...]:
    """What can be imported, in the order in which content is looked at."""
    return tuple(f.reader for f in FORMATS if f.reader is not None)


def writers() -> tuple[Writer, ...]:
    """What can be exported."""
    return tuple(f.writer for f in FORMATS if f.writer is not None)


def detect_file(file: BinaryIO, *, filename: str, given: Dialect | None = None) -> Detection:
    """What a file is and how it is written.

    `file` can only be read forward, and is not read further than needed. `given` is taken as it
    is, format included; only columns, warnings and first lines are worked out then. Raises
    InvalidFormat when the content is no format we read, or not the one its name promises.
    """
    head = Head(file, filename)
    asked = readers() if given is None else _reader_of(given.format)
    for reader in asked:
        found = reader.detect(head, given=given)
        if found is not None:
            if given is None:
                _check_promise(filename, found.dialect.format)
            return found
    supported = ", ".join(reader.info.name for reader in readers())
    raise InvalidFormat(f"The content is in no format Tableport reads. Supported: {supported}.")


def read_file(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of at most `rows` rows; see `Reader.read`. Raises InvalidFormat as it does."""
    (reader,) = _reader_of(dialect.format)
    return reader.read(file, dialect, rows=rows, limits=limits)


def _reader_of(name: str) -> tuple[Reader, ...]:
    chosen = by_name(name)
    if chosen.reader is None:
        raise InvalidFormat(f"{chosen.info.title} files can be written but not read.")
    return (chosen.reader,)


def _check_promise(filename: str, found: str) -> None:
    extension = PurePath(filename.replace("\\", "/")).suffix.lower().removeprefix(".")
    promised = ALIASES.get(extension, extension)
    kept = promised == found or family_of(promised) == family_of(found)
    if extension in _PROMISES and not kept:
        raise InvalidFormat(
            f"The file is named .{extension}, but its content is {found}. "
            f"Rename it to .{found}, or save it again as {extension}."
        )
