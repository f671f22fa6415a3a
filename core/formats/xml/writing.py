"""Writing XML 1.0: `<table><row><column>…`, a row a line.

A name that is no XML name stands in an attribute: `<field name="my col">`. NULL is an element
with `xsi:nil`, an empty text an empty element. Characters XML cannot hold, however they are
written, stand as `\\u0001` in an element marked as escaped, where a backslash is doubled.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.column_names import by_position
from core.formats.date_formats import date_pattern, format_dates
from core.formats.text.encoding import plain_codec
from core.formats.xml.encoding import public_name
from core.formats.xml.names import FIELD, OURS_URI
from core.model.table import Column

_CHUNK_ROWS = 20_000
_XSI_URI = "http://www.w3.org/2001/XMLSchema-instance"
_ROW = "row"
_TABLE = "table"
_NAME = re.compile(r"(?!xml)[^\W\d][\w.-]*", re.IGNORECASE)
_FORBIDDEN = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]"
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE = _TEXT | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_UNFIT = [chr(code) for code in (*range(32), 0xFFFE, 0xFFFF) if chr(code) not in "\t\n\r"]
_ESCAPED = {"\\": "\\\\"} | {character: f"\\u{ord(character):04X}" for character in _UNFIT}


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`.

    When `options.pretty`, an element a line, indented.
    """
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    date_pattern(options.date_format)
    codec, wants_mark = plain_codec(options.dialect.encoding)
    root = _tags(options.table, _TABLE, codec)
    cells = [_tags(column.name, FIELD, codec) for column in columns]
    if codec.startswith(("utf-16", "utf-32")) or (
        codec == "utf-8" and (options.dialect.bom or wants_mark)
    ):
        file.write("\ufeff".encode(codec))

    def put(text: str) -> None:
        file.write(codecs.encode(text, codec, "xmlcharrefreplace"))

    put(f'<?xml version="1.0" encoding="{public_name(codec)}"?>\n')
    put(f'<{root.start} xmlns:xsi="{_XSI_URI}">\n')
    written = 0
    for batch in batches:
        for frame in batch.iter_slices(_CHUNK_ROWS):
            if frame.height:
                named = by_position(frame, [column.name for column in columns])
                rows = named.select(_row(named, columns, cells, options))
                put("".join(rows.to_series().to_list()))
                written += frame.height
    put(f"</{root.end}>\n")
    return written


class _Tags(NamedTuple):
    start: str  #: name, and the attribute that holds the real one if that is no XML name
    end: str


def _tags(name: str, otherwise: str, codec: str) -> _Tags:
    """Raises InvalidRequest when no XML can hold the name."""
    if _is_name(name, codec):
        return _Tags(name, name)
    unfit = next((c for c in name if c in _UNFIT), None)
    if unfit is not None:
        raise InvalidRequest(
            f"Header, column {name!r}: XML cannot hold the character U+{ord(unfit):04X} in a "
            "name. Rename it, or choose another format."
        )
    escaped = "".join(_ATTRIBUTE.get(character, character) for character in name)
    return _Tags(f'{otherwise} name="{escaped}"', otherwise)


def _is_name(name: str, codec: str) -> bool:
    """Is it a name to every parser? Ours knows those of the strictest edition of XML 1.0."""
    if _NAME.fullmatch(name) is None:
        return False
    try:
        codecs.encode(name, codec)
        expat.ParserCreate("utf-8").Parse(f"<{name}/>".encode(), True)
    except (UnicodeEncodeError, expat.ExpatError):
        return False
    return True


def _row(
    frame: pl.DataFrame, columns: Sequence[Column], cells: Sequence[_Tags], options: WriteOptions
) -> pl.Expr:
    """The text of one record."""
    indent, line = ("    ", "\n") if options.pretty else ("", "")
    margin = "  " if options.pretty else ""
    parts: list[pl.Expr] = [pl.lit(f"{margin}<{_ROW}>{line}")]
    for place, (column, tags) in enumerate(zip(columns, cells, strict=True)):
        name = f"c{place}"
        unfit = bool(frame.get_column(name).str.contains(_FORBIDDEN).any())
        cell = format_dates(pl.col(name), column.kind, options.date_format)
        element = _element(cell, tags, indent, line)
        if unfit:
            marked = _Tags(f'{tags.start} xmlns:t="{OURS_URI}" t:escaped="true"', tags.end)
            escaped = _element(cell.str.replace_many(_ESCAPED), marked, indent, line)
            element = pl.when(cell.str.contains(_FORBIDDEN)).then(escaped).otherwise(element)
        parts.append(element.fill_null(f'{indent}<{tags.start} xsi:nil="true"/>{line}'))
    return pl.concat_str(*parts, pl.lit(f"{margin}</{_ROW}>\n"))


def _element(cell: pl.Expr, tags: _Tags, indent: str, line: str) -> pl.Expr:
    text = cell.str.replace_many(_TEXT)
    return pl.concat_str(pl.lit(f"{indent}<{tags.start}>"), text, pl.lit(f"</{tags.end}>{line}"))
