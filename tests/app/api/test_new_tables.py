"""A new table by the API: proposed, sent back with a change, made with the load."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.api.test_imports import ended

FILE = b"Order No.,Total\n1,2.50\n2,10\n"


def sent(client: Any, name: str = "new%20orders.csv") -> str:
    answer = client.json("POST", "/uploads", content=FILE, headers={"x-filename": name})
    return str(answer["upload_id"])


def test_what_is_proposed_can_be_sent_back(admin: Any, worker: None, shop: sa.Engine) -> None:
    upload_id = sent(admin)
    found = admin.json("POST", "/tables/propose", json={"upload_id": upload_id})
    assert (found["upload_id"], found["rows_read"], found["whole_file"]) == (upload_id, 2, True)
    assert found["statement"].startswith('CREATE TABLE "new_orders"')
    table = found["create_table"]
    first, second = table["columns"]
    assert (first["name"], first["source"], first["kind"]) == ("order_no", "Order No.", "integer")
    assert first["evidence"]
    assert (second["precision"], second["scale"], second["samples"]) == (7, 2, ["2.50", "10"])
    first["primary_key"] = True
    job = admin.json(
        "POST",
        "/import/upload",
        params={"upload_id": upload_id, "create_table": json.dumps(table)},
    )
    assert job["table_name"] == "new_orders"
    assert "new_orders" not in sa.inspect(shop).get_table_names()
    admin.json("POST", f"/import/{job['job_id']}/start")
    assert ended(admin, job["job_id"])["counts"]["inserted"] == 2
    described = admin.json("GET", "/tables/new_orders/schema")
    assert described["primary_keys"] == ["order_no"]


def test_a_name_that_is_taken_is_a_conflict(admin: Any) -> None:
    body = {"upload_id": sent(admin), "name": "customers"}
    answer = admin("POST", "/api/v1/data/tables/propose", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "DATA_409")


def test_importing_is_not_creating(ann: Any) -> None:
    body = {"upload_id": sent(ann), "name": "customers_2"}
    answer = ann("POST", "/api/v1/data/tables/propose", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "IMPORT_003")
    table = {"name": "x", "columns": [{"name": "a", "kind": "text"}]}
    query = {"upload_id": body["upload_id"], "create_table": json.dumps(table)}
    assert ann("POST", "/api/v1/data/import/upload", params=query).status_code == 403


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"columns": []}, "no column"),
        ({"columns": None}, "name and columns"),
        ({"colums": []}, "unknown colums"),
        ({"name": 7}, "must be text"),
        ({"columns": ["a"]}, "column 1"),
        ({"columns": [{"name": "a", "kind": "money"}]}, "column 1: kind"),
        ({"columns": [{"name": "a", "kind": "text", "size": 9}]}, "unknown size"),
        ({"columns": [{"name": "a", "kind": "number", "scale": 2}]}, "exact number"),
    ],
)
def test_what_is_wrong_is_named(admin: Any, changes: dict[str, Any], says: str) -> None:
    table = {"name": "x", "columns": [{"name": "a", "kind": "text"}]} | changes
    query = {"upload_id": sent(admin), "create_table": json.dumps(table)}
    answer = admin("POST", "/api/v1/data/import/upload", params=query)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_a_table_is_named_once(admin: Any) -> None:
    table = {"name": "x", "columns": [{"name": "a", "kind": "text"}]}
    query = {"upload_id": sent(admin), "create_table": json.dumps(table), "table_name": "customers"}
    assert admin("POST", "/api/v1/data/import/upload", params=query).status_code == 400
