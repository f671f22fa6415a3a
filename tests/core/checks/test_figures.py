from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.table import Kind

INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@given(values=st.lists(INT64, max_size=20))
@settings(deadline=None, max_examples=50)
def test_integers_never_lose_a_digit(cast, values):
    assert cast([str(v) for v in values], Kind.INTEGER) == (values, [])
    assert cast([f" {v}.00 " for v in values], Kind.INTEGER) == (values, [])


@pytest.mark.parametrize(
    ("cell", "value"), [("+3", 3), ("007", 7), ("5.0", 5), ("5.", 5), ("-0", 0), ("\u00a04", 4)]
)
def test_integers_as_people_write_them(cast, cell, value):
    assert cast([cell], Kind.INTEGER) == ([value], [])


@pytest.mark.parametrize("cell", ["5.5", "1,234", "1e5", "abc", "--1", "1 2", "٣", "1_0", "0x1"])
def test_cells_that_are_no_integer(cast, cell):
    values, ((_, check, message),) = cast([cell], Kind.INTEGER)
    assert (values, check) == ([None], "type")
    assert message.startswith(f"'{cell}' is not a whole number")


def test_the_number_transform_is_offered_where_it_helps(cast):
    assert cast(["1,234"], Kind.INTEGER)[1][0][2].endswith(
        "the number transform reads such numbers"
    )
    assert cast(["abc"], Kind.NUMBER)[1][0][2] == "'abc' is not a number"


@pytest.mark.parametrize("cell", [str(2**63), str(-(2**63) - 1), "9" * 50])
def test_integers_beyond_64_bits_do_not_wrap(cast, cell):
    values, ((_, check, message),) = cast([cell], Kind.INTEGER, minimum=-5, maximum=5)
    assert (values, check) == ([None], "range")
    assert message == f"'{cell}' does not lie between -5 and 5"


@given(
    values=st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
        max_size=20,
    )
)
@settings(deadline=None, max_examples=100)
def test_exact_numbers_never_lose_a_digit(cast, values):
    small = [v for v in values if v.is_zero() or abs(v.adjusted()) < 900]
    read, problems = cast([str(v) for v in small], Kind.NUMBER)
    assert problems == []
    assert [Decimal(cell) for cell in read] == small
    assert not any("e" in cell.lower() for cell in read)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1.10", "1.10"),
        (" 2 ", "2"),
        ("+3.", "3"),
        ("007.5", "7.5"),
        ("-00", "-0"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1e5", "100000"),
        ("-1.5E-3", "-0.0015"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
def test_exact_numbers_in_one_spelling(cast, cell, text):
    assert cast([cell], Kind.NUMBER) == ([text], [])


@pytest.mark.parametrize("cell", ["abc", "1,2", "nan", "inf", "1.2.3", "e5", ".", "1e"])
def test_cells_that_are_no_exact_number(cast, cell):
    values, ((_, check, _),) = cast([cell], Kind.NUMBER)
    assert (values, check) == ([None], "type")


@pytest.mark.parametrize("cell", ["1e99999", "1e-99999"])
def test_absurd_powers_are_not_written_out(cast, cell):
    values, ((_, check, _),) = cast([cell], Kind.NUMBER)
    assert (values, check) == ([None], "range")


@pytest.mark.parametrize(
    ("precision", "scale", "cell", "checks"),
    [
        (10, 2, "12345678.12", []),
        (10, 2, "12.3400", []),
        (10, 2, "12.345", ["scale"]),
        (10, 2, "1e-3", ["scale"]),
        (10, 2, "123456789", ["precision"]),
        (10, 2, "123456789.123", ["scale", "precision"]),
        (10, 2, "-00000000012345678", []),
        (2, 2, "0.55", []),
        (2, 2, "-0.5", []),
        (2, 2, "1", ["precision"]),
        (3, 0, "999", []),
        (3, 0, "999.0", []),
        (3, 0, "999.5", ["scale"]),
        (3, None, "1000", ["precision"]),
        (None, None, "9" * 100 + ".5", []),
    ],
)
def test_numbers_are_refused_rather_than_rounded(cast, precision, scale, cell, checks):
    values, problems = cast([cell], Kind.NUMBER, precision=precision, scale=scale)
    assert [check for _, check, _ in problems] == checks
    assert (values == [None]) == bool(checks)


def test_a_refusal_leaves_its_neighbours_alone(cast):
    values, problems = cast(["1.5", "x", "2.555", None, "3"], Kind.NUMBER, precision=4, scale=2)
    assert values == ["1.5", None, None, None, "3"]
    assert [(index, check) for index, check, _ in problems] == [(1, "type"), (2, "scale")]


@given(values=st.lists(st.floats(allow_nan=False), max_size=20))
@settings(deadline=None, max_examples=50)
def test_floats_read_back(cast, values):
    assert cast([repr(v) for v in values], Kind.NUMBER, exact=False) == (values, [])


@pytest.mark.parametrize(
    ("cell", "value"), [("Infinity", math.inf), (" -inf ", -math.inf), (".5", 0.5), ("1e-400", 0.0)]
)
def test_floats_by_name_and_at_the_edge(cast, cell, value):
    assert cast([cell], Kind.NUMBER, exact=False) == ([value], [])


def test_nan_only_where_the_database_can_hold_it(cast):
    assert cast(["NaN"], Kind.NUMBER, exact=False)[0] == [None]
    (value,), problems = cast(["NaN"], Kind.NUMBER, exact=False, nan=True)
    assert math.isnan(value)
    assert problems == []


def test_too_large_a_float_is_not_infinity(cast):
    values, ((_, check, _),) = cast(["1e400"], Kind.NUMBER, exact=False)
    assert (values, check) == ([None], "range")
