"""Foreign keys that are looked at by the commit only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.loaders.deferral import defer, may_defer
from core.databases.reflect import reflect_table

TABLES = """
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE patient (id INTEGER PRIMARY KEY, p INTEGER,
    CONSTRAINT waits FOREIGN KEY (p) REFERENCES parents (id) DEFERRABLE INITIALLY IMMEDIATE);
CREATE TABLE strict (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parents (id))
"""


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_a_child_may_come_before_its_parent(
    empty: Engine, run: Callable[[str], list[Any]], backend: str
) -> None:
    run(TABLES)
    patient = reflect_table(empty, "patient").foreign_keys
    strict = reflect_table(empty, "strict").foreign_keys
    assert may_defer(empty, patient)
    assert may_defer(empty, strict) is (backend == "sqlite")
    with empty.connect() as connection, connection.begin():
        defer(connection)
        connection.execute(sa.text("INSERT INTO patient VALUES (1, 7)"))
        connection.execute(sa.text("INSERT INTO parents VALUES (7)"))
    with empty.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("INSERT INTO patient VALUES (2, 8)"))


@pytest.mark.parametrize("backend", [pytest.param("mysql", marks=pytest.mark.mysql)])
def test_mysql_never_waits(empty: Engine, run: Callable[[str], list[Any]], backend: str) -> None:
    run(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, p INTEGER, FOREIGN KEY (p) REFERENCES a (id))"
    )
    assert not may_defer(empty, reflect_table(empty, "b").foreign_keys)
