from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.errors import Conflict
from core.metastore import approvals, jobs, queue, users
from core.metastore.engine import Metastore
from core.model.access import Role, User
from core.model.job import Job, JobStatus, JobTask
from core.model.plan import ImportPlan, plan_hash


@pytest.fixture
def waiting(metastore: Metastore, ann: User, import_plan: ImportPlan) -> Job:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=ann.id)
        approvals.require(db, draft)
        return queue.enqueue(db, draft, JobTask.RUN)


def test_approving(metastore: Metastore, waiting: Job, bob: User, import_plan: ImportPlan) -> None:
    with metastore.begin() as db:
        hash_seen = plan_hash(import_plan)
        job = approvals.approve(db, waiting, reviewer=bob.id, plan_hash=hash_seen, notes="fine")
        row = jobs.details(db, job)
    assert (job.status, job.queued) == (JobStatus.PENDING, True)
    assert job.approved_at is not None
    assert (row["approved_by"], row["notes"]) == (bob.id, "fine")


def test_rejecting(metastore: Metastore, waiting: Job, bob: User) -> None:
    with metastore.begin() as db:
        job = approvals.reject(db, waiting, reviewer=bob.id, notes="wrong table")
        assert (job.status, job.active) == (JobStatus.CANCELLED, False)
        assert job.error_message == "A reviewer rejected this import: wrong table"
        assert queue.claim(db, "w", 60) is None
        with pytest.raises(Conflict):
            approvals.reject(db, waiting, reviewer=bob.id)


def test_nobody_approves_his_own(
    metastore: Metastore, waiting: Job, ann: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        with pytest.raises(Conflict):
            approvals.approve(db, waiting, reviewer=ann.id, plan_hash=plan_hash(import_plan))
        with pytest.raises(Conflict):
            approvals.reject(db, waiting, reviewer=ann.id)


def test_what_was_seen_is_what_is_approved(
    metastore: Metastore, waiting: Job, bob: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        changed = replace(import_plan, upload="e" * 32)
        jobs.set_plan(db, waiting, changed)
        with pytest.raises(Conflict, match="was changed"):
            approvals.approve(db, waiting, reviewer=bob.id, plan_hash=plan_hash(import_plan))
        job = approvals.approve(db, waiting, reviewer=bob.id, plan_hash=plan_hash(changed))
    assert job.approved_at is not None


def test_a_job_that_needs_none_cannot_be_approved(
    metastore: Metastore, ann: User, bob: User, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=ann.id)
        with pytest.raises(Conflict):
            approvals.approve(db, draft, reviewer=bob.id, plan_hash=plan_hash(import_plan))


def test_of_two_decisions_at_once_one_wins(
    metastore: Metastore, waiting: Job, import_plan: ImportPlan
) -> None:
    with metastore.begin() as db:
        reviewers = [
            users.create(db, username=f"r{n}", password_hash=None, role=Role.MANAGER).id
            for n in range(4)
        ]
    outcomes: list[str] = []
    together = threading.Barrier(len(reviewers))

    def decide(reviewer: int, approving: bool) -> None:
        together.wait()
        try:
            with metastore.begin() as db:
                if approving:
                    hash_seen = plan_hash(import_plan)
                    approvals.approve(db, waiting, reviewer=reviewer, plan_hash=hash_seen)
                else:
                    approvals.reject(db, waiting, reviewer=reviewer)
            outcomes.append("decided")
        except Conflict:
            outcomes.append("refused")

    threads = [
        threading.Thread(target=decide, args=(reviewer, number % 2 == 0))
        for number, reviewer in enumerate(reviewers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "refused", "refused", "refused"]
