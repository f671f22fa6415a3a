from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest, NotFound
from core.metastore import sessions, users
from core.metastore.engine import Metastore
from core.metastore.schema import users as table
from core.model.access import Role, User


def test_a_user_is_found_in_any_case_and_spelling(metastore: Metastore) -> None:
    with metastore.begin() as db:
        made = users.create(
            db, username=" Zoë ", password_hash="h", role=Role.VIEWER, name="Zoë B", email="z@x.org"
        )
        assert (made.username, made.role, made.disabled) == ("Zoë", Role.VIEWER, False)
        for spelling in ("zoë", "ZOË", "zoe\u0308"):
            assert users.by_username(db, spelling) == made
        assert users.by_id(db, made.id) == made
        assert users.by_username(db, "zoe") is None
        assert users.by_username(db, "zo\x00e") is None
        assert users.by_id(db, 999) is None


def test_a_name_is_taken_whatever_its_case(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        with pytest.raises(Conflict, match="ANN"):
            users.create(db, username="ANN", password_hash=None, role=Role.USER)
        assert users.list_users(db) == [ann]


def test_an_empty_name_is_refused(metastore: Metastore) -> None:
    with metastore.begin() as db, pytest.raises(InvalidRequest):
        users.create(db, username="  ", password_hash=None, role=Role.USER)


def test_counting(metastore: Metastore, ann: User, bob: User) -> None:
    with metastore.begin() as db:
        users.set_disabled(db, bob.id, True)
        assert users.count(db) == 2
        assert users.count(db, role=Role.MANAGER) == 1
        assert users.count(db, role=Role.MANAGER, enabled_only=True) == 0


def test_five_failures_lock_for_five_minutes(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        assert [users.note_failed_login(db, ann.id) for _ in range(4)] == [None] * 4
        until = users.note_failed_login(db, ann.id)
        found = users.credentials(db, "ann")
    assert until is not None
    assert found is not None
    now = datetime.now(UTC)
    assert timedelta(minutes=4) < until - now <= timedelta(minutes=5)
    assert found.locked(now)
    assert not found.locked(now + timedelta(minutes=6))


def test_after_a_lock_the_count_starts_anew(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        for _ in range(5):
            users.note_failed_login(db, ann.id)
        assert users.note_failed_login(db, ann.id) is None


def test_a_success_forgets_failures(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        for _ in range(4):
            users.note_failed_login(db, ann.id)
        users.note_login(db, ann.id)
        assert users.note_failed_login(db, ann.id) is None
        found = users.credentials(db, "ann")
    assert found is not None
    assert found.failed_logins == 1
    assert found.user.last_login_at is not None


def test_a_new_password_ends_sessions_and_lifts_the_lock(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        token = sessions.create(db, ann.id, hours=1)
        ticket = sessions.open_ticket(db, ann.id)
        for _ in range(5):
            users.note_failed_login(db, ann.id)
        users.set_password(db, ann.id, "new", must_change=True)
        found = users.credentials(db, "ann")
        assert sessions.resolve(db, token) is None
        assert sessions.redeem_ticket(db, ticket) is None
    assert found is not None
    assert (found.password_hash, found.locked_until) == ("new", None)
    assert found.user.must_change_password


def test_changes_to_an_account(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        users.set_role(db, ann.id, Role.ADMIN)
        users.set_profile(db, ann.id, name="Ann Other", email="a@x.org")
        now = users.by_id(db, ann.id)
        assert now is not None
        assert (now.role, now.name, now.email) == (Role.ADMIN, "Ann Other", "a@x.org")
        assert db.execute(sa.select(table.c.updated_at)).scalar_one() is not None
        with pytest.raises(NotFound):
            users.set_role(db, 999, Role.ADMIN)
