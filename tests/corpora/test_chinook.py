"""Chinook's invoice lines and all their parents: out of the real database, in, out, and equal."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal, count

#: Parents first.
TABLES = (
    "Artist",
    "Album",
    "Genre",
    "MediaType",
    "Track",
    "Employee",
    "Customer",
    "Invoice",
    "InvoiceLine",
)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@pytest.fixture
def chinook(corpora: Path) -> Path:
    return corpora / "db_chinook" / "Chinook_Sqlite.sqlite"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "home")


def empty_sqlite(chinook: Path, target: Path) -> str:
    """Chinook's own schema without its rows."""
    with sqlite3.connect(f"file:{chinook}?mode=ro", uri=True) as source:
        tables = [sql for (sql,) in source.execute("SELECT sql FROM sqlite_master") if sql]
    source.close()
    with sqlite3.connect(target) as database:
        for sql in tables:
            database.execute(sql)
    database.close()
    return f"sqlite:///{target}"


def empty_postgresql(chinook: Path, url: str) -> str:
    """The schema of Chinook's PostgreSQL script, keys and foreign keys too, without its rows."""
    script = chinook.with_name("Chinook_PostgreSql.sql").read_text(encoding="utf-8")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in schema_of(script):
            connection.exec_driver_sql(statement)
    address = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    return address


def schema_of(script: str) -> Iterator[str]:
    for start in ("CREATE TABLE", "ALTER TABLE"):
        yield from re.findall(rf"^{start} [^;]*;", script, flags=re.M)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_out_in_out(
    backend: str,
    chinook: Path,
    terminal: Terminal,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if backend == "sqlite":
        copy = empty_sqlite(chinook, tmp_path / "copy.db")
        named = {table: table for table in TABLES}
    else:
        copy = empty_postgresql(chinook, request.getfixturevalue("postgres_database"))
        named = {table: snake(table) for table in TABLES}
    source = f"sqlite:///{chinook}"
    for table in TABLES:
        first, second = tmp_path / f"{table}.csv", tmp_path / f"{table}-again.csv"
        terminal.json("export", "--connection", source, "--table", table, "-o", first)
        document = terminal.json("import", first, "--connection", copy, "--table", named[table])
        assert document["inserted"] == document["rows_read"] == count(source, table)
        terminal.json("export", "--connection", copy, "--table", named[table], "-o", second)
        before, after = rows(first), rows(second)
        assert [snake(name) for name in before[0]] == [snake(name) for name in after[0]]
        assert before[1:] == after[1:]
    assert count(copy, named["InvoiceLine"]) == 2_240
