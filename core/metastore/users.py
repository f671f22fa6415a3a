"""Accounts. Passwords arrive here already hashed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.metastore.schema import login_tickets, sessions, users
from core.metastore.text import exact, storable
from core.model.access import Role, User

#: After so many failures in a row an account is locked for so long (SECURITY 28).
FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a sign-in is checked against."""

    user: User
    password_hash: str | None
    failed_logins: int
    locked_until: datetime | None

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


def user_of(row: sa.RowMapping) -> User:
    """A row of users as the model has it."""
    return User(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        email=row["email"],
        role=Role(row["role"]),
        disabled=row["disabled"],
        must_change_password=row["must_change_password"],
        last_login_at=row["last_login_at"],
        created_at=row["created_at"],
    )


def create(
    db: sa.Connection,
    *,
    username: str,
    password_hash: str | None,
    role: Role,
    name: str = "",
    email: str = "",
    must_change_password: bool = False,
) -> User:
    """A new account. Raises Conflict when the name is taken, whatever its case."""
    username = exact(username.strip(), 150, "The user name")
    statement = (
        sa.insert(users)
        .values(
            username=username,
            username_key=_key(username),
            name=storable(name, 200),
            email=storable(email, 320),
            password_hash=password_hash,
            role=role.value,
            must_change_password=must_change_password,
            created_at=datetime.now(UTC),
        )
        .returning(users)
    )
    try:
        with db.begin_nested():
            row = db.execute(statement).mappings().one()
    except sa.exc.IntegrityError as error:
        raise Conflict(f"There is already a user named {username}.") from error
    return user_of(row)


def by_id(db: sa.Connection, user_id: int) -> User | None:
    row = db.execute(sa.select(users).where(users.c.id == user_id)).mappings().one_or_none()
    return user_of(row) if row else None


def by_username(db: sa.Connection, username: str) -> User | None:
    found = credentials(db, username)
    return found.user if found else None


def credentials(db: sa.Connection, username: str) -> Credentials | None:
    """The account of that name, in any case, with what its password is checked against."""
    query = sa.select(users).where(users.c.username_key == _key(username.strip()))
    row = db.execute(query).mappings().one_or_none()
    return _credentials(row) if row else None


def all_credentials(db: sa.Connection) -> list[Credentials]:
    """Every account with what its password is checked against, by name."""
    rows = db.execute(sa.select(users).order_by(users.c.username_key)).mappings()
    return [_credentials(row) for row in rows]


def list_users(db: sa.Connection) -> list[User]:
    """Every account, by name."""
    rows = db.execute(sa.select(users).order_by(users.c.username_key)).mappings()
    return [user_of(row) for row in rows]


def count(db: sa.Connection, *, role: Role | None = None, enabled_only: bool = False) -> int:
    query = sa.select(sa.func.count()).select_from(users)
    if role is not None:
        query = query.where(users.c.role == role.value)
    if enabled_only:
        query = query.where(users.c.disabled.is_(sa.false()))
    return db.execute(query).scalar_one()


def set_password(
    db: sa.Connection, user_id: int, password_hash: str, *, must_change: bool = False
) -> None:
    """Change the password; every session of the user ends, and a lock is lifted."""
    _change(
        db,
        user_id,
        password_hash=password_hash,
        must_change_password=must_change,
        failed_logins=0,
        locked_until=None,
    )
    _sign_out(db, user_id)


def set_disabled(db: sa.Connection, user_id: int, disabled: bool) -> None:
    """Disable or enable an account; disabling ends its sessions."""
    _change(db, user_id, disabled=disabled)
    if disabled:
        _sign_out(db, user_id)


def set_role(db: sa.Connection, user_id: int, role: Role) -> None:
    """Give another role; open sessions have it from their next request on."""
    _change(db, user_id, role=role.value)


def set_profile(db: sa.Connection, user_id: int, *, name: str, email: str) -> None:
    _change(db, user_id, name=storable(name, 200), email=storable(email, 320))


def note_login(db: sa.Connection, user_id: int) -> None:
    """A sign-in succeeded: forget the failures before it."""
    _change(db, user_id, last_login_at=datetime.now(UTC), failed_logins=0, locked_until=None)


def note_failed_login(db: sa.Connection, user_id: int) -> datetime | None:
    """A sign-in failed. Returns until when the account is locked, if this was one too many.

    The count is made by the database, so that attempts at the same time all count. A lock
    starts the count anew: the next one takes another five failures.
    """
    failures = users.c.failed_logins + 1
    until = datetime.now(UTC) + LOCKED_FOR
    full = failures >= FAILURES_BEFORE_LOCK
    statement = (
        sa.update(users)
        .where(users.c.id == user_id)
        .values(
            failed_logins=sa.case((full, 0), else_=failures),
            locked_until=sa.case(
                (full, sa.bindparam("until", until, users.c.locked_until.type)),
                else_=users.c.locked_until,
            ),
        )
        .returning(users.c.failed_logins, users.c.locked_until)
    )
    row = db.execute(statement).one_or_none()
    return row.locked_until if row is not None and row.failed_logins == 0 else None


def _credentials(row: sa.RowMapping) -> Credentials:
    return Credentials(
        user=user_of(row),
        password_hash=row["password_hash"],
        failed_logins=row["failed_logins"],
        locked_until=row["locked_until"],
    )


def _key(username: str) -> str:
    """What makes two names the same: letters alike in any case and any Unicode spelling."""
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
    return storable(key, 300)


def _change(db: sa.Connection, user_id: int, **values: Any) -> None:
    statement = sa.update(users).where(users.c.id == user_id)
    if db.execute(statement.values(**values, updated_at=datetime.now(UTC))).rowcount != 1:
        raise NotFound(f"There is no user {user_id}.")


def _sign_out(db: sa.Connection, user_id: int) -> None:
    db.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))
    db.execute(sa.delete(login_tickets).where(login_tickets.c.user_id == user_id))
