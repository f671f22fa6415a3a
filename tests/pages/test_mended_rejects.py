"""Mended rejects on the screen: recognised on the start step, handed in after a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.components import import_run, import_start, mended_rejects
from app.components.uploader import Uploaded
from core.model.edit import PatchRows
from core.model.job import Job, JobStatus
from core.model.plan import ImportPlan, OnErrors
from core.usecases import findings, imports, jobs, local
from core.usecases.local import local_identity
from core.usecases.uploads import receive_upload
from core.workspace import Workspace
from tests.pages.conftest import identity

Screen = Callable[..., AppTest]
Make = Callable[..., Job]
Drop = Callable[[str], list[str]]
GOOD = [("two", "2"), ("nobody@example.com", "alan.turing@example.com")]


def press(shown: AppTest, label: str) -> AppTest:
    return next(b for b in shown.button if b.label == label).click().run()


def captions(shown: AppTest) -> str:
    return "\n".join(c.value for c in shown.caption).replace("\\", "")


def at(shown: AppTest, name: str) -> str:
    """What the address says."""
    found = shown.query_params[name]
    return found if isinstance(found, str) else found[0]


def marks(shown: AppTest) -> str:
    return "\n".join(m.value for m in shown.markdown)


def mended(ws: Workspace, job: Job) -> str:
    """The rejects of a job of mia's with every cell put right, as an upload of hers."""
    who = identity(ws, "mia")
    with findings.open_rejects(ws, who, job.job_id).open() as file:
        content = file.read().decode("utf-8-sig")
    for wrong, right in GOOD:
        content = content.replace(wrong, right, 1)
    stored = receive_upload(ws, who, iter([content.encode()]), filename="mended.csv")
    return stored.file_id


def loaded(ws: Workspace, job: Job, on_errors: OnErrors = OnErrors.LOAD_VALID) -> Job:
    imports.start_import(ws, identity(ws, "mia"), job.job_id, on_errors=on_errors)
    return local.run_here(ws, job.job_id)


def all_jobs(ws: Workspace) -> dict[str, Job]:
    return {job.job_id: job for job in jobs.list_jobs(ws, local_identity())}


@pytest.fixture
def drop(monkeypatch: pytest.MonkeyPatch) -> Drop:
    """Drop an upload once into whichever zone is drawn next; the keys of the zones drawn."""
    waiting: list[Uploaded] = []
    drawn: list[str] = []

    def zone(*, key: str, **_: object) -> Uploaded | None:
        drawn.append(key)
        return waiting.pop() if waiting else None

    def give(upload_id: str) -> list[str]:
        waiting.append(
            Uploaded(upload_id=upload_id, filename="mended.csv", size=1, detected_format="csv")
        )
        return drawn

    monkeypatch.setattr(import_start, "uploader", zone)
    monkeypatch.setattr(mended_rejects, "uploader", zone)
    return give


def test_rejects_of_a_loaded_file_are_recognised_and_follow_it(
    screen: Screen, checked: Make, ws: Workspace, drop: Drop
) -> None:
    job = loaded(ws, checked("mia"))
    assert job.status is JobStatus.PARTIALLY_COMPLETED
    before = all_jobs(ws)
    drop(mended(ws, job))
    shown = screen("mia", "data_import", table="orders")
    assert f"**These are 2 rejected rows of import `{job.job_id[:8]}`**" in marks(shown)
    assert any(t.value == "orders_of_june.csv → orders" for t in shown.text)
    assert all_jobs(ws).keys() == before.keys(), "nothing is made before it is asked for"

    shown = press(shown, "Hand them in there")
    (made,) = all_jobs(ws).keys() - before.keys()
    assert (at(shown, "job"), at(shown, "step")) == (made, "check")
    assert "0 problems in 2 rows" in marks(shown)
    assert f"Follows import {job.job_id[:8]}: 2 rows that it rejected, mended" in captions(shown)

    done = loaded(ws, all_jobs(ws)[made])
    assert (done.status, done.counts.inserted) == (JobStatus.COMPLETED, 2)
    drawn = drop("0" * 32)
    drawn.clear()
    shown = screen("mia", "data_import", job=made)
    assert "held back" not in marks(shown)
    assert drawn == [], "no row is left to be handed in"


def test_rejects_of_a_file_that_was_only_checked_are_edits_of_it(
    screen: Screen, checked: Make, ws: Workspace, drop: Drop
) -> None:
    job = checked("mia")
    drop(mended(ws, job))
    shown = press(screen("mia", "data_import", table="orders"), "Hand them in there")
    assert at(shown, "job") == job.job_id
    assert "0 problems in 5 rows" in marks(shown)
    assert "1 mended file handed in, rows: 2" in captions(shown)


