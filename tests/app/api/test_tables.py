"""Table discovery in the guide's shapes, within the caller's rights."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from core.usecases import access
from core.workspace import Workspace
from tests.app.api.conftest import BOSS


def test_available_lists_only_what_the_caller_may_use(admin: Any, ann: Any, ben: Any) -> None:
    assert admin.json("GET", "/tables/available") == {
        "tables": ["customers", "orders"],
        "total_count": 2,
    }
    assert ann.json("GET", "/tables/available") == {"tables": ["customers"], "total_count": 1}
    assert ben.json("GET", "/tables/available") == {"tables": [], "total_count": 0}


def test_schema_has_the_guides_keys(admin: Any) -> None:
    found = admin.json("GET", "/tables/customers/schema")
    assert found["table_name"] == "customers"
    assert found["primary_keys"] == ["id"]
    assert found["foreign_keys"] == []
    assert isinstance(found["indexes"], list)
    by_name = {c["name"]: c for c in found["columns"]}
    assert by_name["id"]["autoincrement"] is True
    assert by_name["id"]["primary_key"] is True
    assert by_name["email"]["type"] == "VARCHAR(60)"
    assert by_name["email"]["nullable"] is False
    assert by_name["email"]["unique"] is True
    assert by_name["email"]["required"] is True
    assert by_name["active"]["required"] is False
    assert "autoincrement" not in by_name["email"]
    assert found["sample_data"][0] == {
        "id": 1, "email": "ann@example.com", "name": "Ann", "credit": 12.5, "active": True,
        "secret": "canary-1",
    }  # fmt: skip
    orders = admin.json("GET", "/tables/orders/schema")
    assert orders["foreign_keys"][0]["columns"] == ["customer_id"]
    assert orders["foreign_keys"][0]["referred_table"] == "customers"
    assert orders["foreign_keys"][0]["referred_columns"] == ["id"]


@pytest.mark.parametrize("path", ["schema", "data", "permissions"])
def test_a_forbidden_column_shows_nowhere(ann: Any, path: str) -> None:
    answer = ann("GET", f"/api/v1/data/tables/customers/{path}")
    assert answer.status_code == 200
    assert "secret" not in answer.text
    assert "canary" not in answer.text


@pytest.mark.parametrize("path", ["schema", "data", "permissions"])
def test_a_table_without_a_grant_and_no_table_at_all(ben: Any, admin: Any, path: str) -> None:
    assert ben("GET", f"/api/v1/data/tables/customers/{path}").status_code in (403, 404)
    answer = admin("GET", f"/api/v1/data/tables/nowhere/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "DATA_404"


def test_permissions_have_the_guides_keys(ann: Any) -> None:
    found = ann.json("GET", "/tables/customers/permissions")
    assert found["table_name"] == "customers"
    assert set(found["import_permission"]) == {
        "can_import", "can_validate", "can_preview", "max_file_size_mb", "max_rows_per_import",
        "allowed_formats", "requires_approval",
    }  # fmt: skip
    assert set(found["export_permission"]) == {
        "can_export", "can_preview", "max_rows_per_export", "allowed_formats", "allowed_columns",
    }  # fmt: skip


def test_permissions_keep_the_guides_keys_whatever_else_is_given(ws: Workspace, ann: Any) -> None:
    before = ann.json("GET", "/tables/customers/permissions")
    more = ["create_table", "delete", "replace"]
    access.set_grant(ws, BOSS, "ann", table="customers", more_actions=more)
    assert ann.json("GET", "/tables/customers/permissions") == before


def test_data_pages_searches_and_filters(ann: Any) -> None:
    found = ann.json("GET", "/tables/customers/data?limit=1&offset=0")
    assert {k: v for k, v in found.items() if k != "data"} == {
        "table_name": "customers", "total_rows": 2, "returned_rows": 1, "offset": 0, "limit": 1,
        "has_more": True,
    }  # fmt: skip
    assert ann.json("GET", "/tables/customers/data?search=bob")["data"][0]["id"] == 2
    filters = '[{"column": "id", "operator": ">=", "value": 2}]'
    page = ann.json("GET", "/tables/customers/data", params={"filters": filters, "columns": "id"})
    assert page["data"] == [{"id": 2}]
    sort = '[{"column": "id", "descending": true}]'
    page = ann.json("GET", "/tables/customers/data", params={"sort": sort, "columns": "id"})
    assert page["data"] == [{"id": 2}, {"id": 1}]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"limit": "10001"}, 422, "DATA_400"),
        ({"limit": "x"}, 422, "DATA_400"),
        ({"filters": "{"}, 400, "DATA_400"),
        ({"filters": "{}"}, 400, "DATA_400"),
        ({"filters": '[{"column": "id"}]'}, 400, "DATA_400"),
        ({"filters": '[{"column": "secret", "operator": "=", "value": "x"}]'}, 422, "EXPORT_003"),
        ({"columns": "secret"}, 422, "EXPORT_003"),
        ({"sort": '[{"column": "secret"}]'}, 422, "EXPORT_003"),
        ({"connection": "nowhere"}, 404, "DATA_404"),
    ],
)
def test_a_wrong_query_is_named(ann: Any, query: dict[str, str], status: int, code: str) -> None:
    answer = ann("GET", "/api/v1/data/tables/customers/data", params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "canary" not in answer.text


@pytest.mark.parametrize("name", ["a/b", "a/schema", "100%", "what?", "#1", "a b", "Ünï"])
def test_a_path_may_hold_any_name(admin: Any, shop: sa.Engine, name: str) -> None:
    with shop.begin() as db:
        db.exec_driver_sql(f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY)')
    path = f"/tables/{quote(name, safe='')}"
    assert admin.json("GET", f"{path}/schema")["table_name"] == name
    assert admin.json("GET", f"{path}/data")["table_name"] == name
    assert admin.json("GET", f"{path}/permissions")["table_name"] == name
