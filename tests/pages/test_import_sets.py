"""Several files on the screen: gathered, ordered, checked, loaded with one button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.components import set_start
from app.components.uploader import Uploaded
from core.model.import_set import ImportSet, SetFile
from core.model.job import JobStatus
from core.model.plan import OnConflict
from core.usecases import import_sets, imports, jobs
from core.usecases.uploads import receive_upload
from core.workspace import Workspace
from tests.pages.conftest import identity
from tests.pages.test_data_import import press

Screen = Callable[..., AppTest]

CUSTOMERS = "id,name,email\n901,Cid,cid@example.com\n"
ORDERS = """order_id,customer_email,product_sku,quantity,order_date,total
9001,cid@example.com,SKU-0001,1,2026-06-14,75.84
"""


def uploaded(ws: Workspace, text: str, name: str) -> Uploaded:
    stored = receive_upload(ws, identity(ws, "root"), iter([text.encode()]), filename=name)
    return Uploaded(
        upload_id=stored.file_id, filename=name, size=stored.size, detected_format="csv"
    )


def a_set(ws: Workspace, orders: str = ORDERS) -> ImportSet:
    files = [uploaded(ws, orders, "orders.csv"), uploaded(ws, CUSTOMERS, "customers.csv")]
    given = [SetFile(upload_id=one.upload_id) for one in files]
    return import_sets.draft_set(ws, identity(ws, "root"), given)


def test_dropped_files_find_their_tables_and_become_a_set(
    screen: Screen, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(uploaded(ws, ORDERS, "orders.csv"), uploaded(ws, CUSTOMERS, "clients.csv"))]
    monkeypatch.setattr(set_start, "files_uploader", lambda **_: answers.pop() if answers else ())
    shown = press(screen("root", "data_import"), "Several files")
    boxes = {box.label: box for box in shown.selectbox if box.label.startswith("Table for")}
    assert {label: box.value for label, box in boxes.items()} == {
        "Table for orders.csv": "orders", "Table for clients.csv": None,
    }  # fmt: skip
    assert any("1 file without a table" in c.value for c in shown.caption)
    assert next(b for b in shown.button if b.label == "Continue").disabled
    shown = boxes["Table for clients.csv"].select("customers").run()
    shown = press(shown, "Continue")
    assert not shown.exception
    assert [t.value for t in shown.text] == ["clients.csv → customers", "orders.csv → orders"]
    assert any("orders refers to customers" in c.value for c in shown.caption)


def test_a_file_that_is_left_out(
    screen: Screen, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(uploaded(ws, ORDERS, "orders.csv"), uploaded(ws, CUSTOMERS, "customers.csv"))]
    monkeypatch.setattr(set_start, "files_uploader", lambda **_: answers.pop() if answers else ())
    shown = press(screen("root", "data_import"), "Several files")
    shown = press(shown, "Leave out")
    assert [box.label for box in shown.selectbox if box.label.startswith("Table for")] == [
        "Table for customers.csv"
    ]
    assert any("two files or more" in c.value for c in shown.caption)


def test_checked_and_loaded_with_one_button(screen: Screen, ws: Workspace) -> None:
    made = a_set(ws)
    shown = screen("root", "data_import", job=made.job.job_id)
    shown = press(shown, "Check all files")
    assert sum("no errors" in c.value for c in shown.caption) == 2
    shown = press(shown, "Load 2 files as one")
    assert any(t.value == "2 rows read = 2 inserted" for t in shown.text)
    ended = jobs.get_job(ws, identity(ws, "root"), made.job.job_id)
    assert ended.status is JobStatus.COMPLETED


def test_bad_rows_are_said_mended_and_tried_again(screen: Screen, ws: Workspace) -> None:
    made = a_set(ws, ORDERS.replace("75.84", "much"))
    shown = screen("root", "data_import", job=made.job.job_id)
    shown = press(shown, "Load 2 files as one")
    assert any("Nothing of the set was written" in t.value for t in shown.text)
    shown = press(shown, "Change and try again")
    whole = shown.query_params["job"]
    assert whole != made.job.job_id
    assert any("1 with errors" in c.value for c in shown.caption)
    next(b for b in reversed(shown.button) if b.label == "Open its steps").click().run()
    shown = screen("root", "data_import", job=made.members[1].job.job_id, step="run")
    assert any("checked and loaded together" in m.value for m in shown.markdown)
    assert not shown.metric, "a file of a set is not run by itself"
    shown = press(shown, "Back to the set")
    assert shown.query_params["job"] == whole
    shown = press(shown, "Check all files")
    shown = press(shown, "Load 1 valid row of 2 files, hold back 1")
    assert any(t.value == "2 rows read = 1 inserted + 1 rejected" for t in shown.text)


def test_what_cannot_be_loaded_as_one_is_said(screen: Screen, ws: Workspace) -> None:
    made = a_set(ws)
    imports.update_import(
        ws, identity(ws, "root"), made.members[0].job.job_id,
        on_conflict=OnConflict.REPLACE,
    )  # fmt: skip
    shown = screen("root", "data_import", job=made.job.job_id)
    assert "import that file by itself" in shown.error[0].value
    assert next(b for b in shown.button if b.label.startswith("Load")).disabled
