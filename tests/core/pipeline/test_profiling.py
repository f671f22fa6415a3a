"""Profiling beside the check: the order is kept, and nothing that went wrong is lost."""

from __future__ import annotations

import threading

import polars as pl
import pytest

from core.checks.profile import ProfileBuilder
from core.pipeline.profiling import Profiling


def batch(*cells: str | None) -> pl.DataFrame:
    return pl.DataFrame({"__row__": range(len(cells)), "c": list(cells)}, strict=False)


def test_batches_are_profiled_in_their_order_without_meta_columns() -> None:
    with Profiling() as profiling:
        for n in range(20):
            profiling.add(batch(f"{n:02}", None))
        found = profiling.profile()
    (column,) = found.columns
    assert (found.rows, column.name, column.nulls) == (40, "c", 20)
    assert column.samples == tuple(f"{n:02}" for n in range(10))


def test_what_goes_wrong_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(ProfileBuilder, "add", fail)
    with Profiling() as profiling:
        profiling.add(batch("a"))
        with pytest.raises(RuntimeError, match="no luck"):
            profiling.profile()


def test_its_thread_ends_with_it_also_when_the_check_stops() -> None:
    def stopped() -> None:
        with Profiling() as profiling:
            profiling.add(batch("a"))
            raise KeyError

    with pytest.raises(KeyError):
        stopped()
    assert not [t for t in threading.enumerate() if t.name.startswith("profile")]
