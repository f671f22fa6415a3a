"""The fix loop over the wire: problems, edits, checking again, mended rows."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from tests.app.api.test_imports import ended, rows, upload

BAD = (
    "E-Mail,Full name,Credit\ncid@example.com,Cid,3.10\ndee@example.com,,\ned@example.com,Ed,n/a\n"
)


def checked(client: Any) -> str:
    job_id = str(upload(client, BAD)["job_id"])
    found = client.json("POST", f"/import/{job_id}/validate")
    assert found["errorRows"] == 2
    return job_id


def test_repair_recheck_and_run(ann: Any, worker: None, shop: sa.Engine) -> None:
    job_id = checked(ann)
    problems = ann.json("GET", f"/import/{job_id}/problems")["problems"]
    by_field = {problem["group"]["field"]: problem for problem in problems}
    credit = by_field["credit"]
    assert (credit["group"]["shape"], credit["group"]["values"]) == (
        "a/a", [{"value": "n/a", "count": 1}],
    )  # fmt: skip
    (repair,) = credit["repairs"]
    assert (repair["mends"], repair["of"], repair["lossy"]) == (1, 1, False)
    (asks,) = by_field["name"]["repairs"]
    assert asks["asks"]

    shown = ann.json("POST", f"/import/{job_id}/edits/preview", json=repair["edit"])
    assert (shown["cells"], shown["rejected"]) == (1, True)
    assert shown["changes"] == [{"row": 3, "column": "Credit", "before": "n/a", "after": None}]
    ann.json("POST", f"/import/{job_id}/edits", json=repair["edit"])
    now = ann.json(
        "POST",
        f"/import/{job_id}/edits",
        json={"kind": "set_cell", "row": 2, "column": "Full name", "value": "Dee"},
    )
    assert (now["since_check"], now["checked"]) == (2, True)
    assert [edit["kind"] for edit in now["edits"]] == ["replace_values", "set_cell"]
    assert ann.json("GET", f"/import/{job_id}/edits") == now
    again = ann.json("POST", f"/import/{job_id}/recheck", json={"rows": [2, 3]})
    assert (again["mended"], again["partial"]) == (2, True)
    assert [row["violations"] for row in again["rows"]] == [[], []]

    ann.json("POST", f"/import/{job_id}/start")
    assert ended(ann, job_id)["status"] == "COMPLETED"
    assert [name for _, name in rows(shop)] == ["Cid", "Dee", "Ed"]
    late = ann("POST", f"/api/v1/data/import/{job_id}/edits", json=repair["edit"])
    assert late.status_code == 409


def mended(client: Any, job_id: str) -> str:
    text: str = client("GET", f"/api/v1/data/import/{job_id}/rejects").text
    return text.replace("dee@example.com,,", "dee@example.com,Dee,").replace(",n/a,", ",7,")


def test_mended_rows_of_an_import_that_has_not_run_and_undo(ann: Any, worker: None) -> None:
    job_id = checked(ann)
    files = {"file": ("m.csv", mended(ann, job_id), "text/csv")}
    answer = ann.json("POST", f"/import/{job_id}/patch", files=files)
    assert (answer["job"]["job_id"], answer["rows"], answer["cells"]) == (job_id, 2, 2)
    path = f"/import/{job_id}/edits"
    ann.json("POST", path, json={"kind": "find_replace", "find": "x", "column": "Credit"})
    kinds = [edit["kind"] for edit in ann.json("DELETE", path)["edits"]]
    assert kinds == ["patch_rows"]
    assert ann.json("DELETE", f"{path}?all=true")["edits"] == []


def test_mended_rows_follow_an_import_that_has_run(ann: Any, worker: None, shop: sa.Engine) -> None:
    job_id = str(upload(ann, BAD)["job_id"])
    ann.json("POST", f"/import/{job_id}/start", json={"on_errors": "load_valid"})
    assert ended(ann, job_id)["status"] == "PARTIALLY_COMPLETED"
    text = mended(ann, job_id).encode()
    sent = ann.json("POST", "/uploads", content=text, headers={"x-filename": "m.csv"})
    answer = ann.json("POST", f"/import/{job_id}/patch", json={"upload_id": sent["upload_id"]})
    follower = answer["job"]["job_id"]
    assert follower != job_id
    ann.json("POST", f"/import/{follower}/start")
    assert ended(ann, follower)["status"] == "COMPLETED"
    assert [name for _, name in rows(shop)] == ["Cid", "Dee", "Ed"]


def test_what_cannot_be_done(ann: Any) -> None:
    job_id = upload(ann, BAD)["job_id"]
    for path, body, status in (
        ("edits", {"kind": "nope"}, 422),
        ("edits", {"kind": "patch_rows", "file_id": "f", "sha256": "", "rows": 1}, 422),
        ("edits", {"kind": "set_cell", "row": 1, "column": "nope"}, 400),
        ("recheck", {"rows": list(range(1_001))}, 422),
        ("patch", {"file": 1}, 400),
        ("patch", "[", 400),
    ):
        sent = body if isinstance(body, str) else json.dumps(body)
        headers = {"content-type": "application/json"}
        answer = ann("POST", f"/api/v1/data/import/{job_id}/{path}", content=sent, headers=headers)
        assert answer.status_code == status, answer.text
    assert ann.json("GET", f"/import/{job_id}/edits")["edits"] == []


def test_for_the_owner_alone(ann: Any, ben: Any) -> None:
    job_id = upload(ann, BAD)["job_id"]
    for method, path in (
        ("GET", "problems"), ("GET", "edits"), ("DELETE", "edits"), ("POST", "recheck"),
    ):  # fmt: skip
        body = {"json": {"rows": [1]}} if method == "POST" else {}
        answer = ben(method, f"/api/v1/data/import/{job_id}/{path}", **body)
        assert answer.status_code == 404


def test_what_no_plan_can_hold_is_refused(ann: Any) -> None:
    job_id = str(upload(ann, BAD)["job_id"])
    for path, body in (
        ("edits", {"kind": "set_cell", "row": 1, "column": "Credit", "value": "\ud800"}),
        ("edits", {"kind": "ignore", "field": "credit", "check": "\udfff"}),
        ("edits", {"kind": "set_cell", "row": 2**63, "column": "Credit", "value": "1"}),
        ("edits/preview", {"kind": "find_replace", "find": "x)|(y", "pattern": True}),
        ("patch", {"upload_id": "\ud800"}),
        ("preview-mapping", {"mapping": {"targetColumn": "\ud83d"}}),
        ("references/credit", {"by": "\ud83d"}),
    ):
        refused = ann(
            "POST",
            f"/api/v1/data/import/{job_id}/{path}",
            content=json.dumps(body),
            headers={"content-type": "application/json"},
        )
        assert 400 <= refused.status_code < 500, (path, refused.text)
    assert ann.json("GET", f"/import/{job_id}/edits")["edits"] == []


def test_whole_characters_pass_however_they_are_spelled(ann: Any, worker: None) -> None:
    job_id = checked(ann)
    edit = {"kind": "set_cell", "row": 2, "column": "Full name", "value": "\U0001f600"}
    # JSON spells it as two escapes.
    assert "\\ud83d" in json.dumps(edit)
    found = ann("POST", f"/api/v1/data/import/{job_id}/edits", content=json.dumps(edit),
                headers={"content-type": "application/json"})  # fmt: skip
    assert found.json()["edits"][0]["value"] == "\U0001f600"
    for row in (0, -1, 2**63, 10**30):
        assert ann.json("POST", f"/import/{job_id}/recheck", json={"rows": [row]})["rows"] == []
