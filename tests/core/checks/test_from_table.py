from __future__ import annotations

import polars as pl
import pytest

from core.checks.from_table import build_schema, is_nullable, rules
from core.model.table import Kind


@pytest.mark.parametrize(
    ("more", "skip", "nullable"),
    [
        ({"nullable": True}, False, True),
        ({"nullable": False}, False, False),
        ({"nullable": False}, True, False),
        ({"nullable": False, "default": "0"}, False, False),
        ({"nullable": False, "default": "0"}, True, True),
        ({"nullable": False, "autoincrement": True}, False, False),
        ({"nullable": False, "autoincrement": True}, True, True),
        ({"nullable": False, "filled_by_trigger": True}, False, True),
    ],
)
def test_when_a_cell_may_be_null(column, more, skip, nullable):
    assert is_nullable(column("x", **more), {"x"} if skip else ()) is nullable


def test_the_schema_follows_the_targets(column, table):
    made = build_schema(
        table(
            column("a", Kind.INTEGER, nullable=False, minimum=0, maximum=9),
            column("b", max_length=3),
            column("c", Kind.DATETIME, timezone=True),
        ),
        ["c", "a"],
    )
    assert list(made.columns) == ["c0", "c1"]
    assert made.columns["c0"].dtype.type == pl.Datetime("us", "UTC")
    assert made.columns["c0"].nullable
    assert not made.columns["c1"].nullable
    assert not any(c.coerce or c.unique for c in made.columns.values())


def test_rules_of_a_column(column, table):
    things = table(
        column("n", Kind.INTEGER, minimum=0, maximum=9),
        column("t", max_length=1, choices=("a", "b")),
        column("b", Kind.BINARY, max_length=4),
        checks=["n > 3 AND length(t) > 0"],
    )
    assert [r.check for r in rules(things, "n")] == ["range", "constraint"]
    assert [r.check for r in rules(things, "t")] == ["length", "choice", "constraint"]
    assert rules(things, "b")[0].says == "is longer than the 4 bytes the column holds"
    assert rules(things, "t")[0].says == "is longer than the 1 character the column holds"


def test_unknown_target(column, table):
    with pytest.raises(KeyError):
        build_schema(table(column("a")), ["b"])
