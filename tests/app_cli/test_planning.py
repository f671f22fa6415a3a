"""`--dry-run`: what an import would change, printed; nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = sa.create_engine(address)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT)")
        db.exec_driver_sql("INSERT INTO people VALUES (1, 'Ann', 'Bern'), (2, 'Bob', NULL)")
    engine.dispose()
    return address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("id,name,city\n1,Ann,Basel\n2,Bob,\n3,Cy,Zug\n", encoding="utf-8")
    return path


def people(url: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as db:
        found = [tuple(row) for row in db.exec_driver_sql("SELECT * FROM people ORDER BY id")]
    engine.dispose()
    return found


def test_tiles_cells_and_the_first_changes(terminal: Terminal, url: str, file: Path) -> None:
    into = ("--connection", url, "--table", "people", "--on-conflict", "update")
    before = people(url)
    told = terminal.run("import", file, *into, "--dry-run")
    assert told.exit_code == 0, told.output
    printed = [line.split() for line in told.stdout.splitlines()]
    assert ["new", "1"] in printed
    assert ["changed", "1"] in printed
    assert ["unchanged", "1"] in printed
    assert ["city", "1"] in printed
    assert ["changed", "1", "id", "1", "city", "Bern", "Basel"] in printed
    assert "Nothing was written." in told.stdout
    assert people(url) == before

    found = terminal.json("import", file, *into, "--dry-run")
    assert (found["dry_run"], found["kinds"]["new"], found["columns"]) == (True, 1, {"city": 1})
    assert found["counts"]["updated"] == 1
    assert found["changes_listed"] == len(found["changes"]) == 2


def test_rows_that_go_are_told(terminal: Terminal, url: str, file: Path) -> None:
    file.write_text("id,name,city\n1,Ann,Bern\n", encoding="utf-8")
    into = ("--connection", url, "--table", "people", "--on-conflict", "sync")
    found = terminal.json("import", file, *into, "--dry-run")
    assert (found["kinds"]["deleted"], found["counts"]["deleted"]) == (1, 1)
    done = terminal.json("import", file, *into)
    assert (done["status"], len(people(url))) == ("COMPLETED", 1)


def test_what_would_stop_fails_and_says_why(terminal: Terminal, url: str, file: Path) -> None:
    file.write_text("id,name,city\nx,Ann,Bern\n4,Di,Bern\n", encoding="utf-8")
    into = ("--connection", url, "--table", "people")
    found = terminal.json("import", file, *into, "--dry-run", code=1)
    assert found["stopped"] == "1 of 2 rows cannot be written"
    told = terminal.run("import", file, *into, "--dry-run", "--on-errors", "load_valid")
    assert told.exit_code == 3
