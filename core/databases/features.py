"""What a backend can do, as data: code asks for a feature, never for a backend's name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    backend: str
    title: str  #: for people
    schemas: bool  #: tables live in named schemas
    supports_copy: bool  #: a bulk protocol of its own
    enforces_types: bool  #: refuses a value that does not fit its column's type
    parameter_limit: int  #: bound values in one statement
    row_address: tuple[str, ...]  #: pseudo-columns that tell rows of a keyless table apart
    fold_function: str | None  #: SQL function that folds case; None: the backend has ILIKE
    moment_function: str | None  #: SQL function that spells stored datetimes alike; None: typed


FEATURES: dict[str, Features] = {
    "sqlite": Features(
        backend="sqlite",
        title="SQLite",
        schemas=False,
        supports_copy=False,
        enforces_types=False,
        parameter_limit=32_000,  # SQLITE_MAX_VARIABLE_NUMBER is 32,766 since 3.32
        row_address=("rowid", "_rowid_", "oid"),
        fold_function="tableport_fold",
        moment_function="tableport_moment",
    ),
    "postgresql": Features(
        backend="postgresql",
        title="PostgreSQL",
        schemas=True,
        supports_copy=True,
        enforces_types=True,
        parameter_limit=65_000,  # the wire protocol counts them in 16 bits
        row_address=("ctid",),
        fold_function=None,
        moment_function=None,
    ),
}


def features_of(bind: Engine | Connection) -> Features:
    """The features of the backend behind an engine or connection made by `open_engine`."""
    return FEATURES[bind.dialect.name]
