"""Which columns name the rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from core.databases import natural_keys as module
from core.databases import parents
from core.databases.natural_keys import matches, natural_keys
from core.databases.reflect import reflect_table

Run = Callable[[str], list[Any]]


@pytest.fixture
def wares(empty: Engine, run: Run) -> Engine:
    run(
        "CREATE TABLE wares (id INTEGER PRIMARY KEY, code VARCHAR(9) UNIQUE, name TEXT,"
        " place TEXT, hole TEXT, size INTEGER UNIQUE);\n"
        "INSERT INTO wares VALUES (1, 'a', 'Hat', 'x', 'p', 5), (2, 'b', 'Cap', 'x', NULL, 6)"
    )
    return empty


def test_declared_ones_come_before_observed_ones(wares: Engine) -> None:
    found = natural_keys(wares, reflect_table(wares, "wares"))
    assert [(k.column, k.declared) for k in found] == [("code", True), ("name", False)]
    assert [k.evidence for k in found] == [
        "code is declared unique.",
        "Each of the 2 rows has a name of its own, though no rule says so.",
    ]


def test_of_a_large_table_and_of_one_row_only_what_is_declared(
    wares: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = reflect_table(wares, "wares")
    with monkeypatch.context() as patch:
        patch.setattr(module, "OBSERVED_ROWS", 1)
        assert [k.column for k in natural_keys(wares, table)] == ["code"]
    run("DELETE FROM wares WHERE id = 2")
    assert [k.column for k in natural_keys(wares, table)] == ["code"]


def test_a_table_without_text_has_none(shop: Engine) -> None:
    assert natural_keys(shop, reflect_table(shop, "orders")) == ()


@pytest.mark.parametrize("read", [True, False])
def test_the_share_of_values_that_are_names(
    wares: Engine, monkeypatch: pytest.MonkeyPatch, read: bool
) -> None:
    if not read:
        monkeypatch.setattr(parents, "READ_ROWS", 0)
        monkeypatch.setattr(module, "READ_ROWS", 0)
    table = reflect_table(wares, "wares")
    assert matches(wares, table, "name", ["Hat", "Cap", "Hat"]) == 1.0
    assert matches(wares, table, "name", ["Hat", "cap", "Scarf", "x"]) == (0.5 if read else 0.25)
    assert matches(wares, table, "size", ["5", "7"]) == 0.5
    assert matches(wares, table, "name", []) == 0.0
