"""Comparing gives what decimal arithmetic gives, whatever the values are held in."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.comparing import COMPARISONS, compared, signed, signs_of_numbers

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25)
NEAR = st.builds(
    lambda whole, digits: Decimal(whole) + Decimal(digits).scaleb(-25),
    st.integers(-3, 3),
    st.integers(-3, 3),
)


@given(st.lists(NUMBERS | NEAR, min_size=1, max_size=8), NUMBERS | NEAR)
def test_exact_numbers_are_compared_to_the_last_digit(held: list[Decimal], limit: Decimal) -> None:
    texts = pl.Series([format(value, "f") for value in held], dtype=pl.String)
    signs = [(value > limit) - (value < limit) for value in held]
    for operator in COMPARISONS:
        wanted = signed(pl.Series(signs, dtype=pl.Int8), operator).to_list()
        assert compared(texts, operator, limit).to_list() == wanted
    others = pl.Series([format(limit, "f")] * len(held), dtype=pl.String)
    assert signs_of_numbers(texts, others).to_list() == signs


@pytest.mark.parametrize(
    ("values", "operand", "less"),
    [
        (pl.Series([1, 2, None]), Decimal("1.5"), [True, False, None]),
        (pl.Series([2**63 - 1]), Decimal(2**63), [True]),
        (pl.Series([2**53, 2**53 + 1]), Decimal(2**53 + 1), [True, False]),
        (pl.Series([0.1, 0.3]), Decimal("0.3"), [True, False]),
        (pl.Series(["a", "b"]), "b", [True, False]),
    ],
)
def test_each_type_with_what_it_is_compared_with(
    values: pl.Series, operand: object, less: list[bool | None]
) -> None:
    assert compared(values, "<", operand).to_list() == less
