from __future__ import annotations

import tracemalloc
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks import across
from core.checks.across import UniqueTracker, repeat_problems
from core.model.check import Severity
from core.model.table import Kind


def batch(first_row: int, **columns: list[object]) -> pl.DataFrame:
    frame = pl.DataFrame(columns)
    rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64).alias("__row__")
    return frame.select(rows, pl.all())


def pairs(repeats) -> list[tuple[int, int]]:
    return list(zip(repeats.index.to_list(), repeats.earlier_row.to_list(), strict=True))


def test_repeats_within_a_batch_and_across_batches():
    tracker = UniqueTracker([("a",)])
    (within,) = tracker.feed(batch(1, a=["x", "y", "x", "x"]))
    (across,) = tracker.feed(batch(5, a=["z", "y", "x"]))
    assert pairs(within) == [(2, 1), (3, 1)]
    assert pairs(across) == [(1, 2), (2, 1)]
    assert within.key == ("a",)


def test_nothing_repeats():
    tracker = UniqueTracker([("a",), ("b",)])
    assert tracker.feed(batch(1, a=[1, 2], b=["1", "2"])) == ()
    assert tracker.feed(batch(3, a=[3], b=["3"])) == ()
    assert tracker.feed(batch(4, a=[1], b=["4"]).clear()) == ()


@pytest.mark.parametrize("name", ["*", "^.*$", "__row__x"])
def test_names_that_polars_would_expand_are_plain_names(column, table, name):
    tracker = UniqueTracker([(name,)], table=table(column(name, Kind.NUMBER)))
    frame = batch(1, **{name: ["1", "1.0"]})
    (repeats,) = tracker.feed(frame)
    assert pairs(repeats) == [(1, 1)]
    assert repeat_problems(frame, repeats, Severity.ERROR)["field"].to_list() == [name]


def test_keys_of_several_columns():
    tracker = UniqueTracker([("a", "b")])
    (repeats,) = tracker.feed(batch(1, a=["x", "x", "xy", "x"], b=["yz", "y", "z", "yz"]))
    assert pairs(repeats) == [(3, 1)]


def test_a_null_part_is_no_key():
    tracker = UniqueTracker([("a", "b")])
    assert tracker.feed(batch(1, a=[1, 1, None, None], b=[None, None, None, None])) == ()


def test_a_dropped_row_counts_against_nobody():
    tracker = UniqueTracker([("a",), ("b",)])
    repeats = tracker.feed(batch(1, a=[1, 1, 2], b=["p", "q", "q"]))
    assert [(r.key, pairs(r)) for r in repeats] == [(("a",), [(1, 1)])]
    later = tracker.feed(batch(4, a=[3, 2], b=["q", "r"]))
    assert [(r.key, pairs(r)) for r in later] == [(("a",), [(1, 3)]), (("b",), [(0, 3)])]


def test_a_row_may_repeat_two_keys():
    tracker = UniqueTracker([("a",), ("b",)])
    repeats = tracker.feed(batch(1, a=[1, 1], b=["p", "p"]))
    assert [r.key for r in repeats] == [("a",), ("b",)]


def test_the_last_row_wins():
    tracker = UniqueTracker([("a",)], keep="last")
    assert tracker.superseded().to_list() == []
    (first,) = tracker.feed(batch(1, a=["x", "y", "x"]))
    (second,) = tracker.feed(batch(4, a=["x", "z"]))
    (third,) = tracker.feed(batch(6, a=["y", "x"]))
    assert pairs(first) == [(2, 1)]
    assert pairs(second) == [(0, 3)]
    assert pairs(third) == [(0, 2), (1, 4)]
    assert tracker.superseded().to_list() == [1, 2, 3, 4]


def test_equal_numbers_are_one_key(column, table):
    things = table(column("n", Kind.NUMBER), column("t"))
    cells = ["1.0", "1.00", "1", "10", "-0.0", "0", "100", "1.01"]
    numbers = UniqueTracker([("n",)], table=things).feed(batch(1, n=cells))
    assert pairs(numbers[0]) == [(1, 1), (2, 1), (5, 5)]
    assert UniqueTracker([("t",)], table=things).feed(batch(1, t=cells)) == ()


@given(
    cells=st.lists(
        st.tuples(st.integers(0, 8) | st.none(), st.sampled_from("abcdef") | st.none()),
        max_size=60,
    ),
    size=st.integers(1, 20),
    keep=st.sampled_from(["first", "last"]),
    own_pages=st.sampled_from([0, 1 << 20]),
)
@settings(deadline=None, max_examples=100)
def test_like_going_through_the_rows_one_by_one(cells, size, keep, own_pages):
    with patch.object(across, "_OWN_PAGES", own_pages):
        _check_like_one_by_one(cells, size, keep)


def _check_like_one_by_one(cells, size, keep):
    tracker = UniqueTracker([("a",), ("b",)], keep=keep)
    seen: tuple[dict, dict] = ({}, {})
    expected, actual, replaced = [], [], set()
    for row, parts in enumerate(cells, 1):
        hits = [(k, row, seen[k][v]) for k, v in enumerate(parts) if v in seen[k]]
        expected += hits
        replaced |= {earlier for _, _, earlier in hits}
        if not hits or keep == "last":
            for known, value in zip(seen, parts, strict=True):
                if value is not None:
                    known[value] = row
    schema = {"a": pl.Int64, "b": pl.String}
    for start in range(0, len(cells), size):
        frame = pl.DataFrame(cells[start : start + size], schema=schema, orient="row")
        rows = pl.int_range(start + 1, start + 1 + frame.height, dtype=pl.Int64)
        for repeats in tracker.feed(frame.with_columns(rows.alias("__row__"))):
            key = 0 if repeats.key == ("a",) else 1
            actual += [(key, start + 1 + at, earlier) for at, earlier in pairs(repeats)]
    assert sorted(actual) == sorted(expected)
    if keep == "last":
        assert tracker.superseded().to_list() == sorted(replaced)


def test_memory_stays_at_24_bytes_a_row():
    tracker = UniqueTracker([("a",)])
    for start in range(0, 50_000, 5_000):
        tracker.feed(batch(start + 1, a=list(range(start, start + 5_000))))
    assert tracker.nbytes == 24 * 50_000
    (repeats,) = tracker.feed(batch(50_001, a=[49_999, 0, 50_000]))
    assert pairs(repeats) == [(0, 50_000), (1, 1)]


def test_merging_does_not_hold_the_keys_twice():
    many, few = 100_000, 60_000
    seen = across._Seen()
    with patch.object(across, "_OWN_PAGES", 1 << 40):  # pages of their own are not counted
        tracemalloc.start()
        for start, count in ((0, many), (many, few)):
            keys = np.arange(start, start + count, dtype=np.uint64)
            seen.add(keys, keys, keys.view(np.int64))
            del keys
        held, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seen.nbytes == 24 * (many + few)
    assert seen.nbytes <= held <= most < 2 * seen.nbytes


@pytest.mark.parametrize("severity", list(Severity))
def test_problems_name_key_values_and_row(severity):
    tracker = UniqueTracker([("a", "b")])
    frame = batch(1, a=["x", "x"], b=[1, 1])
    (repeats,) = tracker.feed(frame)
    assert repeat_problems(frame, repeats, severity).rows() == [
        (1, "a", "unique_in_file", "a 'x', b '1' is already in row 1 of the file", severity.value)
    ]
