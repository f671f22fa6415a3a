"""Signed-in sessions and the one-time tickets that open them; only hashes of tokens are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.keys.tokens import new_token, token_hash
from core.metastore.schema import login_tickets, sessions, users
from core.metastore.text import storable_or_none
from core.metastore.users import user_of
from core.model.access import Identity, User

#: How long a ticket made by the sign-in form may wait for the request that redeems it.
TICKET_SECONDS = 60
#: How stale `last_seen_at` may grow before it is written again.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A live session and its user, as both are now."""

    user: User
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime

    def identity(self, *, ip_address: str | None, user_agent: str | None) -> Identity:
        """Who asks in this request, from where."""
        return Identity(
            user_id=self.user.id,
            username=self.user.username,
            role=self.user.role,
            name=self.user.name,
            ip_address=ip_address,
            user_agent=user_agent,
        )


def open_ticket(db: sa.Connection, user_id: int, *, seconds: int = TICKET_SECONDS) -> str:
    """A secret that `redeem_ticket` takes once, within that time."""
    ticket = new_token()
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    db.execute(
        sa.insert(login_tickets).values(
            ticket_hash=token_hash(ticket), user_id=user_id, expires_at=expires
        )
    )
    return ticket


def redeem_ticket(db: sa.Connection, ticket: str) -> int | None:
    """The user the ticket was opened for; None when unknown, used before, or too old."""
    statement = (
        sa.delete(login_tickets)
        .where(login_tickets.c.ticket_hash == token_hash(ticket))
        .returning(login_tickets.c.user_id, login_tickets.c.expires_at)
    )
    row = db.execute(statement).one_or_none()
    if row is None or row.expires_at <= datetime.now(UTC):
        return None
    user_id: int = row.user_id
    return user_id


def create(
    db: sa.Connection,
    user_id: int,
    *,
    hours: float,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> str:
    """A new session of so many hours. Returns its token, which is not kept."""
    token = new_token()
    now = datetime.now(UTC)
    db.execute(
        sa.insert(sessions).values(
            sid_hash=token_hash(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
            last_seen_at=now,
            ip_address=storable_or_none(ip_address, 100),
            user_agent=storable_or_none(user_agent, 500),
        )
    )
    return token


def resolve(db: sa.Connection, token: str) -> Session | None:
    """The live session of a token; None when unknown, expired, or its user is disabled."""
    query = (
        sa.select(
            users,
            sessions.c.created_at.label("began_at"),
            sessions.c.expires_at,
            sessions.c.last_seen_at,
        )
        .join_from(sessions, users)
        .where(
            sessions.c.sid_hash == token_hash(token),
            sessions.c.expires_at > datetime.now(UTC),
            users.c.disabled.is_(sa.false()),
        )
    )
    row = db.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return Session(
        user=user_of(row),
        created_at=row["began_at"],
        expires_at=row["expires_at"],
        last_seen_at=row["last_seen_at"],
    )


def note_seen(db: sa.Connection, token: str) -> None:
    """Remember that the session was used; writes at most once a minute."""
    now = datetime.now(UTC)
    db.execute(
        sa.update(sessions)
        .where(sessions.c.sid_hash == token_hash(token))
        .where(sessions.c.last_seen_at < now - SEEN_EVERY)
        .values(last_seen_at=now)
    )


def close(db: sa.Connection, token: str) -> None:
    """End a session at once; an unknown one is no error."""
    db.execute(sa.delete(sessions).where(sessions.c.sid_hash == token_hash(token)))


def close_all_of_user(db: sa.Connection, user_id: int) -> int:
    """End every session of a user; returns how many."""
    return db.execute(sa.delete(sessions).where(sessions.c.user_id == user_id)).rowcount


def purge(db: sa.Connection) -> int:
    """Delete expired sessions and tickets; returns how many."""
    now = datetime.now(UTC)
    return sum(
        db.execute(sa.delete(table).where(table.c.expires_at <= now)).rowcount
        for table in (sessions, login_tickets)
    )
