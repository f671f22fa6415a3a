from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import ApprovalRequired, Conflict, NotFound, TargetDatabaseError, ValidationFailed
from core.jobs.handler import Ended, Handler
from core.jobs.housekeeping import Tick
from core.jobs.lease import Lease
from core.jobs.worker import retry_delay, run_job, run_worker
from core.metastore import jobs, queue, workers
from core.metastore.engine import Metastore
from core.model.job import Counts, Job, JobKind, JobStatus, JobTask

Submit = Callable[..., Job]
RUN = (JobKind.IMPORT, JobTask.RUN)
DONE = Ended(status=JobStatus.COMPLETED)


def _busy() -> sa.exc.OperationalError:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorname = "SQLITE_BUSY"
    return sa.exc.OperationalError("SELECT", {}, cause)


def _work(metastore: Metastore, handler: Handler) -> None:
    """Run a worker until nothing is queued or running any more."""

    def idle() -> bool:
        with metastore.connect() as db:
            return not any(job.active for job in jobs.list_jobs(db))

    run_worker(metastore, {RUN: handler}, stop=idle, poll=0.01, max_poll=0.02, delay=lambda _: 0.0)


def _now(metastore: Metastore, job: Job) -> Job:
    with metastore.connect() as db:
        return jobs.get(db, job.job_id)


def test_what_the_handler_returns_is_written(metastore: Metastore, submit: Submit) -> None:
    job = submit()
    seen: list[Job] = []

    def handler(held: Job, lease: Lease) -> Ended:
        seen.append(held)
        lease.beat(status=JobStatus.IMPORTING)
        return Ended(
            status=JobStatus.PARTIALLY_COMPLETED,
            counts=Counts(rows_read=5, inserted=4, rejected=1),
            total_rows=5,
            phase="done",
            fields={"rejects_file": "r" * 32, "import_results": {"seconds": 1}},
        )

    _work(metastore, handler)
    now = _now(metastore, job)
    assert [held.job_id for held in seen] == [job.job_id]
    assert (now.status, now.progress_percent) == (JobStatus.PARTIALLY_COMPLETED, 100.0)
    assert (now.counts.inserted, now.total_rows, now.rejects_file) == (4, 5, "r" * 32)
    assert (now.import_results, now.phase, now.active) == ({"seconds": 1}, "done", False)
    assert now.completed_at is not None


def test_an_error_of_ours_fails_the_job_with_its_words(
    metastore: Metastore, submit: Submit
) -> None:
    job = submit()
    calls: list[int] = []

    def handler(held: Job, _lease: Lease) -> Ended:
        calls.append(held.attempt)
        raise ValidationFailed("3 rows break the rules of products.")

    _work(metastore, handler)
    now = _now(metastore, job)
    assert (now.status, now.error_code) == (JobStatus.FAILED, "IMPORT_004")
    assert now.error_message == "3 rows break the rules of products."
    assert calls == [1]


def test_a_defect_fails_the_job_and_quotes_no_cell(
    metastore: Metastore, submit: Submit, caplog: pytest.LogCaptureFixture
) -> None:
    job = submit()

    def handler(_job: Job, _lease: Lease) -> Ended:
        cell = "secret cell"
        raise ValueError(f"bad: {cell}")

    with caplog.at_level(logging.INFO, "tableport"):
        _work(metastore, handler)
    now = _now(metastore, job)
    assert (now.status, now.error_code) == (JobStatus.FAILED, "TABLEPORT_000")
    assert "ValueError" in caplog.text
    assert "test_worker.py" in caplog.text
    assert "secret cell" not in caplog.text + (now.error_message or "")


def test_an_outcome_that_cannot_be_written_fails_the_job(
    metastore: Metastore, submit: Submit
) -> None:
    job = submit()
    _work(metastore, lambda *_: Ended(status=JobStatus.COMPLETED, fields={"no_such_column": 1}))
    assert _now(metastore, job).status is JobStatus.FAILED


