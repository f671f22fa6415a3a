"""Values that name rows of another table, over the API."""

from __future__ import annotations

from typing import Any

import pytest

ORDERS = b"order_id,customer\n1,Ann\n2,BOB@example.com\n3,An\n4,carl@example.com\n"
MAPPINGS = (
    '[{"sourceColumn": "order_id", "targetColumn": "order_id"},'
    ' {"sourceColumn": "customer", "targetColumn": "customer_id", "lookup": {"by": "email"}}]'
)


@pytest.fixture
def references(admin: Any) -> str:
    job = admin.json(
        "POST",
        "/import/upload",
        files={"file": ("orders.csv", ORDERS)},
        data={"table_name": "orders", "field_mappings": MAPPINGS},
    )
    return f"/import/{job['job_id']}/references/customer_id"


def test_natural_keys(admin: Any, ben: Any) -> None:
    path = "/tables/orders/natural-keys?column=customer_id"
    assert admin.json("GET", path) == {
        "table_name": "orders",
        "column": "customer_id",
        "parent": "customers",
        "key": "id",
        "natural_keys": [
            {"column": "email", "declared": True, "evidence": "email is declared unique."},
            *(
                {
                    "column": name,
                    "declared": False,
                    "evidence": f"Each of the 2 rows has a {name} of its own, though no rule says"
                    " so.",
                }
                for name in ("name", "secret")
            ),
        ],
    }
    assert admin("GET", "/api/v1/data/tables/orders/natural-keys?column=x").status_code == 422
    assert ben("GET", f"/api/v1/data{path}").status_code == 403


def test_values_are_listed_and_decided(admin: Any, references: str) -> None:
    found = admin.json("GET", references)
    values = found.pop("values")
    assert found == {
        "job_id": references.split("/")[2],
        "column": "customer_id",
        "parent": "customers",
        "by": "email",
        "key": "id",
        "rows": 4,
        "whole_file": True,
        "blank": 0,
        "unreadable": 0,
        "found": {"values": 1, "rows": 1},
        "ambiguous": {"values": 0, "rows": 0},
        "missing": {"values": 3, "rows": 3},
        "decided": {"values": 0, "rows": 0},
        "left_out": 0,
    }
    assert [one["value"] for one in values] == ["An", "Ann", "carl@example.com", "BOB@example.com"]
    assert values[3] == {
        "value": "BOB@example.com", "count": 1, "finding": "case", "key": "2", "rows": 1,
        "candidates": [], "suggestions": [], "decision": None,
    }  # fmt: skip
    by_name = admin.json("GET", f"{references}?by=name")
    near = {one["value"]: one["suggestions"] for one in by_name["values"]}
    assert near["An"] == []
    assert by_name["found"] == {"values": 1, "rows": 1}
    body = {
        "decisions": [
            {"value": "An", "answer": "use", "use": "1"},
            {"value": "Ann", "answer": "reject"},
            {"value": "carl@example.com", "answer": "blank"},
        ]
    }
    kept = admin.json("POST", references, json=body)
    assert (kept["by"], len(kept["decisions"])) == ("email", 3)
    back = {"decisions": [{"value": "carl@example.com", "answer": None}]}
    assert admin.json("POST", references, json=back)["decisions"] == [
        {"value": "An", "answer": "use", "use": "1"},
        {"value": "Ann", "answer": "reject", "use": None},
    ]
    decided = admin.json("GET", references)
    assert (decided["missing"]["values"], decided["decided"]["values"]) == (1, 2)
    assert decided["values"][1]["decision"] == {"value": "An", "answer": "use", "use": "1"}


def test_candidates_and_suggestions(admin: Any, references: str, shop: Any) -> None:
    with shop.begin() as db:
        db.exec_driver_sql("INSERT INTO customers VALUES (3, 'x', 'ANNA', 1, 1, '')")
        db.exec_driver_sql("INSERT INTO customers VALUES (4, 'y', 'Ann', 1, 1, '')")
        db.exec_driver_sql("UPDATE customers SET name = 'Carl Example' WHERE id = 2")
    rows = ORDERS.replace(b"carl@example.com", b"carl exampel")
    job = admin.json(
        "POST",
        "/import/upload",
        files={"file": ("orders.csv", rows)},
        data={"table_name": "orders", "field_mappings": MAPPINGS.replace("email", "name")},
    )
    found = admin.json("GET", f"/import/{job['job_id']}/references/customer_id")["values"]
    told = {one["value"]: (one["finding"], one["rows"], one["candidates"]) for one in found}
    assert told["Ann"] == ("ambiguous", 2, ["1", "4"])
    near = {one["value"]: one["suggestions"] for one in found}
    assert near["carl exampel"] == [{"value": "Carl Example", "key": "2"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decisions": [{"value": "An", "answer": "use"}]}, 400),
        ({"decisions": [{"value": "An", "answer": "guess"}]}, 422),
        ({"by": "nothing"}, 422),
        ({"by": "active"}, 422),
    ],
)
def test_decisions_that_cannot_be(
    admin: Any, references: str, body: dict[str, Any], status: int
) -> None:
    answer = admin("POST", f"/api/v1/data{references}", json=body)
    assert answer.status_code == status, answer.text


def test_other_peoples_jobs_do_not_exist(ben: Any, references: str) -> None:
    assert ben("GET", f"/api/v1/data{references}").status_code == 404
    assert ben("POST", f"/api/v1/data{references}", json={}).status_code == 404
