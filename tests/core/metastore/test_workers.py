from __future__ import annotations

import sqlalchemy as sa

from core.metastore import workers
from core.metastore.engine import Metastore
from core.metastore.schema import worker_heartbeats


def test_a_worker_that_beats_is_alive(metastore: Metastore) -> None:
    with metastore.begin() as db:
        assert workers.alive_workers(db) == 0
        for owner in ("host:1:a", "host:2:b", "host:1:a"):
            workers.beat(db, owner)
        assert workers.alive_workers(db) == 2
        workers.leave(db, "host:1:")
        assert workers.alive_workers(db) == 1


def test_a_silent_worker_is_not(metastore: Metastore) -> None:
    with metastore.begin() as db:
        workers.beat(db, "host:1:a")
        silent = worker_heartbeats.c.beat_at - 40.0
        db.execute(sa.update(worker_heartbeats).values(beat_at=silent))
        assert workers.alive_workers(db) == 0
        assert workers.alive_workers(db, within=60) == 1
        assert workers.purge(db) == 0
        assert workers.purge(db, older_than=30) == 1
