"""Which databases can be read while another connection writes to them."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from core.databases.beside import reads_beside_writes
from core.databases.lookup import is_empty
from core.databases.reflect import reflect_table
from tests.journal_mode import set_journal


def test_sqlite_with_a_write_ahead_log(sqlite_engine: Engine) -> None:
    assert not reads_beside_writes(sqlite_engine)
    set_journal(sqlite_engine, "wal")
    assert reads_beside_writes(sqlite_engine)
    with sqlite_engine.begin() as writing:
        writing.exec_driver_sql("CREATE TABLE pens (id INTEGER)")
        writing.exec_driver_sql("INSERT INTO pens VALUES (1)")
    pens = reflect_table(sqlite_engine, "pens")
    with sqlite_engine.begin() as writing:
        writing.exec_driver_sql("DELETE FROM pens")
        assert is_empty(writing, pens)
        assert not is_empty(sqlite_engine, pens)
    assert is_empty(sqlite_engine, pens)


@pytest.mark.postgres
def test_postgresql(postgres_engine: Engine) -> None:
    assert reads_beside_writes(postgres_engine)
