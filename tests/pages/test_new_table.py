"""A new table on the screen: offered, proposed, changed, drafted."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.components import new_table, new_table_grid
from app.components.uploader import Uploaded
from core.model.job import JobStatus
from core.model.plan import ImportPlan
from core.usecases import imports, jobs, local, new_tables
from core.usecases.local import local_identity
from core.usecases.uploads import receive_upload
from core.workspace import Workspace
from tests.pages.conftest import identity
from tests.pages.test_data_import import press

Screen = Callable[..., AppTest]

FILE = b"Order No.,Total,Day\n1,2.50,2026-01-31\n2,10,2026-02-01\n"


def buttons(shown: AppTest) -> set[str]:
    return {b.label for b in shown.button}


def _first(shown: AppTest, name: str) -> str:
    """A word of the address, which AppTest has as a text or a list."""
    found = shown.query_params[name]
    return found if isinstance(found, str) else found[0]


def test_it_is_offered_to_those_who_may(screen: Screen) -> None:
    assert "New table from a file" in buttons(screen("root", "data_import"))
    assert "New table from a file" not in buttons(screen("mia", "data_import"))
    refused = screen("mia", "data_import", new="table")
    assert any("may not make tables" in c.value for c in refused.caption)


def test_a_file_becomes_a_table_and_a_draft(
    screen: Screen, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = identity(ws, "root")
    stored = receive_upload(ws, who, iter([FILE]), filename="Fresh Orders.csv")
    answers = [
        Uploaded(upload_id=stored.file_id, filename="x.csv", size=9, detected_format="csv"),
        Uploaded(upload_id="0" * 32, filename="gone.csv", size=9, detected_format="csv"),
    ]
    monkeypatch.setattr(
        new_table, "uploader", lambda **_: answers.pop() if len(answers) == 2 else answers[-1]
    )
    shown = press(screen("root", "data_import"), "New table from a file")
    assert not shown.exception
    assert shown.text_input[0].value == "fresh_orders"
    assert 'CREATE TABLE "fresh_orders"' in shown.code[0].value
    taken = shown.text_input[0].set_value("orders").run()
    assert "already" in taken.error[0].value
    assert next(b for b in taken.button if b.label == "Continue").disabled
    made = press(taken.text_input[0].set_value("bought").run(), "Continue")
    assert not made.exception
    job = jobs.get_job(ws, who, _first(made, "job"))
    assert isinstance(job.plan, ImportPlan)
    assert job.plan.creates is not None
    assert (job.table, len(job.plan.mappings)) == ("bought", 3)
    for step in ("understand", "match"):
        drawn = screen("root", "data_import", job=job.job_id, step=step)
        assert not drawn.exception
        assert not drawn.error
    local.run_here(ws, imports.validate_import(ws, who, job.job_id).job_id)
    assert not screen("root", "data_import", job=job.job_id, step="run").error
    imports.start_import(ws, who, job.job_id)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED
    assert not screen("root", "data_import", job=job.job_id, step="run").exception


def test_the_grid_says_what_is_to_be_made(ws: Workspace) -> None:
    who = local_identity()
    stored = receive_upload(ws, who, iter([FILE]), filename="x.csv")
    proposal = new_tables.propose_table(ws, who, upload_id=stored.file_id)
    frame = new_table_grid.frame_of(proposal)
    assert frame["Kind"].to_list() == ["Whole number", "Decimal", "Date"]
    unchanged = new_table_grid.columns_of(frame, proposal)
    assert [c["name"] for c in unchanged] == ["order_no", "total", "day"]
    assert (unchanged[1]["precision"], unchanged[1]["scale"]) == (7, 2)
    changed = frame.with_columns(
        pl.Series("Use", [True, True, False]),
        pl.Series("Kind", ["Whole number, 64 bits", "Text", "Date"]),
        pl.Series("Size", [None, None, None], dtype=pl.Int64),
        pl.Series("Key", [True, False, False]),
    )
    first, second = new_table_grid.columns_of(changed, proposal)
    assert (first["big"], first["primary_key"], first["nullable"]) == (True, True, False)
    assert (second["kind"], second["max_length"]) == ("text", None)
    assert "transform" not in second
    words = {new_table_grid.kind_word(one.column) for one in proposal.columns}
    assert words <= set(new_table_grid.KINDS)
