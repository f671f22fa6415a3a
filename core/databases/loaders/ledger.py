"""The ledger: one row per run that was committed, in the database that holds its rows.

It is written in the same transaction as the rows, so that a worker that died after its commit
and before telling anybody can be taken over without loading anything twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core.databases.refusals import forbidden, locked, translated
from core.model.job import Counts

LEDGER = sa.Table(
    "tableport_ledger",
    sa.MetaData(),
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("committed_at", sa.String(32), nullable=False),  # ISO 8601, UTC
    sa.Column("counts", sa.Text, nullable=False),  # JSON of core.model.job.Counts
)


def prepare(connection: Connection, table: sa.Table = LEDGER) -> bool:
    """Make a table of ours in a transaction of its own when it is missing.

    False when the database user may not: imports then work without one.
    """
    if usable(connection, table):
        return True
    try:
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        connection.commit()
    except DBAPIError as error:
        connection.rollback()
        # Two workers may make it at once; IF NOT EXISTS does not save the second on PostgreSQL.
        if usable(connection, table):
            return True
        if not forbidden(error):
            raise
        return False
    return True


def usable(connection: Connection, table: sa.Table = LEDGER) -> bool:
    """Is the table of ours there, and may it be read?"""
    try:
        connection.execute(sa.select(table).limit(0))
    except DBAPIError as error:
        if error.connection_invalidated or locked(error):
            raise
        return False
    finally:
        connection.rollback()
    return True


def already_committed(engine: Engine, run_id: str) -> Counts | None:
    """The counts of a run that was committed before, else None.

    None too where there is no ledger. Raises TargetDatabaseError when the database cannot be asked.
    """
    with translated("The ledger cannot be read"), engine.connect() as connection:
        return committed(connection, run_id) if usable(connection) else None


def committed(connection: Connection, run_id: str) -> Counts | None:
    """The same, asked inside a transaction that is open."""
    text = connection.execute(
        sa.select(LEDGER.c.counts).where(LEDGER.c.run_id == run_id)
    ).scalar_one_or_none()
    return None if text is None else Counts(**json.loads(text))


def record(connection: Connection, run_id: str, table: str, counts: Counts) -> None:
    connection.execute(
        sa.insert(LEDGER).values(
            run_id=run_id,
            table_name=table,
            committed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            counts=json.dumps(asdict(counts)),
        )
    )
