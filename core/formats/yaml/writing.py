"""Writing YAML 1.2: `table: [records]` in block style, a member a line.

Integers, exact and floating numbers and truth values stand plain where every reader takes them for
such; so do texts that no reader takes for anything else. All else is quoted, with escapes for what
cannot be seen. JSON is embedded where YAML reads it as the same.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.column_names import by_position
from core.formats.date_formats import date_pattern, format_dates
from core.formats.json.decoding import MOST_LEVELS as MOST_JSON_LEVELS
from core.formats.json.writing import Embedding
from core.formats.text.encoding import plain_codec
from core.formats.yaml.flow import MOST_LEVELS
from core.model.table import Column, Kind

_CHUNK_ROWS = 20_000
_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_BOOLEAN = r"^(?:true|false)$"
#: Begins with a letter, holds no mark of YAML's, does not end in a blank; and is no word that YAML
#: 1.1 or 1.2 takes for something else.
_PLAIN = r"^[A-Za-z](?:[A-Za-z0-9_ .@/()+-]*[A-Za-z0-9_.@/()+-])?$"
_PLAIN_UNICODE = r"^\p{L}(?:[\p{L}\p{Nd}_ .@/()+-]*[\p{L}\p{Nd}_.@/()+-])?$"
_MEANT = r"^(?i:null|true|false|yes|no|on|off|y|n)$"
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: What may not stand in YAML as it is, and what readers may take for a line end or a mark.
_HIDDEN = (*range(32), *range(0x7F, 0xA1), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
_ESCAPES = {chr(code): f"\\u{code:04X}" for code in _HIDDEN} | _SHORT
_LONGEST_KEY = 500  #: characters of a key before a colon; libyaml allows 1,024
_LEVELS = 3  #: lists and maps that a cell stands in
#: Half a character as an escape, what may not stand as it is, and keys too long for libyaml.
_UNLIKE_JSON = re.compile(
    rf"\\u[dD][89a-fA-F]|[{''.join(map(re.escape, sorted(set(map(chr, _HIDDEN[32:])))))}]"
    rf'|"[^"]{{{_LONGEST_KEY},}}"\s*:'
)


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`.

    When `options.pretty`, records are indented and parted by blank lines.
    """
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    date_pattern(options.date_format)
    codec, wants_mark = plain_codec(options.dialect.encoding)
    unicode = codec.startswith("utf-")
    if unicode and (options.dialect.bom or wants_mark):
        file.write("\ufeff".encode(codec))

    def put(text: str) -> None:
        file.write(codecs.encode(text, codec if unicode else "ascii", _HANDLER))

    put(f"{_key(options.table, unicode=unicode)}")
    record = _record(columns, options, unicode=unicode)
    written = 0
    for batch in batches:
        for frame in batch.iter_slices(_CHUNK_ROWS):
            if frame.height:
                cells = by_position(frame, [column.name for column in columns])
                rows = cells.select(record).to_series().to_list()
                put(("" if written else "\n") + "".join(rows))
                written += frame.height
    if not written:
        put(" []\n")
    return written


def _record(columns: Sequence[Column], options: WriteOptions, *, unicode: bool) -> pl.Expr:
    """The lines of one record."""
    first, other = ("\n  - ", "    ") if options.pretty else ("- ", "  ")
    parts: list[pl.Expr] = []
    for place, column in enumerate(columns):
        margin = other if place else first
        key = _key(column.name, unicode=unicode, margin=other)
        value = _value(pl.col(f"c{place}"), column, options, unicode=unicode)
        parts += [pl.lit(f"{margin}{key} "), value, pl.lit("\n")]
    return pl.concat_str(*parts)


def _value(cell: pl.Expr, column: Column, options: WriteOptions, *, unicode: bool) -> pl.Expr:
    text = _text(format_dates(cell, column.kind, options.date_format), unicode=unicode)
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        text = pl.when(cell.str.contains(_NUMBER)).then(cell).otherwise(text)
    elif column.kind is Kind.BOOLEAN:
        text = pl.when(cell.str.contains(_BOOLEAN)).then(cell).otherwise(text)
    elif column.kind is Kind.JSON:
        embedded = cell.map_elements(_Embedding(), return_dtype=pl.String, skip_nulls=True)
        text = pl.coalesce(embedded, text)
    return text.fill_null("null")


def _text(cell: pl.Expr, *, unicode: bool) -> pl.Expr:
    plain = cell.str.contains(_PLAIN_UNICODE if unicode else _PLAIN)
    quoted = pl.concat_str(pl.lit('"'), cell.str.replace_many(_ESCAPES), pl.lit('"'))
    return pl.when(plain & ~cell.str.contains(_MEANT)).then(cell).otherwise(quoted)


def _key(name: str, *, unicode: bool, margin: str = "") -> str:
    """A key and what stands between it and its value."""
    (key,) = pl.Series([name]).to_frame("k").select(_text(pl.col("k"), unicode=unicode))["k"]
    return f"{key}:" if len(key) < _LONGEST_KEY else f"? {key}\n{margin}:"


class _Embedding(Embedding):
    """JSON that YAML reads as the same; None when it might not."""

    def __init__(self) -> None:
        super().__init__(MOST_JSON_LEVELS - MOST_LEVELS + _LEVELS)

    def __call__(self, text: str) -> str | None:
        if _UNLIKE_JSON.search(text):
            return None
        embedded = super().__call__(text)
        return embedded.replace("\t", " ") if embedded else None


_HANDLER = "tableport.yaml-escape"


def _escape(error: UnicodeError) -> tuple[str, int]:
    """What an encoding cannot hold stands in double quotes always."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(f"\\U{ord(character):08X}" for character in characters), error.end


codecs.register_error(_HANDLER, _escape)
