"""Workbooks to fill in or to mend, over the wire."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from tests.app.api.test_fixing import checked

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_template(ann: Any, ben: Any, admin: Any) -> None:
    answer = ann("GET", "/api/v1/data/tables/customers/template")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert 'filename="customers.template.xlsx"' in answer.headers["content-disposition"]
    names = [c.value for c in openpyxl.load_workbook(io.BytesIO(answer.content)).active[1]]
    assert names[:2] == ["email", "name"]
    head = ann("HEAD", "/api/v1/data/tables/customers/template")
    assert head.headers["content-length"] == str(len(answer.content))
    assert head.headers["etag"] == answer.headers["etag"]
    assert ben("GET", "/api/v1/data/tables/customers/template").json()["code"] == "IMPORT_003"
    assert admin("GET", "/api/v1/data/tables/nowhere/template").status_code == 404


def test_formats_of_rejects(ann: Any, worker: None) -> None:
    path = f"/api/v1/data/import/{checked(ann)}/rejects"
    kinds = {"": "text/csv; charset=utf-8", "?format=csv": "text/csv; charset=utf-8"}
    for query, kind in (kinds | {"?format=xlsx": XLSX}).items():
        answer = ann("GET", path + query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert ann("GET", f"{path}?format=pdf").status_code == 422


def test_a_mended_workbook_comes_back(ann: Any, ben: Any, worker: None) -> None:
    job_id = checked(ann)
    path = f"/api/v1/data/import/{job_id}/rejects?format=xlsx"
    answer = ann("GET", path)
    part = ann("GET", path, headers={"range": "bytes=0-1", "if-range": answer.headers["etag"]})
    assert (part.status_code, part.content) == (206, b"PK")
    assert ben("GET", path).status_code == 404
    workbook = openpyxl.load_workbook(io.BytesIO(answer.content))
    names = {c.value: c.column for c in workbook.active[1]}
    workbook.active.cell(2, names["Full name"]).value = "Dee"
    mended = io.BytesIO()
    workbook.save(mended)
    files = {"file": ("m.xlsx", mended.getvalue(), XLSX)}
    found = ann.json("POST", f"/import/{job_id}/patch", files=files)
    assert (found["rows"], found["cells"]) == (2, 1)
