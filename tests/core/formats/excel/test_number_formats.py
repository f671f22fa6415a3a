"""What number formats show, by their codes (ECMA-376 Part 1, 18.8.30 and 18.8.31)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.excel.numbers.formats import BUILT_IN, Shows, exact, parse


def shown(code: str, value: str) -> str | None:
    number = exact(value)
    assert number is not None
    return parse(code).text(number)


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("00000", "123", "00123"),
        ("00000", "-12", "-00012"),
        ("000-00-0000", "123456789", "123-45-6789"),
        ('"INV-"0000', "7", "INV-0007"),
        ('"No. "0', "7", "No. 7"),
        ("\\A0", "7", "A7"),
        ("0000 0000", "12345678", "1234 5678"),
        ("[<=9999999]###-####;(###) ###-####", "5551234", "555-1234"),
        ("[<=9999999]###-####;(###) ###-####", "2125551234", "(212) 555-1234"),
        ("[$-409]00000", "1", "00001"),
    ],
)
def test_masks(code: str, value: str, text: str) -> None:
    assert parse(code).shows is Shows.MASK
    assert shown(code, value) == text


def test_a_mask_hides_no_part_of_a_number() -> None:
    assert shown("00000", "12.5") is None


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0", "0.5", "1"),
        ("0", "-0.4", "0"),
        ("0.00", "12.5", "12.50"),
        ("0.00", "1.005", "1.01"),
        ("0.##", "5", "5."),
        ("0.0?", "1.5", "1.5"),
        ("000.00", "1.5", "001.50"),
        ("#,##0", "1234567.5", "1,234,568"),
        ("#,##0.0,", "1234567", "1,234.6"),
        ("0%", "0.25", "25%"),
        ("0.00%", "0.12345", "12.35%"),
        ("$#,##0.00", "-1234.5", "-$1,234.50"),
        ("[$€-407] #,##0.00", "9.999", "€ 10.00"),
        ('#,##0.00 "€"', "1234.567", "1,234.57 €"),
        ('"USD "0', "5", "USD 5"),
        ('0" kg"', "5", "5 kg"),
        ("_($* #,##0.00_);_($* (#,##0.00)", "-1234.5", "$(1,234.50)"),
        ("[Red]0.00;[Blue]-0.00;zero", "0", None),
        ('0.00;-0.00;"none"0', "0", "none0"),
        ("0.00E+00", "12345.678", "1.23E+04"),
        ("0.00E+00", "0.00012", "1.20E-04"),
        ("0.00E-00", "12345.678", "1.23E04"),
        ("##0.0E+0", "12345.678", "12.3E+3"),
        ("0.0E+0", "9.99", "1.0E+1"),
        ("0;-0;;@", "0", None),
        ("# ?/?", "1.25", None),
    ],
)
def test_dressed_numbers(code: str, value: str, text: str | None) -> None:
    assert parse(code).shows is Shows.NUMBER
    assert shown(code, value) == text


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("General", Shows.VALUE),
        ("@", Shows.VALUE),
        ("", Shows.VALUE),
        ("yyyy-mm-dd", Shows.DATE),
        ("mmm-yy", Shows.DATE),
        ("[$-409]d-mmm-yy;@", Shows.DATE),
        ("yyyy-mm-dd h:mm", Shows.MOMENT),
        ("m/d/yy h:mm AM/PM", Shows.MOMENT),
        ("h:mm", Shows.TIME),
        ("mm:ss.0", Shows.TIME),
        ("[h]:mm:ss", Shows.TIME),
        ("[mm]:ss", Shows.TIME),
    ],
)
def test_days_times_and_plain_values(code: str, shows: Shows) -> None:
    assert parse(code).shows is shows


def test_the_built_in_formats_are_understood() -> None:
    shows = {number: parse(code).shows for number, code in BUILT_IN.items()}
    assert [n for n, kind in shows.items() if kind is Shows.DATE] == [14, 15, 16, 17]
    assert [n for n, kind in shows.items() if kind is Shows.TIME] == [18, 19, 20, 21, 45, 46, 47]
    assert [n for n, kind in shows.items() if kind is Shows.MOMENT] == [22]
    assert [n for n, kind in shows.items() if kind is Shows.VALUE] == [0, 49]
    assert Shows.MASK not in shows.values()


@given(st.text(max_size=20), st.integers(-(10**18), 10**18), st.integers(0, 6))
def test_no_code_makes_trouble(code: str, digits: int, places: int) -> None:
    text = parse(code).text(Decimal(digits).scaleb(-places)) if parse(code).sections else None
    assert text is None or text.strip() == text != ""


@given(st.integers(0, 10**15), st.integers(0, 4))
def test_fixed_decimals_are_those_of_the_number(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    code = "0." + "0" * places if places else "0"
    assert parse(code).text(value) == format(value, "f")
    assert parse("#,##" + code).text(value) == format(value, ",f")


@pytest.mark.parametrize("text", ["", "x", "inf", "nan", "1e999"])
def test_what_is_no_number(text: str) -> None:
    assert exact(text) is None
