"""Histograms: every value in one bar, the bars in order and of one width."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks.bars import MOST, bars
from core.model.profile import CellKind as Kind


@given(values=st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=200))
@settings(deadline=None, max_examples=60)
def test_every_value_is_in_one_bar(values: list[int]) -> None:
    drawn = bars(pl.Series(values), Kind.INTEGER)
    if len(set(values)) == 1:
        assert drawn == ()
        return
    assert len(drawn) <= MOST
    assert sum(bar.count for bar in drawn) == len(values)
    assert (int(drawn[0].low), int(drawn[-1].high)) == (min(values), max(values))
    for bar in drawn:
        inside = [v for v in values if int(bar.low) <= v <= int(bar.high)]
        assert len(inside) == bar.count


def test_few_whole_numbers_have_a_bar_each() -> None:
    drawn = bars(pl.Series([1, 2, 2, 4]), Kind.INTEGER)
    assert [(bar.low, bar.high, bar.count) for bar in drawn] == [
        ("1", "1", 1), ("2", "2", 2), ("3", "3", 0), ("4", "4", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "first", "last"),
    [
        (Kind.DATE, [0.0, 40.0], "1970-01-01", "1970-02-10"),
        (Kind.DATETIME, [0.0, 0.5], "1970-01-01 00:00", "1970-01-01 12:00"),
        (Kind.NUMBER, [0.25, 1000.0], "0.25", "1000"),
    ],
)
def test_labels(kind: Kind, values: list[float], first: str, last: str) -> None:
    drawn = bars(pl.Series(values), kind)
    assert (drawn[0].low, drawn[-1].high) == (first, last)


def test_a_far_tail_does_not_flatten_the_rest() -> None:
    values = [*range(1, 1001), 10**9]
    drawn = bars(pl.Series(values), Kind.NUMBER)
    assert sum(bar.count > 0 for bar in drawn) == MOST
    assert drawn[-1].high == "1e+09"


@pytest.mark.parametrize("values", [[], [None], [3.0, 3.0]])
def test_one_value_draws_nothing(values: list[float | None]) -> None:
    assert bars(pl.Series(values, dtype=pl.Float64), Kind.NUMBER) == ()


@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.NUMBER])
def test_numbers_beyond_doubles_have_no_bar(kind: Kind) -> None:
    values = [1.0, 2.0, float("inf"), float("-inf"), float("nan"), 1.7e308, -1.7e308, None]
    drawn = bars(pl.Series(values), kind)
    assert sum(bar.count for bar in drawn) == 2
    assert (drawn[0].low, drawn[-1].high) == ("1", "2")
    assert bars(pl.Series([1e300, -1e300]), kind)[0].low.startswith("-1")
