"""The list of jobs, one of them in full, and a reviewer's decision."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.model.job import Job, JobStatus
from core.usecases import imports, jobs
from core.usecases.local import local_identity
from core.workspace import Workspace

Screen = Callable[..., AppTest]
Make = Callable[..., Job]


def press(shown: AppTest, label: str) -> AppTest:
    return next(b for b in shown.button if b.label == label).click().run()


def test_without_a_job_something_true_is_said(screen: Screen) -> None:
    shown = screen("ulla", "jobs")
    assert any("No job has been asked for yet" in c.value for c in shown.caption)


def test_one_sees_ones_own_jobs_only(screen: Screen, drafted: Make) -> None:
    drafted("ulla")
    assert list(screen("ulla", "jobs").dataframe[0].value["Asked by"]) == ["ulla"]
    assert not screen("mia", "jobs").dataframe
    assert list(screen("root", "jobs").dataframe[0].value["Asked by"]) == ["ulla"]


def test_a_reviewer_approves_and_the_author_cannot(
    screen: Screen, checked: Make, ws: Workspace
) -> None:
    job = checked("ulla")
    shown = screen("ulla", "data_import", job=job.job_id, step="run")
    press(shown, "Ask to load 3 valid rows, hold back 2")
    own = screen("ulla", "jobs", job=job.job_id)
    assert "Approve and load" not in [b.label for b in own.button]
    shown = screen("root", "jobs", job=job.job_id)
    press(shown, "Approve and load")
    after = jobs.get_job(ws, local_identity(), job.job_id)
    assert after.approved_at is not None
    assert after.queued


def test_cancelling_ends_a_queued_job(screen: Screen, drafted: Make, ws: Workspace) -> None:
    job = drafted("root")
    imports.validate_import(ws, local_identity(), job.job_id)
    press(screen("root", "jobs", job=job.job_id), "Cancel")
    assert not jobs.get_job(ws, local_identity(), job.job_id).active


def test_home_lists_ones_last_jobs(screen: Screen, drafted: Make) -> None:
    assert any("Nothing yet" in c.value for c in screen("mia").caption)
    drafted("mia")
    assert any(t.value == "orders_of_june.csv → orders" for t in screen("mia").text)


def test_home_shows_a_reviewer_what_waits(screen: Screen, checked: Make, ws: Workspace) -> None:
    job = checked("ulla")
    shown = screen("ulla", "data_import", job=job.job_id, step="run")
    press(shown, "Ask to load 3 valid rows, hold back 2")
    assert jobs.get_job(ws, local_identity(), job.job_id).status is JobStatus.AWAITING_APPROVAL
    assert any("Waiting for your decision" in m.value for m in screen("root").markdown)
    assert not any("Waiting for your decision" in m.value for m in screen("ulla").markdown)
