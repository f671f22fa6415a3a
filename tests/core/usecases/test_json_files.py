"""JSON in and out of a table, by use cases alone."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.model.dialect import Dialect
from core.model.job import JobStatus
from core.model.plan import ExportPlan
from core.usecases import access, exports, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, table_rows, upload

CUSTOMERS = {
    "customers": [
        {
            "id": 1,
            "name": "Alice Johnson",
            "email": "alice@example.com",
            "phone": "+1-555-0101",
            "address": {"street": "1 Main St", "city": "Springfield"},
            "credit": 12.50,
        },
        {"id": 2, "name": "Bob", "email": None, "status": "active", "address": {"city": "Ulm"}},
        {"id": 3, "name": "Ötzi 😀", "email": "", "address": None},
    ]
}


@pytest.fixture
def customers(ws: Workspace, sqlite_shop: str) -> str:
    with ws.engine(sqlite_shop).begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
            "email TEXT, phone TEXT, address JSON, address_city TEXT, credit NUMERIC(10, 2), "
            "status TEXT)"
        )
    return "customers"


def _load(ws: Workspace, table: str, content: bytes, name: str) -> None:
    file_id = upload(ws, LOCAL, content, name)
    job = imports.draft_import(ws, LOCAL, upload_id=file_id, table=table, connection="shop")
    job = imports.start_import(ws, LOCAL, job.job_id)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.COMPLETED, done.error_message
    assert done.counts.inserted == 3


def _export(ws: Workspace, table: str, format_name: str) -> bytes:
    plan = ExportPlan(connection="shop", table=table, dialect=Dialect(format=format_name))
    job = exports.create_export(ws, LOCAL, plan)
    assert local.run_here(ws, job.job_id).status is JobStatus.COMPLETED
    return exports.open_artifact(ws, LOCAL, job.job_id).open().read()


def test_the_guides_customers(ws: Workspace, customers: str) -> None:
    _load(ws, customers, json.dumps(CUSTOMERS, indent=2).encode(), "customers.json")
    rows = table_rows(ws, customers)
    assert [row["name"] for row in rows] == ["Alice Johnson", "Bob", "Ötzi 😀"]
    assert [row["email"] for row in rows] == ["alice@example.com", None, ""]
    assert [row["address_city"] for row in rows] == ["Springfield", "Ulm", None]
    assert json.loads(rows[0]["address"]) == CUSTOMERS["customers"][0]["address"]


@pytest.mark.parametrize("format_name", ["json", "jsonl"])
def test_what_is_exported_comes_back_the_same(
    ws: Workspace, customers: str, format_name: str
) -> None:
    _load(ws, customers, json.dumps(CUSTOMERS).encode(), "customers.json")
    before = table_rows(ws, customers)
    data = _export(ws, customers, format_name)
    with ws.engine("shop").begin() as db:
        db.execute(sa.text("DELETE FROM customers"))
    _load(ws, customers, data, f"back.{format_name}")
    assert table_rows(ws, customers) == before


def test_a_key_that_comes_late_in_the_file_is_offered(ws: Workspace, customers: str) -> None:
    records = [{"id": n, "name": "x" * 40} for n in range(8_000)]
    records[-1]["status"] = "late"
    file_id = upload(ws, LOCAL, json.dumps(records).encode(), "c.json")
    job = imports.draft_import(ws, LOCAL, upload_id=file_id, table=customers, connection="shop")
    assert "status" in {m.target for m in job.plan.mappings}


def test_a_grant_of_json_admits_json_lines(ws: Workspace, people: People, customers: str) -> None:
    access.set_grant(
        ws, LOCAL, "ann", table=customers, connection="shop", can_import=True,
        import_formats=["json"],
    )  # fmt: skip
    file_id = upload(ws, people.ann, b'{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n', "c.jsonl")
    job = imports.draft_import(
        ws, people.ann, upload_id=file_id, table=customers, connection="shop"
    )
    assert job.plan.dialect.format == "jsonl"
