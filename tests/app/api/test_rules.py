"""The routes of rules: kept, changed, tried, forgotten; and seen in what an import finds."""

from __future__ import annotations

import io
import json

import pytest

from tests.app.api.conftest import Client

BODY = {"name": "short names", "kind": "length", "columns": ["name"], "options": {"max": "3"}}
RULES = "/tables/customers/rules"


def test_a_rule_from_its_making_to_its_end(admin: Client, ann: Client) -> None:
    assert admin.json("POST", f"{RULES}/try", json=BODY) == {"rows": 2, "broken": 0, "samples": []}
    made = admin("POST", f"/api/v1/data{RULES}", json=BODY)
    assert made.status_code == 201, made.text
    rule = made.json()["rule"]
    assert made.json()["trial"] == {"rows": 2, "broken": 0, "samples": []}
    assert rule == {**BODY, "id": rule["id"], "severity": "error", "message": "", "enabled": True}
    assert ann.json("GET", RULES) == {"table_name": "customers", "rules": [rule]}

    one = f"{RULES}/{rule['id']}"
    changed = admin.json("PUT", one, json={**BODY, "options": {"max": "2"}})
    assert (changed["trial"]["rows"], changed["trial"]["broken"]) == (2, 2)
    assert set(changed["trial"]["samples"][0]) == {"cells", "message"}
    assert admin("DELETE", f"/api/v1/data{one}").status_code == 204
    assert admin.json("GET", RULES)["rules"] == []


@pytest.mark.parametrize(("method", "path"), [("POST", RULES), ("POST", f"{RULES}/try")])
def test_who_may_not(ann: Client, nobody: Client, method: str, path: str) -> None:
    refused = ann(method, f"/api/v1/data{path}", json=BODY)
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTH_403")
    assert nobody(method, f"/api/v1/data{path}", json=BODY).status_code == 401


def test_what_is_refused_is_said(admin: Client) -> None:
    wrong = {**BODY, "options": {"max": "many"}}
    refused = admin("POST", f"/api/v1/data{RULES}", json=wrong)
    assert refused.status_code == 400
    assert "'many' is not a whole number" in refused.json()["detail"]
    assert admin("PUT", f"/api/v1/data{RULES}/77", json=BODY).status_code == 404
    assert admin("DELETE", f"/api/v1/data{RULES}/77").status_code == 404


def test_the_kinds(ann: Client) -> None:
    kinds = {kind["name"]: kind for kind in ann.json("GET", "/rule-kinds")}
    (option,) = [o for o in kinds["pattern"]["options"] if o["name"] == "pattern"]
    assert (option["kind"], option["required"]) == ("pattern", True)


@pytest.mark.usefixtures("worker")
def test_violations_tell_where_the_rule_comes_from(admin: Client) -> None:
    admin("POST", f"/api/v1/data{RULES}", json=BODY)
    content = b"id,email,name\n8,a@b.de,Annabel\nx,b@b.de,Bob\n"
    job = admin.json(
        "POST",
        "/import/upload",
        files={"file": ("c.csv", io.BytesIO(content))},
        data={"table_name": "customers", "import_options": json.dumps({"validate_only": True})},
    )
    admin.json("POST", f"/import/{job['job_id']}/validate")
    found = admin.json("GET", f"/import/{job['job_id']}/violations")["violations"]
    assert [(v["row"], v["check"], v["origin"]) for v in found] == [
        (1, "short names", "rule"),
        (2, "type", "schema"),
    ]
