"""Numbers that overflow, divide by nothing or lose digits: caught, never bent.

Polars lets integers wrap around, divides by zero to infinity, cuts decimals off in a cast, and
stops a whole batch when one row's decimal does not fit. Here such a cell becomes NULL, and its
row is told.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from core.errors import InvalidExpression

#: Bounds are compared in floating numbers; this keeps their last digits on the safe side.
_MARGIN = 1 - 1e-12
_DECIMALS = r"\.([0-9]*?)0*\s*$"


def widened(kind: pl.DataType) -> pl.DataType | None:
    """The kind that holds the same numbers with room to reckon, None when it has it already."""
    if kind == pl.Float32:
        return pl.Float64()
    if kind.is_integer() and kind != pl.Int64:
        return pl.Int64()
    return None


def bound(kind: pl.DataType) -> float:
    """Numbers of this kind are smaller than this, whatever their sign."""
    if isinstance(kind, pl.Decimal):
        return float(10 ** (kind.precision - kind.scale)) * _MARGIN
    return float(2**63) * _MARGIN if kind.is_integer() else float("inf")


def fits(operator: str, left: pl.Expr, right: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """True where the operation has a result that its kind can hold, NULL where a side is NULL."""
    one, other = left.cast(pl.Float64, strict=False), right.cast(pl.Float64, strict=False)
    if operator in ("Div", "IntDiv", "Rem"):
        within = (one / other).abs() < bound(kind)
        return (other != 0) & (within if operator != "Rem" else pl.lit(value=True))
    if operator in ("Mul", "Multiply"):
        return (one * other).abs() < bound(kind)
    return (one + other if operator == "Plus" else one - other).abs() < bound(kind)


def converted(cell: pl.Expr, before: pl.DataType, after: pl.DataType) -> pl.Expr:
    """The cell as another type, NULL where it has no exact counterpart."""
    if before == pl.String:
        return _from_text(cell, after)
    if not _related(before, after):
        raise InvalidExpression(f"a {_plain(before)} does not become a {_plain(after)}")
    value = cell.cast(after, strict=False)
    if after == pl.Float64:
        return pl.when(value.is_finite()).then(value)
    if before.is_numeric() and after.is_numeric():
        return pl.when(value.cast(before, strict=False) == cell).then(value)
    return value


def _related(before: pl.DataType, after: pl.DataType) -> bool:
    """Is there a value of the one for a value of the other, in everybody's eyes?

    Polars would count days or microseconds since 1970 for a date, and stop a batch for others.
    """
    if before in (after, pl.Null, pl.String) or after == pl.String:
        return True
    if before.is_temporal() or after.is_temporal():
        return (before.base_type(), after.base_type()) in _MOMENTS
    return pl.Boolean not in (before, after) or not {before.base_type(), after.base_type()} & {
        pl.Decimal
    }


#: Casts between dates and times that keep what they say.
_MOMENTS = {
    (pl.Date, pl.Datetime), (pl.Datetime, pl.Datetime), (pl.Datetime, pl.Date),
    (pl.Datetime, pl.Time),
}  # fmt: skip


def _plain(kind: pl.DataType) -> str:
    return str(kind.base_type()).upper()


def _in_era(value: pl.Expr, first: date, last: date) -> pl.Expr:
    """Years of four digits: others no database and no file reads alike."""
    return pl.when(value.is_between(first, last)).then(value)


def _from_text(cell: pl.Expr, after: pl.DataType) -> pl.Expr:
    text = cell.str.strip_chars()
    match after:
        case pl.String():
            return cell
        case pl.Boolean():
            word = text.str.to_lowercase()
            return pl.when(word == "true").then(True).when(word == "false").then(False)
        case pl.Date():
            return _in_era(text.str.to_date("%Y-%m-%d", strict=False), date.min, date.max)
        case pl.Time():
            return text.str.to_time("%H:%M:%S%.f", strict=False)
        case pl.Datetime():
            plain = text.str.replace("T", " ", literal=True)
            moment = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
            return _in_era(moment, datetime.min, datetime.max)
        case pl.Decimal():
            kept = text.str.extract(_DECIMALS, 1).str.len_chars().fill_null(0) <= after.scale
            plain = text.str.contains(r"^[+-]?[0-9]*\.?[0-9]*$")
            return pl.when(kept & plain).then(text.cast(after, strict=False))
    value = text.cast(after, strict=False)
    return pl.when(value.is_finite()).then(value) if after == pl.Float64 else value
