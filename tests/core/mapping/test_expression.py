from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.model.mapping import Step

SHOP = {
    "Unit price": ["19.99", "0.10", "", "dear"],
    "Quantity": ["3", "7", "1", "2"],
    "Name": ["Jörg", "", None, "Ann"],
    "c0": ["first", "second", "third", "fourth"],
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # Money is exact, where a DOUBLE would have said 59.97 and 0.7000000000000001.
        ('CAST("Unit price" AS DECIMAL(12, 2)) * CAST(Quantity AS INT)',
         ["59.97", "0.70", None, None]),
        ("CAST(Quantity AS DOUBLE) / 2", ["1.5", "3.5", "0.5", "1.0"]),
        ("CAST(Quantity AS INT) + 1", ["4", "8", "2", "3"]),
        ("CAST(Quantity AS INT) > 2", ["true", "true", "false", "false"]),
        ("COALESCE(Name, 'nobody')", ["Jörg", "nobody", "nobody", "Ann"]),
        ("NAME || '!'", ["Jörg!", None, None, "Ann!"]),
        ("CONCAT(Name, '-', Quantity)", ["Jörg-3", "-7", "-1", "Ann-2"]),
        ("CASE WHEN \"Unit price\" ~ '^[0-9.]+$' THEN CAST(\"Unit price\" AS DECIMAL(9, 2))"
         " ELSE 0 END", ["19.99", "0.10", "0.00", "0.00"]),
        ("TRY_CAST(\"Unit price\" AS DOUBLE)", ["19.99", "0.1", None, None]),
        ("CAST('2026-01-3' || Quantity AS DATE)", [None, None, "2026-01-31", None]),
        ("c0", ["first", "second", "third", "fourth"]),
        ("'it''s'", ["it's"] * 4),
        ("NULL", [None] * 4),
    ],
)  # fmt: skip
def test_what_an_expression_makes(make, sql, expected):
    assert make(SHOP, "expression", sql=sql)[0] == expected


def test_a_row_without_a_result_says_with_what(make):
    found, problems = make(
        SHOP,
        "expression",
        Step(transform="default_if_empty", options={"value": "0"}),
        sql='CAST("Unit price" AS DECIMAL(12, 2)) / CAST(Name AS INT)',
    )
    assert found == [None, "0", "0", None]
    assert problems == {
        0: "the expression has no result with Unit price '19.99', Name 'Jörg'",
        3: "the expression has no result with Unit price 'dear', Name 'Ann'",
    }


@pytest.mark.parametrize(
    ("sql", "cells", "failed"),
    [
        ("1 / CAST(a AS INT)", ["2", "0"], {1}),
        ("CAST(a AS INT) * 5000000000000000000", ["1", "2"], {1}),
        ("CAST(a AS INT)", ["9223372036854775807", "9223372036854775808"], {1}),
        ("CAST(a AS DECIMAL(5, 2))", ["999.99", "1000", "1.005"], {1, 2}),
        ("CAST(a AS DOUBLE)", ["1e5", "nan", "inf", "1e999"], {1, 2, 3}),
        ("CAST(a AS DATE)", ["2026-02-28", "2026-02-30", "0000-01-01", "12026-01-01"], {1, 2, 3}),
        ("CAST(a AS TIMESTAMP)", ["9999-12-31 23:59:59.999999", "10000-01-01 00:00:00"], {1}),
    ],
)
def test_what_does_not_fit_is_never_bent(make, sql, cells, failed):
    found, problems = make({"a": cells}, "expression", sql=sql)
    assert {n for n, cell in enumerate(found) if cell is None} == failed == set(problems)


def test_columns_may_be_called_as_anything(make):
    names = ["^.*$", "*", 'say "hi"', "SELECT", "row", "t0", "f1", "g0", "value", " "]
    columns = {name: [f"cell of {name}"] for name in names}
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        assert make(columns, "expression", sql=f"UPPER({quoted})")[0] == [f"CELL OF {name.upper()}"]


