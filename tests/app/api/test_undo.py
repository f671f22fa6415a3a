"""Undo by request: look, ask, follow the job."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.app.api.test_imports import GOOD, ended, rows, upload


def test_look_and_undo(admin: Any, ben: Any, worker: None, shop: sa.Engine) -> None:
    job = upload(admin, GOOD)
    admin.json("POST", f"/import/{job['job_id']}/start")
    done = ended(admin, job["job_id"])
    assert done["undoable_until"].endswith("Z")
    path = f"/import/{job['job_id']}/undo"
    seen = admin.json("GET", path)
    assert (seen["removed"], seen["kept"], seen["until"]) == (2, 0, done["undoable_until"])
    assert [(row["did"], row["why"]) for row in seen["rows"]] == [("inserted", None)] * 2
    assert len(rows(shop)) == 2
    assert ben("POST", f"/api/v1/data{path}").status_code == 404
    undo = ended(admin, admin.json("POST", path)["job_id"])
    assert (undo["status"], undo["undoes"]) == ("COMPLETED", job["job_id"])
    assert (undo["counts"]["rows_read"], undo["counts"]["updated"]) == (2, 2)
    assert rows(shop) == []
    assert ended(admin, job["job_id"])["undone_by"] == undo["job_id"]
    refused = admin("POST", f"/api/v1/data{path}")
    assert (refused.status_code, "has been undone" in refused.json()["detail"]) == (409, True)
