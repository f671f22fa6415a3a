from __future__ import annotations

import polars as pl

from core.checks import groups
from core.checks.groups import OTHER_SHAPES, Groups
from core.checks.report import VIOLATIONS
from core.model.check import ProblemGroup, ValueCount


def violations(values: list[str | None], field: str = "age") -> pl.DataFrame:
    rows = [(n, n, field, field, "type", f"'{v}' is wrong", v, "error")
            for n, v in enumerate(values, 1)]  # fmt: skip
    return pl.DataFrame(rows, schema=VIOLATIONS, orient="row")


def found(*batches: pl.DataFrame) -> tuple[ProblemGroup, ...]:
    counted = Groups()
    for batch in batches:
        counted.add(batch)
    return counted.all()


def odd(n: int) -> str:
    """A text with a shape of its own for each number."""
    return f"{n:012b}".replace("0", "-").replace("1", "+")


def test_cells_of_one_shape_are_one_group_and_their_values_are_counted() -> None:
    whole = violations(["x", "5", "5", "7", None, "x"])
    figures, words, nothing = found(whole, violations(["5", "y"]))
    assert (figures.shape, figures.count) == ("9", 4)
    assert figures.values == (ValueCount(value="5", count=3), ValueCount(value="7", count=1))
    assert (words.shape, words.count, words.samples) == ("a", 3, ("x", "y"))
    assert (nothing.shape, nothing.count, nothing.values) == (None, 1, ())


def test_the_most_frequent_values_are_told() -> None:
    often = violations([f"{n:04}" for n in range(1000)] + ["7777"] * 30)
    (group,) = found(often)
    assert group.values[0] == ValueCount(value="7777", count=30)
    assert len(group.values) == groups.VALUES
    assert group.samples == ("0000", "0001", "0002", "0003", "0004")


def test_rare_shapes_share_a_group_and_every_violation_is_counted() -> None:
    shapes = [odd(n) for n in range(3000)]
    batches = [violations(shapes[at : at + 300] + ["Ann"] * 9) for at in range(0, 3000, 300)]
    report = found(*batches, violations(["x"], field="name"))
    assert len(report) == groups.MOST
    assert sum(group.count for group in report) == 3091
    other = next(group for group in report if group.shape == OTHER_SHAPES)
    assert other.count == report[0].count == 3000 - (groups.MOST - 3)
    assert {group.shape for group in report if group.count == 90} == {"Aa"}
    assert [group.count for group in report if group.field == "name"] == [1]


def test_every_field_and_check_has_a_group_however_many_there_are() -> None:
    fields = violations(["x"] * 700).with_columns(
        pl.concat_str(pl.lit("f"), pl.col("row")).alias("field")
    )
    report = found(fields)
    assert len({group.field for group in report}) == len(report) == 700
    assert OTHER_SHAPES not in {group.shape for group in report}


def test_long_values_are_sampled_and_not_counted() -> None:
    (group,) = found(violations(["x" * 201]))
    assert (group.count, len(group.samples), group.values) == (1, 1, ())
