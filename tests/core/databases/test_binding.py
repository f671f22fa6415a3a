"""Typed values for drivers: what SQLite would bend is named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.databases.binding import as_text, sqlite_values
from core.databases.spelling import text_of_cells
from core.model.table import Column, Kind

PRICE = Column(name="x", kind=Kind.NUMBER, type_text="NUMERIC", precision=38, scale=4)
CODE = Column(name="x", kind=Kind.TEXT, type_text="STRING")


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)))
def test_a_decimal_comes_back_or_is_named(texts: list[str]) -> None:
    plain = [f"{Decimal(t):f}" for t in texts]
    bound = sqlite_values(pl.Series("x", plain, dtype=pl.String), PRICE)
    back = text_of_cells(bound.values, PRICE)
    for at, text in enumerate(plain):
        same = text.lstrip("-") == "0.0000" or back[at] == text
        assert same or at in bound.bent


@pytest.mark.parametrize("text", ["7", "-12", "abc", "1.5", "", "12ab", "e5"])
def test_text_that_survives_a_numeric_column(text: str) -> None:
    assert sqlite_values(pl.Series("x", [text]), CODE).bent == {}


@pytest.mark.parametrize("text", ["007", "1.50", "+1", " 1", "1e5", "1.", "9" * 400])
def test_text_that_a_numeric_column_would_bend(text: str) -> None:
    assert list(sqlite_values(pl.Series("x", [text]), CODE).bent) == [0]


def test_moments_and_times() -> None:
    zoned = pl.Series("x", [dt.datetime(2026, 1, 31, 1, 2, 3, 4, dt.UTC), None])
    column = Column(name="x", kind=Kind.DATETIME, type_text="TIMESTAMPTZ", timezone=True)
    assert as_text(zoned, column).to_list() == ["2026-01-31T01:02:03.000004+00:00", None]
    stored = sqlite_values(zoned, column).values
    assert stored == ["2026-01-31 01:02:03.000004+00:00", None]
    assert text_of_cells(stored, column).to_list() == ["2026-01-31T01:02:03.000004+00:00", None]
    moved = text_of_cells(["2026-01-31 01:00:00+02:00"], column)
    assert moved.to_list() == ["2026-01-30T23:00:00+00:00"]
