from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from core.checks.casting import CastOptions
from core.checks.problems import PROBLEMS, no_problems
from core.checks.run import Checker
from core.model.table import Kind


@pytest.fixture(scope="module")
def people(column, table):
    """A table with every kind of rule."""
    return table(
        column("id", Kind.INTEGER, nullable=False, minimum=-(2**31), maximum=2**31 - 1),
        column("name", nullable=False, max_length=5),
        column("price", Kind.NUMBER, precision=5, scale=2),
        column("status", choices=("new", "old")),
        column("born", Kind.DATE),
        column("email"),
        column("blob", Kind.BINARY, max_length=1),
        column("^x*$"),
        checks=["price >= 0", "\"^x*$\" IN ('x')"],
    )


GOOD = {
    "id": "1",
    "name": "Ann",
    "price": "1.50",
    "status": "new",
    "born": "2026-01-02",
    "email": "a@b.de",
    "blob": r"\x00",
    "^x*$": "x",
}


@pytest.fixture(scope="module")
def checker(people):
    return Checker(people, list(GOOD))


@pytest.fixture
def rows(mapped):
    def rows(*changes: dict[str, str | None]) -> pl.DataFrame:
        made = [GOOD | change for change in changes]
        return mapped(**{name: [row[name] for row in made] for name in GOOD})

    return rows


def found(checked) -> list[tuple[int, str, str]]:
    return checked.problems.select("index", "field", "check").rows()


def test_a_good_row_is_accepted_typed(checker, rows):
    checked = checker.check(rows({}), no_problems())
    assert checked.problems.is_empty()
    assert checked.rejected.to_list() == [False]
    assert checked.accepted.to_dicts() == [
        {
            "__row__": 1,
            "__line__": 2,
            "id": 1,
            "name": "Ann",
            "price": "1.50",
            "status": "new",
            "born": date(2026, 1, 2),
            "email": "a@b.de",
            "blob": b"\0",
            "^x*$": "x",
        }
    ]


@pytest.mark.parametrize(
    ("field", "cell", "check", "message"),
    [
        ("id", "x", "type", "'x' is not a whole number"),
        ("id", None, "required", "id must have a value"),
        ("id", "", "required", "id must have a value"),
        (
            "id",
            "2147483648",
            "range",
            "'2147483648' does not lie between -2147483648 and 2147483647",
        ),
        ("name", None, "required", "name must have a value"),
        ("name", "Annika", "length", "'Annika' is longer than the 5 characters the column holds"),
        ("price", "1.555", "scale", "'1.555' has more than 2 decimals"),
        ("price", "1000", "precision", "'1000' has more than 3 digits before the point"),
        (
            "price",
            "-0.01",
            "constraint",
            "'-0.01' breaks a rule of the table: must be at least 0",
        ),
        (
            "status",
            "NEW",
            "choice",
            "'NEW' is not one of 'new', 'old'; did you mean 'new'?",
        ),
        ("status", "", "choice", "'' is not one of 'new', 'old'"),
        ("born", "2026-02-30", "type", "'2026-02-30' is not a date: there is no such day"),
        ("blob", r"\x0000", "length", r"'\x0000' is longer than the 1 byte the column holds"),
        (
            "email",
            "a@b.de\0",
            "control_characters",
            "'a@b.de␀' holds a NUL character, which the database refuses; remove it",
        ),
        ("^x*$", "y", "constraint", "'y' breaks a rule of the table: must be one of 'x'"),
    ],
)
def test_bad_cells(checker, rows, field, cell, check, message):
    checked = checker.check(rows({}, {field: cell}, {}), no_problems())
    assert checked.problems.rows() == [(1, field, check, message, "error")]
    assert checked.rejected.to_list() == [False, True, False]
    assert checked.accepted["__row__"].to_list() == [1, 3]


def test_all_violations_of_a_batch_are_reported_in_order(checker, rows):
    checked = checker.check(
        rows({"id": "x", "price": "-1", "status": "?"}, {}, {"name": None, "born": "x"}),
        no_problems(),
    )
    assert checked.problems.schema == PROBLEMS
    assert sorted(found(checked)) == [
        (0, "id", "type"),
        (0, "price", "constraint"),
        (0, "status", "choice"),
        (2, "born", "type"),
        (2, "name", "required"),
    ]
    assert checked.problems["index"].is_sorted()


def test_warnings_do_not_reject(checker, rows):
    checked = checker.check(rows({"email": "nope"}), no_problems())
    assert checked.problems.select("check", "severity").rows() == [("email", "warning")]
    assert checked.accepted["email"].to_list() == ["nope"]


def test_a_cell_that_failed_a_transform_breaks_no_further_rule(checker, rows):
    so_far = pl.DataFrame(
        [(0, "id", "number", "'x' is not a number", "error")], PROBLEMS, orient="row"
    )
    checked = checker.check(rows({"id": None}, {"id": None}), so_far)
    assert found(checked) == [(0, "id", "number"), (1, "id", "required")]


def test_a_warning_does_not_hide_an_error_of_its_cell(column, table, mapped):
    checker = Checker(table(column("email", max_length=3)), ["email"])
    checked = checker.check(mapped(email=["nope"]), no_problems())
    assert sorted(found(checked)) == [(0, "email", "email"), (0, "email", "length")]


def test_a_flawed_row_has_its_flaw_alone(checker, rows):
    flaws = pl.Series([None, "7 cells where the header has 5"], dtype=pl.String)
    so_far = pl.DataFrame([(1, "id", "number", "…", "error")], PROBLEMS, orient="row")
    checked = checker.check(rows({"id": "x"}, {"id": None, "price": "-1"}), so_far, flaws)
    assert found(checked) == [(0, "id", "type"), (1, None, "flaw")]
    assert checked.problems["message"][1] == "7 cells where the header has 5"
    assert checked.rejected.to_list() == [True, True]


def test_an_empty_batch(checker, rows):
    checked = checker.check(rows({}).clear(), no_problems(), pl.Series([], dtype=pl.String))
    assert checked.accepted.shape == (0, 10)
    assert checked.accepted["born"].dtype == pl.Date
    assert checked.rejected.is_empty()


def test_every_row_bad(checker, rows):
    checked = checker.check(rows(*[{"id": "x", "name": None}] * 500), no_problems())
    assert checked.accepted.is_empty()
    assert checked.problems.height == 1000
    assert checked.rejected.all()


def test_skip_empty_stands_for_the_default_only(column, table, mapped):
    things = table(
        column("a", Kind.INTEGER, nullable=False, default="0"), column("b", nullable=False)
    )
    batch = mapped(a=[""], b=[None])
    strict = Checker(things, ["a", "b"]).check(batch, no_problems())
    lenient = Checker(things, ["a", "b"], skip_empty=frozenset({"a", "b"})).check(
        batch, no_problems()
    )
    assert found(strict) == [(0, "a", "required"), (0, "b", "required")]
    assert found(lenient) == [(0, "b", "required")]


def test_options_of_the_backend(column, table, mapped):
    things = table(column("f", Kind.NUMBER, exact=False))
    batch = mapped(f=["NaN"])
    assert found(Checker(things, ["f"]).check(batch, no_problems())) == [(0, "f", "type")]
    checker = Checker(things, ["f"], options=CastOptions(nan=True))
    assert found(checker.check(batch, no_problems())) == []


def test_validation_cannot_be_switched_off_from_outside(checker, rows):
    from pandera.config import config_context

    with config_context(validation_enabled=False):
        checked = checker.check(rows({"name": None}), no_problems())
    assert found(checked) == [(0, "name", "required")]
