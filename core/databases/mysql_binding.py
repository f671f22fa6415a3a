"""Typed frames (docs/architecture.md) as values for MySQL, and what it would not keep as it is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from core.databases.binding import clock_text, moment_text
from core.databases.kinds import mysql_labels
from core.databases.refusals import Refusal
from core.model.table import Column, Kind

_DIGITS = 6  # of a second, at most
_FIRST_YEAR = 1901


def mysql_values(values: pl.Series) -> pl.Series:
    """Booleans as 0 and 1, moments and times as text, all else as it is."""
    match values.dtype:
        case pl.Boolean():
            return values.cast(pl.Int64)
        case pl.Datetime():
            # Without a zone: that of our sessions is UTC, as the value is.
            return moment_text(values.dt.replace_time_zone(None), separator=" ")
        case pl.Time():
            return clock_text(values)
        case pl.Date():
            return values.dt.strftime("%Y-%m-%d")
        case _:
            return values


def json_rows(parts: list[pl.Series]) -> str:
    """Rows of values as one JSON text, the bytes among them in hex; what MySQL can unnest."""
    columns = [_json_cells(part) for part in parts]
    return json.dumps(list(zip(*columns, strict=True)), ensure_ascii=False)


def _json_cells(values: pl.Series) -> list[Any]:
    if values.dtype == pl.Binary():
        return values.bin.encode("hex").to_list()
    cells = mysql_values(values).to_list()
    if values.dtype.is_float():  # what JSON cannot spell, MySQL cannot hold
        return [cell if cell is not None and math.isfinite(cell) else None for cell in cells]
    return cells


def bent(values: pl.Series, column: Column) -> dict[int, Refusal]:
    """Values, by their position, that even strict MySQL would change without a word."""
    found: dict[int, Refusal] = {}
    for find, why in _FINDERS:
        mask = find(values, column)
        for at in () if mask is None else mask.fill_null(False).arg_true().to_list():
            found.setdefault(at, why(column))
    return found


_Mask = pl.Series | None


def _not_finite(values: pl.Series, _column: Column) -> _Mask:
    return ~values.is_finite() if values.dtype.is_float() else None


def _too_fine(values: pl.Series, column: Column) -> _Mask:
    """Fractions of a second are cut or rounded to the digits declared, none by default."""
    if not isinstance(values.dtype, pl.Datetime | pl.Time):
        return None
    unit = int(10 ** (_DIGITS - (_size(column) or 0)))
    return values.dt.microsecond() % unit != 0


def _too_many_digits(values: pl.Series, column: Column) -> _Mask:
    """Digits after the point are rounded away."""
    if column.kind is not Kind.NUMBER or column.scale is None or values.dtype != pl.String:
        return None
    fraction = values.str.extract(r"\.(\d*?)0*$", 1)
    return fraction.str.len_chars() > column.scale


def _loses_blanks(values: pl.Series, column: Column) -> _Mask:
    """CHAR drops blanks at the end, VARCHAR those that are too many."""
    if values.dtype != pl.String or column.max_length is None:
        return None
    ends = values.str.ends_with(" ")
    if column.type_text.startswith("CHAR"):
        return ends
    return ends & (values.str.len_chars() > column.max_length)


def _is_padded(values: pl.Series, column: Column) -> _Mask:
    """BINARY is filled up with zero bytes."""
    if values.dtype != pl.Binary or not column.type_text.startswith("BINARY"):
        return None
    return values.bin.size() < (column.max_length or 0)


def _is_no_word(values: pl.Series, column: Column) -> _Mask:
    """What is no word of an ENUM is taken for the number of one, and without regard to case."""
    labels = mysql_labels(column.type_text) if values.dtype == pl.String else ()
    if not labels:
        return None
    if column.choices:
        return ~values.is_in(list(labels))
    strange = values.str.split(",").list.set_difference(list(labels)).list.len() > 0
    return strange & (values != "")


def _is_short_year(values: pl.Series, column: Column) -> _Mask:
    """70 is taken for 1970."""
    if not column.type_text.startswith("YEAR") or not values.dtype.is_integer():
        return None
    return (values != 0) & (values < _FIRST_YEAR)


def _is_now(values: pl.Series, column: Column) -> _Mask:
    """NULL in such a column is taken for this moment, if the server is set so."""
    wanted = column.type_text.startswith("TIMESTAMP") and not column.nullable
    return values.is_null() if wanted else None


def _size(column: Column) -> int | None:
    found = re.search(r"\((\d+)\)", column.type_text)
    return int(found[1]) if found else None


def _type(words: str) -> Callable[[Column], Refusal]:
    def refusal(column: Column) -> Refusal:
        message = f"{column.name}: {words.format(type=column.type_text)}"
        return Refusal(check="type", field=column.name, message=message)

    return refusal


def _required(column: Column) -> Refusal:
    message = f"{column.name} may not be empty"
    return Refusal(check="required", field=column.name, message=message)


_FINDERS: tuple[tuple[Callable[[pl.Series, Column], _Mask], Callable[[Column], Refusal]], ...] = (
    (_not_finite, _type("MySQL cannot hold NaN and infinity")),
    (_too_fine, _type("{type} does not keep so fine a fraction of a second")),
    (_too_many_digits, _type("{type} does not keep so many digits after the point")),
    (_loses_blanks, _type("{type} would drop the blanks at the end")),
    (_is_padded, _type("{type} would fill the value up with zero bytes")),
    (_is_no_word, _type("the value is not one of the words of {type}")),
    (_is_short_year, _type("{type} does not hold this year")),
    (_is_now, _required),
)


def oversized(frame: pl.DataFrame, most: int) -> Iterator[int]:
    """Positions of the rows whose texts and bytes are too many for one statement of `most`."""
    if frame.estimated_size() < most:
        return
    sizes = [
        # In a statement a byte is two hexadecimal digits, and an apostrophe is doubled.
        (
            s.bin.size() * 2
            if s.dtype == pl.Binary()
            else s.str.len_bytes() + s.str.count_matches("'")
        )
        for s in frame.get_columns()
        if s.dtype in (pl.String, pl.Binary)
    ]
    if sizes:
        total = pl.DataFrame([s.alias(str(n)) for n, s in enumerate(sizes)]).sum_horizontal()
        yield from (total > most).arg_true().to_list()


def refused_size(most: int) -> Refusal:
    message = f"the row is larger than the {most >> 20} MB that the server takes at once"
    return Refusal(check="type", field=None, message=message)


def bent_rows(frame: pl.DataFrame, columns: tuple[Column, ...]) -> dict[int, Refusal]:
    """The first reason for every row of the frame that would not be kept as it is."""
    found: dict[int, Refusal] = {}
    for column in columns:
        for at, why in bent(frame[column.name], column).items():
            found.setdefault(at, why)
    return found
