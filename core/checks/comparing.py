"""Values compared exactly, whatever they are held in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "<>"})


def compared(values: pl.Series, operator: str, operand: Any) -> pl.Series:
    """Every value of a typed column against one: a Decimal for numbers, else of its own type.

    Exact numbers are held as text: floats only tell far apart decimals, near ones are compared
    as such. Null stays null.
    """
    bound: Any = _direct(values.dtype, operand)
    if bound is not None:
        return signed((values > bound).cast(pl.Int8) - (values < bound), operator)
    limit = Decimal(str(operand))
    rough, far = values.cast(pl.Float64, strict=False), float(limit)
    sign = (rough > far).cast(pl.Int8) - (rough < far)
    near = (rough - far).abs() <= 1e-9 * max(1.0, abs(far))
    return signed(_mended(sign, near, values, limit), operator)


def signs_of_numbers(left: pl.Series, right: pl.Series) -> pl.Series:
    """-1, 0 or 1 for two columns of numbers, exact ones as text: left less, same, more."""
    rough, far = left.cast(pl.Float64, strict=False), right.cast(pl.Float64, strict=False)
    sign = (rough > far).cast(pl.Int8) - (rough < far)
    size = far.abs().clip(lower_bound=1.0)
    return _mended(sign, (rough - far).abs() <= 1e-9 * size, left, right)


def _mended(
    sign: pl.Series, near: pl.Series, left: pl.Series, right: pl.Series | Decimal
) -> pl.Series:
    """The signs, where floats cannot tell them compared to the last digit."""
    at = near.fill_null(value=False).arg_true()
    if not len(at):
        return sign
    others = [right] * len(at) if isinstance(right, Decimal) else right.gather(at).to_list()
    pairs = zip(left.gather(at).to_list(), others, strict=True)
    exact = [(Decimal(str(one)), Decimal(str(other))) for one, other in pairs]
    signs = [(one > other) - (one < other) for one, other in exact]
    return sign.scatter(at, pl.Series(signs, dtype=pl.Int8))


def _direct(dtype: pl.DataType, operand: Any) -> Any:
    """The operand as a value the column compares with exactly, None when there is none."""
    if not isinstance(operand, Decimal):
        return operand
    if dtype == pl.Float64:
        return float(operand)
    whole = operand == operand.to_integral_value() and abs(operand) < 2**63
    return int(operand) if dtype == pl.Int64 and whole else None


def signed(sign: pl.Series, operator: str) -> pl.Series:
    """Does -1, 0 or 1 satisfy the operator?"""
    tests = {
        "<": sign < 0,
        "<=": sign <= 0,
        ">": sign > 0,
        ">=": sign >= 0,
        "=": sign == 0,
        "<>": sign != 0,
    }
    return tests[operator]
