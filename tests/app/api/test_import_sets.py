"""A set of files over the wire."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.usecases import access
from core.workspace import Workspace
from tests.app.api.conftest import BOSS
from tests.app.api.test_imports import ended

CUSTOMERS = "id,email,name\n7,cid@example.com,Cid\n"
ORDERS = "order_id,customer_id\n70,7\n71,1\n"


def uploaded(client: Any, text: str, name: str) -> str:
    answer = client(
        "POST", "/api/v1/data/uploads", content=text.encode(),
        headers={"X-Filename": name, "Content-Type": "application/octet-stream"},
    )  # fmt: skip
    return str(answer.json()["upload_id"])


def files(client: Any, orders: str = ORDERS) -> list[dict[str, str]]:
    return [
        {"upload_id": uploaded(client, orders, "orders.csv")},
        {"upload_id": uploaded(client, CUSTOMERS, "whoever.csv"), "table_name": "customers"},
    ]


def test_make_validate_and_start(ann: Any, ws: Workspace, worker: None, shop: sa.Engine) -> None:
    access.set_grant(ws, BOSS, "ann", table="orders", can_import=True)
    made = ann.json("POST", "/import/sets", json={"files": files(ann)})
    assert [m["job"]["table_name"] for m in made["members"]] == ["customers", "orders"]
    assert made["members"][1]["reasons"] == ["orders refers to customers (customer_id)"]
    assert (made["circle"], made["refused"]) == (None, None)
    path = f"/import/sets/{made['set_id']}"
    ann.json("POST", f"{path}/validate")
    assert ended(ann, made["set_id"])["status"] == "VALIDATED"
    assert ann.json("POST", f"{path}/start")["job_id"] == made["set_id"]
    assert ended(ann, made["set_id"])["counts"]["inserted"] == 3
    shown = ann.json("GET", path)
    assert [m["job"]["status"] for m in shown["members"]] == ["COMPLETED", "COMPLETED"]
    assert {m["job"]["set_id"] for m in shown["members"]} == {made["set_id"]}
    with shop.connect() as db:
        assert db.execute(sa.text("SELECT order_id FROM orders ORDER BY 1")).scalars().all() == [
            70, 71,
        ]  # fmt: skip


def test_the_imports_of_one_that_failed_make_another(
    ann: Any, ws: Workspace, worker: None, shop: sa.Engine
) -> None:
    access.set_grant(ws, BOSS, "ann", table="orders", can_import=True)
    made = ann.json("POST", "/import/sets", json={"files": files(ann, ORDERS + "72,99\n")})
    ann.json("POST", f"/import/sets/{made['set_id']}/start")
    failed = ended(ann, made["set_id"])
    assert (failed["status"], failed["error_code"]) == ("FAILED", "IMPORT_004")
    ids = [member["job"]["job_id"] for member in made["members"]]
    again = ann.json("POST", "/import/sets", json={"members": ids, "on_errors": "load_valid"})
    ann.json("POST", f"/import/sets/{again['set_id']}/start", json={"on_errors": "load_valid"})
    assert ended(ann, again["set_id"])["counts"]["rejected"] == 1


def test_what_is_no_set_is_refused(ann: Any, ben: Any, ws: Workspace, shop: sa.Engine) -> None:
    access.set_grant(ws, BOSS, "ann", table="orders", can_import=True)
    both = {"files": files(ann), "members": ["x", "y"]}
    answer = ann("POST", "/api/v1/data/import/sets", json=both)
    assert (answer.status_code, answer.json()["code"]) == (400, "DATA_400")
    made = ann.json("POST", "/import/sets", json={"files": files(ann)})
    assert ben("GET", f"/api/v1/data/import/sets/{made['set_id']}").status_code == 404
