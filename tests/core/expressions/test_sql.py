"""Formulas: what they come to, and everything that was tried to break out of them."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from core.errors import InvalidExpression
from core.expressions import sql
from core.expressions.copies import WRITTEN_OUT
from core.expressions.sql import parse
from core.expressions.steps import run
from core.expressions.tokens import LONGEST, MOST_TOKENS
from core.expressions.words import FUNCTIONS, KEYWORDS, SIGNS, TYPES

FRAME = pl.DataFrame(
    {
        "x": ["12.345", "abc", None, "7"],
        "y": ["", "é.b", "ab", "a-b-c"],
        "n": [1, 0, None, 2**63 - 1],
        "t": ["2023-02-29", " 2024-02-29 ", None, "x"],
        "f": [1.5, 0.0, None, 2.5],
        "b": [True, False, None, True],
        "Unit Price": ["1", "2", "3", "4"],
        "^z.*$": ["p", "q", "r", "s"],
    }
).with_columns(
    d=pl.Series([date(2024, 1, 31), date(2024, 2, 29), None, date(1970, 1, 1)]),
    m=pl.Series(["10.50", "0.00", None, "99999999999999999999.99"]).cast(pl.Decimal(38, 2)),
)
KINDS = dict(FRAME.schema)
BACK = r"\1"


def worked_out(text: str) -> tuple[list[object], list[int]]:
    """The values of every row, and the positions of rows that failed."""
    outcome = parse(text, KINDS).evaluate(FRAME)
    return outcome.values.to_list(), outcome.failed.arg_true().to_list()


@pytest.mark.parametrize(
    ("text", "values", "failed"),
    [
        ("x", ["12.345", "abc", None, "7"], []),
        ("X", ["12.345", "abc", None, "7"], []),
        ('"Unit Price"', ["1", "2", "3", "4"], []),
        ('"^z.*$"', ["p", "q", "r", "s"], []),
        ("'it''s'", ["it's"] * 4, []),
        ("NULL", [None] * 4, []),
        ("x || '-' || y", ["12.345-", "abc-é.b", None, "7-a-b-c"], []),
        ("CONCAT(x, y)", ["12.345", "abcé.b", "ab", "7a-b-c"], []),
        ("CONCAT_WS('/', x, y)", ["12.345/", "abc/é.b", "ab", "7/a-b-c"], []),
        ("UPPER(y)", ["", "É.B", "AB", "A-B-C"], []),
        ("INITCAP(y)", ["", "É.B", "Ab", "A-B-C"], []),
        ("TRIM(BOTH 'a' FROM y)", ["", "é.b", "b", "-b-c"], []),
        ("LEFT(y, 2)", ["", "é.", "ab", "a-"], []),
        ("RIGHT(y, 9)", ["", "é.b", "ab", "a-b-c"], []),
        ("SUBSTRING(y FROM 2 FOR 1)", ["", ".", "b", "-"], []),
        ("SPLIT_PART(y, '-', -1)", ["", "é.b", "ab", "c"], []),
        ("STRPOS(y, '.')", [0, 2 + 1, 0, 0], []),
        ("LPAD(y, 3, '0')", ["000", "é.b", "0ab", "a-b"], []),
        ("REPLACE(y, '-', '+')", ["", "é.b", "ab", "a+b+c"], []),
        (r"REGEXP_REPLACE(y, '(\w)-', '\1/')", ["", "é.b", "ab", "a/b-c"], []),
        ("LENGTH(y) - 5", [-5, -2, -3, 0], []),
        ("y LIKE '%.%'", [False, True, False, False], []),
        ("y IN ('ab', 'é.b')", [False, True, True, False], []),
        ("n BETWEEN 0 AND 5", [True, True, None, False], []),
        ("CASE y WHEN 'ab' THEN 1 ELSE 2 END", [2, 2, 1, 2], []),
        ("IF(b, 'yes', 'no')", ["yes", "no", "no", "yes"], []),
        ("NULLIF(y, '')", [None, "é.b", "ab", "a-b-c"], []),
        ("GREATEST(n, 3)", [3, 3, 3, 2**63 - 1], []),
        ("EXTRACT(YEAR FROM d)", [2024, 2024, None, 1970], []),
        ("d - DATE '2024-01-01'", [30, 59, None, -19723], []),
        ("d < DATE '2024-02-01'", [True, False, None, True], []),
        ("ROUND(f)", [2.0, 0.0, None, 2.0], []),
        ("ROUND(m, 1)", [Decimal("10.5"), Decimal(0), None, Decimal("100000000000000000000")], []),
        ("m + 1.005 > 11.504", [True, False, None, True], []),
        ("m + 1.005 = 11.505", [True, False, None, False], []),
        ("0 - n / 2", [-0.5, 0.0, None, -(2.0**62)], []),
        # exact or failed
        ("CAST(x AS DECIMAL(10, 2))", [None, None, None, Decimal(7)], [0, 1]),
        ("CAST(x AS DECIMAL(10, 3))", [Decimal("12.345"), None, None, Decimal(7)], [1]),
        ("TRY_CAST(x AS INT)", [None, None, None, 7], []),
        ("x::INT", [None, None, None, 7], [0, 1]),
        ("CAST(x AS FLOAT)", [12.345, None, None, 7.0], [1]),
        ("CAST(f AS INTEGER)", [None, 0, None, None], [0, 3]),
        ("CAST(t AS DATE)", [None, date(2024, 2, 29), None, None], [0, 3]),
        ("CAST('2024-01-31T10:00:00' AS TIMESTAMP)", [datetime(2024, 1, 31, 10)] * 4, []),
        ("CAST('TRUE' AS BOOLEAN)", [True] * 4, []),
        ("CAST('NaN' AS DOUBLE)", [None] * 4, [0, 1, 2, 3]),
        # never wraps, never infinite
        ("n + 1", [2, 1, None, None], [3]),
        ("n * 2", [2, 0, None, None], [3]),
        ("9999999999 * 9999999999", [None] * 4, [0, 1, 2, 3]),
        ("1 / n", [1.0, None, None, pytest.approx(1 / 2**63)], [1]),
        ("MOD(7, n)", [0, None, None, 7], [1]),
        ("m / m", [Decimal(1), None, None, Decimal(1)], [1]),
        ("m * m", [Decimal("110.25"), Decimal(0), None, None], [3]),
        # a cast that is not asked for does not fail
        (r"CASE WHEN x ~ '^\d+$' THEN CAST(x AS INT) ELSE 0 END", [0, 0, 0, 7], []),
        (r"x ~ '^\d+$' AND CAST(x AS INT) > 5", [False, False, None, True], []),
        ("x IS NULL OR CAST(x AS DOUBLE) > 8", [True, None, True, False], [1]),
        ("COALESCE(CAST(x AS INT), 0)", [0, 0, 0, 7], [0, 1]),
        ("COALESCE(TRY_CAST(x AS INT), 0)", [0, 0, 0, 7], []),
    ],
)  # fmt: skip
def test_a_formula_comes_to(text: str, values: list[object], failed: list[int]) -> None:
    assert worked_out(text) == (values, failed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # other tables, files and queries
        ("(SELECT 1)", "column 'SELECT'"),
        ("x IN (SELECT y FROM t)", "texts and numbers only"),
        ("EXISTS (SELECT 1)", "no function EXISTS"),
        ("read_csv('/etc/passwd')", "no function read_csv"),
        ("(FROM read_parquet('/etc/passwd'))", "no function read_parquet"),
        ("x FROM read_csv('/etc/passwd')", "no function read_csv"),
        ("x; DROP TABLE t", "cannot be read from '; DROP"),
        ("self.x", "cannot be read from"),
        ('"c0"."c1"', "cannot be read from"),
        # several rows
        ("SUM(n)", "no function SUM"),
        ("COUNT(*)", "no function COUNT"),
        ("FIRST(x)", "no function FIRST"),
        ("ROW_NUMBER() OVER ()", "no function ROW_NUMBER"),
        ("n OVER (PARTITION BY x)", "no function OVER"),
        ("LAG(x)", "no function LAG"),
        ("UNNEST(x)", "no function UNNEST"),
        ("GENERATE_SERIES(1, 100000000)", "no function GENERATE_SERIES"),
        # several columns
        ("*", "cannot be read"),
        ("COLUMNS('^x')", "no function COLUMNS"),
        ('"*"', "no column"),
        ('"^.*$"', "no column"),
        # what is not the same tomorrow
        ("NOW()", "no function NOW"),
        ("CURRENT_DATE", "no column"),
        ("RANDOM()", "no function RANDOM"),
        # texts without end
        ("REPEAT(x, 1000000000)", "no function REPEAT"),
        ("LPAD(x, 1000000000, 'a')", "from 0 to 1,000"),
        ("RPAD(x, n, 'a')", "from 0 to 1,000"),
        ("LPAD(x, -1, 'a')", "from 0 to 1,000"),
        ("REPLACE(x, '', 'aa')", "is empty"),
        ("REPLACE(x, 'a', y)", "cannot come from a column"),
        ("REPLACE(REPLACE(x, 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa')", "too long"),
        (f"REGEXP_REPLACE(x, '(.*)', '{BACK * 30}')", "too long"),
        (" || ".join(["x"] * 21), "too long"),
        (" + ".join(["x"] * 21), "too long"),
        ("CONCAT(" + ",".join(["x"] * 21) + ")", "too long"),
        # patterns
        (r"x ~ '(\w{100}){100}'", "repeats too much"),
        ("x ~ '(a'", "is not a pattern: unclosed group"),
        ("x ~ y", "pattern"),
        ("x LIKE y", "LIKE"),
        # formulas without end
        ("", "is empty"),
        ("   ", "is empty"),
        ("'" + "a" * LONGEST + "'", "more than 2,000 characters"),
        ("+".join(["1"] * MOST_TOKENS), "words and signs"),
        ("(" * 30 + "x" + ")" * 30, "nested more than 20 deep"),
        ("x" + " BETWEEN 'a' AND 'b'" * 50, "too involved"),
        ("NULLIF(" * 19 + "x" + ",'a')" * 19, "too involved"),
        ("SPLIT_PART(" * 10 + "x" + ",'-',1)" * 10, "too involved"),
        ("CASE NULLIF(x, y) WHEN 'a' THEN 1 END", "between CASE and WHEN"),
        ("n IN (n, 1)", "texts and numbers only"),
        # other languages' corners
        ("E'a'", "no column 'E'"),
        ("x'41'", "not allowed: Alias"),
        ("$$a$$", "cannot be read from"),
        ("`x`", "cannot be read from"),
        ("x[1]", "cannot be read from"),
        ("x -> 'a'", "cannot be"),
        ("x AS y", "not allowed: Alias"),
        ("CAST(x AS BLOB)", "no column 'BLOB'"),
        ("b IS TRUE", "instead of IS TRUE"),
        ("0x10", "cannot be read from"),
        ("1_000", "cannot be read from"),
        ("'open", "cannot be read from"),
        # kinds that do not go together
        ("x + 1", "cells of a file are text"),
        ("x = 5", "cells of a file are text"),
        ("b AND n", "want conditions"),
        ("IF(n, 1, 2)", "want conditions"),
        ("d + 1", "cannot be worked out"),
        ("CAST('2024-01-01 00:00:00' AS TIMESTAMP) - d", "take away dates"),
        ("CAST('x' AS DATE)", "write a fixed date as DATE"),
        ("nothing", "no column 'nothing'"),
        ('"x', "cannot be read from"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidExpression, match=None) as refused:
        parse(text, KINDS)
    assert says in str(refused.value)


def test_a_name_in_two_cases_must_be_quoted() -> None:
    kinds = {"Name": pl.String, "NAME": pl.String}
    assert parse('"Name"', kinds).columns == ("Name",)
    with pytest.raises(InvalidExpression, match="no column 'name'"):
        parse("name", kinds)


def test_a_column_may_be_called_as_a_word_of_the_language() -> None:
    frame = pl.DataFrame({"date": ["2024-01-31"], "end": ["z"], "c0": ["0"], "t1": ["1"]})
    kinds = dict(frame.schema)
    assert parse("CAST(date AS DATE)", kinds).evaluate(frame).values.to_list() == [
        date(2024, 1, 31)
    ]
    text = '"end" || t1 || c0'
    assert parse(text, kinds).columns == ("end", "t1", "c0")
    assert parse(text, kinds).evaluate(frame).values.to_list() == ["z10"]


def test_it_names_each_column_once_and_knows_what_it_gives() -> None:
    formula = parse("CAST(y AS DECIMAL(10, 2)) * 2 + CAST(y AS DECIMAL(10, 2))", KINDS)
    assert formula.columns == ("y",)
    assert isinstance(formula.kind, pl.Decimal)


def test_no_rows_and_columns_it_does_not_name() -> None:
    outcome = parse("n + 1", KINDS).evaluate(FRAME[:0])
    assert outcome.values.dtype == pl.Int64
    assert len(outcome.values) == len(outcome.failed) == 0


def test_one_row_that_polars_would_stop_for_fails_alone() -> None:
    frame = pl.DataFrame({"m": [Decimal(1), Decimal(10) ** 35, Decimal(2)]})
    frame = frame.with_columns(pl.col("m").cast(pl.Decimal(38, 2)))
    outcome = parse("m / 0.00000000000000000000000001 > 0", dict(frame.schema)).evaluate(frame)
    assert outcome.failed.to_list() == [False, True, False]


#: How a function is called on a text to give a text; the others as NAME(text).
CALLS = {
    "CONCAT_WS": "CONCAT_WS('-', {}, 'a')",
    "IFNULL": "IFNULL({}, 'a')",
    "ABS": "CAST(ABS(CAST({} AS INT)) AS TEXT)",
    "CAST": "CAST({} AS VARCHAR)",
    "CEIL": "CAST(CEIL(CAST({} AS INT)) AS TEXT)",
    "CHAR_LENGTH": "CAST(CHAR_LENGTH({}) AS TEXT)",
    "DATE_PART": "CAST(DATE_PART('year', CAST({} AS DATE)) AS TEXT)",
    "ENDS_WITH": "CAST(ENDS_WITH({}, 'a') AS TEXT)",
    "EXTRACT": "CAST(EXTRACT(YEAR FROM CAST({} AS DATE)) AS TEXT)",
    "FLOOR": "CAST(FLOOR(CAST({} AS INT)) AS TEXT)",
    "IF": "IF({} = 'a', 'b', 'c')",
    "LEFT": "LEFT({}, 2)",
    "LENGTH": "CAST(LENGTH({}) AS TEXT)",
    "LPAD": "LPAD({}, 5, '0')",
    "MOD": "CAST(MOD(CAST({} AS INT), 2) AS TEXT)",
    "NULLIF": "NULLIF({}, 'a')",
    "POSITION": "CAST(POSITION('a' IN {}) AS TEXT)",
    "REGEXP_LIKE": "CAST(REGEXP_LIKE({}, 'a') AS TEXT)",
    "REGEXP_REPLACE": "REGEXP_REPLACE({}, 'a', 'b')",
    "REPLACE": "REPLACE({}, 'a', 'b')",
    "RIGHT": "RIGHT({}, 2)",
    "ROUND": "CAST(ROUND(CAST({} AS INT), 1) AS TEXT)",
    "RPAD": "RPAD({}, 5, '0')",
    "SIGN": "CAST(SIGN(CAST({} AS INT)) AS TEXT)",
    "SPLIT_PART": "SPLIT_PART({}, '-', 2)",
    "STARTS_WITH": "CAST(STARTS_WITH({}, 'a') AS TEXT)",
    "STRPOS": "CAST(STRPOS({}, 'a') AS TEXT)",
    "SUBSTR": "SUBSTR({}, 2, 1)",
    "SUBSTRING": "SUBSTRING({}, 0, 2)",
    "TRY_CAST": "TRY_CAST({} AS VARCHAR)",
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_can_be_called_and_is_not_written_out_more_often_than_told(
    name: str,
) -> None:
    call = CALLS.get(name, f"{name}({{}})")
    once = len(parse(call.format("x"), KINDS)._steps)
    twice = len(parse(call.format(call.format("x")), KINDS)._steps)
    assert twice <= once * (1 + WRITTEN_OUT.get(name, 1))


def test_random_formulas_are_refused_or_worked_out() -> None:
    random_ = random.Random(5)
    words = [*FUNCTIONS, *KEYWORDS, *TYPES, *SIGNS, *"xynfbdm", "'a'", "1", "2.5", "(", ")", ","]
    worked = 0
    for _ in range(1500):
        text = " ".join(random_.choices(words, k=random_.randint(1, 6)))
        try:
            outcome = parse(text, KINDS).evaluate(FRAME)
        except InvalidExpression:
            continue
        worked += 1
        assert len(outcome.values) == len(outcome.failed) == FRAME.height
    assert worked > 20


def test_formulas_that_make_sense_at_random() -> None:
    random_ = random.Random(6)

    def text_of(depth: int) -> str:
        if depth == 0:
            return random_.choice(["x", "y", "'a'", "'7'"])
        one, other = text_of(depth - 1), text_of(depth - 1)
        return random_.choice(
            [
                f"UPPER({one})", f"({one} || {other})", f"COALESCE({one}, {other})",
                f"CAST(CAST({one} AS DECIMAL(9, 2)) * 3 AS TEXT)", f"NULLIF({one}, {other})",
                f"CASE WHEN {one} > {other} THEN {one} ELSE {other} END", f"LEFT({one}, 3)",
                f"CAST(LENGTH({one}) - LENGTH({other}) AS TEXT)", f"SPLIT_PART({one}, '-', 2)",
                f"IF({one} IS NULL OR {other} LIKE '%a', {one}, {other})",
                f"CAST(TRY_CAST({one} AS INT) / LENGTH({other}) AS TEXT)",
            ]
        )  # fmt: skip

    worked = 0
    for _ in range(30):
        text = text_of(random_.randint(1, 3))
        try:
            formula = parse(text, KINDS)
        except InvalidExpression:
            continue
        worked += 1
        whole = formula.evaluate(FRAME)
        # A row's outcome hangs on that row alone.
        for row in range(FRAME.height):
            alone = formula.evaluate(FRAME[row : row + 1])
            assert alone.values.to_list() == [whole.values[row]]
            assert alone.failed.to_list() == [whole.failed[row]]
    assert worked > 10


def test_cells_that_polars_stops_at_are_looked_for_but_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopping(frame: pl.DataFrame, steps: Any) -> pl.DataFrame:
        if (frame["c0"] == "bad").any():
            raise pl.exceptions.ComputeError("no such cell")
        return run(frame, steps)

    formula = parse("UPPER(a)", {"a": pl.String})
    monkeypatch.setattr(sql, "run", stopping)
    few = formula.evaluate(pl.DataFrame({"a": ["x", "bad", "y"]}))
    assert few.values.to_list() == ["X", None, "Y"]
    assert few.failed.to_list() == [False, True, False]
    monkeypatch.setattr(sql, "MOST_STOPS", 5)
    with pytest.raises(InvalidExpression, match="no such cell"):
        formula.evaluate(pl.DataFrame({"a": ["bad"] * 8}))
