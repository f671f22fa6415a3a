"""How a file is written down: never how a database speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """The choices needed to read a file the way its author meant it, or to write one."""

    format: str = "csv"  #: a name in FORMATS
    encoding: str = "utf-8"  #: a Python codec name; utf-8 also accepts a BOM
    bom: bool = False  #: write a byte order mark
    delimiter: str = ","  #: one or more characters
    quote: str | None = '"'  #: None: quotes mean nothing in this file
    escape: str | None = None  #: None: a quote inside quotes is doubled
    header: bool = True  #: the first row read holds column names
    skip_rows: int = 0  #: physical lines before the header (or the first row)
    skip_blank_rows: bool = True
    #: Unquoted cells that mean NULL. NULL words such as NA are never assumed (ruling A38).
    null_values: tuple[str, ...] = ("",)
    line_end: str = "\r\n"  #: written; when reading, any of CRLF, LF, CR ends a line
    header_rows: int = 1  #: rows the header takes; their cells are joined to one name
    skip_footer: int = 0  #: rows at the end that are no data: totals, notes
    decimal: str = "."  #: what stands before the fraction of a number: point or comma
    thousands: str = ""  #: what groups the digits of a number; '': nothing
    compression: str | None = None  #: gzip, zip, zstd; None: the file is not packed
    sheet: str | None = None  #: worksheet name, for workbooks
    record_path: str | None = None  #: where the records sit in a nested document, e.g. data.items


#: Fields of Dialect that a person set: detection takes them as they are, and finds the others.
Given = Mapping[str, Any]
NOTHING_GIVEN: Given = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing detection concluded, how sure it is, and why."""

    name: str  #: a field of Dialect
    value: str  #: in words, for people
    confidence: float  #: 0…1
    evidence: str  #: a sentence
    choices: tuple[str, ...] = ()  #: what else the file offers: its sheets, its other lists


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """What a file looks like."""

    dialect: Dialect
    columns: tuple[str, ...]  #: source column names, made unique
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    first_lines: tuple[str, ...] = ()  #: the file's first physical lines, decoded


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatInfo:
    """A file format, as menus and the API list it."""

    name: str
    title: str
    extensions: tuple[str, ...]  #: with the dot, the first is the one we write
    media_type: str
    description: str
    readable: bool
    writable: bool
    max_rows: int | None = None  #: what the format itself can hold
    options: tuple[str, ...] = ()  #: of core.model.export_options, in the order to show them
    #: Fields of Dialect that say how a file is read, in the order to show them.
    read_options: tuple[str, ...] = ()
