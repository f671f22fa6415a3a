"""An import on the screen: each step from the address alone, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.components import import_start, mapping_table
from app.components.uploader import Uploaded
from core.model.job import Job, JobStatus
from core.usecases import imports, jobs, local, remembering
from core.usecases.local import local_identity
from core.usecases.uploads import receive_upload
from core.workspace import Workspace
from tests.pages.conftest import identity

Screen = Callable[..., AppTest]
Make = Callable[..., Job]


def press(shown: AppTest, label: str) -> AppTest:
    return next(b for b in shown.button if b.label == label).click().run()


def now(ws: Workspace, job: Job) -> Job:
    return jobs.get_job(ws, local_identity(), job.job_id)


def test_a_table_shows_its_schema_and_the_limits_of_the_visitor(screen: Screen) -> None:
    shown = screen("ulla", "data_import", table="orders")
    assert shown.selectbox[0].value == "orders"
    metrics = {m.label: m.value for m in shown.metric}
    assert metrics == {"Largest file": "10 MB", "Most rows": "10\u202f000"}
    assert any("A reviewer must approve" in c.value for c in shown.caption)
    schema = shown.dataframe[0].value
    rules = dict(zip(schema["Column"], schema["Rules"], strict=True))
    assert "primary key" in rules["order_id"]
    assert "required" in rules["quantity"]
    assert "required" not in rules["status"], "a column with a default is never required (R11)"


def test_views_and_unwritable_tables_are_not_offered(screen: Screen) -> None:
    shown = screen("ulla", "data_import")
    assert shown.selectbox[0].options == ["orders"]


def test_the_address_alone_brings_back_each_step(screen: Screen, checked: Make) -> None:
    job = checked("mia")
    for step, sign in (
        ("understand", "The file's first lines"),
        ("match", "As the table would get it"),
        ("check", "**1 cell** · quantity"),
        ("run", "What will happen"),
    ):
        shown = screen("mia", "data_import", job=job.job_id, step=step)
        assert not shown.exception
        assert any(sign in m.value for m in shown.markdown), step


def test_a_step_that_is_not_open_yet_is_not_entered(screen: Screen, drafted: Make) -> None:
    shown = screen("mia", "data_import", job=drafted("mia").job_id, step="run")
    assert any("The file's first lines" in m.value for m in shown.markdown)


def test_an_override_is_saved_and_the_file_read_again(
    screen: Screen, drafted: Make, ws: Workspace
) -> None:
    job = drafted("mia")
    shown = screen("mia", "data_import", job=job.job_id, step="understand")
    toggle = next(t for t in shown.toggle if "first row" in t.label)
    toggle.set_value(False).run()
    changed = now(ws, job)
    assert changed.plan.dialect.header is False
    assert "column_1" in shown.dataframe[0].value.columns


def test_checking_shows_the_numbers_and_the_groups(screen: Screen, drafted: Make) -> None:
    shown = screen("mia", "data_import", job=drafted("mia").job_id, step="match")
    shown = press(shown, "Check all rows")
    metrics = {m.label: m.value for m in shown.metric}
    assert metrics["Rows read"] == "5"
    assert metrics["Fine"] == "3"
    assert metrics["With errors"] == "2"
    cards = [m.value for m in shown.markdown if "**1 cell**" in m.value]
    assert len(cards) == 2
    assert any("customer\\_email" in card and "reference" in card for card in cards)
    assert any("quantity" in card and "type" in card for card in cards)
    assert sum(b.label == "Show rows" for b in shown.button) == 2


def test_what_was_remembered_is_said_and_can_be_forgotten(
    screen: Screen, checked: Make, ws: Workspace
) -> None:
    job = checked("mia", "Nr,Mail,Article,Pieces,Day,Sum\n"
                  "9001,ada.lovelace@example.com,SKU-0001,1,14/06/2026,75.84\n")  # fmt: skip
    shown = screen("mia", "data_import", job=job.job_id, step="match")
    assert not any("last import" in c.value for c in shown.caption)
    who = identity(ws, "mia")
    imports.start_import(ws, who, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED

    stored = receive_upload(ws, who, iter([b"Nr,Mail,Article,Pieces,Day,Sum\n"]), filename="b.csv")
    draft = imports.draft_import(ws, who, upload_id=stored.file_id, table="orders")
    shown = screen("mia", "data_import", job=draft.job_id, step="match")
    assert any("as in your last import" in c.value for c in shown.caption)
    shown = press(shown, "Forget")
    assert not any("last import" in c.value for c in shown.caption)
    assert remembering.list_remembered(ws, who, "orders") == []
    assert now(ws, draft).plan.mappings == draft.plan.mappings != ()


def test_no_problem_is_said_with_the_number_of_rows(screen: Screen, checked: Make) -> None:
    job = checked("mia", "Nr,Mail,Article,Pieces,Day,Sum\n"
                  "9001,ada.lovelace@example.com,SKU-0001,1,14/06/2026,75.84\n")  # fmt: skip
    shown = screen("mia", "data_import", job=job.job_id, step="check")
    assert any("0 problems in 1 row" in m.value for m in shown.markdown)


def test_the_button_names_its_effect_and_the_result_reconciles(
    screen: Screen, checked: Make, ws: Workspace
) -> None:
    job = checked("mia")
    shown = screen("mia", "data_import", job=job.job_id, step="run")
    shown = press(shown, "Load 3 valid rows, hold back 2")
    assert now(ws, job).status is JobStatus.PARTIALLY_COMPLETED
    assert any(t.value == "5 rows read = 3 inserted + 2 rejected" for t in shown.text)
    shown = press(shown, "Import another file")
    assert shown.selectbox[0].value == "orders"


def test_another_conflict_choice_checks_again(screen: Screen, checked: Make, ws: Workspace) -> None:
    first = checked("mia")
    press(screen("mia", "data_import", job=first.job_id, step="run"),
          "Load 3 valid rows, hold back 2")  # fmt: skip
    second = checked("mia")
    shown = screen("mia", "data_import", job=second.job_id, step="run")
    assert {m.label: m.value for m in shown.metric}["To be loaded"] == "0"
    shown.radio[0].set_value(shown.radio[0].options[2]).run()
    assert {m.label: m.value for m in shown.metric}["To be loaded"] == "3"
    assert now(ws, second).plan.on_conflict.value == "update"


def test_approval_is_asked_for_and_waits(screen: Screen, checked: Make, ws: Workspace) -> None:
    job = checked("ulla")
    shown = screen("ulla", "data_import", job=job.job_id, step="run")
    shown = press(shown, "Ask to load 3 valid rows, hold back 2")
    assert now(ws, job).status is JobStatus.AWAITING_APPROVAL
    assert any("Waiting for approval" in m.value for m in shown.markdown)


def test_a_file_that_cannot_be_read_leaves_the_reason_and_a_fresh_drop_zone(
    screen: Screen, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    answers = [Uploaded(upload_id="0" * 32, filename="a.csv", size=1, detected_format="csv")]

    def drop_zone(*, key: str, **_: object) -> Uploaded | None:
        drawn.append(key)
        return answers.pop() if answers else None

    monkeypatch.setattr(import_start, "uploader", drop_zone)
    shown = screen("mia", "data_import", table="orders")
    assert "DATA\\_404" in shown.error[0].value
    assert drawn[0] != drawn[-1]
    assert "job" not in shown.query_params


@pytest.mark.parametrize("answer", [None, "nonsense", 3])
def test_a_grid_that_has_not_answered_changes_nothing(answer: object) -> None:
    assert mapping_table.read(answer, (), (), {}) is None


def test_the_plan_names_the_effect_and_filters_by_kind(
    screen: Screen, checked: Make, ws: Workspace
) -> None:
    job = checked("mia")
    shown = screen("mia", "data_import", job=job.job_id, step="run")
    shown = press(shown, "See what will change")
    assert now(ws, job).changes["kinds"] == {"new": 3, "rejected": 2}
    assert any("**3** New" in button.label for button in shown.button)
    shown = press(shown, ":red[:material/block:] **2** Rejected")
    assert any("is under Check" in caption.value for caption in shown.caption)
    press(shown, "Write 3 new, hold back 2")
    assert now(ws, job).status is JobStatus.PARTIALLY_COMPLETED


def test_deleting_is_offered_to_those_who_may(screen: Screen, checked: Make) -> None:
    for username, offered in (("mia", 3), ("root", 5)):
        job = checked(username)
        shown = screen(username, "data_import", job=job.job_id, step="run")
        assert len(shown.radio[0].options) == offered


def test_rows_that_go_are_said_before_they_do(screen: Screen, checked: Make, ws: Workspace) -> None:
    job = checked("root")
    shown = screen("root", "data_import", job=job.job_id, step="run")
    shown = press(shown, "See what will change")
    shown.radio[0].set_value(shown.radio[0].options[3]).run()
    assert now(ws, job).plan.on_conflict.value == "sync"
    gone = now(ws, job).changes["kinds"]["deleted"]
    assert any("will be deleted" in warning.value for warning in shown.warning)
    assert gone
    assert any("every row of the file must be valid" in c.value for c in shown.caption)
