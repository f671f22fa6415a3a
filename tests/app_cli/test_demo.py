"""The demo from the terminal: the same each time, and good for signing in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app import serving
from core.keys import passwords
from core.settings import Settings
from core.usecases import sessions, users
from core.usecases.demo import people
from core.workspace import open_workspace
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def demo_terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal in a home of this module's own: the music shop is made once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (people, users):
            patch.setattr(module, "hash_password", partial(passwords.hash_password, cost=4))
        yield Terminal(tmp_path_factory.mktemp("demo") / "home")


def test_json_has_what_a_program_needs(demo_terminal: Terminal) -> None:
    made = demo_terminal.json("demo")
    assert made["address"] == "http://127.0.0.1:8000"
    assert made["username"] == "admin"
    assert made["connections"] == ["demo", "music"]
    assert (Path(made["files"]) / "README.txt").is_file()
    roles = [(a["username"], a["role"]) for a in made["accounts"]]
    assert roles == [("admin", "admin"), ("analyst", "user"), ("reviewer", "manager")]
    assert made["accounts"][0]["password"] == made["password"]
    assert demo_terminal.json("demo") == made
    with open_workspace(Settings(home=demo_terminal.home)) as ws:
        for account in made["accounts"]:
            assert sessions.sign_in(ws, account["username"], account["password"])


def test_people_read_the_same(demo_terminal: Terminal) -> None:
    made = demo_terminal.json("demo")
    shown = demo_terminal.run("demo").stdout
    assert made["address"] in shown
    assert made["files"] in shown
    for account in made["accounts"]:
        assert account["password"] in shown
    assert "orders_with_errors.csv" in shown


def test_serving_the_demo_prints_the_same_accounts(
    demo_terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = demo_terminal.json("demo")
    served: list[tuple[str | None, int | None]] = []
    monkeypatch.setattr(serving, "serve", lambda host, port: served.append((host, port)))
    with open_workspace(Settings(home=demo_terminal.home)) as ws:
        monkeypatch.setattr(serving, "_opened", [ws])
        shown = demo_terminal.run("serve", "--demo", "--port", "8123").stdout
    assert served == [(None, 8123)]
    assert "http://127.0.0.1:8123" in shown
    assert all(account["password"] in shown for account in made["accounts"])


def test_a_changed_password_is_null_with_words(demo_terminal: Terminal) -> None:
    made = demo_terminal.json("demo")
    change = ("user", "password", "admin", "--password-stdin")
    demo_terminal.json(*change, stdin="a better one 77\n")
    changed = demo_terminal.json("demo")
    assert changed["password"] is None
    assert "not the one the demo made" in changed["accounts"][0]["words"]
    assert "not the one the demo made" in demo_terminal.run("demo").stdout
    demo_terminal.json(*change, stdin=made["password"] + "\n")
    assert demo_terminal.json("demo") == made
