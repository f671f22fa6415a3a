"""The profile and the report of a check, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.api.test_imports import BAD, upload


@pytest.fixture
def checked(ann: Any, worker: None) -> str:
    job_id: str = upload(ann, BAD)["job_id"]
    found = ann.json("POST", f"/import/{job_id}/validate")
    names = [column["field_name"] for column in found["fieldAnalysis"]]
    assert names == ["E-Mail", "Full name", "Credit"]
    assert found["validationDuration"] <= found["estimatedImportTime"]
    assert isinstance(found["recommendations"], list)
    return job_id


def test_the_profile(ann: Any, ben: Any, checked: str) -> None:
    found = ann.json("GET", f"/import/{checked}/profile")
    assert (found["rows"], found["sample_rows"], found["left_out"]) == (3, 3, 0)
    email = found["columns"][0]
    assert (email["data_type"], email["unique_values"], email["null_count"]) == ("email", 3, 0)
    assert email["evidence"] == "3 of 3 cells are e-mail addresses."
    denied = ben("GET", f"/api/v1/data/import/{checked}/profile")
    assert denied.status_code == 404


def test_the_report_is_a_page_to_save_that_may_do_nothing(ann: Any, checked: str) -> None:
    page = ann("GET", f"/api/v1/data/import/{checked}/report")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-disposition"] == 'attachment; filename="new.report.html"'
    policy = page.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "1 of 3 rows have errors" in page.text


def test_the_report_as_data(ann: Any, ben: Any, nobody: Any, checked: str) -> None:
    address = f"/api/v1/data/import/{checked}/report"
    found = ann("GET", address, params={"format": "json"})
    assert found.headers["content-type"] == "application/json; charset=utf-8"
    assert found.json()["levels"]["rows"]["with_errors"] == 1
    assert ann("GET", address, params={"format": "pdf"}).status_code == 422
    assert ann("HEAD", address).headers["content-disposition"]
    assert ben("GET", address).status_code == 404
    assert nobody("GET", address).status_code == 401


def test_nothing_checked_nothing_to_report(ann: Any) -> None:
    job_id = upload(ann, BAD)["job_id"]
    assert ann.json("GET", f"/import/{job_id}/profile")["columns"] == []
    answer = ann("GET", f"/api/v1/data/import/{job_id}/report")
    assert (answer.status_code, answer.json()["job_id"]) == (409, job_id)
