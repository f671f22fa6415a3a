"""Accounts: make, list, change. Only administrators; a password also by its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ActionDenied, Conflict, NotFound
from core.keys.passwords import (
    check_policy,
    generate_password,
    hash_password,
    verify_password,
)
from core.metastore import users
from core.model.access import Role
from core.usecases.rights import note, require_admin

if TYPE_CHECKING:
    from core.model.access import Identity, User
    from core.workspace import Workspace


def create_user(
    ws: Workspace,
    who: Identity,
    *,
    username: str,
    role: Role,
    password: str | None = None,
    name: str = "",
    email: str = "",
) -> tuple[User, str]:
    """A new account and its password, generated when none is given.

    Raises ActionDenied, Conflict (the name is taken) or InvalidRequest (the password is weak).
    """
    require_admin(ws, who, "create users")
    chosen = generate_password() if password is None else password
    check_policy(chosen, username)
    with ws.metastore.begin() as db:
        user = users.create(
            db,
            username=username,
            password_hash=hash_password(chosen),
            role=role,
            name=name,
            email=email,
            must_change_password=password is None,
        )
        note(ws, who, "user_created", details={"username": username, "role": role.value}, db=db)
    return user, chosen


def list_users(ws: Workspace, who: Identity) -> list[User]:
    require_admin(ws, who, "list users")
    with ws.metastore.connect() as db:
        return users.list_users(db)


def set_password(
    ws: Workspace, who: Identity, username: str, new_password: str, *, current: str | None = None
) -> None:
    """Change a password; every session of its user ends. Owners give their current one."""
    check_policy(new_password, username)
    with ws.metastore.connect() as db:
        found = users.credentials(db, username)
    if found is None or not (who.is_admin or found.user.id == who.user_id):
        raise NotFound(f"There is no user {username!r}.")
    known = current is not None and found.password_hash is not None
    if not who.is_admin and not (
        known and verify_password(current or "", found.password_hash or "")
    ):
        raise ActionDenied("The current password is wrong.")
    with ws.metastore.begin() as db:
        users.set_password(db, found.user.id, hash_password(new_password))
        note(ws, who, "password_changed", details={"username": username}, db=db)


def set_disabled(ws: Workspace, who: Identity, username: str, disabled: bool) -> None:
    """Disable or enable an account; disabling ends its sessions at once."""
    require_admin(ws, who, "disable users")
    user = _user(ws, username)
    if disabled:
        _keep_an_admin(ws, user)
    with ws.metastore.begin() as db:
        users.set_disabled(db, user.id, disabled)
        word = "user_disabled" if disabled else "user_enabled"
        note(ws, who, word, details={"username": username}, db=db)


def set_role(ws: Workspace, who: Identity, username: str, role: Role) -> None:
    require_admin(ws, who, "change roles")
    user = _user(ws, username)
    if role is not Role.ADMIN:
        _keep_an_admin(ws, user)
    with ws.metastore.begin() as db:
        users.set_role(db, user.id, role)
        note(
            ws, who, "permission_role_changed", db=db,
            details={"username": username, "role": role.value},
        )  # fmt: skip


def ensure_admin(ws: Workspace, password: str | None = None) -> tuple[str, str] | None:
    """At the first start: an administrator with a generated password, returned this once.

    `password`: take this one instead. None when there are users already.
    """
    password = password or generate_password()
    with ws.metastore.begin() as db:
        if users.count(db):
            return None
        users.create(
            db,
            username="admin",
            password_hash=hash_password(password),
            role=Role.ADMIN,
            name="Administrator",
        )
        note(ws, None, "user_created", details={"username": "admin", "role": "admin"}, db=db)
    return "admin", password


def _user(ws: Workspace, username: str) -> User:
    with ws.metastore.connect() as db:
        user = users.by_username(db, username)
    if user is None:
        raise NotFound(f"There is no user {username!r}.")
    return user


def _keep_an_admin(ws: Workspace, user: User) -> None:
    if user.role is not Role.ADMIN or user.disabled:
        return
    with ws.metastore.connect() as db:
        if users.count(db, role=Role.ADMIN, enabled_only=True) <= 1:
            raise Conflict("This is the last administrator.")
