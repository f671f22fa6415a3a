"""File formats: what a file is, reading it into batches, writing batches to it.

    base            the seam: Batch, Reader, Writer, limits and options
    csv             delimited text, the format that takes any text (so it is asked last)
    json            JSON documents and JSON Lines
    xml             XML documents
    yaml            YAML documents
    excel           workbooks: .xlsx, .xlsm, .xlsb, .xls, .ods
    parquet         Parquet files
    sql             INSERT statements, written only
    text            what every format made of text needs
    compression     files packed with gzip, zip or zstd
    confinement     reading in a child process that has limits
    given           what a person set instead of having it detected
    column_names    names never blank, never twice
    batching        from pieces of rows to batches of the size asked for
    date_formats    how dates and times are spelled in a file we write
    formulas        cells a spreadsheet would run

What content surely is, whatever its name, core.model.content knows.
A new format is one module or package here, and one line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import BufferedReader
from pathlib import PurePath
from typing import BinaryIO, cast

import polars as pl

from core.errors import InvalidFormat
from core.formats.base import (
    HEAD_BYTES,
    Batch,
    Format,
    Head,
    Reader,
    ReadLimits,
    WriteOptions,
    Writer,
)
from core.formats.compression.reading import Unpacked
from core.formats.compression.source import Source
from core.formats.compression.writing import packing
from core.formats.compression.zipped import shown
from core.formats.csv import CSV
from core.formats.excel import EXCEL
from core.formats.given import with_given
from core.formats.json import JSON, JSON_LINES
from core.formats.parquet import PARQUET
from core.formats.sql import SQL
from core.formats.xml import XML
from core.formats.yaml import YAML
from core.model.content import JSON as JSON_CONTENT
from core.model.content import XML as XML_CONTENT
from core.model.content import identify
from core.model.dialect import NOTHING_GIVEN, Detection, Dialect, Finding, Given
from core.model.packing import (
    PACKED_INSIDE,
    by_extension,
    data_name,
    inner_name,
    is_office,
    packing_of,
)
from core.model.table import Column
from core.settings import family_of

#: In the order in which they are asked whether a file is theirs.
FORMATS: tuple[Format, ...] = (YAML, JSON, JSON_LINES, XML, EXCEL, PARQUET, SQL, CSV)

#: Other words for a format (ruling A2).
ALIASES = {
    "xlsx": "excel",
    "xls": "excel",
    "xlsm": "excel",
    "xlsb": "excel",
    "ods": "excel",
    "yml": "yaml",
    "tsv": "csv",
    "txt": "csv",
    "ndjson": "jsonl",
}

#: Extensions that promise a format, ours or not: content must keep the promise.
_PROMISES = frozenset(
    {
        "csv",
        "json",
        "jsonl",
        "ndjson",
        "xlsx",
        "xls",
        "xlsm",
        "xlsb",
        "ods",
        "excel",
        "xml",
        "yaml",
        "yml",
        "parquet",
    }
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


def detect_file(file: BinaryIO, *, filename: str, given: Given = NOTHING_GIVEN) -> Detection:
    """What a file is and how it is written.

    `file` can only be read forward, and is not read further than needed. What is `given` is taken
    as it is, and the rest is found under it; a given format need not be what the name promises.
    Raises InvalidFormat when the content is no format we read, not the given one, or not the one
    its name promises, and UnsafeContent when it unpacks to more than a table can be.
    """
    source = Source(file)
    head = source.peek(HEAD_BYTES)
    known = "compression" in given
    compression = given["compression"] if known else _compression(head, filename)
    if compression is None:
        found = _detect(Head(cast("BinaryIO", source), filename), readers(), given)
        return with_given(found, given) if given else found
    if "format" in given:
        _require_text(by_name(given["format"]))
    unpacked = Unpacked(source, compression)
    inside = BufferedReader(unpacked)
    name = data_name(head, filename)
    _check_data(inside.peek(), name)
    text_formats = tuple(r for r in readers() if r.info.name not in PACKED_INSIDE)
    found = _detect(Head(inside, name), text_formats, given)
    unpacked.check_on()
    finding = Finding(
        name="compression",
        value=compression,
        confidence=1.0,
        evidence=f"The content is packed with {compression}; in it is {shown(name)}.",
    )
    dialect = replace(found.dialect, compression=compression)
    found = replace(found, dialect=dialect, findings=(finding, *found.findings))
    return with_given(found, given) if given else found


def read_file(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of at most `rows` rows; see `Reader.read`. Raises as it does, and UnsafeContent.

    Of a packed file, `bytes_read` counts the packed bytes.
    """
    (reader,) = _reader_of(dialect.format)
    if dialect.compression is None:
        return reader.read(file, dialect, rows=rows, limits=limits)
    _require_text(by_name(dialect.format))
    return _read_packed(reader, file, dialect, rows=rows, limits=limits)


