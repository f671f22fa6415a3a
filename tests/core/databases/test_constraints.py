"""Reading CHECK constraints."""

from __future__ import annotations

import pytest

from core.databases.constraints import checks_in, choices_of
from core.model.table import CheckConstraint


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("state IN ('a', 'b')", ("state", ("a", "b"))),
        ("\"The State\" in ('it''s','(b)')", ("The State", ("it's", "(b)"))),
        ("[x] IN ('a')", ("x", ("a",))),
        (
            "((state)::text = ANY ((ARRAY['a'::character varying, 'b, c'::character varying])"
            "::text[]))",
            ("state", ("a", "b, c")),
        ),
        ("(state = ANY (ARRAY['a'::text, 'b'::text]))", ("state", ("a", "b"))),
        ("(state = 'a'::text)", ("state", ("a",))),
        ("state IN ('a') OR pages > 3", None),
        ("state NOT IN ('a')", None),
        ("pages IN (1, 2)", None),
        ("((state = 'a'::text) OR (state = 'b'::text))", None),
        ("lower(state) IN ('a')", None),
    ],
)
def test_choices(sql: str, expected: tuple[str, tuple[str, ...]] | None) -> None:
    assert choices_of(sql) == expected


def test_checks_of_a_create_table() -> None:
    sql = """CREATE TABLE t ( -- CHECK (not this)
        a TEXT CHECK (a IN ('x)', 'y')), /* CHECK (nor this) */
        "check" TEXT DEFAULT 'CHECK (z)',
        b INTEGER CONSTRAINT "big b" CHECK ((b + 1) > (2)),
        CHECK(a <> "check"))"""
    assert list(checks_in(sql)) == [
        CheckConstraint(name=None, sql="a IN ('x)', 'y')"),
        CheckConstraint(name="big b", sql="(b + 1) > (2)"),
        CheckConstraint(name=None, sql='a <> "check"'),
    ]