ATTACKS = [
    # other tables, files, queries
    "SELECT 1",
    "(SELECT a)",
    "(SELECT a FROM read_csv('/etc/passwd'))",
    "a IN (SELECT a FROM self)",
    "EXISTS (SELECT 1)",
    "read_csv('/etc/passwd')",
    "a FROM read_parquet('x')",
    "a FROM other",
    "a; DROP TABLE users",
    "a UNION SELECT 1",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "self.a",
    "*",
    "a.*",
    "COLUMNS('.*')",
    "* EXCLUDE (a)",
    # many rows in one
    "SUM(a)",
    "COUNT(*)",
    "MAX(a)",
    "FIRST(a)",
    "ARRAY_AGG(a)",
    "STRING_AGG(a, ',')",
    "ROW_NUMBER() OVER ()",
    "LAG(a) OVER (ORDER BY a)",
    "a OVER (PARTITION BY a)",
    "UNNEST(a)",
    "EXPLODE(a)",
    # what changes by itself, or runs
    "RANDOM()",
    "NOW()",
    "CURRENT_TIMESTAMP",
    "PG_SLEEP(10)",
    "eval('1')",
    "__import__('os')",
    # ways around the reading
    "a -- hidden",
    "a /* hidden */",
    "E'\\x41'",
    "X'41'",
    "$1",
    "?",
    "`a`",
    "[a]",
    "a[1]",
    "ARRAY[a]",
    "STRUCT(a)",
    "{'a': 1}",
    "a -> 'b'",
    "\x00",
    "ＳＵＭ(a)",
    "a\\",
    "'open",
    '"open',
    # bombs
    "REPEAT(a, 1000000)",
    "LPAD(a, 100000000, 'x')",
    "RPAD(a, CAST(a AS INT), 'x')",
    "a || " * 30 + "a",
    "CONCAT(" * 6 + "a" + ", a, a, a, a)" * 6,
    "REPLACE(REPLACE(REPLACE(a, 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx'), 'x', 'xxxxxxxxxx')",
    "REGEXP_REPLACE(a, '.', '" + "x" * 50 + "')",
    "a ~ '(a{1000}){1000}'",
    "a ~ '" + "(" * 600 + "'",
    "a ~ a",
    "(" * 5000 + "a" + ")" * 5000,
    "NOT " * 5000 + "a",
    "-" * 300 + "1",
    "a || '" + "x" * 20_000 + "'",
    "CASE WHEN a = 'x' THEN " * 100 + "a" + " END" * 100,
    "CAST(a AS INT) " + "+ 1 " * 2000,
    # kinds that no column takes, and types that do not exist
    "CAST(a AS BLOB)",
    "CAST(a AS INT[])",
    "CAST(a AS DECIMAL(500, 2))",
    "CAST(a AS DECIMAL(2, 5))",
    "INTERVAL '1 day'",
    "CAST(a AS DATE) - INTERVAL '1 day'",
    "SPLIT(a, ',')",
    "CAST(CAST(a AS INT) AS TIMESTAMP)",
    "CAST(CAST(a AS DATE) AS INT)",
    "CAST(CAST(a AS DATE) AS BOOLEAN)",
    "CAST((a = 'x') AS DECIMAL(5, 2))",
    "NOT CAST(a AS DATE)",
    "a + 1",
    "missing",
    "'a' b",
    "",
    "   ",
    "1e999",
]


@pytest.mark.parametrize("sql", ATTACKS, ids=lambda sql: repr(sql[:40]))
def test_what_an_expression_may_not_be(make, sql):
    with pytest.raises(InvalidMapping, match=r"^Transform expression: "):
        make({"a": ["x"], "b": ["1"]}, "expression", sql=sql)


@pytest.mark.parametrize(
    "sql",
    ["UPPER(a)", "LPAD(a, 1000, 'x')", "a || a || a", "REPLACE(a, 'ß', 'ssss')", "INITCAP(a)"],
)
def test_no_text_becomes_longer_than_bounded(make, sql):
    found, _ = make({"a": ["ß" * 1000, "ŉ" * 1000]}, "expression", sql=sql)
    assert max(map(len, found)) <= 5_000
