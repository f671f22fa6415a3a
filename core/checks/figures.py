"""Text → integers, exact numbers and floating numbers, without losing a digit."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from core.checks.cells import Cast, settle
from core.checks.problems import Fault, Says, positions, quote
from core.model.table import Column

#: An exponent beyond this would write out a number of absurd length.
MAX_EXPONENT = 1000

_INTEGER = r"^([+-]?[0-9]+)(?:\.0*)?$"
_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?$"
_EXPONENT = r"[eE]"
_CANONICAL = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
_INFINITE = {
    "inf": float("inf"),
    "infinity": float("inf"),
    "+infinity": float("inf"),
    "+inf": float("inf"),
    "-inf": float("-inf"),
    "-infinity": float("-inf"),
}

_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)


def cast_integer(text: pl.Series, column: Column) -> Cast:
    """Whole numbers; decimals are accepted when all of them are zero."""
    low = column.minimum if column.minimum is not None else _SMALLEST
    high = column.maximum if column.maximum is not None else _LARGEST

    def slow(cells: pl.Series) -> Cast:
        digits = cells.str.extract(_INTEGER, 1)
        values = digits.cast(pl.Int64, strict=False)
        return Cast(
            values=values,
            faults=(
                Fault(check="type", index=positions(digits.is_null()), says=_not_whole),
                Fault(
                    check="range",
                    index=positions(digits.is_not_null() & values.is_null()),
                    says=f"does not lie between {low} and {high}",
                ),
            ),
        )

    return settle(text, text.cast(pl.Int64, strict=False), slow)


def _not_whole(cell: str) -> str:
    hint = "; the number transform reads such numbers" if any(c.isdigit() for c in cell) else ""
    try:
        Decimal(cell)
    except ArithmeticError:
        return f"{quote(cell)} is not a whole number{hint}"
    return f"{quote(cell)} is not a whole number"


def _not_number(cell: str) -> str:
    hint = "; the number transform reads such numbers" if any(c.isdigit() for c in cell) else ""
    return f"{quote(cell)} is not a number{hint}"


def _written_out(cells: pl.Series) -> pl.Series:
    """Powers of ten as plain decimals; null when absurdly long."""
    written: list[str | None] = []
    for cell in cells.to_list():
        number = Decimal(cell)
        small = number.is_zero() or abs(number.adjusted()) <= MAX_EXPONENT
        written.append(format(number, "f") if small else None)
    return pl.Series(cells.name, written, dtype=pl.String)


def _plain(cells: pl.Series) -> pl.Series:
    """Decimals in one spelling: no plus, no leading zeros, a digit before the point."""
    powers = positions(cells.str.contains(_EXPONENT))
    if len(powers):
        cells = cells.clone().scatter(powers, _written_out(cells.gather(powers)))
    return (
        cells.str.replace(r"^\+", "")
        .str.replace(r"^(-?)0+([0-9])", "$1$2")
        .str.replace(r"^(-?)\.", "${1}0.")
        .str.replace(r"\.$", "")
    )


def cast_exact(text: pl.Series, column: Column) -> Cast:
    """Decimals as plain text, within the column's precision and scale by digits, not value."""

    def slow(cells: pl.Series) -> Cast:
        known = cells.str.contains(_NUMBER)
        good = cells.to_frame("cell").select(pl.when(known).then("cell")).to_series()
        values = _plain(good)
        return Cast(
            values=values,
            faults=(
                Fault(check="type", index=positions(~known), says=_not_number),
                Fault(
                    check="range",
                    index=positions(known & values.is_null()),
                    says="is too large or too small a number",
                ),
            ),
        )

    ready = text.str.contains(_CANONICAL)
    fast = text.to_frame("cell").select(pl.when(ready).then("cell")).to_series()
    return _fitted(settle(text, fast, slow), column)


def _fitted(cast: Cast, column: Column) -> Cast:
    """Turn decimals the column cannot hold exactly into faults."""
    if column.precision is None:
        return cast
    scale = column.scale or 0
    if scale < 0:
        return _rounded(cast, column.precision, -scale)
    whole = max(column.precision - scale, 0)
    holds = (
        rf"^-?(?:0|[0-9]{{1,{whole}}})(?:\.[0-9]{{0,{scale}}}0*)?$"
        if whole
        else (rf"^-?0(?:\.[0-9]{{0,{scale}}}0*)?$")
    )
    bad = positions(cast.values.str.contains(holds).not_())
    if not len(bad):
        return cast
    cells = cast.values.gather(bad)
    decimals = cells.str.extract(r"\.([0-9]+)$", 1).fill_null("").str.strip_chars_end("0")
    digits = cells.str.extract(r"^-?0*([0-9]*)", 1)
    faults = (
        Fault(
            check="scale",
            index=bad.filter(decimals.str.len_bytes() > scale),
            says=_too_fine(scale),
        ),
        Fault(
            check="precision",
            index=bad.filter(digits.str.len_bytes() > whole),
            says=_too_long(whole),
        ),
    )
    none = pl.Series([None], dtype=pl.String)
    values = cast.values.clone().scatter(bad, none.new_from_index(0, len(bad)))
    return Cast(values=values, faults=cast.faults + tuple(f for f in faults if len(f.index)))


def _rounded(cast: Cast, digits: int, zeros: int) -> Cast:
    """NUMERIC(5, -2) of PostgreSQL keeps hundreds: what would be rounded is a fault."""
    holds = rf"^-?(?:0|[0-9]{{1,{digits}}}0{{{zeros}}})(?:\.0*)?$"
    bad = positions(cast.values.str.contains(holds).not_())
    if not len(bad):
        return cast
    fault = Fault(check="scale", index=bad, says=f"is not a multiple of {10**zeros:,} that fits")
    none = pl.Series([None], dtype=pl.String)
    values = cast.values.clone().scatter(bad, none.new_from_index(0, len(bad)))
    return Cast(values=values, faults=(*cast.faults, fault))


def _too_long(whole: int) -> Says:
    if not whole:
        return "is not between -1 and 1, as the column demands"
    return f"has more than {whole} digit{'' if whole == 1 else 's'} before the point"


def _too_fine(scale: int) -> Says:
    return f"has more than {scale} decimal{'' if scale == 1 else 's'}" if scale else "has decimals"


def cast_floating(text: pl.Series, *, nan: bool) -> Cast:
    """Binary floating point: the nearest double; infinities and, if allowed, NaN by name."""

    def slow(cells: pl.Series) -> Cast:
        lower = cells.str.to_lowercase()
        words = _INFINITE | ({"nan": float("nan")} if nan else {})
        named = lower.replace_strict(words, default=None, return_dtype=pl.Float64)
        known = cells.str.contains(_NUMBER)
        value = cells.to_frame("cell").select(pl.when(known).then("cell")).to_series()
        number = value.cast(pl.Float64, strict=False)
        finite = number.is_finite().fill_null(value=False)
        values = pl.select(pl.when(finite).then(number).otherwise(named)).to_series()
        return Cast(
            values=values,
            faults=(
                Fault(check="type", index=positions(~known & named.is_null()), says=_not_number),
                Fault(
                    check="range",
                    index=positions(known & ~finite),
                    says="is too large for a floating-point number",
                ),
            ),
        )

    parsed = text.cast(pl.Float64, strict=False)
    fast = parsed.to_frame("n").select(pl.when(pl.col("n").is_finite()).then("n")).to_series()
    return settle(text, fast, slow)
