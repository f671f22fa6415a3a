"""The list of jobs, one of them in full, and a reviewer's decision."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.usecases import access, imports, jobs, local
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


def _undo_dialog() -> None:
    """A dialog stays open over the runs of a test when it is asked for in each."""
    import streamlit as st

    from app.components import undo_view

    undo_view.ask(st.query_params["import"])


def test_an_import_is_undone_after_a_look(screen: Screen, checked: Make, ws: Workspace) -> None:
    job = checked("mia")
    imports.start_import(ws, local_identity(), job.job_id, on_errors=OnErrors.LOAD_VALID)
    local.run_here(ws, job.job_id)
    assert "Undo…" in [b.label for b in screen("mia", "jobs", job=job.job_id).button]
    access.set_grant(ws, local_identity(), "mia", table="orders", more_actions=[])
    assert "Undo…" not in [b.label for b in screen("mia", "jobs", job=job.job_id).button]
    shown = screen("root", "jobs", job=job.job_id)
    assert any("Can be undone until" in c.value for c in shown.caption)
    assert "Undo…" in [b.label for b in shown.button]

    dialog = AppTest.from_function(_undo_dialog, default_timeout=30)
    dialog.query_params["import"] = job.job_id
    dialog.run()
    assert {m.label: m.value for m in dialog.metric}["Removed"] == "3"
    assert list(dialog.dataframe[0].value["Undo would"]) == ["remove it"] * 3
    press(dialog, "Remove 3")

    undone = jobs.get_job(ws, local_identity(), job.job_id).undone_by
    shown = screen("root", "jobs", job=undone)
    assert not shown.exception
    assert any("3 rows written by the import = 3 taken back" in t.value for t in shown.text)
    assert "Open in Data Import" not in [b.label for b in shown.button]
    after = screen("root", "jobs", job=job.job_id)
    assert any("An undo of this import was asked for" in m.value for m in after.markdown)
    assert "Undo…" not in [b.label for b in after.button]
