"""Set look-ups against the live table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.lookup import existing_keys, missing_references
from core.databases.reflect import reflect_table
from core.errors import TargetDatabaseError
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]


def test_existing_keys(shop: Engine, run: Run, backend: str) -> None:
    run("INSERT INTO publishers VALUES (1, 'one'), (2, 'o''two%')")
    table = reflect_table(shop, "publishers")
    frame = typed(id=[2, 3, None, 1, 2**40], name=["one", "o'two%", None, "ONE", "a\x00b"])
    assert existing_keys(shop, table, ("id",), frame).to_list() == [True, False, False, True, False]
    by_name = existing_keys(shop, table, ("name",), frame)
    # As the unique index has it, which on MySQL ignores case unless a collation says otherwise.
    assert by_name.to_list() == [True, True, False, backend == "mysql", False]
    assert by_name.dtype == pl.Boolean


def test_a_table_that_gets_rows_between_two_batches(shop: Engine, run: Run) -> None:
    run('CREATE TABLE "a % b" (id INTEGER PRIMARY KEY)')
    table = reflect_table(shop, "a % b")
    asked: list[str] = []
    sa.event.listen(shop, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert existing_keys(shop, table, ("id",), typed(id=[1])).to_list() == [False]
    assert not [sql for sql in asked if "tableport_wanted" in sql or "unnest" in sql]
    run('INSERT INTO "a % b" VALUES (1)')
    assert existing_keys(shop, table, ("id",), typed(id=[1, 2])).to_list() == [True, False]
    run('DROP TABLE "a % b"')


def test_keys_of_several_parts(shop: Engine, run: Run) -> None:
    run("INSERT INTO orders VALUES (1, 1, NULL), (1, 2, NULL), (2, 1, NULL)")
    frame = typed(store=[1, 2, 2, None], number=[2, 2, 1, 1])
    found = existing_keys(shop, reflect_table(shop, "orders"), ("store", "number"), frame)
    assert found.to_list() == [True, False, True, False]


def test_more_rows_than_can_be_bound_at_once(shop: Engine, run: Run) -> None:
    run("INSERT INTO orders VALUES (1, 39999, NULL)")
    numbers = list(range(40_000))
    frame = typed(store=[1] * 40_000, number=numbers)
    found = existing_keys(shop, reflect_table(shop, "orders"), ("store", "number"), frame)
    assert found.arg_true().to_list() == [39_999]


@pytest.mark.parametrize(
    ("column", "stored", "there", "absent"),
    [
        ("price", "12.5", "12.50", "12.51"),
        ("mass", "0.1", 0.1, 0.2),
        ("used", "true", True, False),
        ("printed", "'2026-01-31'", dt.date(2026, 1, 31), dt.date(2026, 1, 30)),
        ("opens", "'10:00:00'", dt.time(10), dt.time(11)),
        ("seen", "'2026-01-31 10:00:00'", dt.datetime(2026, 1, 31, 10), dt.datetime(2026, 1, 31)),
        ("genre", "'poems'", "poems", "no such label"),
        ("shelf", "5", 5, 2**40),
    ],
)
def test_keys_of_any_kind(
    shop: Engine, run: Run, column: str, stored: str, there: Any, absent: Any
) -> None:
    run(f"INSERT INTO books (isbn, title, {column}) VALUES ('i', 't', {stored})")
    frame = typed(**{column: [absent, there, None]})
    found = existing_keys(shop, reflect_table(shop, "books"), (column,), frame)
    assert found.to_list() == [False, True, False]


def test_missing_references(shop: Engine, run: Run) -> None:
    run("INSERT INTO publishers VALUES (1, 'one')")
    table = reflect_table(shop, "books")
    frame = typed(publisher_id=[1, 2, None])
    missing = missing_references(shop, table, table.foreign_keys[0], frame)
    assert missing.to_list() == [False, True, False]


def test_a_parent_may_be_in_the_file(shop: Engine, run: Run) -> None:
    run("INSERT INTO staff VALUES (1, 'a', NULL)")
    table = reflect_table(shop, "staff")
    frame = typed(id=[2, 3, 4], boss=[1, 2, 9])
    key = table.foreign_keys[0]
    assert missing_references(shop, table, key, frame).to_list() == [False, True, True]
    assert missing_references(shop, table, key, frame, frame).to_list() == [False, False, True]


def test_a_connection_is_asked_within_its_transaction(shop: Engine) -> None:
    table = reflect_table(shop, "publishers")
    frame = typed(id=[1])
    with shop.begin() as connection:
        connection.exec_driver_sql("INSERT INTO publishers VALUES (1, 'one')")
        assert existing_keys(connection, table, ("id",), frame).to_list() == [True]


def test_empty_frames_and_odd_names(shop: Engine) -> None:
    table = reflect_table(shop, 'Or"der by.% :x')
    frame = typed(**{"select": [1], "a b%c": ["x"], "Tax:Id": ["y"]})
    key = ("select", "a b%c", "Tax:Id")
    assert existing_keys(shop, table, key, frame).to_list() == [False]
    assert existing_keys(shop, table, key, frame.clear()).to_list() == []


def test_a_table_that_has_gone(shop: Engine, run: Run) -> None:
    table = reflect_table(shop, "orders")
    run("DROP TABLE orders")
    with pytest.raises(TargetDatabaseError, match="orders cannot be read"):
        existing_keys(shop, table, ("store",), typed(store=[1]))
