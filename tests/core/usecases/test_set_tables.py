"""The table that the name of a file tells."""

from __future__ import annotations

import pytest

from core.usecases.set_tables import match_tables
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL


@pytest.fixture
def tables(ws: Workspace, sqlite_shop: str) -> Workspace:
    assert sqlite_shop
    with ws.engine("shop").begin() as db:
        for name in ("items", '"Category Tree"', "people_2024"):
            db.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")
    return ws


@pytest.mark.parametrize(
    ("filename", "table", "candidates"),
    [
        ("orders.csv", "orders", ("orders",)),
        ("02_Order-Lines.CSV.GZ", "order_lines", ("order_lines",)),  # not orders
        ("orderLines", "order_lines", ("order_lines",)),
        ("item.xlsx", "items", ("items",)),
        ("category tree.json", "Category Tree", ("Category Tree",)),
        ("export of products 2026-01.csv", "products", ("products",)),
        ("people.csv", "people_2024", ("people_2024",)),
        ("orders and products.csv", None, ("orders", "products")),
        ("unheard_of.csv", None, ()),
        ("2026.csv", None, ()),
        (".csv", None, ()),
    ],
)
def test_by_its_words(
    tables: Workspace, filename: str, table: str | None, candidates: tuple[str, ...]
) -> None:
    (found,) = match_tables(tables, LOCAL, [filename])
    assert (found.table, found.candidates) == (table, candidates)
