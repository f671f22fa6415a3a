"""Who is here: sign in, sign out, and whose session this is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.errors import NotSignedIn, SignInLocked
from core.keys.passwords import verify_dummy, verify_password
from core.metastore import sessions, users
from core.model.access import Identity
from core.usecases.rights import note

if TYPE_CHECKING:
    from core.model.access import User
    from core.workspace import Workspace


def open_ticket(
    ws: Workspace, username: str, *, ip_address: str | None = None, user_agent: str | None = None
) -> str:
    """A one-time ticket for somebody whose password the sign-in form has just verified."""
    with ws.metastore.begin() as db:
        found = users.credentials(db, username)
        if found is None or found.user.disabled:
            raise NotSignedIn("User name or password is wrong.")
        _require_unlocked(found.locked_until)
        users.note_login(db, found.user.id)
        return sessions.open_ticket(db, found.user.id)


def redeem_ticket(
    ws: Workspace, ticket: str, *, ip_address: str | None = None, user_agent: str | None = None
) -> str:
    """Exchange a ticket for a session token. Raises NotSignedIn for a used, old or false one."""
    with ws.metastore.begin() as db:
        user_id = sessions.redeem_ticket(db, ticket)
        user = users.by_id(db, user_id) if user_id is not None else None
        if user is None or user.disabled:
            raise NotSignedIn("The sign-in has expired. Sign in again.")
        token = sessions.create(
            db,
            user.id,
            hours=ws.settings.session_hours,
            ip_address=ip_address,
            user_agent=user_agent,
        )
        note(ws, _identity(user, ip_address, user_agent), "login", db=db)
    return token


def sign_in(
    ws: Workspace,
    username: str,
    password: str,
    *,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> str:
    """Verify and open a session, for programs. Raises NotSignedIn or SignInLocked.

    An unknown name costs the time a known one does (SECURITY 28).
    """
    with ws.metastore.connect() as db:
        found = users.credentials(db, username)
    if found is None or found.password_hash is None:
        verify_dummy(password)
        _note_failure(ws, None, username, ip_address, user_agent)
        raise NotSignedIn("User name or password is wrong.")
    _require_unlocked(found.locked_until)
    if not verify_password(password, found.password_hash) or found.user.disabled:
        _note_failure(ws, found.user, username, ip_address, user_agent)
        raise NotSignedIn("User name or password is wrong.")
    ticket = open_ticket(ws, username, ip_address=ip_address, user_agent=user_agent)
    return redeem_ticket(ws, ticket, ip_address=ip_address, user_agent=user_agent)


def resolve(
    ws: Workspace,
    token: str | None,
    *,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> Identity | None:
    """Whose session this is, as the user is now; None when it has ended."""
    if not token:
        return None
    with ws.metastore.connect() as db:
        found = sessions.resolve(db, token)
    return _identity(found.user, ip_address, user_agent) if found else None


def sign_out(ws: Workspace, token: str | None) -> None:
    """End a session at once."""
    who = resolve(ws, token)
    if token and who:
        with ws.metastore.begin() as db:
            sessions.close(db, token)
            note(ws, who, "logout", db=db)


def form_credentials(ws: Workspace) -> dict[str, Any]:
    """What streamlit-authenticator's form checks against: enabled users that are not locked."""
    now = datetime.now(UTC)
    known: dict[str, Any] = {}
    with ws.metastore.connect() as db:
        for found in users.all_credentials(db):
            locked = found.locked_until is not None and found.locked_until > now
            if found.user.disabled or locked or found.password_hash is None:
                continue
            known[found.user.username] = {
                "email": found.user.email,
                "name": found.user.name or found.user.username,
                "password": found.password_hash,
                "roles": [found.user.role.value],
            }
    return {"usernames": known}


def note_failed_sign_in(
    ws: Workspace,
    username: str,
    password: str = "",
    *,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> None:
    """Count and audit a failure of the form. Raises SignInLocked when the account is locked.

    For a name the form did not know it burns the time bcrypt takes for one it knows.
    """
    with ws.metastore.connect() as db:
        found = users.credentials(db, username)
    if found is None:
        verify_dummy(password)
    else:
        _require_unlocked(found.locked_until)
    _note_failure(ws, found.user if found else None, username, ip_address, user_agent)


def session_seconds(ws: Workspace) -> int:
    """How long a session lasts."""
    return ws.settings.session_hours * 3600


def _note_failure(
    ws: Workspace,
    user: User | None,
    username: str,
    ip_address: str | None,
    user_agent: str | None,
) -> None:
    who = _identity(user, ip_address, user_agent) if user else None
    with ws.metastore.begin() as db:
        locked = users.note_failed_login(db, user.id) if user else None
        # What was typed may be a password in the wrong box: only known names are written down.
        details = {"locked": locked is not None, "known_user": user is not None}
        note(ws, who, "login_failed", details=details, db=db)


def _require_unlocked(until: datetime | None) -> None:
    now = datetime.now(UTC)
    if until is not None and until > now:
        minutes = max(1, round((until - now).total_seconds() / 60))
        raise SignInLocked(f"Too many failed attempts. Try again in {minutes} min.")


def _identity(user: User, ip_address: str | None, user_agent: str | None) -> Identity:
    return Identity(
        user_id=user.id,
        username=user.username,
        role=user.role,
        name=user.name,
        ip_address=ip_address,
        user_agent=user_agent,
    )
