"""Users, grants, connections and the doctor."""

from __future__ import annotations

from pathlib import Path

from tests.terminal import Terminal

PASSWORD = "correct horse battery staple"


def test_users(terminal: Terminal) -> None:
    made = terminal.json("user", "add", "ann", "--role", "manager", "--name", "Ann")
    assert (made["user"]["username"], made["user"]["role"]) == ("ann", "manager")
    assert len(made["password"]) >= 12
    given = terminal.json("user", "add", "bob", "--password-stdin", stdin=PASSWORD + "\n")
    assert "password" not in given

    terminal.json("user", "disable", "ann")
    terminal.json("user", "role", "bob", "viewer")
    listed = {u["username"]: u for u in terminal.json("user", "list")["users"]}
    assert listed["ann"]["disabled"]
    assert listed["bob"]["role"] == "viewer"
    terminal.json("user", "enable", "ann")
    terminal.json("user", "password", "ann", "--password-stdin", stdin=PASSWORD + "\n")
    assert "manager" in terminal.run("user", "list").stdout

    again = terminal.json("user", "add", "ann", code=1)
    assert "ann" in again["error"]["detail"]
    assert terminal.json("user", "disable", "zoe", code=1)["error"]["code"] == "DATA_404"


def test_connections(terminal: Terminal, shop: str, tmp_path: Path) -> None:
    made = terminal.json("connection", "add", "shop", shop, "--default")["connection"]
    assert (made["name"], made["default"]) == ("shop", True)
    terminal.json("connection", "check", "shop")
    assert "shop" in terminal.run("connection", "list").stdout
    terminal.json("connection", "remove", "shop")
    assert terminal.json("connection", "list") == {"connections": []}
    missing = tmp_path / "missing" / "x.db"
    gone = terminal.json("connection", "add", "gone", f"sqlite:///{missing}", code=1)
    assert gone["error"]["code"]


def test_grants(terminal: Terminal, shop: str) -> None:
    terminal.json("connection", "add", "shop", shop)
    terminal.json("user", "add", "ann", "--role", "viewer")
    on = ("--connection", "shop", "--table", "orders")
    made = terminal.json(
        "grant", "set", "ann", *on, "--import", "--max-rows-per-import", "50", "--no-export",
        "--columns", "id",
    )["grant"]  # fmt: skip
    assert "import" in made["actions"]
    assert "export" not in made["actions"]
    assert (made["max_rows_per_import"], made["allowed_columns"]) == (50, ["id"])
    listed = terminal.json("grant", "list", "ann")["grants"]
    assert [g["table"] for g in listed] == ["orders"]
    assert "orders" in terminal.run("grant", "list").stdout
    assert "undo" in made["actions"]
    given = terminal.json("grant", "set", "ann", *on, "--may", "replace, create-table")["grant"]
    assert {"replace", "create_table"} <= set(given["actions"])
    assert not {"undo", "delete"} & set(given["actions"])
    taken = terminal.json("grant", "set", "ann", *on, "--may", "none")["grant"]
    assert taken["actions"] == sorted(set(given["actions"]) - {"replace", "create_table"})
    wrong = terminal.json("grant", "set", "ann", *on, "--may", "review", code=1)["error"]
    assert "create_table, delete, replace, undo" in wrong["detail"]
    terminal.json("grant", "remove", "ann", *on)
    assert terminal.json("grant", "list", "ann") == {"grants": []}


def test_doctor(terminal: Terminal) -> None:
    terminal.json("user", "add", "ann")
    document = terminal.json("doctor", code=1)
    assert not document["ok"]
    found = {check["name"]: check["ok"] for check in document["checks"]}
    assert (found["home"], found["accounts"], found["worker"]) == (True, True, False)
    assert "WRONG" in terminal.run("doctor").stdout
