"""The guide's import, request by request: upload, validate, start, status."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import sqlalchemy as sa

from app.api import imports as routes
from core.workspace import Workspace

GOOD = "E-Mail,Full name,Credit\ncid@example.com,Cid,3.10\ndee@example.com,Dee,\n"
BAD = GOOD + "ed@example.com,,abc\n"
MAPPINGS = json.dumps(
    [
        {"sourceColumn": "E-Mail", "targetColumn": "email", "transform": "lower"},
        {"sourceColumn": "Full name", "targetColumn": "name", "transform": None},
        {"sourceColumn": "Credit", "targetColumn": "credit", "transform": "number"},
    ]
)
IMPORT_KEYS = {
    "id", "job_id", "table_name", "status", "original_filename", "file_format",
    "progress_percent", "total_rows", "processed_rows", "valid_rows", "error_rows",
    "skipped_rows", "started_at", "completed_at", "processing_time_seconds", "error_message",
    "requires_approval", "approved_at", "created_at", "created_by",
}  # fmt: skip


def upload(client: Any, text: str, **fields: str) -> Any:
    data = {"table_name": "customers", "field_mappings": MAPPINGS} | fields
    return client.json(
        "POST", "/import/upload", files={"file": ("new.csv", text, "text/csv")}, data=data
    )


def ended(client: Any, job_id: str) -> Any:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        job = client.json("GET", f"/import/{job_id}/status")
        if job["status"] not in ("PENDING", "PARSING", "VALIDATING", "IMPORTING"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def rows(shop: sa.Engine) -> list[tuple[Any, ...]]:
    with shop.connect() as db:
        found = db.exec_driver_sql("SELECT email, name FROM customers WHERE id > 2 ORDER BY id")
        return [tuple(row) for row in found]


def test_the_whole_loop(ann: Any, worker: None, shop: sa.Engine) -> None:
    job = upload(ann, GOOD)
    assert set(job) >= IMPORT_KEYS
    assert job["status"] == "PENDING"
    assert job["original_filename"] == "new.csv"
    assert job["file_format"] == "csv"
    assert job["created_at"].endswith("Z")
    found = ann.json("POST", f"/import/{job['job_id']}/validate")
    assert found["isValid"] is True
    assert (found["totalRows"], found["validRows"], found["errorRows"]) == (2, 2, 0)
    assert found["errors"] == found["warnings"] == []
    assert rows(shop) == []
    started = ann.json("POST", f"/import/{job['job_id']}/start")
    assert {"id", "job_id", "status", "progress_percent"} <= set(started)
    done = ended(ann, job["job_id"])
    assert done["status"] == "COMPLETED"
    assert done["progress_percent"] == 100
    assert (done["total_rows"], done["valid_rows"], done["error_rows"]) == (2, 2, 0)
    assert done["counts"]["inserted"] == 2
    assert done["completed_at"].endswith("Z")
    assert rows(shop) == [("cid@example.com", "Cid"), ("dee@example.com", "Dee")]
    again = ann("POST", f"/api/v1/data/import/{job['job_id']}/start")
    assert (again.status_code, again.json()["code"]) == (409, "DATA_409")
    assert again.json()["job_id"] == job["job_id"]


def test_wrong_rows_are_told_and_nothing_is_written(
    ann: Any, worker: None, shop: sa.Engine
) -> None:
    job_id = upload(ann, BAD)["job_id"]
    found = ann.json("POST", f"/import/{job_id}/validate")
    assert found["isValid"] is False
    assert (found["totalRows"], found["validRows"], found["errorRows"]) == (3, 2, 1)
    item = found["errors"][0]
    assert {"row", "column", "field", "message", "severity", "value"} <= set(item)
    page = ann.json("GET", f"/import/{job_id}/violations?limit=1")
    assert len(page["violations"]) == 1
    assert page["has_more"] is True
    assert page["violations"][0]["row"] == 3
    only = ann.json("GET", f"/import/{job_id}/violations?field=credit")
    assert [v["field"] for v in only["violations"]] == ["credit"]
    rejects = ann("GET", f"/api/v1/data/import/{job_id}/rejects")
    assert rejects.status_code == 200
    assert rejects.text.lstrip("\ufeff").startswith("E-Mail,Full name,Credit,")
    assert "ed@example.com" in rejects.text
    part = ann("GET", f"/api/v1/data/import/{job_id}/rejects", headers={"range": "bytes=3-8"})
    assert (part.status_code, part.text) == (206, "E-Mail")
    ann.json("POST", f"/import/{job_id}/start")
    failed = ended(ann, job_id)
    assert failed["status"] == "FAILED"
    assert failed["error_code"] == "IMPORT_004"
    assert rows(shop) == []


def test_valid_rows_go_in_when_asked(ann: Any, worker: None, shop: sa.Engine) -> None:
    job_id = upload(ann, BAD)["job_id"]
    ann.json("POST", f"/import/{job_id}/start", json={"on_errors": "load_valid"})
    done = ended(ann, job_id)
    assert done["status"] == "PARTIALLY_COMPLETED"
    assert (done["valid_rows"], done["error_rows"]) == (2, 1)
    assert len(rows(shop)) == 2
    progress = ann.json("GET", f"/import/{job_id}/progress")
    assert progress["progress"]["percent"] == 100
    assert progress["file_info"] == {"filename": "new.csv", "size": len(BAD), "format": "csv"}
    assert {"import_uploaded", "import_parsed"} & {e["event_type"] for e in progress["logs"]}


def test_fields_in_the_query_and_a_file_sent_before(ann: Any) -> None:
    sent = ann.json(
        "POST", "/uploads", content=GOOD.encode(), headers={"x-filename": "n%C3%A4mes.csv"}
    )
    assert sent["filename"] == "nämes.csv"
    assert sent["size"] == len(GOOD)
    assert sent["detected_format"] == "csv"
    query = {"upload_id": sent["upload_id"], "table_name": "customers"}
    job = ann.json("POST", "/import/upload", params=query | {"field_mappings": MAPPINGS})
    assert job["upload_id"] == sent["upload_id"]
    assert job["original_filename"] == "nämes.csv"


def test_parse_makes_no_job_and_its_mapping_is_accepted_back(ann: Any) -> None:
    found = ann.json(
        "POST",
        "/import/parse",
        files={"file": ("x.csv", "email;name;credit\na@b.example;A;1\n", "text/csv")},
        data={"table_name": "customers"},
    )
    assert found["headers"] == ["email", "name", "credit"]
    assert found["sample_rows"] == [{"email": "a@b.example", "name": "A", "credit": "1"}]
    assert (found["total_rows"], found["format"]) == (1, "csv")
    assert found["detected_delimiter"] == ";"
    assert {m["targetColumn"] for m in found["suggested_mappings"]} == {"email", "name", "credit"}
    assert ann.json("GET", "/import/jobs") == []
    job = ann.json(
        "POST",
        "/import/upload",
        params={"upload_id": found["upload_id"], "table_name": "customers"},
        files={"field_mappings": (None, json.dumps(found["suggested_mappings"]))},
    )
    assert job["status"] == "PENDING"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"table_name": ""}, 400, "DATA_400"),
        ({"table_name": "nowhere"}, 403, "IMPORT_003"),
        ({"table_name": "orders"}, 403, "IMPORT_003"),
        ({"field_mappings": "[{"}, 400, "DATA_400"),
        ({"field_mappings": '[{"sourceColumn": "no", "targetColumn": "email"}]'}, 422, "DATA_422"),
        ({"import_options": "[]"}, 400, "DATA_400"),
        ({"import_options": '{"delimeter": ";"}'}, 400, "DATA_400"),
        ({"requires_approval": "perhaps"}, 400, "DATA_400"),
        ({"connection": "nowhere"}, 404, "DATA_404"),
    ],
)
def test_a_refused_upload_leaves_no_file(
    ann: Any, ws: Workspace, fields: dict[str, str], status: int, code: str
) -> None:
    answer = ann(
        "POST",
        "/api/v1/data/import/upload",
        files={"file": ("new.csv", GOOD, "text/csv")},
        data={"table_name": "customers"} | fields,
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    kept = [p for p in ws.settings.uploads_dir.rglob("*") if p.is_file()]
    assert kept == []


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("evil.csv", b"\x7fELF\x02\x01\x01" + bytes(200), 415, "IMPORT_002"),
        ("a.exe", b"x", 415, "IMPORT_002"),
    ],
)
def test_what_is_no_data_file_is_refused(
    ann: Any, name: str, content: bytes, status: int, code: str
) -> None:
    answer = ann("POST", "/api/v1/data/uploads", content=content, headers={"x-filename": name})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_upload_needs_a_name(ann: Any) -> None:
    answer = ann("POST", "/api/v1/data/uploads", content=b"a,b")
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")


def test_an_upload_can_be_taken_back(ann: Any, ben: Any) -> None:
    sent = ann.json("POST", "/uploads?filename=a.csv", content=GOOD.encode())
    path = f"/api/v1/data/uploads/{sent['upload_id']}"
    assert ben("DELETE", path).status_code == 404
    assert ann("DELETE", path).status_code == 204
    assert ann("DELETE", path).status_code == 410


def test_a_job_of_somebody_else_does_not_exist(ann: Any, ben: Any, admin: Any) -> None:
    job_id = upload(ann, GOOD)["job_id"]
    requests = [
        ("GET", "status"), ("GET", "progress"), ("GET", "violations"), ("GET", "rejects"),
        ("POST", "validate"), ("POST", "start"), ("POST", "cancel"), ("POST", "approve"),
        ("POST", "reject"),
    ]  # fmt: skip
    for method, act in requests:
        theirs = ben(method, f"/api/v1/data/import/{job_id}/{act}")
        none = ben(method, f"/api/v1/data/import/no-such-job/{act}")
        assert (theirs.status_code, none.status_code) == (404, 404), act
        assert theirs.json()["code"] == "DATA_404"
    assert ben.json("GET", "/import/jobs") == []
    assert [j["job_id"] for j in admin.json("GET", "/import/jobs")] == [job_id]


def test_jobs_are_filtered_in_any_case(ann: Any) -> None:
    job_id = upload(ann, GOOD)["job_id"]
    assert [j["job_id"] for j in ann.json("GET", "/import/jobs?status_filter=pending")] == [job_id]
    assert ann.json("GET", "/import/jobs?status_filter=FAILED") == []
    answer = ann("GET", "/api/v1/data/import/jobs?status_filter=odd")
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")


def test_approval_is_asked_and_not_given_by_oneself(
    ann: Any, admin: Any, worker: None, shop: sa.Engine
) -> None:
    job_id = upload(ann, GOOD, requires_approval="true")["job_id"]
    assert ann.json("POST", f"/import/{job_id}/start")["status"] == "AWAITING_APPROVAL"
    assert ann("POST", f"/api/v1/data/import/{job_id}/approve").status_code == 403
    admin.json("POST", f"/import/{job_id}/approve", json={"notes": "fine"})
    assert ended(ann, job_id)["status"] == "COMPLETED"
    assert len(rows(shop)) == 2


def test_a_draft_can_be_cancelled(ann: Any) -> None:
    job_id = upload(ann, GOOD)["job_id"]
    assert ann.json("POST", f"/import/{job_id}/cancel")["status"] == "CANCELLED"


def test_a_check_that_takes_long_answers_202(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "VALIDATION_PATIENCE", 0.0)  # and no worker runs
    job_id = upload(ann, GOOD)["job_id"]
    answer = ann("POST", f"/api/v1/data/import/{job_id}/validate")
    assert answer.status_code == 202
    assert answer.json()["job_id"] == job_id


def test_a_mapping_is_tried_on_real_rows(ann: Any, ben: Any) -> None:
    job = upload(ann, BAD)
    path = f"/import/{job['job_id']}/preview-mapping"
    mapping = {"source_field": "Credit", "target_field": "credit", "transform": ["trim", "number"]}
    found = ann.json("POST", path, json={"mapping": mapping, "rows": 3})
    assert found == {
        "job_id": job["job_id"],
        "mapping": {
            "sourceColumn": "Credit",
            "targetColumn": "credit",
            "transform": ["trim", "number"],
            "skipEmpty": False,
        },
        "rows": [1, 2, 3],
        "columns": ["Credit"],
        "before": [{"Credit": "3.10"}, {"Credit": None}, {"Credit": "abc"}],
        "steps": [
            {"transform": "trim", "cells": ["3.10", None, "abc"], "problems": [None] * 3},
            {
                "transform": "number",
                "cells": ["3.10", None, None],
                "problems": [None, None, "'abc' is not a number"],
            },
        ],
    }
    made = {"targetColumn": "name", "transform": {"name": "expression", "options": {"sql": "1 +"}}}
    refused = ann("POST", f"/api/v1/data{path}", json={"mapping": made})
    assert (refused.status_code, refused.json()["code"]) == (422, "DATA_422")
    assert ben("POST", f"/api/v1/data{path}", json={"mapping": mapping}).status_code in (403, 404)
