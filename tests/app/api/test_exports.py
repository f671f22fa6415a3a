"""The guide's export, request by request: create, status, download, remove."""

from __future__ import annotations

import time
from typing import Any

import pytest

from core.model.access import Identity, Role
from core.usecases import access, audit
from core.workspace import Workspace

BOSS = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
GUIDE = {
    "table_name": "customers",
    "export_format": "csv",
    "selected_columns": ["name", "email"],
    "filters": [],
    "export_options": {"include_headers": True, "date_format": "iso"},
}
EXPORT_KEYS = {
    "id", "job_id", "table_name", "status", "export_format", "filename", "file_size",
    "download_url", "expires_at", "progress_percent", "estimated_rows", "processed_rows",
    "started_at", "completed_at", "processing_time_seconds", "error_message", "created_at",
    "created_by",
}  # fmt: skip


def made(client: Any, **body: Any) -> Any:
    """The finished job of an export."""
    job_id = client.json("POST", "/export/create", json=GUIDE | body)["job_id"]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        job = client.json("GET", f"/export/{job_id}/status")
        if job["status"] not in ("PENDING", "IN_PROGRESS"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_the_whole_loop(ann: Any, worker: None, ws: Workspace) -> None:
    waiting = ann.json("POST", "/export/create", json=GUIDE)
    assert set(waiting) >= EXPORT_KEYS
    job = made(ann)
    assert job["status"] == "COMPLETED"
    assert job["expires_at"].endswith("Z")
    assert job["filename"].startswith("customers_export_")
    answer = ann("GET", job["download_url"])
    assert answer.status_code == 200
    assert answer.text.splitlines() == ["name,email", "Ann,ann@example.com", "Bob,bob@example.com"]
    assert answer.headers["content-type"].startswith("text/csv")
    assert job["filename"] in answer.headers["content-disposition"]
    assert answer.headers["x-export-job-id"] == job["job_id"]
    assert answer.headers["x-export-table"] == "customers"
    assert answer.headers["x-export-rows"] == "2"
    assert int(answer.headers["content-length"]) == job["file_size"]
    head = ann("HEAD", job["download_url"])
    assert head.headers["content-length"] == answer.headers["content-length"]
    headers = {"range": "bytes=5-", "if-range": answer.headers["etag"]}
    rest = ann("GET", job["download_url"], headers=headers)
    assert (rest.status_code, rest.content) == (206, answer.content[5:])
    events = audit.list_events(ws, BOSS, operation="export_downloaded")
    assert len(events) == 2


def test_the_link_is_no_use_to_others(ann: Any, ben: Any, nobody: Any, worker: None) -> None:
    job = made(ann)
    link = job["download_url"]
    assert nobody("GET", link).status_code == 401
    assert ben("GET", link).status_code == 404
    path, _, signature = link.partition("signature=")
    flipped = signature[:-1] + ("A" if signature[-1] != "A" else "B")
    answer = ann("GET", f"{path}signature={flipped}")
    assert (answer.status_code, answer.json()["code"]) == (403, "EXPORT_002")
    assert ann("GET", path.rstrip("?")).status_code == 200  # one's own session is enough


def test_a_right_that_was_taken_away_bites_at_the_download(
    ann: Any, ws: Workspace, worker: None
) -> None:
    job = made(ann)
    access.set_grant(ws, BOSS, "ann", table="customers", can_export=False)
    answer = ann("GET", job["download_url"])
    assert (answer.status_code, answer.json()["code"]) == (403, "EXPORT_002")


def test_a_removed_file_is_gone_and_the_job_is_kept(ann: Any, worker: None) -> None:
    job = made(ann)
    gone = ann.json("DELETE", f"/export/{job['job_id']}/file")
    assert (gone["status"], gone["download_url"]) == ("EXPIRED", None)
    answer = ann("GET", job["download_url"])
    assert (answer.status_code, answer.json()["code"]) == (410, "EXPORT_004")


def test_not_finished_yet(ann: Any) -> None:
    job_id = ann.json("POST", "/export/create", json=GUIDE)["job_id"]
    answer = ann("GET", f"/api/v1/data/export/{job_id}/download")
    assert (answer.status_code, answer.json()["code"]) == (409, "DATA_409")
    assert answer.json()["job_id"] == job_id
    assert ann.json("POST", f"/export/{job_id}/cancel")["status"] == "CANCELLED"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"selected_columns": ["nope"]}, 422, "EXPORT_003"),
        ({"selected_columns": ["secret"]}, 422, "EXPORT_003"),
        ({"filters": [{"column": "secret", "operator": "equals", "value": 1}]}, 422, "EXPORT_003"),
        ({"table_name": "orders"}, 403, "EXPORT_002"),
        ({"export_format": "parquetry"}, 415, "IMPORT_002"),
        ({"export_format": None}, 400, "DATA_400"),
        ({"export_options": {"x": 1}}, 400, "DATA_400"),
        ({"surprise": 1}, 422, "DATA_400"),
        ({"selected_columns": "name"}, 422, "DATA_400"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_the_job(
    ann: Any, body: dict[str, Any], status: int, code: str
) -> None:
    answer = ann("POST", "/api/v1/data/export/create", json=GUIDE | body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert ann.json("GET", "/export/jobs") == []


def test_no_column_named_is_every_column_one_may_see(ann: Any, worker: None) -> None:
    answer = ann("GET", made(ann, selected_columns=[])["download_url"])
    assert answer.text.splitlines()[0] == "id,email,name,credit,active"
    assert "canary" not in answer.text


def test_a_job_of_somebody_else_does_not_exist(ann: Any, ben: Any) -> None:
    job_id = ann.json("POST", "/export/create", json=GUIDE)["job_id"]
    for method, act in [
        ("GET", "status"), ("GET", "download"), ("POST", "cancel"), ("DELETE", "file"),
    ]:  # fmt: skip
        assert ben(method, f"/api/v1/data/export/{job_id}/{act}").status_code == 404, act
    assert ben.json("GET", "/export/jobs") == []


def test_an_import_is_no_export(ann: Any) -> None:
    job_id = ann.json("POST", "/export/create", json=GUIDE)["job_id"]
    answer = ann("GET", f"/api/v1/data/import/{job_id}/status")
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")
