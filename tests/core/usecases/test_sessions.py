"""Sign in, sign out, and everything that ends a session (SECURITY 27 to 29)."""

from __future__ import annotations

import pytest

from core.errors import ActionDenied, Conflict, InvalidRequest, NotSignedIn, SignInLocked
from core.model.access import Identity, Role
from core.usecases import sessions, users
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL

PASSWORD = "correct horse 7 battery"


@pytest.fixture
def ann(ws: Workspace) -> Identity:
    user, _ = users.create_user(
        ws, LOCAL, username="ann", role=Role.USER, password=PASSWORD, name="Ann"
    )
    return Identity(user_id=user.id, username="ann", role=Role.USER)


def test_a_token_says_who_until_sign_out(ws: Workspace, ann: Identity) -> None:
    token = sessions.sign_in(ws, "Ann", PASSWORD)
    who = sessions.resolve(ws, token, ip_address="10.0.0.1")
    assert who is not None
    assert (who.user_id, who.role, who.ip_address) == (ann.user_id, Role.USER, "10.0.0.1")
    sessions.sign_out(ws, token)
    assert sessions.resolve(ws, token) is None
    assert sessions.resolve(ws, None) is None
    assert sessions.resolve(ws, token[:-1]) is None


def test_a_ticket_works_once(ws: Workspace, ann: Identity) -> None:
    ticket = sessions.open_ticket(ws, ann.username)
    assert sessions.resolve(ws, sessions.redeem_ticket(ws, ticket)) is not None
    with pytest.raises(NotSignedIn):
        sessions.redeem_ticket(ws, ticket)


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_a_wrong_password_says_no_more_than_an_unknown_name(
    ws: Workspace, ann: Identity, name: str
) -> None:
    with pytest.raises(NotSignedIn, match=r"User name or password is wrong\."):
        sessions.sign_in(ws, name, "wrong password 1")
    assert ann.username == "ann"


def test_five_failures_lock_and_the_form_no_longer_knows_the_name(
    ws: Workspace, ann: Identity
) -> None:
    assert ann.username in sessions.form_credentials(ws)["usernames"]
    for _ in range(5):
        sessions.note_failed_sign_in(ws, ann.username)
    with pytest.raises(SignInLocked):
        sessions.sign_in(ws, ann.username, PASSWORD)
    with pytest.raises(SignInLocked):
        sessions.open_ticket(ws, ann.username)
    assert ann.username not in sessions.form_credentials(ws)["usernames"]
    users.set_password(ws, LOCAL, ann.username, PASSWORD + " new")
    assert sessions.sign_in(ws, ann.username, PASSWORD + " new")


def test_disabling_and_a_new_password_end_sessions_at_once(ws: Workspace, ann: Identity) -> None:
    token = sessions.sign_in(ws, ann.username, PASSWORD)
    users.set_password(ws, ann, ann.username, PASSWORD + " 2", current=PASSWORD)
    assert sessions.resolve(ws, token) is None
    token = sessions.sign_in(ws, ann.username, PASSWORD + " 2")
    users.set_disabled(ws, LOCAL, ann.username, True)
    assert sessions.resolve(ws, token) is None
    with pytest.raises(NotSignedIn):
        sessions.sign_in(ws, ann.username, PASSWORD + " 2")


def test_only_its_owner_or_an_administrator_changes_a_password(
    ws: Workspace, ann: Identity
) -> None:
    with pytest.raises(ActionDenied):
        users.set_password(ws, ann, ann.username, "another one 123", current="wrong")
    with pytest.raises(InvalidRequest):
        users.set_password(ws, LOCAL, ann.username, "short")
    with pytest.raises(ActionDenied):
        users.create_user(ws, ann, username="bob", role=Role.ADMIN)
    with pytest.raises(ActionDenied):
        users.list_users(ws, ann)


def test_the_first_start_makes_one_administrator_and_the_last_stays(ws: Workspace) -> None:
    made = users.ensure_admin(ws)
    assert made is not None
    assert users.ensure_admin(ws) is None
    assert sessions.sign_in(ws, *made)
    with pytest.raises(Conflict):
        users.set_disabled(ws, LOCAL, "admin", True)
    with pytest.raises(Conflict):
        users.set_role(ws, LOCAL, "admin", Role.USER)
