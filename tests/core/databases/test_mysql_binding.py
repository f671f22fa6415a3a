"""What MySQL takes, and what it would bend without a word."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
import pytest

from core.databases.kinds import mysql_facts, mysql_type_text
from core.databases.mysql_binding import bent_rows, json_rows, mysql_values, oversized
from core.model.table import Column
from tests.core.databases.typed_frames import typed


def column(declared: str, *, nullable: bool = True) -> Column:
    facts = mysql_facts(declared)
    return Column(
        name="c",
        kind=facts.kind,
        type_text=mysql_type_text(declared),
        nullable=nullable,
        max_length=facts.max_length,
        scale=facts.scale,
        exact=facts.exact,
        choices=facts.choices,
    )


MOMENT = dt.datetime(2026, 1, 31, 13, 45, 0, 250_000)
BENT: list[tuple[str, list[Any], list[int], str]] = [
    ("double", [1.5, float("nan"), float("-inf"), None], [1, 2], "cannot hold NaN and infinity"),
    ("datetime", [MOMENT, MOMENT.replace(microsecond=0), None], [0], "so fine a fraction"),
    ("timestamp(2)", [MOMENT, MOMENT.replace(microsecond=251_000)], [1], "so fine a fraction"),
    ("datetime(6)", [MOMENT], [], ""),
    ("time(3)", [dt.time(1, 2, 3, 4000), dt.time(1, 2, 3, 4)], [1], "so fine a fraction"),
    ("decimal(9,2)", ["1.25", "1.250", "-1.005", "3", None], [2], "so many digits after the point"),
    ("char(5)", ["ab ", "ab", " ab", None], [0], "would drop the blanks"),
    ("varchar(2)", ["ab ", "a ", "abc"], [0], "would drop the blanks"),
    ("binary(3)", [b"ab", b"abc", b""], [0, 2], "zero bytes"),
    ("varbinary(3)", [b"ab"], [], ""),
    ("enum('1','b','it''s')", ["b", "B", "2", "it's", None], [1, 2], "one of the words"),
    ("set('a','b')", ["a,b", "", "3", "a,c", None], [2, 3], "one of the words"),
    ("year(4)", [1999, 70, 0, None], [1], "does not hold this year"),
    ("int(11)", [1, 70], [], ""),
]


@pytest.mark.parametrize(("declared", "values", "rows", "words"), BENT)
def test_what_would_be_bent(declared: str, values: list[Any], rows: list[int], words: str) -> None:
    found = bent_rows(pl.DataFrame({"c": values}), (column(declared),))
    assert list(found) == rows
    assert all(why.check == "type" and why.field == "c" for why in found.values())
    assert all(words in why.message for why in found.values())


def test_a_null_that_would_be_taken_for_this_moment() -> None:
    values = pl.DataFrame({"c": [MOMENT.replace(microsecond=0), None]})
    found = bent_rows(values, (column("timestamp", nullable=False),))
    assert {at: why.check for at, why in found.items()} == {1: "required"}


def test_rows_larger_than_a_statement() -> None:
    frame = pl.DataFrame({"a": ["x", "y" * 90, None], "b": [b"z" * 20, b"", b"z" * 60]})
    assert list(oversized(frame, 100)) == [2]
    assert list(oversized(frame, 10_000)) == []
    assert list(oversized(pl.DataFrame({"a": [1] * 100}), 10)) == []


def test_values_and_keys() -> None:
    zoned = pl.Series([MOMENT], dtype=pl.Datetime("us", "UTC"))
    assert mysql_values(zoned).to_list() == ["2026-01-31 13:45:00.250000"]
    assert mysql_values(pl.Series([True, None])).to_list() == [1, None]
    frame = typed(cover=[b"\x00\xff", None], title=['"é\\', "a\x00b"]).drop("__row__", "__line__")
    floats = json_rows([pl.Series([1.5, float("nan"), float("inf"), None])])
    assert json.loads(floats) == [[1.5], [None], [None], [None]]
    rows = json_rows(frame.get_columns())
    assert json.loads(rows) == [["00ff", '"é\\'], [None, "a\x00b"]]
