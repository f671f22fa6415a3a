from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from core.errors import StorageDamaged
from core.jobs.housekeeping import Tick, Ticker, standard_ticks
from core.metastore import jobs, queue
from core.metastore.engine import Metastore
from core.model.job import Job, JobStatus


def test_ticks_run_when_due() -> None:
    now = 100.0
    ran: list[str] = []
    often = Tick(name="often", every=1.0, run=lambda: ran.append("often"))
    seldom = Tick(name="seldom", every=10.0, run=lambda: ran.append("seldom"))
    ticker = Ticker([often, seldom], clock=lambda: now)
    ticker.run_due()
    ticker.run_due()
    assert ran == ["often", "seldom"]
    now = 101.5
    ticker.run_due()
    assert ran == ["often", "seldom", "often"]
    now = 111.0
    ticker.run_due()
    assert ran == ["often", "seldom", "often", "often", "seldom"]


def test_a_failing_tick_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []

    def fail() -> None:
        raise StorageDamaged

    ticks = [
        Tick(name="bad", every=1.0, run=fail),
        Tick(name="good", every=1.0, run=lambda: ran.append("good")),
    ]
    with caplog.at_level(logging.WARNING, "tableport.jobs"):
        Ticker(ticks).run_due()
    assert ran == ["good"]
    assert "bad failed: StorageDamaged" in caplog.text


def test_the_standard_ticks_end_lost_jobs(metastore: Metastore, submit: Callable[..., Job]) -> None:
    job = submit()
    with metastore.begin() as db:
        for _ in range(queue.MOST_LOST + 2):
            queue.claim(db, "gone", -1.0)
    Ticker(standard_ticks(metastore)).run_due()
    with metastore.connect() as db:
        assert jobs.get(db, job.job_id).status is JobStatus.FAILED
