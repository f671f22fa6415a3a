"""What an import would change, over the wire."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.app.api.test_imports import ended, rows, upload

HEAD = "E-Mail,Full name,Credit\n"
FIRST = HEAD + "cid@example.com,Cid,1\ndee@example.com,Dee,2\n"
SECOND = HEAD + "cid@example.com,Sid,1\ndee@example.com,Dee,2\ned@example.com,Ed,3\n,Nobody,4\n"


def loaded(client: Any) -> None:
    job_id = str(upload(client, FIRST)["job_id"])
    client.json("POST", f"/import/{job_id}/start")
    assert ended(client, job_id)["status"] == "COMPLETED"


def test_plan_look_and_run(ann: Any, worker: None, shop: sa.Engine) -> None:
    loaded(ann)
    before = rows(shop)
    job_id = str(upload(ann, SECOND)["job_id"])
    nothing = ann.json("GET", f"/import/{job_id}/plan")
    assert (nothing["planned"], nothing["changes"], nothing["kinds"]["new"]) == (False, [], 0)

    choices = {"on_conflict": "update", "key": ["email"], "blanks": "keep", "undo": False}
    assert ann.json("POST", f"/import/{job_id}/plan", json=choices)["job_id"] == job_id
    assert ended(ann, job_id)["status"] == "VALIDATED"
    found = ann.json("GET", f"/import/{job_id}/plan")
    assert found["kinds"] == {
        "new": 1, "changed": 1, "unchanged": 1, "conflict": 0, "repeated": 0, "rejected": 1,
        "deleted": 0,
    }  # fmt: skip
    assert found["columns"] == {"name": 1}
    assert "1 of 4 rows" in found["stopped"]
    assert rows(shop) == before

    page = ann.json("GET", f"/import/{job_id}/plan?kind=changed&column=name&limit=1")
    assert (page["total"], page["changes"]) == (
        1,
        [
            {
                "kind": "changed", "row": 1, "line": 2, "key": {"email": "cid@example.com"},
                "cells": [{"column": "name", "old": "Cid", "new": "Sid", "hidden": False}],
                "reason": "",
            }
        ],
    )  # fmt: skip
    ann.json("POST", f"/import/{job_id}/start", json={"on_errors": "load_valid"})
    done = ended(ann, job_id)
    assert done["status"] == "PARTIALLY_COMPLETED"
    assert (done["counts"]["inserted"], done["counts"]["updated"]) == (1, 1)


def test_a_table_that_moved_on_is_told_by_its_code(ann: Any, worker: None, shop: sa.Engine) -> None:
    job_id = str(upload(ann, FIRST)["job_id"])
    ann.json("POST", f"/import/{job_id}/plan", json={"on_conflict": "update", "key": ["email"]})
    assert ended(ann, job_id)["status"] == "VALIDATED"
    loaded(ann)
    ann.json("POST", f"/import/{job_id}/start")
    failed = ended(ann, job_id)
    assert (failed["status"], failed["error_code"]) == ("FAILED", "IMPORT_010")
    assert "2 rows that were New are there already" in failed["error_message"]


def test_a_wish_nobody_knows_is_refused(ann: Any, worker: None) -> None:
    job_id = str(upload(ann, FIRST)["job_id"])
    answer = ann("POST", f"/api/v1/data/import/{job_id}/plan", json={"colour": "red"})
    assert answer.status_code == 422
