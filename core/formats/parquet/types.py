"""The Arrow type of a column written, and its cells as values of that type."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from core.model.table import Column, Kind

_INTEGER = r"^(?:0|-?[1-9][0-9]*)$"
_FLOAT = r"^-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?$|^-?Infinity$|^NaN$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?"
_CLOCK = r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?$"
_BYTES = r"^\\x(?:[0-9a-f]{2})*$"
_DECIMAL_DIGITS = 38  #: of Decimal128


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A type and the way to it; `values` is null where the cell's text is no such value."""

    arrow: pa.DataType
    pattern: str  #: of the text of every value
    values: pl.Expr  #: of a column named `cell`, matching the pattern


def typed(column: Column) -> Typed | None:
    """How the column's kind is kept; None: as text."""
    cell = pl.col("cell")
    match column.kind:
        case Kind.INTEGER:
            values = cell.cast(pl.Int64, strict=False)
            return Typed(arrow=pa.int64(), pattern=_INTEGER, values=values)
        case Kind.NUMBER if column.exact:
            return _decimal(column, cell)
        case Kind.NUMBER:
            values = cell.cast(pl.Float64, strict=False)
            return Typed(arrow=pa.float64(), pattern=_FLOAT, values=values)
        case Kind.BOOLEAN:
            return Typed(arrow=pa.bool_(), pattern="^(?:true|false)$", values=cell == "true")
        case Kind.DATE:
            values = cell.str.to_date("%Y-%m-%d", strict=False)
            return Typed(arrow=pa.date32(), pattern=_DAY, values=values)
        case Kind.DATETIME:
            return _moment(column, cell)
        case Kind.TIME:
            values = cell.str.to_time("%H:%M:%S%.f", strict=False)
            return Typed(arrow=pa.time64("us"), pattern=_CLOCK, values=values)
        case Kind.BINARY:
            values = cell.str.slice(2).str.decode("hex", strict=False)
            return Typed(arrow=pa.binary(), pattern=_BYTES, values=values)
        case _:
            return None


def _decimal(column: Column, cell: pl.Expr) -> Typed | None:
    """Exact: a number of more digits than the type has room for is not taken."""
    precision, scale = column.precision, column.scale or 0
    if precision is None or not 0 <= scale <= precision <= _DECIMAL_DIGITS:
        return None
    whole = f"[1-9][0-9]{{0,{precision - scale - 1}}}|0" if precision > scale else "0"
    fraction = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    return Typed(
        arrow=pa.decimal128(precision, scale),
        pattern=f"^-?(?:{whole}){fraction}$",
        values=cell.cast(pl.Decimal(precision, scale), strict=False),
    )


def _moment(column: Column, cell: pl.Expr) -> Typed:
    moment = cell.str.strip_suffix("+00:00").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    zoned = column.timezone
    return Typed(
        arrow=pa.timestamp("us", tz="UTC" if zoned else None),
        pattern=_MOMENT + (r"\+00:00$" if zoned else "$"),
        values=moment.dt.replace_time_zone("UTC") if zoned else moment,
    )
