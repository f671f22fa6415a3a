"""How files were mapped before, over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

CONTENT = b"Who,Post\nCarla,carla@example.com\n"
MAPPINGS = [
    {"sourceColumn": "Who", "targetColumn": "name", "transform": "trim"},
    {"sourceColumn": "Post", "targetColumn": "email", "transform": None, "skipEmpty": True},
]


@pytest.mark.usefixtures("worker")
def test_listed_used_again_and_forgotten(admin: Any, ann: Any, ben: Any) -> None:
    job = admin.json(
        "POST",
        "/import/upload",
        files={"file": ("people.csv", CONTENT)},
        data={"table_name": "customers", "field_mappings": json.dumps(MAPPINGS)},
    )
    admin.json("POST", f"/import/{job['job_id']}/start")
    path = "/tables/customers/remembered-mappings"
    for _ in range(200):
        found = admin.json("GET", path)
        if found["remembered"]:
            break
        admin.json("GET", f"/import/{job['job_id']}/status?wait=1")
    (one,) = found["remembered"]
    assert one["columns"] == ["Who", "Post"]
    assert one["field_mappings"] == MAPPINGS
    parsed = admin.json(
        "POST",
        "/import/parse",
        files={"file": ("others.csv", b"Post,Who\ndora@example.com,Dora\n")},
        data={"table_name": "customers"},
    )
    assert parsed["suggested_mappings"] == MAPPINGS[::-1]
    assert all(s["auto"] and s["reason"].startswith("As in") for s in parsed["suggestions"])
    assert ann.json("GET", path)["remembered"] == []
    own = f"/api/v1/data{path}/{one['id']}"
    assert (ben("GET", f"/api/v1/data{path}").status_code, ben("DELETE", own).status_code) == (
        403, 403,
    )  # fmt: skip
    assert ann("DELETE", own).status_code == 404
    assert admin("DELETE", own).status_code == 204
    assert admin.json("GET", path)["remembered"] == []
