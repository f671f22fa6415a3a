from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.jobs.lease import Cancelled, Interrupted, Lease, LeaseLost
from core.metastore import jobs, queue
from core.metastore.engine import Metastore
from core.model.job import Counts, Job, JobStatus

Submit = Callable[..., Job]


def _claim(metastore: Metastore, owner: str, lease: float = 60.0) -> Job:
    with metastore.begin() as db:
        job = queue.claim(db, owner, lease)
    assert job is not None
    return job


def _now(metastore: Metastore, job: Job) -> Job:
    with metastore.connect() as db:
        return jobs.get(db, job.job_id)


def test_a_beat_notes_progress(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1")
    counts = Counts(rows_read=10, inserted=7, rejected=3)
    Lease(metastore, job, "w1").beat(
        status=JobStatus.IMPORTING,
        phase="loading" + "x\x00" * 100,
        percent=140.0,
        total_rows=20,
        counts=counts,
        checkpoint_rows=10,
    )
    now = _now(metastore, job)
    assert (now.status, now.progress_percent) == (JobStatus.IMPORTING, 100.0)
    assert (now.total_rows, now.processed_rows, now.counts) == (20, 10, counts)
    assert len(now.phase) == 100
    with metastore.connect() as db:
        row = jobs.details(db, job)
    assert (row["checkpoint_rows"], row["valid_rows"], row["error_rows"]) == (10, 7, 3)


def test_a_beat_joins_the_transaction_of_its_batch(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1")
    lease = Lease(metastore, job, "w1")
    with metastore.write.connect() as db:
        lease.beat(processed_rows=5, db=db)
        db.rollback()
    assert _now(metastore, job).processed_rows == 0
    with metastore.begin() as db:
        lease.beat(processed_rows=6, db=db)
    assert _now(metastore, job).processed_rows == 6


def test_a_lost_lease_is_told(metastore: Metastore, submit: Submit) -> None:
    submit()
    first = _claim(metastore, "w1", -1.0)
    second = _claim(metastore, "w2")
    lost = Lease(metastore, first, "w1")
    with pytest.raises(LeaseLost):
        lost.beat(processed_rows=99)
    with pytest.raises(LeaseLost):
        lost.check()
    Lease(metastore, second, "w2").beat()
    assert _now(metastore, second).processed_rows == 0


def test_a_cancellation_is_told_within_the_batch(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1")
    lease = Lease(metastore, job, "w1")
    lease.beat()
    with metastore.begin() as db:
        queue.cancel(db, job)
    with pytest.raises(Cancelled):
        lease.beat()


def test_a_stopping_worker_is_interrupted(metastore: Metastore, submit: Submit) -> None:
    submit()
    stop = threading.Event()
    lease = Lease(metastore, _claim(metastore, "w1"), "w1", stop=stop.is_set)
    lease.beat()
    stop.set()
    with pytest.raises(Interrupted):
        lease.beat()


def test_reports_are_written_now_and_then(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1")
    lease = Lease(metastore, job, "w1")
    lease.report(processed_rows=1)
    lease.report(processed_rows=2)
    assert _now(metastore, job).processed_rows == 1


def test_the_thread_keeps_the_lease(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1", -1.0)
    with Lease(metastore, job, "w1", beat_every=0.02) as lease:
        _until(lambda: _until_leased(metastore))
        lease.check()


def test_the_thread_hears_of_a_cancellation(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1")
    with metastore.begin() as db:
        queue.cancel(db, job)

    def check() -> None:
        lease.check()

    with Lease(metastore, job, "w1", beat_every=0.02) as lease:
        _until(lambda: _raises(Cancelled, check))


def test_the_thread_hears_that_the_lease_is_lost(metastore: Metastore, submit: Submit) -> None:
    submit()
    job = _claim(metastore, "w1", -1.0)
    _claim(metastore, "w2")

    def check() -> None:
        lease.check()

    with Lease(metastore, job, "w1", beat_every=0.02) as lease:
        _until(lambda: _raises(LeaseLost, check))


def _until_leased(metastore: Metastore) -> bool:
    """Nothing is due any more: the expired lease was prolonged."""
    with metastore.connect() as db:
        return not queue.is_due(db)


def _raises(kind: type[Exception], act: Callable[[], None]) -> bool:
    try:
        act()
    except kind:
        return True
    return False


def _until(condition: Callable[[], bool]) -> None:
    """Wait for something that must happen; the time is only to fail instead of hanging."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("did not happen")