def test_a_recognised_file_may_be_taken_back_or_be_a_new_one(
    screen: Screen, checked: Make, ws: Workspace, drop: Drop
) -> None:
    upload = mended(ws, checked("mia"))
    drawn = drop(upload)
    shown = screen("mia", "data_import", table="orders")
    drawn.clear()
    shown = press(shown, "Use another file")
    assert len(drawn) == 1, "the drop zone is back"
    assert "job" not in shown.query_params
    drop(upload)
    shown = press(shown.run(), "Import it as a new file")
    assert at(shown, "step") == "understand"
    plan = all_jobs(ws)[at(shown, "job")].plan
    assert isinstance(plan, ImportPlan)
    assert (plan.upload, plan.follows) == (upload, None)


def test_rejects_are_handed_in_after_a_run_and_refused_twice(
    screen: Screen, checked: Make, ws: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: dict[str, str] = {}
    monkeypatch.setattr(import_run, "download", lambda label, url, **_: links.update({label: url}))
    job = loaded(ws, checked("mia"))
    shown = screen("mia", "data_import", job=job.job_id)
    root = f"/api/v1/data/import/{job.job_id}"
    assert links == {
        "Download rejects": f"{root}/rejects?format=csv",
        "as Excel": f"{root}/rejects?format=xlsx",
        "Report to send": f"{root}/report?format=html",
    }
    upload = mended(ws, job)
    drop(upload)
    shown = shown.run()
    follower = at(shown, "job")
    assert follower != job.job_id
    assert "0 problems in 2 rows" in marks(shown)

    drawn = drop(upload)
    drawn.clear()
    shown = screen("mia", "data_import", job=job.job_id)
    assert "has taken up rows of this one" in shown.error[0].value
    assert drawn[0] != drawn[-1]
    assert at(shown, "job") == job.job_id

    start = screen("mia", "data_import", job=follower, step="start")
    assert "Follows import" in captions(start)
    assert at(press(start, "Show that import"), "job") == job.job_id


def test_after_a_stop_the_whole_file_is_taken_with_the_mended_rows(
    screen: Screen, checked: Make, ws: Workspace, drop: Drop
) -> None:
    job = loaded(ws, checked("mia"), OnErrors.STOP)
    assert job.status is JobStatus.FAILED
    drop(mended(ws, job))
    shown = screen("mia", "data_import", job=job.job_id, step="run")
    assert "0 problems in 5 rows" in marks(shown)
    assert "which loaded nothing: the whole file, with mended rows" in captions(shown)


def test_a_blank_workbook_of_the_table_is_offered(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: dict[str, str] = {}
    monkeypatch.setattr(
        import_start, "download", lambda label, url, **_: links.update({label: url})
    )
    screen("mia", "data_import")
    assert links == {}
    screen("mia", "data_import", table="orders")
    assert links == {"Blank Excel template": "/api/v1/data/tables/orders/template?connection=demo"}


def patch(file_id: str, rows: int) -> PatchRows:
    return PatchRows(file_id=file_id, sha256="", rows=rows)


@pytest.mark.parametrize(
    ("edits", "follows", "rows_of", "words"),
    [
        ((), None, None, ""),
        ((patch("a", 2), patch("b", 1500)), None, None,
         "2 mended files handed in, rows: 2 + 1\u202f500"),
        ((patch("a", 2), patch("b", 1)), "f" * 32, "b",
         "Follows import ffffffff: 1 row that it rejected, mended"),
        ((patch("a", 2),), "f" * 32, None,
         "Follows import ffffffff, which loaded nothing: the whole file, with mended rows"),
        # Nothing of the rows of a follow-up was loaded: they are followed again.
        ((patch("a", 2), patch("b", 1)), "f" * 32, "a",
         "Follows import ffffffff: 2 rows that it rejected, mended"),
    ],
)  # fmt: skip
def test_what_an_import_is_made_of(
    edits: tuple[PatchRows, ...], follows: str | None, rows_of: str | None, words: str
) -> None:
    plan = ImportPlan(
        connection="shop", table="orders", upload="0" * 32, filename="a.csv", sha256="",
        edits=edits, follows=follows, rows_of=rows_of,
    )  # fmt: skip
    assert mended_rejects.lineage(plan) == words
