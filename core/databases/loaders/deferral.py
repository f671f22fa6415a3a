"""Foreign keys checked at the commit, for tables that refer to each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection, Engine

from core.databases.features import features_of
from core.model.table import ForeignKey

_DEFER = {"sqlite": "PRAGMA defer_foreign_keys = ON", "postgresql": "SET CONSTRAINTS ALL DEFERRED"}


def may_defer(engine: Engine, references: Iterable[ForeignKey]) -> bool:
    """Can the database be asked to look at these at the commit only?

    SQLite always; PostgreSQL when they were declared DEFERRABLE; MySQL never.
    """
    backend = features_of(engine).backend
    return backend == "sqlite" or (backend in _DEFER and all(r.deferrable for r in references))


def defer(connection: Connection) -> None:
    """From here to the end of the transaction; to be asked for only after `may_defer`."""
    connection.exec_driver_sql(_DEFER[features_of(connection).backend])
