from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidMapping


@pytest.mark.parametrize(
    ("cell", "digits", "half_up", "half_even"),
    [
        ("2.5", "0", "3", "2"),
        ("-2.5", "", "-3", "-2"),
        ("1.005", "2", "1.01", "1.00"),  # a float would say 1.00
        ("2.675", "2", "2.68", "2.68"),
        ("0.4", "0", "0", "0"),
        ("-0.4", "0", "0", "0"),
        ("12345", "-3", "12000", "12000"),
        ("12500", "-3", "13000", "12000"),
        ("1", "-3", "0", "0"),
        ("1.5", "2", "1.5", "1.5"),
        ("99.995", "2", "100.00", "100.00"),
        ("12345678901234567890.125", "2", "12345678901234567890.13", "12345678901234567890.12"),
        (" 1.25 ", "1", "1.3", "1.2"),
        ("+.55", "1", "0.6", "0.6"),
        ("", "1", "", ""),
        (None, "1", None, None),
    ],
)
def test_round_is_exact(run, cell, digits, half_up, half_even):
    assert run([cell], "round", digits=digits) == ([half_up], {})
    assert run([cell], "round", digits=digits, mode="half_even") == ([half_even], {})


@pytest.mark.parametrize("cell", ["x", "1,5", "1e5", "1.2.3", "NaN", "1" * 1001 + ".5"])
def test_what_is_no_plain_number_is_not_rounded(run, cell):
    found, problems = run([cell], "round")
    assert found == [None]
    assert problems[0].endswith("is not a plain number to round; the transform number makes it one")


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(
        st.decimals(
            allow_nan=False, allow_infinity=False, places=4, min_value=-(10**18), max_value=10**18
        ),
        max_size=20,
    ),
    digits=st.integers(0, 3),
)
def test_round_agrees_with_decimals(run, values, digits):
    cells = [format(value, "f") for value in values]
    found, problems = run(cells, "round", digits=str(digits))
    assert not problems
    step = Decimal(1).scaleb(-digits)
    assert [Decimal(cell) for cell in found] == [
        value.quantize(step, rounding=ROUND_HALF_UP) for value in values
    ]


@pytest.mark.parametrize("digits", ["101", "-101", "1.5"])
def test_digits_have_bounds(run, digits):
    with pytest.raises(InvalidMapping, match="digits"):
        run(["1"], "round", digits=digits)
