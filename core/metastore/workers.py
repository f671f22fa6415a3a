"""Which workers live: each writes a heartbeat every few seconds, by the database's clock."""

from __future__ import annotations

import sqlalchemy as sa

from core.metastore.schema import worker_heartbeats
from core.metastore.sqltypes import epoch

#: A worker writes every 10 seconds; one silent for so long is taken for dead.
ALIVE_WITHIN = 30.0


def beat(db: sa.Connection, owner: str) -> None:
    """This worker lives."""
    mine = sa.update(worker_heartbeats).where(worker_heartbeats.c.owner == owner)
    if db.execute(mine.values(beat_at=epoch())).rowcount == 0:
        db.execute(
            sa.insert(worker_heartbeats).values(owner=owner, started_at=epoch(), beat_at=epoch())
        )


def leave(db: sa.Connection, owner_prefix: str) -> None:
    """Workers of that name or prefix (`host:pid:`) are gone."""
    heard = worker_heartbeats.c.owner
    db.execute(sa.delete(worker_heartbeats).where(heard.startswith(owner_prefix, autoescape=True)))


def alive_workers(db: sa.Connection, *, within: float = ALIVE_WITHIN) -> int:
    """How many workers were heard of in the last `within` seconds."""
    heard = worker_heartbeats.c.beat_at
    query = sa.select(sa.func.count()).where(heard > epoch() - within)
    return db.execute(query).scalar_one()


def purge(db: sa.Connection, *, older_than: float = 86_400.0) -> int:
    """Forget workers not heard of for so many seconds; returns how many."""
    heard = worker_heartbeats.c.beat_at
    statement = sa.delete(worker_heartbeats).where(heard < epoch() - older_than)
    return db.execute(statement).rowcount
