"""Every kind of rule on every kind of value it fits, and how a rule is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
import pytest

from core.checks.problems import no_problems
from core.checks.rules.kept import as_test, keep, rule_infos
from core.checks.rules.keys import RepeatsByRule
from core.checks.run import Checker
from core.errors import InvalidRequest
from core.model.check import Severity
from core.model.rule import Rule
from core.model.table import Column, Kind, Table, TableRef

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def a_column(name: str, kind: Kind, **more: object) -> Column:
    return Column(name=name, kind=kind, type_text=kind.value, **more)  # type: ignore[arg-type]  # fields by name


TABLE = Table(
    ref=TableRef(name="things"),
    columns=(
        a_column("name", Kind.TEXT),
        a_column("^x*$", Kind.TEXT),
        a_column("age", Kind.INTEGER),
        a_column("low", Kind.INTEGER),
        a_column("price", Kind.NUMBER, precision=30, scale=20),
        a_column("any", Kind.NUMBER),
        a_column("rate", Kind.NUMBER, exact=False),
        a_column("born", Kind.DATE),
        a_column("seen", Kind.DATETIME),
        a_column("logged", Kind.DATETIME, timezone=True),
        a_column("at", Kind.TIME),
        a_column("ok", Kind.BOOLEAN),
        a_column("raw", Kind.BINARY),
        a_column("code", Kind.UUID),
        a_column("filled", Kind.TEXT, nullable=False, default="'x'"),
        a_column("must", Kind.TEXT, nullable=False),
    ),
)


def a_rule(kind: str, *columns: str, **more: object) -> Rule:
    options = {k: v for k, v in more.items() if k not in ("severity", "message", "enabled", "name")}
    rest = {k: v for k, v in more.items() if k not in options}
    return Rule(
        connection="c",
        table="things",
        kind=kind,
        columns=columns,
        options=options,  # type: ignore[arg-type]  # fields by name
        **{"name": "house rule", **rest},  # type: ignore[arg-type]  # fields by name
    )


Cells = Mapping[str, Sequence[str | None]]


def found(rule: Rule, cells: Cells, **how: object) -> list[tuple[int, str, str, str]]:
    """Position, check, message and severity of every problem."""
    height = len(next(iter(cells.values())))
    rows = pl.int_range(1, height + 1, eager=True)
    frame = pl.DataFrame(
        [rows.alias("__row__"), rows.alias("__line__")]
        + [pl.Series(name, values, dtype=pl.String) for name, values in cells.items()]
    )
    kept = keep([rule], TABLE, tuple(cells), now=NOW, **how)  # type: ignore[arg-type]  # fields by name
    checked = Checker(TABLE, tuple(cells), kept=kept).check(frame, no_problems())
    place = (~checked.rejected).arg_true().cast(pl.UInt32)
    more = RepeatsByRule(kept.keys, TABLE).check(checked.accepted, place)
    problems = pl.concat([checked.problems, more])
    return problems.select("index", "check", "message", "severity").rows()


def broken(rule: Rule, cells: Cells, **how: object) -> list[int]:
    return [at for at, check, _, _ in found(rule, cells, **how) if check == rule.name]


@pytest.mark.parametrize(
    ("rule", "cells", "at"),
    [
        (a_rule("required", "name"), {"name": ["a", None, "", " \t", "0"]}, [1, 2, 3]),
        (a_rule("required", "age"), {"age": ["0", None, "x"]}, [1]),
        (a_rule("email", "name"), {"name": ["a@b.de", "a@b", None, "@b.de", ""]}, [1, 3, 4]),
        (a_rule("url", "name"), {"name": ["https://a.de/x", "a.de", None]}, [1]),
        (
            a_rule("pattern", "name", pattern=r"[A-Z]{2}"),
            {"name": ["AB", "ABC", "A\nB", None]},
            [1, 2],
        ),
        (a_rule("pattern", "name", pattern="b|a"), {"name": ["a", "ab", "b"]}, [1]),
        (a_rule("pattern", "^x*$", pattern="b", whole="false"), {"^x*$": ["abc", "c"]}, [1]),
        (
            a_rule("pattern", "code", pattern="^1", whole="false"),
            {"code": ["1" * 32, "2" * 32]},
            [1],
        ),
        (
            a_rule("length", "name", min="2", max="3"),
            {"name": ["a", "äö", "abc", "abcd", None]},
            [0, 3],
        ),
        (
            a_rule("date", "name"),
            {"name": ["2026-01-31", "31.01.2026", "2026-02-30", None]},
            [1, 2],
        ),
        (a_rule("date", "name", format="%d.%m.%Y"), {"name": ["31.01.2026", "2026-01-31"]}, [1]),
        (a_rule("date", "born", not_after="today"), {"born": ["2026-06-16", "2026-06-17"]}, [1]),
        (
            a_rule("date", "seen", not_before="2020-01-01"),
            {"seen": ["2019-12-31T23:59:59", "2020-01-01"]},
            [0],
        ),
        (
            a_rule("range", "age", min="18", max="120"),
            {"age": ["17", "18", "120", "121", None, "x"]},
            [0, 3],
        ),
        (
            a_rule("range", "price", max="0.1"),
            {"price": ["0.1", "0.10000000000000000001", "0.09"]},
            [1],
        ),
        (a_rule("range", "rate", min="0.5"), {"rate": ["0.5", "0.4999"]}, [1]),
        (a_rule("range", "born", min="2000-01-01"), {"born": ["1999-12-31", "2000-01-01"]}, [0]),
        (
            a_rule("range", "logged", max="2026-01-01T00:00:00+00:00"),
            {"logged": ["2026-01-01T01:00:00+02:00", "2026-01-01T00:00:01+00:00"]},
            [1],
        ),
        (a_rule("range", "at", min="08:00:00"), {"at": ["07:59:59", "08:00:00"]}, [0]),
        (a_rule("allowed", "name", values='["a","B"]'), {"name": ["a", "A", "B", None]}, [1]),
        (a_rule("allowed", "name", values='["Ä"]', ignore_case="true"), {"name": ["ä", "a"]}, [1]),
        (a_rule("allowed", "age", values='["1","2"]'), {"age": ["1", "3", "02"]}, [1]),
        (a_rule("allowed", "price", values='["1.50"]'), {"price": ["1.5", "1.500", "1.51"]}, [2]),
        (a_rule("allowed", "ok", values='["yes"]'), {"ok": ["true", "false"]}, [1]),
        (a_rule("unique", "name"), {"name": ["a", "b", "a", None, None, "A"]}, [2]),
        (a_rule("unique", "name", ignore_case="true"), {"name": ["ä", "Ä"]}, [1]),
        (
            a_rule("unique", "name", "price"),
            {"name": ["a", "a", "a"], "price": ["1.0", "2", "1.00"]},
            [2],
        ),
        (
            a_rule("compare", "age", operator=">=", column="low"),
            {"age": ["5", "5", None, "5"], "low": ["5", "6", "1", None]},
            [1],
        ),
        (
            a_rule("compare", "price", operator="<", column="age"),
            {"price": ["0.99999999999999999999", "1.0"], "age": ["1", "1"]},
            [1],
        ),
        (
            a_rule("compare", "price", operator="=", column="any"),
            {"price": ["1.0", "0.10000000000000000001"], "any": ["1", "0.1"]},
            [1],
        ),
        (
            a_rule("compare", "seen", operator=">", column="born"),
            {
                "seen": ["2026-01-01T00:00:00", "2026-01-01T00:00:01"],
                "born": ["2026-01-01", "2026-01-01"],
            },
            [0],
        ),
        (a_rule("compare", "name", operator="<>", value="x"), {"name": ["x", "y", None]}, [0]),
        (
            a_rule("expression", expression="age > low AND name LIKE 'a%'"),
            {"age": ["2", "2", None], "low": ["1", "1", "1"], "name": ["a", "b", "a"]},
            [1],
        ),
        (
            a_rule("expression", expression="price * 3 = 0.3"),
            {"price": ["0.1", "0.10000000000000000001"]},
            [1],
        ),
        (
            a_rule("expression", expression="born < DATE '2026-01-01'"),
            {"born": ["2025-12-31", "2026-01-01", None]},
            [1],
        ),
        (
            a_rule("expression", expression='"^x*$" <> name'),
            {"^x*$": ["a", "b"], "name": ["a", "a"]},
            [0],
        ),
        (a_rule("unique", "^x*$", ignore_case="true"), {"^x*$": ["a", "A"]}, [1]),
        (
            a_rule("compare", "^x*$", operator="=", column="name"),
            {"^x*$": ["a", "b"], "name": ["a", "a"]},
            [1],
        ),
        (a_rule("expression", expression="10 / age > 1"), {"age": ["0", "5", "20"]}, [0, 2]),
        (a_rule("expression", expression="any > 0"), {"any": ["1", "0.00000000000001"]}, [1]),
    ],
)
def test_what_breaks_a_rule(rule: Rule, cells: Cells, at: list[int]) -> None:
    assert broken(rule, cells) == at


@pytest.mark.parametrize(
    ("rule", "cells", "says"),
    [
        (a_rule("range", "age", min="18"), {"age": ["5"]}, "'5' must be at least 18"),
        (
            a_rule("length", "name", max="1"),
            {"name": ["ab"]},
            "'ab' must have at most 1 characters",
        ),
        (a_rule("required", "name"), {"name": [None]}, "name must have a value"),
        (
            a_rule("compare", "age", operator="<", column="low"),
            {"age": ["5"], "low": ["1"]},
            "'5' must be less than low",
        ),
        (
            a_rule("unique", "name"),
            {"name": ["a", "a"]},
            "name 'a' is already in row 1 of the file",
        ),
        (
            a_rule("expression", expression="age > 1"),
            {"age": ["1"]},
            "the row breaks the rule age > 1",
        ),
        (
            a_rule("expression", expression="1 / age > 1"),
            {"age": ["0"]},
            "'0' cannot be tried against the rule house rule",
        ),
        (
            a_rule("expression", expression="age > 1 / 0"),
            {"age": [None]},
            "an empty cell cannot be tried against the rule house rule",
        ),
        (
            a_rule("range", "age", min="18", message="{value} is {too} young"),
            {"age": ["5"]},
            "5 is {too} young",
        ),
        (a_rule("unique", "name", message="twice: {value}"), {"name": ["a", "a"]}, "twice: a"),
        (a_rule("required", "name", message="a name!"), {"name": [None]}, "a name!"),
    ],
)
def test_what_is_said(rule: Rule, cells: Cells, says: str) -> None:
    assert [message for _, _, message, _ in found(rule, cells)] == [says]


@pytest.mark.parametrize("kind", ["range", "compare", "unique"])
def test_a_warning_rejects_no_row(kind: str) -> None:
    options = {"range": {"min": "9"}, "compare": {"operator": ">", "value": "9"}, "unique": {}}
    rule = a_rule(kind, "age", severity=Severity.WARNING, **options[kind])
    assert {severity for *_, severity in found(rule, {"age": ["1", "1"]})} == {"warning"}


@pytest.mark.parametrize(
    "rule",
    [
        a_rule("range", "age", min="1"),
        a_rule("compare", "age", operator="<", column="low"),
        a_rule("expression", expression="age IS NOT NULL AND low > 0"),
        a_rule("required", "age"),
    ],
    ids=lambda rule: rule.kind,
)
def test_a_rule_says_nothing_of_a_cell_that_cannot_be_read(rule: Rule) -> None:
    problems = found(rule, {"age": ["x"], "low": ["5"]})
    assert [check for _, check, _, _ in problems] == ["type"]


def test_a_rule_on_a_column_that_is_not_given_says_nothing() -> None:
    cells = {"name": ["a", "a"]}
    for rule in (
        a_rule("range", "age", min="1"),
        a_rule("compare", "age", operator="<", column="low"),
        a_rule("expression", expression="age > 0 OR name = ''"),
        a_rule("unique", "name", "age"),
        a_rule("range", "age", min="1", enabled=False),
    ):
        assert broken(rule, cells) == []


def test_a_required_column_must_be_given_where_nothing_else_fills_it() -> None:
    cells = {"name": ["a", "b"]}
    assert broken(a_rule("required", "age"), cells) == [0, 1]
    assert broken(a_rule("required", "age"), cells, inserts=False) == []
    assert broken(a_rule("required", "filled"), cells) == []


def test_a_cell_that_is_left_out_may_be_filled() -> None:
    skipped = frozenset({"filled", "name"})
    assert broken(a_rule("required", "filled"), {"filled": [None]}, skipped=skipped) == []
    assert broken(a_rule("required", "name"), {"name": [None]}, skipped=skipped) == [0]
    assert (
        broken(a_rule("required", "name"), {"name": [None]}, skipped=skipped, inserts=False) == []
    )


def test_repeats_are_told_across_batches() -> None:
    rule = a_rule("unique", "name")
    kept = keep([rule], TABLE, ["name"], now=NOW)
    repeats = RepeatsByRule(kept.keys, TABLE)
    told = []
    for row in (1, 2):
        rows = pl.DataFrame({"__row__": [row], "__line__": [row], "name": ["a"]})
        told.append(repeats.check(rows, pl.Series([7], dtype=pl.UInt32)).rows())
    assert told[0] == []
    assert [(at, message) for at, _, _, message, _ in told[1]] == [
        (7, "name 'a' is already in row 1 of the file")
    ]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (a_rule("magic", "name"), "no kind of rule"),
        (a_rule("email", "nobody"), "no column 'nobody'"),
        (a_rule("email", "age"), r"age \(integer\) cannot have"),
        (a_rule("email"), "names one column"),
        (a_rule("email", "name", "^x*$"), "names one column"),
        (a_rule("unique"), "one or more columns"),
        (a_rule("unique", "name", "name"), "one or more columns"),
        (a_rule("expression", "name", expression="1 = 1"), "names no column"),
        (a_rule("email", "name", strict="true"), "no option 'strict'"),
        (a_rule("pattern", "name"), "pattern: a value is needed"),
        (a_rule("pattern", "name", pattern="("), "unclosed group"),
        (a_rule("pattern", "name", pattern="(a{50}){50}"), "repeats too much"),
        (a_rule("pattern", "name", pattern="a", whole="maybe"), "neither true nor false"),
        (a_rule("length", "name"), "min, max or both"),
        (a_rule("length", "name", min="-1"), "not a whole number"),
        (a_rule("length", "name", min="3", max="2"), "more than max"),
        (a_rule("range", "age"), "min, max or both"),
        (a_rule("range", "age", min="x"), "not a integer"),
        (a_rule("range", "age", min="3", max="2"), "more than max"),
        (a_rule("range", "name", min="a"), "cannot have a rule of this kind"),
        (a_rule("date", "born"), "not_before, not_after or both"),
        (a_rule("date", "born", format="%d"), "holds dates already"),
        (a_rule("date", "name", not_before="1.1.2020"), "not a date"),
        (a_rule("allowed", "name", values="a,b"), "a JSON list"),
        (a_rule("allowed", "name", values="[]"), "a JSON list of texts"),
        (a_rule("allowed", "name", values="[1]"), "a JSON list of texts"),
        (a_rule("allowed", "age", values='["x"]'), "not a integer"),
        (a_rule("compare", "age", operator="<"), "either the other column or a constant"),
        (a_rule("compare", "age", operator="~", value="1"), "is not one of"),
        (a_rule("compare", "age", operator="<", column="nobody"), "no column 'nobody'"),
        (a_rule("compare", "age", operator="<", column="born"), "cannot be compared"),
        (a_rule("compare", "age", operator="<", column="age"), "another column than itself"),
        (a_rule("compare", "age", operator="<", value="x"), "not a integer"),
        (a_rule("expression", expression="age"), "true or false"),
        (a_rule("expression", expression="1 = 1"), "names no column"),
        (a_rule("expression", expression="raw = 'a'"), "no column 'raw'"),
        (a_rule("expression", expression="SUM(age) > 1"), "no function SUM"),
        (a_rule("expression", expression="age ="), "cannot be read"),
    ],
)
def test_what_is_no_rule(rule: Rule, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as refused:
        as_test(rule, TABLE, now=NOW)
    assert "Rule 'house rule' of things: " in str(refused.value)


def test_kinds_are_listed_with_words_for_people() -> None:
    infos = rule_infos()
    assert len(infos) == 11
    assert all(info.title and info.description.endswith(".") for info in infos)
    assert {info.columns for info in infos} == {"one", "many", "none"}
