"""What a column is in a workbook: how its cells are stored and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from core.formats.date_formats import NAMED_DATES, date_pattern, format_dates
from core.formats.excel.writing.dates import number_format
from core.model.table import Column, Kind

GENERAL = "General"
TEXT = "@"
#: A double holds every number of so many digits, and workbooks show no more.
_DIGITS = 15
_INTEGER = rf"^(?:0|-?[1-9][0-9]{{0,{_DIGITS - 1}}})$"
_DECIMAL = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
_FLOAT = r"^-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?$"
#: The numbers workbooks take: no subnormal ones, and none above this.
_LEAST, _MOST = 2.2250738585072014e-308, 9.99999999999999e307
_MOST_PLACES = 30  # of a number format, after the point
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{6})?$"
_CLOCK = r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?$"
_WHOLE_MILLISECONDS = r"^[^.]*(?:\.[0-9]{3}000)?$"
_FRACTION = r":[0-9]{2}\.[0-9]{6}"
#: 18.17.4.1: day 1 is 1900-01-01, and there is a 29th of February 1900; from the next day on
#: all programs count alike.
_FIRST_DAY = pl.date(1900, 3, 1)
_DAY_ZERO_TO_EPOCH = 25_569  # days from 1899-12-30 to 1970-01-01
_DAY_MICROSECONDS = 86_400_000_000

Value = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """How the cells of a column are written."""

    code: str = GENERAL  #: the number format
    #: The cell's text to the number (or 1 and 0) that is stored, null where it has to be text;
    #: None: every cell is text.
    value: Value | None = None
    boolean: bool = False
    text: Value = lambda cell: cell  #: the spelling of cells that are text
    width: int = 0  #: characters that its values take; 0: see the cells


def face_of(column: Column, first: pl.Series, date_format: str) -> Face:
    """The face of a column; `first`: its first cells, in canonical text."""
    match column.kind:
        case Kind.INTEGER:
            return Face(code="0", value=_integer)
        case Kind.NUMBER if column.exact:
            return Face(code=_places(column.scale), value=_decimal)
        case Kind.NUMBER:
            return Face(value=_float)
        case Kind.BOOLEAN:
            return Face(value=_boolean, boolean=True)
        case Kind.DATE | Kind.DATETIME:
            return _moments(column.kind, first, date_format)
        case Kind.TIME:
            code = "hh:mm:ss" + _fraction(first)
            return Face(code=code, value=_time, width=len(code))
        case _:
            return Face(code=TEXT)


def _moments(kind: Kind, first: pl.Series, date_format: str) -> Face:
    name = date_format.strip().lower()

    def spelled(cell: pl.Expr) -> pl.Expr:
        return format_dates(cell, kind, date_format)

    if name == "timestamp":
        return Face(value=lambda cell: _decimal(spelled(cell)), text=spelled)
    pattern = "%Y-%m-%d" if name == "iso" else date_pattern(date_format)
    assert pattern is not None
    code = number_format(pattern)
    if code is None:
        return Face(code=TEXT, text=spelled)
    if kind is Kind.DATE:
        return Face(code=code, value=_date, text=spelled, width=len(code))
    if name in ("iso", *NAMED_DATES):
        code += " hh:mm:ss" + _fraction(first)
    return Face(code=code, value=_datetime, text=spelled, width=len(code))


def _fraction(first: pl.Series) -> str:
    return ".000" if first.str.contains(_FRACTION).any() else ""


def _places(scale: int | None) -> str:
    if scale is None:
        return GENERAL
    return "0." + "0" * min(scale, _MOST_PLACES) if scale > 0 else "0"


def _integer(cell: pl.Expr) -> pl.Expr:
    return _where(cell.str.contains(_INTEGER), cell)


def _decimal(cell: pl.Expr) -> pl.Expr:
    digits = cell.str.strip_chars_start("-").str.replace(".", "", literal=True)
    held = digits.str.strip_chars("0").str.len_bytes() <= _DIGITS
    small = cell.str.len_bytes() <= _DIGITS
    return _where(cell.str.contains(_DECIMAL) & (small | held), cell)


def _float(cell: pl.Expr) -> pl.Expr:
    size = _where(cell.str.contains(_FLOAT), cell).cast(pl.Float64, strict=False).abs()
    return _where((size == 0) | size.is_between(_LEAST, _MOST), cell)


def _boolean(cell: pl.Expr) -> pl.Expr:
    return cell.replace_strict({"true": "1", "false": "0"}, default=None, return_dtype=pl.String)


def _date(cell: pl.Expr) -> pl.Expr:
    day = _where(cell.str.contains(_DAY), cell).str.to_date("%Y-%m-%d", strict=False)
    serial = day.dt.epoch("d") + _DAY_ZERO_TO_EPOCH
    return _where(day >= _FIRST_DAY, serial.cast(pl.String))


def _datetime(cell: pl.Expr) -> pl.Expr:
    """In UTC where the column has a zone: workbooks know none."""
    plain = cell.str.strip_suffix("+00:00")
    held = plain.str.contains(_MOMENT) & plain.str.contains(_WHOLE_MILLISECONDS)
    moment = _where(held, plain).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    serial = moment.dt.epoch("us") / _DAY_MICROSECONDS + _DAY_ZERO_TO_EPOCH
    return _where(moment >= _FIRST_DAY.cast(pl.Datetime("us")), _spelled(serial))


def _time(cell: pl.Expr) -> pl.Expr:
    held = cell.str.contains(_CLOCK) & cell.str.contains(_WHOLE_MILLISECONDS)
    time = _where(held, cell).str.to_time("%H:%M:%S%.f", strict=False)
    return _spelled(time.cast(pl.Int64) / (_DAY_MICROSECONDS * 1000))


def _spelled(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.strip_suffix(".0")


def _where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value)
