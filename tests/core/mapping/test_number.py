from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidMapping

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**12)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,234.56", "1234.56"),
        (" 12 ", "12"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234\u202f567,5", "1234567.5"),
        ("1'234.50", "1234.50"),
        ("1\u2019234.50", "1234.50"),
        ("12,34,567.8", "1234567.8"),
        ("1.234.567,89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("12,5", "12.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234.567", "1234.567"),
        ("€ 9.90", "9.90"),
        ("9,90 €", "9.90"),
        ("$-5", "-5"),
        ("-$5", "-5"),
        ("(5)", "-5"),
        ("(€5.00)", "-5.00"),
        ("\u22125", "-5"),
        ("+4", "4"),
        ("12%", "0.12"),
        ("12.5 %", "0.125"),
        ("-3%", "-0.03"),
        ("100%", "1.00"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e5", "100000"),
        ("1.5E-7", "0.00000015"),
        ("007", "007"),
        ("123456789012345678901234567890.10", "123456789012345678901234567890.10"),
        ("", ""),
        ("\u00a0 ", ""),
        (None, None),
    ],
)
def test_number_reads_what_people_write(run, cell, expected):
    assert run([cell], "number") == ([expected], {})


@pytest.mark.parametrize(
    "cell",
    ["abc", "--5", "(-5)", "(5", "5)", "€5€", "1,2,3", "1 2", "5 kg", "1e999", "1.234,5e3",
     ".", ",", "-", "%", "12,34.5", "1 234 5", "٣", "0x10", "1_000"],
)  # fmt: skip
def test_number_refuses_what_is_none(run, cell):
    cells, problems = run([cell], "number")
    assert cells == [None]
    assert problems == {0: f"'{cell}' is not a number"}


@pytest.mark.parametrize("cell", ["1,234", "1.234", "$1,234", "-12.345", "(999,999)"])
def test_auto_never_guesses_the_decimal_mark(run, cell):
    cells, problems = run([cell], "number")
    assert cells == [None]
    assert "choose whether" in problems[0]


@pytest.mark.parametrize(
    ("decimal", "cell", "expected"),
    [
        ("point", "1,234", "1234"),
        ("point", "1.234", "1.234"),
        ("point", "12,5", None),
        ("point", "1.234,5", None),
        ("point", "-1,234,567.5", "-1234567.5"),
        ("comma", "1,234", "1.234"),
        ("comma", "1.234", "1234"),
        ("comma", "0.5", None),
        ("comma", "1.234,5 €", "1234.5"),
        ("comma", "12,5%", "0.125"),
        ("comma", "1,5e3", "1500"),
    ],
)
def test_chosen_decimal_mark(run, decimal, cell, expected):
    assert run([cell], "number", decimal=decimal)[0] == [expected]


@settings(deadline=None, max_examples=50)
@given(values=st.lists(DECIMALS, max_size=20))
def test_grouped_numbers_come_back_exactly(run, values):
    english = [f"{value:,.2f}" for value in values]
    german = [cell.translate(str.maketrans(",.", ".,")) for cell in english]
    plain = [f"{value:.2f}" for value in values]
    assert run(english, "number")[0] == plain
    assert run(german, "number")[0] == plain
    assert run(english, "number", decimal="point")[0] == plain
    assert run(german, "number", decimal="comma")[0] == plain


@settings(deadline=None, max_examples=50)
@given(values=st.lists(st.integers(), max_size=20))
def test_integers_pass_untouched(run, values):
    cells = [str(value) for value in values]
    assert run(cells, "number") == (cells, {})


@settings(deadline=None, max_examples=50)
@given(cells=st.lists(st.text(alphabet="0123456789.,' -+()%€eE", max_size=12), max_size=20))
def test_whatever_is_read_is_a_plain_decimal(run, cells):
    read, problems = run(cells, "number")
    for position, cell in enumerate(read):
        assert (cell is None) == (position in problems)
        if cell:
            assert Decimal(cell).is_finite()
            assert "e" not in cell.lower()


def test_reading_twice_changes_nothing(run):
    once = run(["1,234.5", "12%", "(7)", "1e-3"], "number", decimal="point")[0]
    assert run(once, "number", decimal="point")[0] == once


@pytest.mark.parametrize(
    ("thousands", "cell", "expected"),
    [
        ("point", "1.234,5", "1234.5"),
        ("point", "1.234", "1234"),
        ("point", "1,234.5", None),
        ("point", "1.23", None),
        ("comma", "1,234", "1234"),
        ("comma", "12,34,567.8", "1234567.8"),
        ("comma", "1,23", None),
        ("comma", "1 234", None),
        ("space", "1\u202f234,50 €", "1234.50"),
        ("space", "1 234.5", "1234.5"),
        ("space", "1,234", "1.234"),
        ("space", "1 23", None),
        ("apostrophe", "1’234.5", "1234.5"),
        ("apostrophe", "(1'234)", "-1234"),
        ("none", "1.234", "1.234"),
        ("none", "1,234", "1.234"),
        ("none", "1 234", None),
        ("none", "1.234,5", None),
        ("none", "", ""),
        ("none", None, None),
    ],
)
def test_chosen_thousands_mark(run, thousands, cell, expected):
    assert run([cell], "number", thousands=thousands)[0] == [expected]


def test_thousands_and_decimals_both_chosen(run):
    cells = ["1 234,5", "1 234.5", "1,5"]
    found, _ = run(cells, "number", thousands="space", decimal="comma")
    assert found == ["1234.5", None, "1.5"]
    found, _ = run(["1'234.5", "1,5"], "number", thousands="apostrophe", decimal="point")
    assert found == ["1234.5", None]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("CHF 1'234.50", "1234.50"),
        ("1234.50 chf", "1234.50"),
        ("-CHF 5", "-5"),
        ("(5 Fr.)", "-5"),
        ("5CHF", "5"),
        ("CHF", None),
        ("CHF 5 CHF", None),
        ("€5 CHF", None),
        ("5 EUR", None),
    ],
)
def test_words_for_money_are_those_listed(run, cell, expected):
    assert run([cell], "number", currency='["CHF", "Fr."]')[0] == [expected]
    assert run([cell], "number")[0] == [None]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"decimal": "comma", "thousands": "comma"}, "cannot mark both"),
        ({"currency": '["CHF", " "]'}, "no word beside a figure"),
        ({"currency": "5"}, "no word beside a figure"),
        ({"currency": json.dumps([f"{'x' * (n + 1)}" for n in range(51)])}, "at most 50"),
    ],
)
def test_impossible_options(run, options, why):
    with pytest.raises(InvalidMapping, match=why):
        run(["1"], "number", **options)