def test_an_outcome_that_cannot_be_written_just_now_is_found_by_the_next_attempt(
    metastore: Metastore, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued again it would lose a try, and after the last FAILED: the work is done, though."""
    job = submit()
    finish = queue.finish
    told: list[int] = []

    def away_once(db: sa.Connection, held: Job, owner: str, *outcome: Any) -> bool:
        told.append(held.attempt)
        if len(told) == 1:
            queue.release_dead(db, owner)  # in place of waiting for the lease to run out
            db.commit()
            raise _busy()
        return finish(db, held, owner, *outcome)

    monkeypatch.setattr(queue, "finish", away_once)
    _work(metastore, lambda *_: DONE)
    now = _now(metastore, job)
    assert told == [1, 2]
    assert (now.status, now.lost_attempts) == (JobStatus.COMPLETED, 1)


def test_a_job_that_lost_too_many_workers_is_given_up_at_its_first_beat(
    metastore: Metastore, submit: Submit
) -> None:
    job = submit()
    with metastore.begin() as db:
        for _ in range(queue.MOST_LOST + 1):
            queue.claim(db, "gone:1:x", -1.0)

    def handler(_job: Job, lease: Lease) -> Ended:
        lease.beat(phase="Working")
        return DONE

    _work(metastore, handler)
    now = _now(metastore, job)
    assert (now.status, now.error_code) == (JobStatus.FAILED, "JOB_001")
    assert "died before it had ended: 6 times." in (now.error_message or "")


def test_a_passing_trouble_is_tried_again(metastore: Metastore, submit: Submit) -> None:
    job = submit()
    attempts: list[int] = []

    def handler(held: Job, _lease: Lease) -> Ended:
        attempts.append(held.attempt)
        if held.attempt == 1:
            raise _busy()
        if held.attempt == 2:
            raise TargetDatabaseError("The database refused.") from _busy()
        return DONE

    _work(metastore, handler)
    now = _now(metastore, job)
    assert attempts == [1, 2, 3]
    assert (now.status, now.error_code, now.error_message) == (JobStatus.COMPLETED, None, None)


def test_trouble_that_does_not_pass_fails_the_job(metastore: Metastore, submit: Submit) -> None:
    job = submit()
    attempts: list[int] = []

    def handler(held: Job, _lease: Lease) -> Ended:
        attempts.append(held.attempt)
        raise TargetDatabaseError("The database refused.") from _busy()

    _work(metastore, handler)
    now = _now(metastore, job)
    assert attempts == [1, 2, 3]
    assert (now.status, now.error_code) == (JobStatus.FAILED, "DATABASE_001")
    assert now.error_message == "The database refused."


def test_a_task_without_a_handler_fails(metastore: Metastore, submit: Submit) -> None:
    job = submit(JobTask.VALIDATE)
    _work(metastore, lambda *_: DONE)
    now = _now(metastore, job)
    assert (now.status, now.error_code) == (JobStatus.FAILED, "SETUP_001")


def test_cancelling_stops_the_handler_at_its_next_batch(
    metastore: Metastore, submit: Submit
) -> None:
    job = submit()
    batches: list[int] = []

    def handler(held: Job, lease: Lease) -> Ended:
        for batch in range(10):
            if batch == 2:
                with metastore.begin() as db:
                    queue.cancel(db, held)
            lease.beat(processed_rows=batch)
            batches.append(batch)
        return DONE

    _work(metastore, handler)
    now = _now(metastore, job)
    assert batches == [0, 1]
    assert (now.status, now.active) == (JobStatus.CANCELLED, False)


def test_who_lost_the_lease_changes_nothing(metastore: Metastore, submit: Submit) -> None:
    """The first attempt freezes past its lease; the second finishes; then the first wakes."""
    job = submit()

    def handler(held: Job, _lease: Lease) -> Ended:
        with metastore.begin() as db:
            queue.release_dead(db, "")
            other = queue.claim(db, "other", 60)
            assert other is not None
            assert other.job_id == held.job_id
            queue.finish(db, other, "other", JobStatus.COMPLETED, {"processed_rows": 7})
        return Ended(status=JobStatus.FAILED, counts=Counts(rows_read=99))

    _work(metastore, handler)
    now = _now(metastore, job)
    assert (now.status, now.processed_rows, now.attempt) == (JobStatus.COMPLETED, 7, 2)


def test_workers_never_share_a_job(metastore: Metastore, submit: Submit) -> None:
    submitted = {submit().job_id for _ in range(12)}
    done: list[str] = []
    together = threading.Barrier(3)

    def handler(held: Job, lease: Lease) -> Ended:
        lease.beat()
        done.append(held.job_id)
        return DONE

    def work() -> None:
        together.wait()
        _work(metastore, handler)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(submitted)


def test_a_stopping_worker_gives_its_job_back(metastore: Metastore, submit: Submit) -> None:
    job = submit()
    stop = threading.Event()

    def handler(_job: Job, lease: Lease) -> Ended:
        stop.set()
        lease.beat()
        return DONE

    run_worker(metastore, {RUN: handler}, stop=stop.is_set)
    now = _now(metastore, job)
    assert (now.queued, now.status) == (True, JobStatus.PENDING)


def test_a_worker_shows_that_it_lives_and_runs_its_ticks(metastore: Metastore) -> None:
    alive: list[int] = []

    def look() -> None:
        with metastore.connect() as db:
            alive.append(workers.alive_workers(db))

    tick = Tick(name="look", every=0.0, run=look)
    run_worker(metastore, {}, stop=lambda: 1 in alive, ticks=[tick], max_poll=0.01)
    look()
    assert alive[-2:] == [1, 0]


def test_running_one_job_here(metastore: Metastore, submit: Submit) -> None:
    other, job = submit(), submit()
    ended = run_job(metastore, job.job_id, {RUN: lambda *_: DONE})
    assert ended.status is JobStatus.COMPLETED
    assert _now(metastore, other).queued


def test_running_one_job_tries_again_too(metastore: Metastore, submit: Submit) -> None:
    def handler(held: Job, _lease: Lease) -> Ended:
        if held.attempt < 3:
            raise _busy()
        return DONE

    job = submit()
    ended = run_job(metastore, job.job_id, {RUN: handler}, poll=0.01, delay=lambda _: 0.01)
    assert (ended.status, ended.attempt) == (JobStatus.COMPLETED, 3)


def test_running_one_job_waits_for_the_worker_that_has_it(
    metastore: Metastore, submit: Submit
) -> None:
    job = submit()
    with metastore.begin() as db:
        held = queue.claim(db, "other", 60)
    assert held is not None

    def finish() -> None:
        with metastore.begin() as db:
            queue.finish(db, held, "other", JobStatus.COMPLETED, {})

    timer = threading.Timer(0.1, finish)
    timer.start()
    ended = run_job(metastore, job.job_id, {}, poll=0.01)
    timer.join()
    assert ended.status is JobStatus.COMPLETED


def test_interrupting_the_command_line_cancels(metastore: Metastore, submit: Submit) -> None:
    job = submit()

    def handler(_job: Job, _lease: Lease) -> Ended:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(metastore, job.job_id, {RUN: handler})
    now = _now(metastore, job)
    assert (now.status, now.active) == (JobStatus.CANCELLED, False)


def test_jobs_that_cannot_be_run_here(metastore: Metastore, submit: Submit) -> None:
    waiting = submit(requires_approval=True)
    with pytest.raises(ApprovalRequired):
        run_job(metastore, waiting.job_id, {})
    with pytest.raises(NotFound):
        run_job(metastore, "nothing", {})
    done = submit()
    run_job(metastore, done.job_id, {RUN: lambda *_: DONE})
    with pytest.raises(Conflict, match="COMPLETED"):
        run_job(metastore, done.job_id, {})


def test_pauses_grow_up_to_a_minute() -> None:
    assert [retry_delay(attempt) for attempt in (1, 2, 3, 50)] == [2.0, 4.0, 8.0, 60.0]
