"""A column of Arrow as canonical text (docs/architecture.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa

_NOT_FINITE = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
_POLARS_DIGITS = 38  #: of the decimals it holds


def text_column(array: pa.Array, name: str) -> pl.Series:
    """The cells as text under that name. What has parts (lists, structs, maps) is JSON.

    Raises ArrowException, ValueError or OverflowError for values no calendar has.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if isinstance(array.type, pa.UuidType) or pa.types.is_duration(array.type):
        return pl.Series(name, [_spelled(v) for v in array.to_pylist()], dtype=pl.String)
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    for is_type, texts in _TEXTS:
        if is_type(array.type):
            return texts(array).cast(pl.String).alias(name)
    return pl.Series(name, _json(array), dtype=pl.String)


def _native(array: pa.Array) -> pl.Series:
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def _floats(array: pa.Array) -> pl.Series:
    """The shortest text that is the same number at the column's own width."""
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    texts = _native(array).cast(pl.String)
    return pl.Series([None if text is None else _float_text(float(text)) for text in texts])


def _float_text(number: float) -> str:
    return _NOT_FINITE.get(repr(number), repr(number))


def _decimals(array: pa.Array) -> pl.Series:
    if array.type.precision <= _POLARS_DIGITS and array.type.scale >= 0:
        return _native(array).cast(pl.String)
    return pl.Series([None if v is None else format(v, "f") for v in array.to_pylist()])


def _timestamps(array: pa.Array) -> pl.Series:
    """In UTC where the column has a zone: what is stored is UTC then."""
    moments = _native(array.view(pa.timestamp(array.type.unit)))
    zone = "+00:00" if array.type.tz is not None else ""
    return _with_fraction(moments, "%Y-%m-%dT%H:%M:%S", zone)


def _times(array: pa.Array) -> pl.Series:
    return _with_fraction(_native(array), "%H:%M:%S", "")


def _with_fraction(values: pl.Series, pattern: str, zone: str) -> pl.Series:
    """Six digits of a second, nine where they are needed, none where there are none."""
    cell = pl.col("cell")
    digits = cell.dt.nanosecond().cast(pl.String).str.zfill(9)
    digits = pl.when(digits.str.ends_with("000")).then(digits.str.head(6)).otherwise(digits)
    fraction = pl.when(cell.dt.nanosecond() == 0).then(pl.lit("")).otherwise("." + digits)
    spelled = pl.concat_str(cell.dt.to_string(pattern), fraction, pl.lit(zone))
    return values.to_frame("cell").select(spelled).to_series()


def _binary(array: pa.Array) -> pl.Series:
    return "\\x" + _native(array.cast(pa.large_binary())).bin.encode("hex")


def _json(array: pa.Array) -> list[str | None]:
    try:
        values = array.to_pylist(maps_as_pydicts="strict")
    except KeyError:  # a map with a key twice stays a list of pairs
        values = array.to_pylist()
    return [
        None if v is None else json.dumps(_plain(v), ensure_ascii=False, separators=(",", ":"))
        for v in values
    ]


def _plain(value: Any) -> Any:
    """A value of JSON; what JSON has no word for is text."""
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _spelled(value)


def _spelled(value: Any) -> str | None:
    match value:
        case None:
            return None
        case float():
            return _float_text(value)
        case Decimal():
            return format(value, "f")
        case bytes():
            return "\\x" + value.hex()
        case date() | datetime() | time():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():f}".rstrip("0").rstrip(".")
        case UUID():
            return str(value)
        case _:
            return str(value)


_TEXTS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pl.Series]], ...] = (
    (pa.types.is_null, _native),
    (pa.types.is_boolean, _native),
    (pa.types.is_integer, _native),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_date, _native),
    (pa.types.is_timestamp, _timestamps),
    (pa.types.is_time, _times),
    (pa.types.is_string, _native),
    (pa.types.is_large_string, _native),
    (pa.types.is_string_view, _native),
    (pa.types.is_binary, _binary),
    (pa.types.is_large_binary, _binary),
    (pa.types.is_binary_view, _binary),
    (pa.types.is_fixed_size_binary, _binary),
)
