"""What is usual is asked of columns where it says something, and never stops a check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.connect import normalise_url, open_engine
from core.databases.reflect import reflect_table
from core.pipeline.usual import usual_columns

TODAY = date(2026, 6, 15)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(normalise_url(f"sqlite:///{tmp_path / 'x.db'}"), create=True)
    with made.begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER UNIQUE, up INTEGER REFERENCES t,"
            " age INTEGER, note TEXT, level INTEGER)"
        )
        for n in range(40):
            row = {"n": n}
            db.execute(sa.text("INSERT INTO t VALUES (:n, :n, 0, :n, 'x', 1)"), row)
    yield made
    made.dispose()


def test_keys_references_and_texts_are_left_alone(engine: Engine) -> None:
    table = reflect_table(engine, "t")
    found = usual_columns(engine, table, table.column_names, shown=["age"], today=TODAY)
    assert list(found) == ["age"]
    assert (found["age"].low, found["age"].high, found["age"].told) == ("0", "39", True)
    (hidden,) = usual_columns(engine, table, ["age"], shown=[], today=TODAY).values()
    assert not hidden.told
    assert usual_columns(engine, table, ["note", "id"], shown=["age"], today=TODAY) == {}


def test_a_table_that_cannot_be_read_has_nothing_usual(engine: Engine) -> None:
    table = reflect_table(engine, "t")
    with engine.begin() as db:
        db.exec_driver_sql("ALTER TABLE t DROP COLUMN age")
    assert usual_columns(engine, table, ["age"], shown=["age"], today=TODAY) == {}
