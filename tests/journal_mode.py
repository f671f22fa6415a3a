"""The journal of an SQLite file, which decides whether it can be read while it is written to."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy.engine import Engine


def set_journal(engine: Engine, mode: str) -> None:
    """On the driver's own connection: SQLite changes it outside of any transaction only."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode = {mode}")
        assert cursor.fetchone()[0] == mode
