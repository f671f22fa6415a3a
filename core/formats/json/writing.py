"""Writing JSON and JSON Lines (RFC 8259).

Numbers, booleans and JSON are written as such, exactly as they are spelled; all else is text.
What is no number, boolean or JSON although its column says so (NaN, a stray text) is written
as text, so the file is always valid. So are texts and `null` in a column of JSON: written
as they are they would read back as something else.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.column_names import by_position
from core.formats.date_formats import date_pattern, format_dates
from core.formats.json.decoding import Decoder, NotJson, too_deep
from core.formats.text.encoding import plain_codec
from core.model.table import Column, Kind

_CHUNK_ROWS = 20_000
_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_BOOLEAN = r"^(?:true|false)$"
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPES = {chr(code): f"\\u{code:04x}" for code in range(32)} | _SHORT
_SPACED = "    "
_INDENT = "  "


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
    *,
    lines: bool,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`.

    `lines`: a record a line and nothing around them; else one array, a record a line, or a
    member a line when `options.pretty`.
    """
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    date_pattern(options.date_format)
    encoder = _Encoder(options)
    record = _record(columns, options, pretty=options.pretty and not lines)
    between = "\n" if lines else ",\n"
    file.write(encoder.mark)
    written = 0
    for batch in batches:
        for frame in batch.iter_slices(_CHUNK_ROWS):
            if not frame.height:
                continue
            cells = by_position(frame, [column.name for column in columns])
            text = between.join(cells.select(record).to_series().to_list())
            before = between if written else "" if lines else "[\n"
            file.write(encoder.encode(before + text))
            written += frame.height
    end = ("\n" if lines else "\n]\n") if written else ("" if lines else "[]\n")
    file.write(encoder.encode(end))
    return written


def _record(columns: Sequence[Column], options: WriteOptions, *, pretty: bool) -> pl.Expr:
    """The text of one record, without a line end."""
    colon, comma = (": ", ",\n" + _SPACED) if pretty else (":", ",")
    start, end = (_INDENT + "{\n" + _SPACED, "\n" + _INDENT + "}") if pretty else ("{", "}")
    parts: list[pl.Expr] = []
    for place, column in enumerate(columns):
        key = json.dumps(column.name, ensure_ascii=False)
        parts += [pl.lit(start + key + colon), _value(pl.col(f"c{place}"), column, options)]
        start = comma
    return pl.concat_str(*parts, pl.lit(end))


def _value(cell: pl.Expr, column: Column, options: WriteOptions) -> pl.Expr:
    text = _quoted(format_dates(cell, column.kind, options.date_format))
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        text = pl.when(cell.str.contains(_NUMBER)).then(cell).otherwise(text)
    elif column.kind is Kind.BOOLEAN:
        text = pl.when(cell.str.contains(_BOOLEAN)).then(cell).otherwise(text)
    elif column.kind is Kind.JSON:
        embedded = cell.map_elements(Embedding(), return_dtype=pl.String, skip_nulls=True)
        text = pl.coalesce(embedded, text)
    return text.fill_null("null")


def _quoted(cell: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), cell.str.replace_many(_ESCAPES), pl.lit('"'))


class Embedding:
    """JSON that can stand in the file as it is, on one line; None when it cannot."""

    def __init__(self, level: int = 2) -> None:
        """`level`: how many lists and objects of the file it will stand in."""
        self._decoder = Decoder()
        self._level = level

    def __call__(self, text: str) -> str | None:
        bare = text.strip(" \t\r\n")
        # What is nested too deeply for our reader, with the file's own levels, is text.
        if not bare or bare[0] in '"n' or too_deep(bare, 0, len(bare), self._level) is not None:
            return None
        try:
            _, end = self._decoder.decode(bare, 0, 0)
        except NotJson:
            return None
        # Line ends can only stand between values.
        return bare.replace("\r", " ").replace("\n", " ") if end == len(bare) else None


class _Encoder:
    """Turns text into bytes; what an encoding cannot hold becomes an escape."""

    def __init__(self, options: WriteOptions) -> None:
        self._codec, wants_mark = plain_codec(options.dialect.encoding)
        self._unicode = self._codec.startswith("utf-")
        marked = self._unicode and (options.dialect.bom or wants_mark)
        self.mark = "\ufeff".encode(self._codec) if marked else b""

    def encode(self, text: str) -> bytes:
        if self._unicode:
            return codecs.encode(text, self._codec)
        if not text.isascii():
            text = codecs.encode(text, "ascii", _HANDLER).decode("ascii")
        return codecs.encode(text, self._codec)


_HANDLER = "tableport.json-escape"


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


codecs.register_error(_HANDLER, _escape)
