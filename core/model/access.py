"""Who may do what to which table, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    USER = "user"
    VIEWER = "viewer"


class Action(StrEnum):
    """One thing a grant can allow on a table (ruling A35)."""

    IMPORT = "import"
    VALIDATE = "validate"
    PREVIEW_IMPORT = "preview_import"  #: the guide's can_preview of import_permissions
    EXPORT = "export"
    PREVIEW_EXPORT = "preview_export"
    REPLACE = "replace"
    DELETE = "delete"
    CREATE_TABLE = "create_table"
    REVIEW = "review"
    UNDO = "undo"
    ADMINISTER = "administer"


IMPORT_ACTIONS = frozenset({Action.IMPORT, Action.VALIDATE, Action.PREVIEW_IMPORT})
EXPORT_ACTIONS = frozenset({Action.EXPORT, Action.PREVIEW_EXPORT})
#: Ways of changing a table beside adding and changing its rows, each allowed by itself.
CHANGE_ACTIONS = frozenset({Action.REPLACE, Action.DELETE, Action.CREATE_TABLE, Action.UNDO})


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What one user may do to one table, within limits, whatever it came from.

    The effective grant: a per-user row of import_permissions or export_permissions
    overrides the role's for its half; nothing granted is nothing allowed.
    A limit of None means only the global setting limits.
    """

    connection: str = "*"
    table: str = "*"  #: `*` is any table
    actions: frozenset[Action] = frozenset()
    max_file_size_mb: int | None = None
    max_rows_per_import: int | None = None
    import_formats: tuple[str, ...] | None = None  #: None: every format
    requires_approval: bool = False
    max_rows_per_export: int | None = None
    export_formats: tuple[str, ...] | None = None
    allowed_columns: tuple[str, ...] = ()  #: export; empty: all (ruling A17)


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who is asking, from where."""

    user_id: int | None  #: None: the local administrator (ruling A36)
    username: str
    role: Role
    name: str = ""
    ip_address: str | None = None
    user_agent: str | None = None
    local: bool = False  #: the owner of TABLEPORT_HOME at the command line: no caps

    @property
    def is_admin(self) -> bool:
        return self.local or self.role is Role.ADMIN


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    id: int
    username: str
    name: str
    email: str
    role: Role
    disabled: bool = False
    must_change_password: bool = False
    last_login_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionInfo:
    """A named database, without its secret."""

    name: str
    backend: str  #: sqlite, postgresql
    address: str  #: URL with the password hidden
    default: bool = False
    ad_hoc: bool = False  #: made by a command-line URL: not offered on screens
