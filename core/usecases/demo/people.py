"""The accounts of the demo, what they may do, and passwords that can be told again.

One rule: the demo makes one random password for each of its three accounts, once, and keeps them
sealed with the home's key in `demo/accounts.json` (mode 0600). It makes each account that is
missing with the password kept for it; `admin` only in a house without any account. An account
that is there is never changed: its password is told as long as it is the one that was kept, and
is None, with words that say so, when it is another. None of the three needs a new password at
the first sign-in.

    admin     may do everything
    analyst   imports into the shop, up to 10 MB and 10,000 rows, products with approval; makes
              tables there, deletes what a file does not have, undoes; exports
    reviewer  imports up to 50 MB and 50,000 rows into both databases, exports, decides
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Conflict, StorageDamaged
from core.keys.master import KeyPurpose
from core.keys.passwords import generate_password, hash_password, verify_password
from core.keys.sealing import open_text, seal_text
from core.metastore import grants, permissions, users
from core.metastore.permissions import ExportPermission, ImportPermission
from core.model.access import Action, Role
from core.settings import FAMILIES
from core.usecases.demo import music, shop
from core.usecases.demo.once import make_once
from core.usecases.local import local_identity
from core.usecases.rights import note
from core.usecases.users import ensure_admin

if TYPE_CHECKING:
    import sqlalchemy as sa

    from core.model.access import User
    from core.workspace import Workspace

ADMIN, ANALYST, REVIEWER = "admin", "analyst", "reviewer"
APPROVED = "products"  #: the table into which the analyst imports with approval only

_NAMES = {ANALYST: "Demo analyst", REVIEWER: "Demo reviewer"}
_ROLES = {ANALYST: Role.USER, REVIEWER: Role.MANAGER}
_FORMATS = tuple(FAMILIES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Somebody to sign in as."""

    username: str
    password: str | None  #: None when it is not the demo's any more
    role: Role
    words: str = ""  #: why there is no password, or why it does not help


def prepare_people(ws: Workspace) -> tuple[Account, ...]:
    """Make the accounts that are missing; all of them with their passwords, the admin first.

    Raises StorageDamaged when the passwords were sealed with another master key.
    """
    kept = _passwords(ws)
    ensure_admin(ws, kept[ADMIN])
    for username in (ANALYST, REVIEWER):
        _ensure(ws, username, kept[username])
    found = (_account(ws, username, password) for username, password in kept.items())
    return tuple(account for account in found if account is not None)


# ---------------------------------------------------------------- passwords
def _passwords(ws: Workspace) -> dict[str, str]:
    """The password of each account, made and sealed the first time."""
    path = ws.settings.home / "demo" / "accounts.json"
    key = ws.keys.derived(KeyPurpose.DEMO)
    make_once(path, partial(_write_passwords, key))
    try:
        sealed = json.loads(path.read_text(encoding="ascii"))
        kept = {name: str(sealed[name]) for name in (ADMIN, ANALYST, REVIEWER)}
    except (ValueError, KeyError, TypeError) as error:
        raise StorageDamaged(
            f"{path} does not hold the passwords of the demo: delete it, and give its accounts "
            "new ones with `tableport user password`"
        ) from error
    return {name: open_text(key, text, _context(name)) for name, text in kept.items()}


def _write_passwords(key: bytes, path: Path) -> None:
    made = {
        name: seal_text(key, generate_password(), _context(name))
        for name in (ADMIN, ANALYST, REVIEWER)
    }
    path.write_text(json.dumps(made, indent=2) + "\n", encoding="ascii")


def _context(username: str) -> str:
    return f"demo account {username}"


def _account(ws: Workspace, username: str, password: str) -> Account | None:
    with ws.metastore.connect() as db:
        found = users.credentials(db, username)
    if found is None:
        return None
    account = Account(username=found.user.username, password=password, role=found.user.role)
    if found.password_hash is None or not verify_password(password, found.password_hash):
        words = (
            "the password is not the one the demo made; "
            f"`tableport user password {username}` sets a new one"
        )
        return replace(account, password=None, words=words)
    if found.user.disabled:
        words = f"disabled; `tableport user enable {username}` lets it sign in"
        return replace(account, words=words)
    return account


# ---------------------------------------------------------------- accounts and rights
def _ensure(ws: Workspace, username: str, password: str) -> None:
    """The account with its rights, in one transaction; nothing when there is one already."""
    with ws.metastore.connect() as db:
        if users.by_username(db, username) is not None:
            return
    hashed = hash_password(password)
    role = _ROLES[username]
    # Another process may have made the same account just now: its passwords are the same file's.
    with suppress(Conflict), ws.metastore.begin() as db:
        user = users.create(
            db, username=username, password_hash=hashed, role=role, name=_NAMES[username]
        )
        _GRANTS[username](db, user)
        details = {"username": username, "role": role.value, "demo": True}
        for done in ("user_created", "permission_granted"):
            note(ws, local_identity(), done, details=details, db=db)


def _grant_analyst(db: sa.Connection, user: User) -> None:
    mine = ImportPermission(
        user_id=user.id,
        connection=shop.CONNECTION,
        table="*",
        max_file_size_mb=10,
        max_rows_per_import=10_000,
        allowed_formats=_FORMATS,
        more_actions=(Action.CREATE_TABLE, Action.DELETE, Action.UNDO),
    )
    permissions.set_import_permission(db, mine)
    approved = replace(mine, table=APPROVED, requires_approval=True)
    permissions.set_import_permission(db, approved)
    _grant_exports(db, user)


def _grant_reviewer(db: sa.Connection, user: User) -> None:
    for connection in (shop.CONNECTION, music.CONNECTION):
        mine = ImportPermission(
            user_id=user.id,
            connection=connection,
            table="*",
            max_file_size_mb=50,
            max_rows_per_import=50_000,
            allowed_formats=_FORMATS,
        )
        permissions.set_import_permission(db, mine)
        # Only a role can be given the right to review: a user's own rows are of files in and out.
        known = grants.grant_of(db, None, user.role, connection, "*")
        if Action.REVIEW not in known.actions:
            given = replace(known, actions=known.actions | {Action.REVIEW})
            permissions.set_role_grant(db, user.role, given)
    _grant_exports(db, user)


def _grant_exports(db: sa.Connection, user: User) -> None:
    for connection in (shop.CONNECTION, music.CONNECTION):
        every = ExportPermission(
            user_id=user.id, connection=connection, table="*", allowed_formats=_FORMATS
        )
        permissions.set_export_permission(db, every)


_GRANTS = {ANALYST: _grant_analyst, REVIEWER: _grant_reviewer}
