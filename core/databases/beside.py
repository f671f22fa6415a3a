"""Whether a database can be read while another connection is in the middle of writing to it."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from core.databases.features import features_of
from core.databases.refusals import translated


def reads_beside_writes(engine: Engine) -> bool:
    """Do readers see the state before a transaction that is open, without waiting for it?

    SQLite's do with a write-ahead log, which is its owner's choice and kept in the file. Raises
    TargetDatabaseError.
    """
    if not features_of(engine).readers_wait:
        return True
    with translated("The database cannot be read"), engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
