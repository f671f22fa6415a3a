"""Rows and headers that do not fit, as they come out of the reader."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from core.formats.base import FLAW, META

Frame = Callable[..., pl.DataFrame]


def cells(frame: pl.DataFrame) -> list[tuple[str | None, ...]]:
    return frame.drop(META).rows()


def flaws(frame: pl.DataFrame) -> list[str | None]:
    return frame[FLAW].to_list()


SALES = (
    "day,at,n,code,price,what\n2020-01-01,10:00,1,AB-1234,$1.50,Red hat\n"
    "2020-01-02,10:15,2,AB-1235,$2.50,Blue hat\n2020-01-03,10:30,3,CD-1236,$3.50,Green hat\n"
)
PUT_RIGHT = ("2020-01-04", "11:00", "4", "AB-9999", "$4.50", "Cap")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        # A delimiter left out, where only one place to part the cell suits both columns.
        ("2020-01-0411:00,4,AB-9999,$4.50,Cap", PUT_RIGHT),
        ("2020-01-04,11:004,AB-9999,$4.50,Cap", PUT_RIGHT),
        ("2020-01-04,11:00,4,AB-9999,$4.50Cap", PUT_RIGHT),
        # One too many.
        ("2020-01-04,11:00,,4,AB-9999,$4.50,Cap", PUT_RIGHT),
        ("2020-01-04,11:00,4,AB-9999,$4.50,Cap, red", (*PUT_RIGHT[:5], "Cap, red")),
        # Another delimiter.
        ("2020-01-04 11:00 4 AB-9999 $4.50 Cap", PUT_RIGHT),
        ("2020-01-04;11:00;4;AB-9999;$4.50;Cap", PUT_RIGHT),
        # Quotes out of place.
        ('2020-01-04,11:00,"4,AB-9999,$4.50,"Cap"', (*PUT_RIGHT[:2], '"4', *PUT_RIGHT[3:])),
        ('2020-01-04,11:00,4,AB-9999,"$4.50""Cap"', PUT_RIGHT),
    ],
)
def test_odd_rows_are_put_right_and_keep_their_flaw(
    frame: Frame, line: str, wanted: tuple[str, ...]
) -> None:
    found = frame(f"{SALES}{line}\n".encode())
    assert cells(found)[-1] == wanted
    assert "where the header has 6: " in (flaws(found)[-1] or "")
    assert found[FLAW].null_count() == 3


def test_a_cell_torn_in_two_is_put_right_and_has_a_flaw(frame: Frame) -> None:
    found = frame(b'n,what,how\n1,Hat"red, large"\n2,5" pipe,6" long\n3,5" pipe,6"\n')
    assert cells(found) == [
        ("1", "Hat", "red, large"),
        ("2", '5" pipe', '6" long'),
        ("3", '5" pipe', '6"'),
    ]
    assert [flaw is None for flaw in flaws(found)] == [False, True, True]


def test_a_row_that_fits_nowhere_is_left_as_it_is(frame: Frame) -> None:
    found = frame(f"{SALES}so,it,is\n".encode())
    assert cells(found)[-1] == ("so", "it", "is", None, None, None)
    assert flaws(found)[-1] == "3 cells where the header has 6"


def test_the_header_is_put_right_by_the_width_of_the_rows(frame: Frame) -> None:
    body = "1,2,x\n3,4,y\n"
    assert frame(f'a,"b,c\n{body}'.encode()).columns[3:] == ["a", '"b', "c"]
    assert frame(f"a b c\n{body}".encode()).columns[3:] == ["a", "b", "c"]
    assert frame(f"a,,b,c\n{body}".encode()).columns[3:] == ["a", "b", "c"]
