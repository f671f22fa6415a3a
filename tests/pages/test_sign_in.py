"""The sign-in form: right, wrong, locked, and where it leads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import login
from core.usecases import sessions
from core.workspace import Workspace

Screen = Callable[..., AppTest]
PASSWORD = "correct horse battery 9"


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses the form sent the browser to."""
    seen: list[str] = []
    monkeypatch.setattr(login, "leave", seen.append)
    monkeypatch.setattr(login, "_origin", lambda: {"ip_address": "10.0.0.1", "user_agent": None})
    return seen


def type_in(shown: AppTest, username: str, password: str) -> AppTest:
    shown.text_input[0].set_value(username)
    shown.text_input[1].set_value(password)
    return shown.button[0].click().run()


def test_the_right_password_leads_to_the_wanted_page(
    screen: Screen, left: list[str], ws: Workspace
) -> None:
    shown = screen(None, "data_import", table="orders")
    type_in(shown, "Mia", PASSWORD)
    assert not shown.exception
    path, _, query = left[0].partition("?")
    assert path == "/auth/session"
    assert query.endswith("&next=%2Fdata-import%3Ftable%3Dorders")
    ticket = query.removeprefix("ticket=").partition("&")[0]
    token = sessions.redeem_ticket(ws, ticket)
    who = sessions.resolve(ws, token)
    assert who is not None
    assert who.username == "mia"


@pytest.mark.parametrize("username", ["mia", "nobody"])
def test_a_wrong_one_says_the_same_for_anybody(
    screen: Screen, left: list[str], username: str
) -> None:
    shown = type_in(screen(None), username, "wrong password 1")
    assert [e.value for e in shown.error] == ["User name or password is wrong."]
    assert not left


def test_too_many_attempts_are_met_with_patience(screen: Screen, left: list[str]) -> None:
    shown = screen(None)
    for _ in range(12):
        shown = type_in(shown, "vic", "wrong password 1")
        if shown.warning:
            break
    assert "Too many attempts" in shown.warning[0].value
    type_in(shown, "vic", PASSWORD)
    assert not left, "a locked account does not open for the right password"


def test_an_empty_form_asks_for_both(screen: Screen, left: list[str]) -> None:
    shown = screen(None).button[0].click().run()
    assert any("Type your user name" in c.value for c in shown.caption)
    assert not left


def test_the_forms_own_cookie_is_shut_off(
    screen: Screen, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[object, ...]] = []
    genuine = login.stauth.Authenticate

    def watched(*arguments: object, **named: object) -> object:
        given.append(arguments)
        return genuine(*arguments, **named)

    monkeypatch.setattr(login.stauth, "Authenticate", watched)
    screen(None).run()
    (_, _, first_key, days), (_, _, second_key, _) = given[-2:]
    assert days == 0, "nothing is remembered"
    assert len(str(first_key)) == 64
    assert first_key != second_key, "nobody can know the key a forged cookie would need"
