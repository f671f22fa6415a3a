from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.metastore import sessions, users
from core.metastore.engine import Metastore
from core.metastore.schema import login_tickets
from core.metastore.schema import sessions as table
from core.model.access import Role, User


def test_a_session_resolves_to_its_user_as_he_is_now(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        token = sessions.create(db, ann.id, hours=12, ip_address="::1", user_agent="x\x00y" * 500)
        users.set_role(db, ann.id, Role.MANAGER)
    with metastore.connect() as db:
        found = sessions.resolve(db, token)
    assert found is not None
    assert found.expires_at - found.created_at == timedelta(hours=12)
    who = found.identity(ip_address="10.0.0.1", user_agent="curl")
    assert (who.user_id, who.username, who.role) == (ann.id, "ann", Role.MANAGER)
    assert (who.ip_address, who.user_agent, who.local) == ("10.0.0.1", "curl", False)


def test_no_token_is_kept(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        secrets = {sessions.create(db, ann.id, hours=1), sessions.open_ticket(db, ann.id)}
        stored = db.execute(sa.select(table.c.sid_hash)).scalars().all()
        stored = [*stored, *db.execute(sa.select(login_tickets.c.ticket_hash)).scalars()]
    assert [len(text) for text in stored] == [64, 64]
    assert not secrets & set(stored)


def test_unknown_expired_and_disabled_do_not_resolve(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        assert sessions.resolve(db, "made up") is None
        assert sessions.resolve(db, sessions.create(db, ann.id, hours=-1)) is None
        db.execute(sa.delete(table))
        token = sessions.create(db, ann.id, hours=1)
        # Behind users.set_disabled, which would also delete the session.
        db.execute(sa.text("UPDATE users SET disabled = NOT disabled"))
        assert sessions.resolve(db, token) is None


def test_disabling_ends_sessions_for_good(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        token = sessions.create(db, ann.id, hours=1)
        users.set_disabled(db, ann.id, True)
        users.set_disabled(db, ann.id, False)
        assert sessions.resolve(db, token) is None


def test_closing_one_or_all(metastore: Metastore, ann: User, bob: User) -> None:
    with metastore.begin() as db:
        first, second = (sessions.create(db, ann.id, hours=1) for _ in range(2))
        other = sessions.create(db, bob.id, hours=1)
        sessions.close(db, first)
        assert sessions.resolve(db, first) is None
        assert sessions.close_all_of_user(db, ann.id) == 1
        assert sessions.resolve(db, second) is None
        assert sessions.resolve(db, other) is not None


def test_a_ticket_works_once(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        ticket = sessions.open_ticket(db, ann.id)
        assert sessions.redeem_ticket(db, "made up") is None
        assert sessions.redeem_ticket(db, ticket) == ann.id
        assert sessions.redeem_ticket(db, ticket) is None


def test_a_late_ticket_is_worth_nothing(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        assert sessions.redeem_ticket(db, sessions.open_ticket(db, ann.id, seconds=-1)) is None


def test_purge_takes_only_what_is_over(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        token = sessions.create(db, ann.id, hours=1)
        sessions.create(db, ann.id, hours=-1)
        sessions.open_ticket(db, ann.id, seconds=-1)
        assert sessions.purge(db) == 2
        assert sessions.resolve(db, token) is not None


def test_last_seen_is_written_once_a_minute(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        token = sessions.create(db, ann.id, hours=1)
        seen = db.execute(sa.select(table.c.last_seen_at)).scalar_one()
        sessions.note_seen(db, token)
        assert db.execute(sa.select(table.c.last_seen_at)).scalar_one() == seen
        db.execute(sa.update(table).values(last_seen_at=seen - timedelta(minutes=2)))
        sessions.note_seen(db, token)
        again = db.execute(sa.select(table.c.last_seen_at)).scalar_one()
    assert datetime.now(UTC) - again < timedelta(minutes=1)
