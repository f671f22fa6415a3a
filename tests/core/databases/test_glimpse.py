"""A bounded look at a table, the same on every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from core.databases import glimpse as module
from core.databases.glimpse import glimpse, naming_columns, present
from core.databases.reflect import reflect_table

Run = Callable[[str], list[Any]]


@pytest.fixture
def wares(empty: Engine, run: Run) -> Engine:
    run(
        "CREATE TABLE wares (id INTEGER PRIMARY KEY, code VARCHAR(9) UNIQUE, name TEXT,"
        " price NUMERIC(6, 2), made DATE, raw JSON);\n"
        "INSERT INTO wares VALUES (1, 'a', 'Hat', 1.5, '2026-01-31', '{}'),"
        " (2, 'b', NULL, 2, NULL, NULL), (3, 'c', ' ', 3, NULL, NULL),"
        " (4, 'd', 'Scarf', 4, NULL, NULL)"
    )
    return empty


def test_values_are_canonical_and_blanks_left_out(wares: Engine) -> None:
    found = glimpse(wares, reflect_table(wares, "wares"), ("name", "price", "made", "raw"))
    assert {name: sorted(cells) for name, cells in found.items()} == {
        "name": ["Hat", "Scarf"],
        "price": ["1.50", "2.00", "3.00", "4.00"],
        "made": ["2026-01-31"],
    }
    assert glimpse(wares, reflect_table(wares, "wares"), ()) == {}


def test_of_a_large_table_both_ends_are_seen(
    wares: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 2)
    assert glimpse(wares, reflect_table(wares, "wares"), ("id",)) == {"id": ["1", "4"]}
    run("CREATE TABLE heap (x INTEGER);\nINSERT INTO heap VALUES (1), (2), (3)")
    assert len(glimpse(wares, reflect_table(wares, "heap"), ("x",))["x"]) == 2


def test_long_texts_are_cut(wares: Engine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHARACTERS", 3)
    found = glimpse(wares, reflect_table(wares, "wares"), ("name",))
    assert sorted(found["name"]) == ["Hat", "Sca"]


def test_a_large_parent_is_told_apart_by_what_it_declares(
    wares: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("UPDATE wares SET name = code WHERE id IN (2, 3)")
    table = reflect_table(wares, "wares")
    assert naming_columns(wares, table) == ("code", "name")
    monkeypatch.setattr(module, "OBSERVED_ROWS", 3)
    assert naming_columns(wares, table) == ("code",)


@pytest.mark.parametrize(
    ("by", "values", "found"),
    [
        ("name", ("hat ", "Scarf", "Coat"), {"hat ", "Scarf"}),
        ("id", ("1", "9"), {"1"}),
        ("price", ("1.50",), set()),
        ("name", (), set()),
    ],
)
def test_which_values_are_there(wares: Engine, by: str, values: Any, found: set[str]) -> None:
    assert present(wares, reflect_table(wares, "wares"), by, values) == found
