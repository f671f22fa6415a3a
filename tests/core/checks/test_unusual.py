"""Values far from all that the table holds, and those that only look so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest

from core.checks.problems import gather, to_problems
from core.checks.unusual import FEWEST, usual_of
from core.model.table import Column, Kind

TODAY = date(2026, 6, 15)
AGES = [str(age) for age in [*range(20, 66), 97]]


def said(
    held: Sequence[str | None], cells: Sequence[object], kind: Kind = Kind.INTEGER, **more: object
) -> list[tuple[int, str]]:
    column = Column(name="age", kind=kind, type_text="x", **more.pop("column", {}))  # type: ignore[arg-type]  # by name
    text = pl.Series(held, dtype=pl.String)
    usual = usual_of(column, text, today=TODAY, **more)  # type: ignore[arg-type]  # by name
    if usual is None:
        return []
    values = pl.Series(cells)
    shown = values.cast(pl.String)
    found = gather(to_problems(fault, shown, "age") for fault in usual.faults(values))
    assert set(found["severity"]) <= {"warning"}
    assert set(found["check"]) <= {"unusual"}
    return found.select("index", "message").rows()


def test_the_guides_example() -> None:
    told = said(AGES, [30, 150, None, 97, 98, 110])
    assert told == [(1, "'150' is unusual: the table's largest age is 97")]


def test_both_ends() -> None:
    assert said(AGES, [-40]) == [(0, "'-40' is unusual: the table's smallest age is 20")]


def test_figures_are_kept_from_those_who_may_not_see_the_column() -> None:
    assert said(AGES, [150], told=False) == [(0, "'150' is unusual for this column")]


def test_what_was_not_looked_at_is_not_spoken_of() -> None:
    told = said(AGES, [150], whole=False)
    assert told == [(0, "'150' is unusual: of the 47 rows looked at the largest age is 97")]


@pytest.mark.parametrize(
    "held",
    [
        [],
        AGES[: FEWEST - 1],
        [None] * 100,
        ["5"] * 100,
        ["5"] * 99 + ["6"],
        ["x"] * 100,
    ],
    ids=["empty", "few", "nulls", "one value", "nearly one value", "not numbers"],
)
def test_nothing_is_told_by_too_little(held: Sequence[str | None]) -> None:
    assert said(held, [10**9]) == []


def test_a_table_of_many_small_and_some_large_orders_does_not_cry() -> None:
    held = [str(n) for n in [*range(1, 101), 5_000, 9_000]]
    assert said(held, [8_000, 9_010, 9_050]) == []
    assert [at for at, _ in said(held, [9_900])] == [0]


def test_exact_and_floating_numbers() -> None:
    exact = [f"{n}.50" for n in range(40)]
    told = said(exact, ["9999.99", "5.00", None], Kind.NUMBER)
    assert told == [(0, "'9999.99' is unusual: the table's largest age is 39.50")]
    floats = [*exact, "NaN", "inf"]
    more = {"column": {"exact": False}}
    assert [at for at, _ in said(floats, [1e300, 3.0, float("nan")], Kind.NUMBER, **more)] == [0]


def test_dates_far_from_the_tables() -> None:
    held = [f"20{year:02}-03-04" for year in range(25)] * 2
    told = said(held, [date(2025, 1, 1), date(2206, 1, 1)], Kind.DATE)
    assert told == [(1, "'2206-01-01' is unusual: the table's latest age is 2024-03-04")]


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.DATETIME])
def test_the_calendar_where_the_table_holds_too_little(kind: Kind) -> None:
    cells = pl.Series([date(1899, 12, 31), date(1900, 1, 1), date(2126, 12, 31), date(2127, 1, 1)])
    typed = cells if kind is Kind.DATE else cells.cast(pl.Datetime("us"))
    told = said(["2020-01-01"], list(typed), kind)
    assert [at for at, _ in told] == [0, 3]
    assert told[0][1].endswith("is unusual: it is far from today")
    assert said(["1850-01-01"], list(typed), kind) == []


def test_only_numbers_and_dates() -> None:
    assert said(AGES, ["150"], Kind.TEXT) == []
