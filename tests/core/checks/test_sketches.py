"""Sketches keep their promises on values whose truth is counted beside them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from core.checks.sketches import DistinctCount, Frequent, RowSample


def texts(first: int, last: int) -> pl.Series:
    return pl.Series([f"value {n}" for n in range(first, last)])


@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000])
def test_few_are_counted_exactly_however_often_they_come(count: int) -> None:
    distinct = DistinctCount()
    for _ in range(2):
        distinct.add(texts(0, count))
    assert (len(distinct), distinct.exact) == (count, True)


@pytest.mark.parametrize("count", [10_001, 20_000, 41_000, 150_000])
def test_many_are_estimated_within_three_per_cent(count: int) -> None:
    distinct = DistinctCount()
    for start in range(0, count, 7_000):
        distinct.add(texts(max(start - 500, 0), min(start + 7_000, count)))
    assert not distinct.exact
    assert len(distinct) > DistinctCount.FEW
    assert abs(len(distinct) - count) < 0.03 * count


def counted(values: list[str]) -> pl.DataFrame:
    return pl.Series("value", values).value_counts(name="count")


def test_frequent_values_are_exact_while_they_fit() -> None:
    frequent = Frequent(4)
    frequent.add(counted(list("aab")))
    frequent.add(counted(list("bbcd")))
    assert frequent.exact
    assert frequent.top(3) == [("b", 3), ("a", 2), ("c", 1)]


def test_a_frequent_value_survives_a_crowd_and_its_count_is_short_by_what_is_told() -> None:
    random = np.random.default_rng(7)
    frequent, truth = Frequent(50), Counter[str]()
    for batch in range(20):
        crowd = [f"once {batch} {n}" for n in range(600)]
        values = [*crowd, *random.choice(["often", "rather", "seldom"], 400, p=[0.6, 0.3, 0.1])]
        truth.update(map(str, values))
        frequent.add(counted([str(value) for value in values]))
    assert not frequent.exact
    assert 0 < frequent.missed <= 20 * 1_000 / 50
    top = frequent.top(3)
    assert [value for value, _ in top] == ["often", "rather", "seldom"]
    assert all(truth[value] - frequent.missed <= count <= truth[value] for value, count in top)


def test_a_sample_of_few_rows_is_all_of_them_in_their_order() -> None:
    sample = RowSample(rows=10)
    for start in (0, 5):
        sample.add(pl.DataFrame({"a": [str(n) for n in range(start, start + 5)]}))
    assert sample.frame()["a"].to_list() == [str(n) for n in range(10)]


def test_a_sample_is_fair_and_the_same_every_time() -> None:
    def drawn() -> list[int]:
        sample = RowSample(rows=1_000)
        for start in range(0, 50_000, 2_000):
            sample.add(pl.DataFrame({"a": [str(n) for n in range(start, start + 2_000)]}))
        return sample.frame()["a"].cast(pl.Int64).to_list()

    first = drawn()
    assert first == drawn() == sorted(first)
    assert len(first) == 1_000
    # A thousand of uniform draws: each tenth of the file has 100 of them, give or take 5 sigma.
    tenths = np.histogram(first, bins=10, range=(0, 50_000))[0]
    assert all(50 < tenth < 150 for tenth in tenths.tolist())


def test_a_sample_of_huge_cells_is_small() -> None:
    sample = RowSample(rows=1_000, size=100_000)
    for batch in range(20):
        sample.add(pl.DataFrame({"a": [f"{batch} " + "x" * 1_000] * 50}))
    frame = sample.frame()
    assert 1 <= frame.height <= 100
    assert frame.estimated_size() <= 100_000


def test_a_sample_does_not_hold_on_to_the_batches_it_was_drawn_from() -> None:
    sample = RowSample(rows=100)
    batch = pl.DataFrame({"a": [f"a text too long to be kept in line {n}" for n in range(20_000)]})
    for _ in range(5):
        sample.add(batch)
    assert sum(frame.estimated_size() for frame in sample._kept) < 60_000


def test_columns_may_come_later() -> None:
    sample = RowSample(rows=10)
    sample.add(pl.DataFrame({"a": ["1"]}))
    sample.add(pl.DataFrame({"a": ["2"], "b": ["x"]}))
    assert sample.frame().rows() == [("1", None), ("2", "x")]