def write_file(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
    *,
    filename: str,
) -> int:
    """Write frames of canonical text, packed if the dialect says so; return the number of rows.

    `filename` is what the file will be called; in an archive the data is called the same without
    the ending. Raises InvalidFormat for a format that is not written, and what `Writer.write`
    raises.
    """
    chosen = by_name(options.dialect.format)
    if chosen.writer is None:
        raise InvalidFormat(f"{chosen.info.title} files can be read but not written.")
    compression = options.dialect.compression
    if compression is None:
        return chosen.writer.write(batches, columns, file, options)
    _require_text(chosen)
    with packing(file, compression, member=inner_name(filename)) as packed:
        return chosen.writer.write(batches, columns, packed, options)


def _detect(head: Head, asked: Sequence[Reader], given: Given) -> Detection:
    if "format" in given:
        asked = _reader_of(given["format"])
    for reader in asked:
        found = reader.detect(head, given=given)
        if found is not None:
            if "format" not in given:
                _check_promise(head.filename, found.dialect.format)
            return found
    supported = ", ".join(reader.info.name for reader in readers())
    raise InvalidFormat(f"The content is in no format Tableport reads. Supported: {supported}.")


def _read_packed(
    reader: Reader, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    assert dialect.compression is not None
    unpacked = Unpacked(Source(file), dialect.compression)
    for batch in reader.read(BufferedReader(unpacked), dialect, rows=rows, limits=limits):
        yield batch._replace(bytes_read=unpacked.packed_read)


def _compression(head: bytes, filename: str) -> str | None:
    """How a file is packed, by its content; its name must agree. Raises InvalidFormat."""
    if family_of(_extension(filename)) == "excel":
        return None  # a workbook, which is an archive, or means to be one
    packing, named = packing_of(head), by_extension(filename)
    if named is not None and packing != named:
        found = f"packed with {packing.name}" if packing else "not packed"
        right = inner_name(filename) + (packing.extension if packing else "")
        if packing is None and is_office(head):
            found, right = "a workbook or document", inner_name(filename) + ".xlsx"
        raise InvalidFormat(
            f"The file is named {named.extension}, but its content is {found}. "
            f"Rename it to {right}."
        )
    extension = _extension(filename)
    if packing is not None and named is None and extension in _PROMISES:
        raise InvalidFormat(
            f"The file is named .{extension}, but its content is packed with {packing.name}. "
            f"Rename it to {filename}{packing.extension}, or unpack it."
        )
    return packing.name if packing else None


def _check_data(head: bytes, name: str) -> None:
    """Archives in archives, and what is packed already, stay outside."""
    content = identify(head)
    if content is not None and content not in (JSON_CONTENT, XML_CONTENT):
        raise InvalidFormat(
            f"In the packed file is {shown(name)}, which is {content.what}: {content.remedy}."
        )


def _require_text(chosen: Format) -> None:
    if chosen.name in PACKED_INSIDE:
        raise InvalidFormat(
            f"{chosen.info.title} files are packed inside already: choose no compression."
        )


def _reader_of(name: str) -> tuple[Reader, ...]:
    chosen = by_name(name)
    if chosen.reader is None:
        raise InvalidFormat(f"{chosen.info.title} files can be written but not read.")
    return (chosen.reader,)


def _check_promise(filename: str, found: str) -> None:
    extension = _extension(filename)
    promised = ALIASES.get(extension, extension)
    kept = promised == found or family_of(promised) == family_of(found)
    kept = kept or (promised, found) == ("yaml", "json")  # YAML holds all of JSON (1.2.2, 1.2)
    if extension in _PROMISES and not kept:
        raise InvalidFormat(
            f"The file is named .{extension}, but its content is {found}. "
            f"Rename it to {by_name(found).info.extensions[0]}, or save it again as {extension}."
        )


def _extension(filename: str) -> str:
    return PurePath(filename.replace("\\", "/")).suffix.lower().removeprefix(".")
