from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from core.errors import Conflict
from core.metastore import approvals, jobs, queue
from core.metastore.engine import Metastore
from core.metastore.jobrows import TABLES
from core.metastore.schema import import_jobs
from core.model.access import User
from core.model.job import Job, JobKind, JobStatus, JobTask
from core.model.plan import ExportPlan, ImportPlan, plan_hash
from tests.core.metastore.holding_jobs import LONG, OVER, claim, current, must_claim


def test_a_queued_job_is_claimed_once(metastore: Metastore, job: Job) -> None:
    assert (job.queued, job.running, job.status) == (True, False, JobStatus.PENDING)
    held = must_claim(metastore, "w1")
    assert (held.job_id, held.attempt, held.status) == (job.job_id, 1, JobStatus.PARSING)
    assert (held.queued, held.running) == (False, True)
    assert held.started_at is not None
    assert claim(metastore, "w2") is None


def test_a_draft_is_not_claimed(metastore: Metastore, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        jobs.insert_import(db, import_plan, created_by=None)
        assert not queue.is_due(db)
        assert queue.claim(db, "w1", LONG) is None


def test_a_delayed_job_waits(metastore: Metastore, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=None)
        assert queue.enqueue(db, draft, JobTask.RUN, delay=60).queued
        assert queue.count_waiting(db) == 0
        assert queue.claim(db, "w1", LONG) is None


def test_the_most_urgent_first_over_both_kinds(
    metastore: Metastore, import_plan: ImportPlan, export_plan: ExportPlan
) -> None:
    with metastore.begin() as db:
        asked = []
        for priority, delay in ((0, -1), (5, -1), (0, -9)):
            export = jobs.insert_export(db, export_plan, created_by=None, priority=priority)
            asked.append((priority, delay, queue.enqueue(db, export, JobTask.RUN, delay=delay)))
        for priority, delay in ((5, -2), (0, -5)):
            draft = jobs.insert_import(db, import_plan, created_by=None, priority=priority)
            asked.append((priority, delay, queue.enqueue(db, draft, JobTask.RUN, delay=delay)))
        assert queue.count_waiting(db) == 5
        expected = [job.job_id for _, _, job in sorted(asked, key=lambda a: (-a[0], a[1]))]
        claimed = [queue.claim(db, "w", LONG) for _ in expected]
    assert [job.job_id for job in claimed if job] == expected


def test_one_given_job_can_be_claimed(
    metastore: Metastore, job: Job, export_plan: ExportPlan
) -> None:
    with metastore.begin() as db:
        export = jobs.insert_export(db, export_plan, created_by=None)
        assert queue.claim(db, "cli", LONG, job_id=export.job_id) is None
        queue.enqueue(db, export, JobTask.RUN)
        held = queue.claim(db, "cli", LONG, job_id=export.job_id)
    assert held is not None
    assert (held.job_id, held.status) == (export.job_id, JobStatus.IN_PROGRESS)
    assert current(metastore, job).queued


def test_many_claimers_share_the_jobs(metastore: Metastore, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        for _ in range(20):
            draft = jobs.insert_import(db, import_plan, created_by=None)
            queue.enqueue(db, draft, JobTask.RUN)
    claimed: list[str] = []

    def work(owner: str) -> None:
        while job := claim(metastore, owner):
            claimed.append(job.job_id)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 20


def test_an_expired_lease_is_taken_over_and_the_loser_fenced_out(
    metastore: Metastore, job: Job
) -> None:
    first = must_claim(metastore, "w1", OVER)
    second = must_claim(metastore, "w2")
    assert (second.job_id, second.attempt) == (first.job_id, 2)
    with metastore.begin() as db:
        assert queue.fence(db, first, "w1", LONG, {"phase": "late"}) is None
        assert not queue.finish(db, first, "w1", JobStatus.COMPLETED, {})
        assert not queue.retry_later(db, first, "w1", 0, {})
        assert not queue.give_back(db, first, "w1")
        assert queue.fence(db, second, "w2", LONG) is False
    now = current(metastore, job)
    assert (now.status, now.phase, now.running) == (JobStatus.PARSING, "", True)


def test_the_same_owner_is_fenced_by_its_attempt(metastore: Metastore, job: Job) -> None:
    first = must_claim(metastore, "w1", OVER)
    second = must_claim(metastore, "w1")
    with metastore.begin() as db:
        assert queue.fence(db, first, "w1", LONG) is None
        assert queue.fence(db, second, "w1", LONG) is False


def test_a_beat_prolongs_an_expired_lease_nobody_took(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1", OVER)
    with metastore.begin() as db:
        assert queue.fence(db, held, "w1", LONG) is False
    assert claim(metastore, "w2") is None


def test_a_checkpoint_never_falls(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        for rows in (10, 5):
            queue.fence(db, held, "w1", LONG, checkpoint_rows=rows)
        assert jobs.details(db, held)["checkpoint_rows"] == 10


def test_a_fence_that_is_rolled_back_wrote_nothing(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.write.connect() as db:
        queue.fence(db, held, "w1", LONG, {"processed_rows": 7})
        db.rollback()
    assert current(metastore, job).processed_rows == 0


def test_finishing(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        assert queue.finish(db, held, "w1", JobStatus.COMPLETED, {"progress_percent": 100.0})
        assert not queue.finish(db, held, "w1", JobStatus.FAILED, {})
    now = current(metastore, job)
    assert (now.status, now.active, now.progress_percent) == (JobStatus.COMPLETED, False, 100.0)
    assert now.completed_at is not None
    assert claim(metastore, "w2") is None


def test_a_check_that_ended_leaves_the_job_open(
    metastore: Metastore, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=None)
        queue.enqueue(db, draft, JobTask.VALIDATE)
        held = queue.claim(db, "w1", LONG)
        assert held is not None
        queue.finish(db, held, "w1", JobStatus.VALIDATED, {})
        checked = jobs.get(db, draft.job_id)
        assert (checked.active, checked.completed_at) == (False, None)
        again = queue.enqueue(db, checked, JobTask.RUN)
        held = queue.claim(db, "w1", LONG)
    assert again.task is JobTask.RUN
    assert held is not None
    assert held.attempt == 2


def test_asking_twice_is_refused(metastore: Metastore, job: Job) -> None:
    with metastore.begin() as db, pytest.raises(Conflict):
        queue.enqueue(db, job, JobTask.RUN)
    held = must_claim(metastore, "w1")
    with metastore.begin() as db, pytest.raises(Conflict):
        queue.enqueue(db, job, JobTask.RUN)
    with metastore.begin() as db:
        queue.finish(db, held, "w1", JobStatus.COMPLETED, {})
        with pytest.raises(Conflict, match="COMPLETED"):
            queue.enqueue(db, job, JobTask.RUN)


def test_trying_again_until_out_of_attempts(metastore: Metastore, job: Job) -> None:
    for attempt in (1, 2, 3):
        held = must_claim(metastore, "w1")
        with metastore.begin() as db:
            assert queue.retry_later(db, held, "w1", 0, {"error_code": "X"}) is (attempt < 3)
    with metastore.begin() as db:
        assert queue.finish(db, held, "w1", JobStatus.FAILED, {})


def test_a_retry_waits(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        queue.retry_later(db, held, "w1", 60, {"error_message": "busy"})
    now = current(metastore, job)
    assert (now.queued, now.status, now.error_message) == (True, JobStatus.PENDING, "busy")
    assert claim(metastore, "w2") is None


def test_each_asking_has_its_own_attempts(metastore: Metastore, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=None)
        for asked in range(1, 6):
            queue.enqueue(db, draft, JobTask.VALIDATE)
            held = queue.claim(db, "w1", LONG)
            assert held is not None
            assert held.attempt == asked
            queue.finish(db, held, "w1", JobStatus.VALIDATED, {})


def test_giving_back_costs_no_attempt(metastore: Metastore, job: Job) -> None:
    for _ in range(5):
        held = must_claim(metastore, "w1")
        with metastore.begin() as db:
            assert queue.give_back(db, held, "w1")
    assert current(metastore, job).queued


def test_a_waiting_job_is_cancelled_at_once(
    metastore: Metastore, job: Job, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        assert queue.cancel(db, job) is JobStatus.CANCELLED
        draft = jobs.insert_import(db, import_plan, created_by=None)
        assert queue.cancel(db, draft) is JobStatus.CANCELLED
        with pytest.raises(Conflict, match="CANCELLED"):
            queue.cancel(db, job)
    assert current(metastore, job).completed_at is not None
    assert claim(metastore, "w1") is None


def test_a_running_job_learns_of_its_cancellation(metastore: Metastore, job: Job) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        assert queue.cancel(db, job) is JobStatus.PARSING
        assert queue.fence(db, held, "w1", LONG) is True


@pytest.mark.parametrize("way", ["retry", "give back"])
def test_a_cancelled_job_does_not_go_back_to_the_queue(
    metastore: Metastore, job: Job, way: str
) -> None:
    held = must_claim(metastore, "w1")
    with metastore.begin() as db:
        queue.cancel(db, job)
        if way == "retry":
            queue.retry_later(db, held, "w1", 0, {})
        else:
            queue.give_back(db, held, "w1")
    now = current(metastore, job)
    assert (now.status, now.active) == (JobStatus.CANCELLED, False)
    assert now.completed_at is not None


def test_counting_what_runs(metastore: Metastore, job: Job) -> None:
    with metastore.begin() as db:
        assert queue.count_waiting(db) == 1
        assert jobs.count_running(db) == {JobKind.IMPORT: 0, JobKind.EXPORT: 0}
        queue.claim(db, "w1", LONG)
        assert queue.count_waiting(db) == 0
        assert jobs.count_running(db) == {JobKind.IMPORT: 1, JobKind.EXPORT: 0}


@pytest.fixture
def guarded(metastore: Metastore, ann: User, import_plan: ImportPlan) -> Job:
    """An import that needs approval, asked to run."""
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=ann.id, requires_approval=True)
        return queue.enqueue(db, draft, JobTask.RUN)


def test_an_import_that_needs_approval_waits(metastore: Metastore, guarded: Job) -> None:
    assert (guarded.status, guarded.active) == (JobStatus.AWAITING_APPROVAL, False)
    with metastore.begin() as db:
        assert queue.claim(db, "w1", LONG) is None
        assert queue.claim(db, "w1", LONG, job_id=guarded.job_id) is None
        assert queue.count_waiting(db) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": "PENDING"},
        {"status": "IMPORTING", "lease_owner": "gone", "lease_until": 0.0},
        {"approved_hash": "0" * 64},
        {"notes": "approved", "status": "VALIDATED"},
    ],
)
def test_no_other_column_stands_in_for_an_approval(
    metastore: Metastore, guarded: Job, values: dict[str, object]
) -> None:
    with metastore.begin() as db:
        db.execute(sa.update(TABLES[JobKind.IMPORT]).values(**values))
        assert queue.claim(db, "w1", LONG) is None


def test_an_approved_import_goes_ahead(
    metastore: Metastore, guarded: Job, bob: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        approvals.approve(db, guarded, reviewer=bob.id, plan_hash=plan_hash(import_plan))
        held = queue.claim(db, "w1", LONG)
    assert held is not None
    assert held.job_id == guarded.job_id


def test_a_plan_swapped_after_approval_is_not_run(
    metastore: Metastore, guarded: Job, bob: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        approvals.approve(db, guarded, reviewer=bob.id, plan_hash=plan_hash(import_plan))
        db.execute(sa.update(import_jobs).values(plan_hash="0" * 64))
        assert queue.claim(db, "w1", LONG) is None


def test_a_check_needs_no_approval(
    metastore: Metastore, ann: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=ann.id, requires_approval=True)
        assert queue.enqueue(db, draft, JobTask.VALIDATE).queued
        assert queue.claim(db, "w1", LONG) is not None
