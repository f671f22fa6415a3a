"""Jobs whose worker is gone: taken over, given up, or ended by the sweep."""

from __future__ import annotations

from core.metastore import approvals, jobs, queue
from core.metastore.engine import Metastore
from core.model.job import Job, JobStatus, JobTask
from core.model.plan import ImportPlan
from tests.core.metastore.holding_jobs import LONG, OVER, claim, current, must_claim


def test_a_new_attempt_starts_from_nothing(metastore: Metastore, job: Job) -> None:
    first = must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        done = {"progress_percent": 80.0, "processed_rows": 7, "phase": "Loading"}
        queue.fence(db, first, "w1", OVER, done)
    second = must_claim(metastore, "w2")
    assert (second.attempt, second.lost_attempts) == (2, 1)
    assert (second.progress_percent, second.processed_rows, second.phase) == (0.0, 0, "")


def test_the_jobs_of_a_dead_worker_are_free_at_once(metastore: Metastore, job: Job) -> None:
    must_claim(metastore, "host_a:12:x")
    with metastore.begin() as db:
        assert queue.release_dead(db, "hostXa:12:") == 0
        assert queue.release_dead(db, "host_a:1:") == 0
        assert queue.release_dead(db, "host_a:12:") == 1
    assert must_claim(metastore, "w2").attempt == 2


def test_a_lost_worker_costs_no_try(metastore: Metastore, job: Job) -> None:
    for _ in range(queue.MOST_LOST):
        must_claim(metastore, "w1", OVER)
    for tried in (1, 2, 3):
        held = must_claim(metastore, "w1")
        assert (held.lost_attempts, queue.has_lost_too_many(held)) == (queue.MOST_LOST, False)
        with metastore.begin() as db:
            assert queue.retry_later(db, held, "w1", 0, {}) is (tried < 3)


def test_who_lost_too_many_workers_gets_one_more_to_find_out(
    metastore: Metastore, job: Job
) -> None:
    for _ in range(queue.MOST_LOST + 1):
        assert not queue.has_lost_too_many(must_claim(metastore, "w1", OVER))
    assert queue.has_lost_too_many(must_claim(metastore, "w1", OVER))
    assert claim(metastore, "w2") is None


def test_each_asking_may_lose_its_own_workers(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=None)
        for _ in range(2):
            queue.enqueue(db, draft, JobTask.VALIDATE)
            assert queue.claim(db, "w1", OVER) is not None
            held = queue.claim(db, "w1", LONG)
            assert held is not None
            assert held.lost_attempts == 1
            queue.finish(db, held, "w1", JobStatus.VALIDATED, {})


def test_the_sweeper_ends_what_nobody_takes_over(metastore: Metastore, job: Job) -> None:
    for _ in range(queue.MOST_LOST + 2):
        must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        assert queue.sweep(db) == [job.job_id]
        assert queue.sweep(db) == []
    now = current(metastore, job)
    assert (now.status, now.error_code, now.active) == (JobStatus.FAILED, "JOB_001", False)


def test_a_lost_job_is_taken_over_to_be_cancelled(metastore: Metastore, job: Job) -> None:
    """Only a worker can find out whether it was not done after all."""
    must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        queue.cancel(db, job)
        assert queue.sweep(db) == []
    held = must_claim(metastore, "w2")
    with metastore.begin() as db:
        assert queue.fence(db, held, "w2", LONG) is True


def test_the_sweeper_cancels_what_nobody_could(metastore: Metastore, job: Job) -> None:
    for _ in range(queue.MOST_LOST + 2):
        must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        queue.cancel(db, job)
        assert queue.sweep(db) == [job.job_id]
    assert current(metastore, job).status is JobStatus.CANCELLED


def test_a_lost_job_whose_approval_no_longer_holds_does_not_stay_active(
    metastore: Metastore, job: Job
) -> None:
    must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        approvals.require(db, job)
        assert queue.claim(db, "w2", LONG) is None
        assert queue.sweep(db) == [job.job_id]
    assert not current(metastore, job).active


def test_the_sweeper_leaves_living_jobs_alone(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        assert queue.sweep(db) == []
        queue.fence(db, held, "w1", OVER)
        assert queue.sweep(db) == []  # it has attempts left: to be taken over
