"""Cells as calamine gives them, column by column, in canonical text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

_PLAIN_BELOW = 1e21  # as JavaScript and spreadsheets write whole numbers
_EXACT_BELOW = 2.0**53
_WITHOUT_POWER_FROM = 1e-4  # as Python spells them: smaller numbers are 1e-05
_DAYS = {date, datetime}


class TextColumn(NamedTuple):
    texts: pl.Series
    overflows: list[int]  #: where numbers stand that are too large for a double


def text_column(cells: Sequence[Any], name: str) -> TextColumn:
    """Cells of one column as text; '' (calamine's word for no cell) becomes null."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        texts = pl.Series(name, cells, dtype=pl.String)
        blank = texts == ""
        return TextColumn(texts.set(blank, None) if blank.any() else texts, [])
    if str in kinds:
        cells = [None if cell == "" else cell for cell in cells]
        kinds = set(map(type, cells)) - {type(None)}
    if kinds == {float} and (numbers := _number_column(cells, name)) is not None:
        return TextColumn(numbers, [])
    if kinds == {bool}:
        return TextColumn(pl.Series(name, cells, dtype=pl.Boolean).cast(pl.String), [])
    if kinds == {date}:
        return TextColumn(pl.Series(name, cells, dtype=pl.Date).cast(pl.String), [])
    if kinds <= _DAYS:
        return TextColumn(_moment_column(cells, name), [])
    spell = {kind: _SPELLINGS.get(kind, str) for kind in kinds}
    spelled = [None if cell is None else spell[type(cell)](cell) for cell in cells]
    texts = pl.Series(name, spelled, dtype=pl.String)
    return TextColumn(texts, _overflows(cells) if float in kinds else [])


def _number_column(cells: Sequence[float | None], name: str) -> pl.Series | None:
    """Numbers as text; None: some are too large, or too small, for the fast ways."""
    numbers = pl.Series(name, cells, dtype=pl.Float64)
    sizes = numbers.abs()
    if not (sizes < _EXACT_BELOW).all():
        return None
    if (numbers == numbers.floor()).all():
        return numbers.cast(pl.Int64).cast(pl.String)
    if ((sizes < _WITHOUT_POWER_FROM) & (sizes > 0)).any():
        return None
    return numbers.cast(pl.String).str.strip_suffix(".0")


def _moment_column(cells: Sequence[date | None], name: str) -> pl.Series:
    """Days and moments as text.

    calamine gives the days of .ods a time of midnight; where one is shown, a note says so.
    """
    moments = pl.Series(name, cells, dtype=pl.Datetime("us"), strict=False)
    fractions = (moments.dt.microsecond() != 0).any()
    texts = moments.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f" if fractions else "%Y-%m-%dT%H:%M:%S")
    return texts.str.strip_suffix(".000000").str.strip_suffix("T00:00:00")


def _overflows(cells: Sequence[Any]) -> list[int]:
    return [n for n, cell in enumerate(cells) if type(cell) is float and not math.isfinite(cell)]


def number_text(number: float) -> str:
    """The shortest text that is the same number; whole numbers without a point: 1, not 1.0."""
    if not number.is_integer() or abs(number) >= _PLAIN_BELOW:
        return repr(number)
    if abs(number) < _EXACT_BELOW:
        return str(int(number))
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def duration_text(length: timedelta) -> str:
    """Hours beyond a day, as the format [h]:mm:ss shows them."""
    sign = "-" if length < timedelta(0) else ""
    length = abs(length)
    minutes, seconds = divmod(length.days * 86_400 + length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{length.microseconds:06}" if length.microseconds else ""
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}"


def _boolean(cell: bool) -> str:
    return "true" if cell else "false"


def _moment(cell: datetime) -> str:
    return cell.isoformat().removesuffix("T00:00:00")


_SPELLINGS: dict[type, Callable[[Any], str]] = {
    str: str,
    float: number_text,
    bool: _boolean,
    int: str,
    date: date.isoformat,
    datetime: _moment,
    time: time.isoformat,
    timedelta: duration_text,
}
