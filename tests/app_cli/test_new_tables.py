"""A new table by the command line: shown, then made with the load."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "New Orders.csv"
    path.write_text("ID,Ordered,Phone\n1,31/12/2025,007\n2,01/02/2026,+49 30\n", encoding="utf-8")
    return path


def test_shown_then_made(terminal: Terminal, sqlite_url: str, file: Path) -> None:
    at = ("--connection", sqlite_url)
    shown = terminal.json("import", file, *at, "--create-table", "--dry-run")
    assert shown["create_table"]["name"] == "new_orders"
    assert [c["kind"] for c in shown["create_table"]["columns"]] == ["integer", "date", "text"]
    told = terminal.run("import", file, *at, "--create-table", "fresh", "--dry-run")
    assert 'CREATE TABLE "fresh" (' in told.stdout
    assert "can only have the day first" in told.stdout
    assert rows(sqlite_url, "SELECT name FROM sqlite_master") == []
    made = terminal.json("import", file, *at, "--create-table", "fresh")
    assert (made["status"], made["inserted"]) == ("COMPLETED", 2)
    assert rows(sqlite_url, "SELECT * FROM fresh ORDER BY id") == [
        (1, "2025-12-31", "007"),
        (2, "2026-02-01", "+49 30"),
    ]
    again = terminal.json("import", file, *at, "--create-table", "fresh", code=1)
    assert again["error"]["code"] == "DATA_409"


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as db:
        found = [tuple(row) for row in db.exec_driver_sql(statement)]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "wrong", [(), ("--create-table", "a", "--table", "b"), ("--create-table", "a", "--patch", "x")]
)
def test_the_table_is_said_and_said_once(
    terminal: Terminal, file: Path, wrong: tuple[str, ...]
) -> None:
    assert terminal.run("import", file, *wrong).exit_code == 2


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    (tmp_path / "empty.db").touch()
    return f"sqlite:///{tmp_path / 'empty.db'}"
