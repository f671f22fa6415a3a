"""Rows of a parent by name: read once or asked, the answers are the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases import parents
from core.databases.parents import NamedRows, open_named_rows
from core.databases.reflect import reflect_table
from core.errors import TargetDatabaseError
from core.model.reference import ParentRows

Run = Callable[[str], list[Any]]
NUMBER = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture(params=["read", "asked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "asked":
        monkeypatch.setattr(parents, "READ_ROWS", 0)
        monkeypatch.setattr(parents, "_ASKED_AT_ONCE", 2)
    return str(request.param)


@pytest.fixture
def named(empty: Engine, run: Run, way: str) -> Callable[..., NamedRows]:
    run(
        'CREATE TABLE "par%ents" ("i:d" INTEGER PRIMARY KEY, name VARCHAR(40), code UUID, "n o" '
        "INTEGER)"
    )
    rows = ["Jazz", "Hits", "Hits", "HITS", " Blues ", "Ünder", None, "o'%s", "7", "1984"]
    rows += ["Many"] * 8
    with empty.begin() as connection:
        for number, name in enumerate(rows, 1):
            connection.execute(
                sa.text('INSERT INTO "par%ents" VALUES (:i, :name, :code, :n)'),
                {
                    "i": number,
                    "name": name,
                    "code": NUMBER if number == 1 else None,
                    "n": number * 10,
                },
            )

    def opened(by: str, key: str = "i:d") -> NamedRows:
        return open_named_rows(empty, reflect_table(empty, "par%ents"), by, key)

    return opened


def one(key: int) -> ParentRows:
    return ParentRows(count=1, keys=(str(key),))


def test_exact_values(named: Callable[..., NamedRows]) -> None:
    rows = named("name")
    assert rows.exact(["Jazz", "jazz", "Hits", "HITS", "Blues", "o'%s", "a\x00b", "Many"]) == {
        "Jazz": one(1),
        "Hits": ParentRows(count=2, keys=("2", "3")),
        "HITS": one(4),
        "o'%s": one(8),
        "Many": ParentRows(count=8, keys=("11", "12", "13", "14", "15")),
    }
    assert rows.exact([]) == {}


def test_values_but_for_case_and_blanks(named: Callable[..., NamedRows]) -> None:
    assert named("name").folded(["JAZZ ", "hits", "blues", "ÜNDER", "Jaz"]) == {
        "JAZZ ": one(1),
        "hits": ParentRows(count=3, keys=("2", "3", "4")),
        "blues": one(5),
        "ÜNDER": one(6),
    }


def test_values_that_are_keys(named: Callable[..., NamedRows]) -> None:
    asked = ["7", "07", "+7", " 7", "99", "x", "-1", "18", "9" * 30, "٧"]
    assert named("name").keys(asked) == {"7", "18"}
    assert named("name", "code").keys([NUMBER, NUMBER.upper(), "1", "x"]) == {NUMBER}
    assert named("code", "name").keys(["Jazz"]) == frozenset()


def test_rows_by_numbers_and_uuids(named: Callable[..., NamedRows]) -> None:
    assert named("n o").exact(["10", "010", "x"]) == {"10": one(1)}
    assert named("code").exact([NUMBER, "x"]) == {NUMBER: one(1)}
    assert named("name", "code").exact(["Jazz", "Hits"]) == {
        "Jazz": ParentRows(count=1, keys=(NUMBER,))
    }


def test_names_that_can_be_offered(named: Callable[..., NamedRows], way: str) -> None:
    names = named("name").names
    if way == "asked":
        assert names == {}
        return
    assert names["Jazz"] == "1"
    assert "Hits" not in names


def test_long_names_are_not_kept(shop: Engine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("INSERT INTO publishers VALUES (1, 'a name'), (2, 'another name')")
    monkeypatch.setattr(parents, "READ_CHARACTERS", 10)
    rows = open_named_rows(shop, reflect_table(shop, "publishers"), "name", "id")
    assert rows.names == {}
    assert rows.exact(["another name"]) == {"another name": one(2)}


def test_a_parent_that_has_gone(shop: Engine, run: Run) -> None:
    table = reflect_table(shop, "reviews")
    run("DROP TABLE reviews")
    with pytest.raises(TargetDatabaseError, match="reviews cannot be read"):
        open_named_rows(shop, table, "words", "stars")
