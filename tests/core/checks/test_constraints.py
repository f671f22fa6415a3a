from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks.constraints import Condition, simple_conditions
from core.model.table import Kind


@pytest.fixture(scope="module")
def parse(column, table):
    columns = (
        column("Age", Kind.INTEGER),
        column("price", Kind.NUMBER, precision=10, scale=2),
        column("score", Kind.NUMBER, exact=False),
        column("status"),
        column("born", Kind.DATE),
        column("code", type_text="CHAR(3)"),
        column("nick", type_text="CITEXT"),
    )

    def parse(sql: str) -> list[tuple[object, ...]]:
        found = simple_conditions(table(*columns, checks=[sql]))
        return [
            (f"length {c.column}" if c.length else c.column, c.operator, *c.operands) for c in found
        ]

    return parse


@pytest.mark.parametrize(
    ("sql", "conditions"),
    [
        ("Age >= 0", [("Age", ">=", 0)]),
        ("CHECK (age>=-5)", [("Age", ">=", -5)]),
        ('((("Age" >= 0) AND ("Age" <= 150)))', [("Age", ">=", 0), ("Age", "<=", 150)]),
        ("[Age] > 1", [("Age", ">", 1)]),
        ("`Age` <> 1", [("Age", "<>", 1)]),
        ("Age != 1 AND Age == 2", [("Age", "<>", 1), ("Age", "=", 2)]),
        ("0 < price", [("price", ">", 0)]),
        ("price > (0)::numeric", [("price", ">", 0)]),
        ("price >= 0.10", [("price", ">=", Decimal("0.10"))]),
        ("score >= (0)::double precision", [("score", ">=", 0)]),
        ("Age >= '5'::integer", [("Age", ">=", 5)]),
        (
            "Age BETWEEN 1 AND 5 AND price > 0",
            [("Age", ">=", 1), ("Age", "<=", 5), ("price", ">", 0)],
        ),
        ("status IN ('a', 'it''s')", [("status", "in", "a", "it's")]),
        ("status NOT IN ('z')", [("status", "not in", "z")]),
        ("(status = ANY (ARRAY['a'::text, 'b'::text]))", [("status", "in", "a", "b")]),
        (
            "((status)::text = ANY"
            " ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            [("status", "in", "a", "b")],
        ),
        ("(status <> ALL (ARRAY['x'::text]))", [("status", "not in", "x")]),
        ("length(status) <= 5", [("length status", "<=", 5)]),
        ("(char_length((status)::text) > 3)", [("length status", ">", 3)]),
        ("(born > '1900-01-01'::date)", [("born", ">", date(1900, 1, 1))]),
        ("Age > 0 AND (price > 0 OR score > 0)", [("Age", ">", 0)]),
        ("Age > 0 AND NOT price > 0", [("Age", ">", 0)]),
    ],
)
def test_simple_conditions_of_both_backends(parse, sql, conditions):
    assert parse(sql) == conditions


@pytest.mark.parametrize(
    "sql",
    [
        "Age > 0 OR price > 0",
        "price > score",
        "Age > price * 2",
        "Age % 2 = 0",
        "NOT (Age > 0)",
        "born <= CURRENT_DATE",
        "born > '01.01.1900'",
        "status LIKE '%@%'",
        "status GLOB 'a*'",
        "status > 'a'",
        "lower(status) = 'a'",
        "Age IS NOT NULL",
        "coalesce(Age, 0) > 1",
        "(price > 0) IS TRUE",
        "CASE WHEN Age > 0 THEN price > 0 AND score > 1 AND Age < 5 END",
        "price BETWEEN 0 AND 5 OR Age = 1",
        "Age IN (1, NULL)",
        "Age IN (SELECT 1)",
        "status = 5",
        "Age = 'five'",
        "code = 'abc'",
        "length(code) = 3",
        "nick = 'a'",
        "unknown > 0",
        "Age > 1e3",
        "Age OPERATOR(pg_catalog.>) 0",
        "Age > 0 COLLATE nocase",
        "(Age > 0",
        "",
    ],
)
def test_anything_else_is_left_to_the_database(parse, sql):
    assert parse(sql) == []


def holds(values: pl.Series, operator: str, *operands: Decimal | date | str) -> list[bool]:
    return Condition(column="x", operator=operator, operands=operands).holds(values).to_list()


@given(
    values=st.lists(st.decimals(min_value=-5, max_value=5, places=2), min_size=1, max_size=10),
    bound=st.decimals(min_value=-5, max_value=5, places=2),
)
@settings(deadline=None, max_examples=50)
def test_exact_numbers_compare_exactly(values, bound):
    series = pl.Series([f"{v:f}" for v in values], dtype=pl.String)
    assert holds(series, "<", bound) == [v < bound for v in values]
    assert holds(series, ">=", bound) == [v >= bound for v in values]
    assert holds(series, "=", bound) == [v == bound for v in values]
    assert holds(series, "not in", bound) == [v != bound for v in values]


def test_numbers_that_no_float_tells_apart():
    near = pl.Series(["0.10000000000000000001", "0.1", "0.09999999999999999999"])
    assert holds(near, ">", Decimal("0.1")) == [True, False, False]
    big = pl.Series([2**53, 2**53 + 1], dtype=pl.Int64)
    assert holds(big, ">", Decimal(2**53)) == [False, True]
    assert holds(pl.Series([1, 2]), ">", Decimal("1.5")) == [False, True]


def test_null_passes_everything():
    assert holds(pl.Series([None], dtype=pl.Int64), ">", Decimal(0)) == [True]
    assert holds(pl.Series([None], dtype=pl.String), "in", "a") == [True]
    assert holds(pl.Series([None], dtype=pl.String), "not in", "a") == [True]
    assert holds(pl.Series([None], dtype=pl.String), ">", Decimal(0)) == [True]


def test_length_counts_characters():
    condition = Condition(column="x", operator="<=", operands=(Decimal(2),), length=True)
    assert condition.holds(pl.Series(["éé", "abc", None])).to_list() == [True, False, True]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (Condition(column="x", operator=">=", operands=(Decimal(0),)), "must be at least 0"),
        (Condition(column="x", operator="in", operands=("a", "b")), "must be one of 'a', 'b'"),
        (Condition(column="x", operator="not in", operands=("a",)), "must be none of 'a'"),
        (
            Condition(column="x", operator="<=", operands=(Decimal(5),), length=True),
            "the length must be at most 5",
        ),
    ],
)
def test_conditions_speak(condition, says):
    assert condition.says == f"breaks a rule of the table: {says}"
