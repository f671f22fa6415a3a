"""Taking jobs off the queue and looking at them: what the tests of the queue share."""

from __future__ import annotations

from core.metastore import jobs, queue
from core.metastore.engine import Metastore
from core.model.job import Job

LONG = 60.0
OVER = -1.0  #: a lease that has run out as soon as it is given


def claim(metastore: Metastore, owner: str, lease: float = LONG) -> Job | None:
    with metastore.begin() as db:
        return queue.claim(db, owner, lease)


def must_claim(metastore: Metastore, owner: str, lease: float = LONG) -> Job:
    job = claim(metastore, owner, lease)
    assert job is not None
    return job


def current(metastore: Metastore, job: Job) -> Job:
    with metastore.connect() as db:
        return jobs.get(db, job.job_id)
