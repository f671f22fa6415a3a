r"""Writing INSERT statements, for PostgreSQL and SQLite (SQL:2016, ISO/IEC 9075-2).

Names are delimited identifiers (5.2) and texts character strings (5.3): the mark inside is
doubled, and nothing else has a meaning. A backslash is a backslash; MySQL in its usual mode and
PostgreSQL with standard_conforming_strings off would take it for an escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import Format, WriteOptions
from core.formats.column_names import by_position
from core.formats.date_formats import date_pattern, format_dates
from core.model.dialect import FormatInfo
from core.model.table import Column, Kind

#: What bytes are called: X'00ff' in the standard (5.3) and SQLite; PostgreSQL, where that is a
#: string of bits, takes its own text.
STANDARD, POSTGRESQL = "standard", "postgresql"
_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_BYTES = r"^\\x((?:[0-9a-f]{2})*)$"

INFO = FormatInfo(
    name="sql",
    title="SQL",
    extensions=(".sql",),
    media_type="application/sql",
    description="INSERT statements for PostgreSQL and SQLite",
    readable=False,
    writable=True,
    options=(
        "date_format",
        "sql_for",
        "rows_per_statement",
    ),
)


class SqlWriter:
    info = INFO

    def write(
        self,
        batches: Iterable[pl.DataFrame],
        columns: Sequence[Column],
        file: BinaryIO,
        options: WriteOptions,
    ) -> int:
        """See `core.formats.base.Writer`. The file is UTF-8."""
        if not columns:
            raise InvalidRequest("columns: choose at least one column to write")
        if options.rows_per_statement < 1:
            raise InvalidRequest("rows_per_statement: give a whole number from 1")
        if options.sql_for not in (STANDARD, POSTGRESQL):
            raise InvalidRequest(f"sql_for: give {STANDARD} or {POSTGRESQL}")
        date_pattern(options.date_format)
        names = [column.name for column in columns]
        listed = ", ".join(_identifier(name) for name in names)
        start = f"INSERT INTO {_identifier(options.table)} ({listed}) VALUES\n"
        values = [_value(f"c{n}", column, options) for n, column in enumerate(columns)]
        row = pl.concat_str(pl.lit("("), pl.concat_str(values, separator=", "), pl.lit(")"))
        written = 0
        for batch in batches:
            for frame in batch.iter_slices(options.rows_per_statement):
                if not frame.height:
                    continue
                cells = by_position(frame, names)
                _check(cells, names, written)
                text = cells.select(row.str.join(",\n")).item()
                file.write(f"{start}{text};\n".encode())
                written += frame.height
        return written


SQL = Format(info=INFO, writer=SqlWriter())


def _identifier(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _value(place: str, column: Column, options: WriteOptions) -> pl.Expr:
    """The cell as a literal; what is not of its column's kind is text, as in the table."""
    cell = pl.col(place)
    text = _quoted(format_dates(cell, column.kind, options.date_format))
    match column.kind:
        case Kind.INTEGER | Kind.NUMBER:
            text = pl.when(cell.str.contains(_NUMBER)).then(cell).otherwise(text)
        case Kind.BOOLEAN:
            known = cell.is_in(["true", "false"])
            text = pl.when(known).then(cell.str.to_uppercase()).otherwise(text)
        case Kind.BINARY if options.sql_for == STANDARD:
            digits = pl.concat_str(pl.lit("X'"), cell.str.extract(_BYTES, 1), pl.lit("'"))
            text = pl.coalesce(digits, text)
    return text.fill_null("NULL").alias(place)


def _quoted(cell: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("'"), cell.str.replace_all("'", "''", literal=True), pl.lit("'"))


def _check(cells: pl.DataFrame, names: Sequence[str], written: int) -> None:
    """No literal can hold NUL: programs that run the file would end there."""
    for name, column in zip(names, cells, strict=True):
        found = column.str.contains("\0", literal=True).arg_true()
        if len(found):
            raise InvalidRequest(
                f"Row {written + found[0] + 1:,}, column {name!r}: the text holds NUL (U+0000), "
                "which SQL cannot spell. Leave the column out, or choose CSV or JSON."
            )
