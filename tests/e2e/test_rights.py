"""Who has no grant is refused by screen, API and download; others' jobs do not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.house import House, Visitor
from tests.order_lines import TABLE

pytestmark = pytest.mark.e2e

API = "/api/v1/data"


def refused(visitor: Visitor, path: str, *, body: Any = None) -> None:
    """The API must not do it; that a table is there need not be told either."""
    status, answer = visitor.fetch(API + path, body=body)
    assert status in (403, 404), (path, answer)
    assert answer["code"] in {"DATA_404", "EXPORT_002", "IMPORT_003", "AUTH_403"}


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_without_a_grant(
    house: House, shop: str, visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    house.add_user("bea", role="viewer")
    house.add_user("cem", role="viewer")
    house.tableport(
        "grant", "set", "bea", "--connection", shop, "--table", TABLE,
        "--export", "--preview-export", "--no-import",
    )  # fmt: skip
    job_id = house.tableport(
        "export", "--connection", shop, "--table", "products", "-o", tmp_path / "p.csv"
    )["job_id"]

    outsider = visitor("cem")
    outsider.sign_in("/data-import")
    outsider.see("No database is open to you yet")
    outsider.go("/data-export")
    outsider.see("No database is open to you yet")
    outsider.go(f"/jobs?job={job_id}")
    outsider.see("There is no job")
    outsider.picture("refused")
    for path in (f"/tables/{TABLE}/schema", f"/tables/{TABLE}/data"):
        refused(outsider, f"{path}?connection={shop}")
    wish = {"table_name": TABLE, "connection": shop, "export_format": "csv"}
    refused(outsider, "/export/create", body=wish)
    refused(outsider, "/uploads?filename=a.csv", body="a,b")
    assert outsider.fetch(f"{API}/tables/available?connection={shop}")[1]["tables"] == []
    for path in ("status", "download"):
        assert outsider.fetch(f"{API}/export/{job_id}/{path}")[0] == 404

    reader = visitor("bea")
    reader.sign_in("/data-export")
    reader.choose_table(shop, TABLE)
    assert reader.fetch(f"{API}/tables/{TABLE}/data?connection={shop}")[0] == 200
    refused(reader, f"/tables/orders/data?connection={shop}")
    refused(reader, "/export/create", body=wish | {"table_name": "orders"})
    reader.go("/data-import")
    reader.see("No table is open to you here")
    house.tableport("grant", "remove", "bea", "--connection", shop, "--table", TABLE)
    refused(reader, f"/tables/{TABLE}/data?connection={shop}")

    stranger = visitor("nobody")
    for path in (f"/tables/{TABLE}/schema", f"/export/{job_id}/download"):
        assert stranger.fetch(API + path)[0] == 401
