"""tableport rule: kept, listed, tried, copied, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal


@pytest.fixture
def connected(terminal: Terminal, tmp_path: Path) -> Terminal:
    url = f"sqlite:///{tmp_path / 'people.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as db:
        for name in ("users", "people"):
            db.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, age INTEGER)")
        db.exec_driver_sql("INSERT INTO users VALUES (1, 17), (2, 40)")
    engine.dispose()
    terminal.json("connection", "add", "home", url, "--default")
    return terminal


RULE = ("--name", "adults", "--kind", "range", "--columns", "age", "--option", "min=18")


def test_the_life_of_a_rule(connected: Terminal, tmp_path: Path) -> None:
    trial = connected.json("rule", "try", "users", *RULE)["trial"]
    assert (trial["rows"], trial["broken"]) == (2, 1)
    assert [row["cells"] for row in trial["samples"]] == [{"id": "1", "age": "17"}]
    done = connected.run("rule", "add", "users", *RULE, "--message", "{value}?")
    assert "Kept adults for users as rule 1: 1 of the 2 rows looked at break it" in done.output
    listed = connected.run("rule", "list", "users", "--json").output
    (tmp_path / "rules.json").write_text(listed)
    saved = connected.json("rule", "add", "people", "--from", tmp_path / "rules.json")["saved"]
    assert [(s["table"], s["name"], s["message"]) for s in saved] == [
        ("people", "adults", "{value}?")
    ]
    assert "adults" in connected.run("rule", "list", "people").output
    assert connected.json("rule", "remove", "users", "1")["result"] == "removed"
    assert connected.json("rule", "list", "users") == {"rules": []}


def test_what_is_refused(connected: Terminal) -> None:
    assert connected.run("rule", "add", "users", "--kind", "range").exit_code == 2
    wrong = connected.json("rule", "add", "users", *RULE, "--option", "max=1", code=1)
    assert "more than max" in wrong["error"]["detail"]


def test_kinds_are_listed(terminal: Terminal) -> None:
    kinds = terminal.json("rule", "kinds")["kinds"]
    assert {"required", "expression"} <= {kind["name"] for kind in kinds}
    assert "not_before" in terminal.run("rule", "kinds").output
