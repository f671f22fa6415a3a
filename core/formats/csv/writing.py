"""Writing delimited text by RFC 4180: NULL is nothing, an empty text is `""` (ruling A38).

In a table of one column a NULL is an empty line; such a file reads back exactly when blank
rows are not skipped.
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
from core.formats.formulas import escape_formulas
from core.formats.text.encoding import plain_codec
from core.model.dialect import Dialect
from core.model.table import Column, Kind

_CHUNK_ROWS = 20_000
_NUMBER = r"^-?[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?$"


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`."""
    dialect = options.dialect
    _check(dialect)
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    date_pattern(options.date_format)
    encoder = _Encoder(options, columns)
    names = [column.name for column in columns]
    header = pl.DataFrame({f"c{n}": [name] for n, name in enumerate(names)})
    file.write(encoder.mark)
    if dialect.header:
        cells = header.select(_quoted(pl.col(c), dialect).alias(c) for c in header.columns)
        encoder.write(cells, file, first_row=0)
    values = [_cell(f"c{n}", column, options) for n, column in enumerate(columns)]
    written = 0
    for batch in batches:
        for frame in batch.iter_slices(_CHUNK_ROWS):
            if frame.height:
                cells = by_position(frame, names).select(values)
                encoder.write(cells, file, first_row=written + 1)
                written += frame.height
    encoder.finish()
    return written


def _check(dialect: Dialect) -> None:
    if not dialect.delimiter or re.search(r"[\r\n]", dialect.delimiter):
        raise InvalidRequest("delimiter: give one or more characters that are no line ends")
    if dialect.quote is not None and (
        len(dialect.quote) != 1 or dialect.quote in dialect.delimiter or dialect.quote in "\r\n"
    ):
        raise InvalidRequest("quote: give one character that is not part of the delimiter")
    if dialect.line_end not in ("\r\n", "\n", "\r"):
        raise InvalidRequest("line_end: give CR LF, LF or CR")
    if dialect.decimal not in (".", ","):
        raise InvalidRequest("decimal: give a point or a comma")


def _cell(place: str, column: Column, options: WriteOptions) -> pl.Expr:
    cell = format_dates(pl.col(place), column.kind, options.date_format)
    if options.dialect.decimal != "." and column.kind is Kind.NUMBER:
        comma = cell.str.replace(".", options.dialect.decimal, literal=True)
        cell = pl.when(cell.str.contains(_NUMBER)).then(comma).otherwise(cell)
    if options.escape_formulas:
        cell = escape_formulas(cell, column.kind)
    return _quoted(cell, options.dialect).alias(place)


def _null_text(dialect: Dialect) -> str:
    if "" in dialect.null_values or not dialect.null_values:
        return ""
    return dialect.null_values[0]


def _quoted(cell: pl.Expr, dialect: Dialect) -> pl.Expr:
    """The cell as it stands in the file: quoted where the reader would else misread it."""
    null = _null_text(dialect)
    if dialect.quote is None:
        return cell.fill_null(null)
    quote = dialect.quote
    trouble = "|".join(
        (
            re.escape(dialect.delimiter),
            re.escape(quote),
            r"[\r\n]",
            r"^$|^[ \t\x{FEFF}]|[ \t\x1A]$|^(?i:sep=)",
        )
    )
    inner = cell
    if dialect.escape not in (None, quote):
        escape = dialect.escape or ""
        inner = inner.str.replace_all(escape, escape * 2, literal=True)
        inner = inner.str.replace_all(quote, escape + quote, literal=True)
    else:
        inner = inner.str.replace_all(quote, quote * 2, literal=True)
    needed = cell.str.contains(trouble)
    words = [word for word in dialect.null_values if word]
    if words:
        needed = needed | cell.is_in(words)
    surrounded = pl.concat_str(pl.lit(quote), inner, pl.lit(quote))
    return pl.when(needed).then(surrounded).otherwise(cell).fill_null(null)


class _Encoder:
    """Turns frames of finished cells into bytes, naming what an encoding cannot hold."""

    def __init__(self, options: WriteOptions, columns: Sequence[Column]) -> None:
        dialect = options.dialect
        codec, wants_mark = plain_codec(dialect.encoding)
        self._dialect = dialect
        self._codec = codec
        self._names = [column.name for column in columns]
        self._replace = options.unencodable == "replace"
        self._warn = options.warn
        self._replaced = 0
        unicode = codec.startswith("utf-")
        self.mark = "\ufeff".encode(codec) if unicode and (dialect.bom or wants_mark) else b""

    def write(self, cells: pl.DataFrame, file: BinaryIO, *, first_row: int) -> None:
        """Write rows; `first_row` is the number of the first, 0 for the header."""
        if self._dialect.quote is None:
            self._check_plain(cells, first_row)
        lines = cells.select(pl.concat_str(pl.all(), separator=self._dialect.delimiter))
        end = self._dialect.line_end
        text = end.join(lines.to_series().to_list()) + end
        try:
            data = codecs.encode(text, self._codec)
        except UnicodeEncodeError as error:
            if not self._replace:
                raise self._unencodable(cells, first_row) from error
            data = self._with_question_marks(text)
        file.write(data)

    def finish(self) -> None:
        """Say how many characters stand as ? in the file."""
        if self._replaced and self._warn is not None:
            what = "1 character" if self._replaced == 1 else f"{self._replaced:,} characters"
            self._warn(f"For {what} that {self._dialect.encoding} does not have stands a ?.")

    def _with_question_marks(self, text: str) -> bytes:
        marks = self._dialect.delimiter + (self._dialect.quote or "")
        try:
            codecs.encode(marks, self._codec)
        except UnicodeEncodeError as error:
            raise self._no_marks() from error
        data = codecs.encode(text, self._codec, "replace")
        self._replaced += codecs.decode(data, self._codec).count("?") - text.count("?")
        return data

    def _check_plain(self, cells: pl.DataFrame, first_row: int) -> None:
        """Without quotes a cell may hold neither the delimiter nor a line end."""
        forbidden = rf"{re.escape(self._dialect.delimiter)}|[\r\n]"
        for name, column in zip(self._names, cells, strict=True):
            found = column.str.contains(forbidden).arg_true()
            if len(found):
                raise InvalidRequest(
                    f"{_place(first_row + found[0], name)}: the value holds the delimiter or a "
                    "line end, which cannot be written without quotes. Choose a quote character."
                )

    def _unencodable(self, cells: pl.DataFrame, first_row: int) -> InvalidRequest:
        for number, row in enumerate(cells.iter_rows(), first_row):
            for name, cell in zip(self._names, row, strict=True):
                try:
                    codecs.encode(cell, self._codec)
                except UnicodeEncodeError as error:
                    character = cell[error.start]
                    return InvalidRequest(
                        f"{_place(number, name)}: the character {character!r} "
                        f"(U+{ord(character):04X}) does not exist in {self._dialect.encoding}. "
                        "Choose utf-8, or unencodable=replace."
                    )
        return self._no_marks()

    def _no_marks(self) -> InvalidRequest:
        return InvalidRequest(f"The delimiter or quote does not exist in {self._dialect.encoding}.")


def _place(row: int, column: str) -> str:
    return f"Row {row}, column {column!r}" if row else f"Header, column {column!r}"
