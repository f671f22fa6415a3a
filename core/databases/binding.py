"""Typed frames (docs/architecture.md) as the values a driver takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from core.databases.kinds import sqlite_affinity
from core.model.table import Column, Kind

_TEXTUAL = (Kind.TEXT, Kind.JSON, Kind.UUID, Kind.OTHER)
_LOOKS_NUMERIC = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_SAFE_DIGITS = 15  # every decimal of so many digits survives a 64-bit float


def as_text(values: pl.Series, column: Column) -> pl.Series:
    """Values as PostgreSQL reads them in a COPY or a cast; numbers stay numbers."""
    match values.dtype:
        case pl.Datetime():
            return moment_text(values, separator="T")
        case pl.Time():
            return clock_text(values)
        case pl.Date():
            return values.dt.strftime("%Y-%m-%d")
        case pl.Binary():
            hexadecimal = pl.concat_str(pl.lit("\\x"), pl.col("cell").bin.encode("hex"))
            return values.to_frame("cell").select(hexadecimal).to_series().alias(column.name)
        case _:
            return values


def moment_text(values: pl.Series, *, separator: str) -> pl.Series:
    """ISO text, in UTC where there is a zone; a fraction of a second has six digits."""
    zoned = getattr(values.dtype, "time_zone", None) is not None
    text = values.dt.strftime(f"%Y-%m-%d{separator}%H:%M:%S%.6f").str.strip_suffix(".000000")
    return text + "+00:00" if zoned else text


def clock_text(values: pl.Series) -> pl.Series:
    """ISO text of times of day."""
    return values.dt.strftime("%H:%M:%S%.6f").str.strip_suffix(".000000")


@dataclass(frozen=True, kw_only=True, slots=True)
class SqliteValues:
    """One column's values for sqlite3, and the ones SQLite would not keep as they are."""

    values: list[Any]
    bent: dict[int, str]  #: position in the frame → why


def sqlite_values(values: pl.Series, column: Column) -> SqliteValues:
    """Booleans as 0 and 1, dates and times as ISO text, exact decimals as int or float.

    SQLite has no decimals: a NUMERIC column keeps an integer or a 64-bit float. A decimal is
    handed over as the number it would become, and named in `bent` when that is another number
    (more than about 15 digits). So are NaN, which SQLite turns into NULL, and text such as `007`
    in a column whose declared type makes SQLite turn it into the number 7.
    """
    if column.kind is Kind.NUMBER:
        return _sqlite_numbers(values, column)
    if column.kind in _TEXTUAL and values.dtype == pl.String:
        return SqliteValues(values=values.to_list(), bent=_bent_texts(values, column))
    match values.dtype:
        case pl.Boolean():
            values = values.cast(pl.Int64)
        case pl.Datetime():
            values = moment_text(values, separator=" ")
        case pl.Time():
            values = clock_text(values)
        case pl.Date():
            values = values.dt.strftime("%Y-%m-%d")
    return SqliteValues(values=values.to_list(), bent={})


def _sqlite_numbers(values: pl.Series, column: Column) -> SqliteValues:
    bent: dict[int, str] = {}
    if values.dtype != pl.String:
        for at in values.is_nan().arg_true().to_list() if values.dtype.is_float() else ():
            bent[at] = f"{column.name}: SQLite cannot hold NaN"
        return SqliteValues(values=values.to_list(), bent=bent)
    numbers: list[Any] = []
    for at, text in enumerate(values):
        number = None if text is None else _sqlite_number(text)
        if number is None and text is not None:
            bent[at] = (
                f"{column.name}: SQLite would not keep all digits of {text}; "
                f"about {_SAFE_DIGITS} digits are safe"
            )
        numbers.append(number)
    return SqliteValues(values=numbers, bent=bent)


def _sqlite_number(text: str) -> int | float | None:
    """The number SQLite stores for a plain decimal; None when it is not the same number."""
    exact = None if len(text) <= _SAFE_DIGITS else Decimal(text)
    if exact is not None and exact == exact.to_integral_value() and -(2**63) <= exact < 2**63:
        return int(exact)
    number = float(text)
    if exact is not None and (not math.isfinite(number) or Decimal(repr(number)) != exact):
        return None
    return int(number) if number.is_integer() else number


def _bent_texts(values: pl.Series, column: Column) -> dict[int, str]:
    if sqlite_affinity(column.type_text) in ("TEXT", "BLOB"):
        return {}
    bent = {}
    suspect = values.str.contains(_LOOKS_NUMERIC).fill_null(value=False).arg_true()
    for at, text in zip(suspect.to_list(), values.gather(suspect).to_list(), strict=True):
        number = _sqlite_number(text.strip()) if math.isfinite(float(text)) else None
        if str(number) != text:
            bent[at] = (
                f"{column.name}: SQLite would store {text!r} as a number, since the column is "
                f"declared {column.type_text or 'without a type'}"
            )
    return bent
