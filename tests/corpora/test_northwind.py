"""Northwind: every table and view looked at, every table out of one database and into another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import ImportDenied
from core.model.job import JobStatus
from core.workspace import Workspace
from tests.core.usecases.conftest import parser_at_hand as parser_at_hand
from tests.corpora.conftest import run_postgresql
from tests.corpora.whole_databases import (
    connect,
    exported,
    imported,
    parents_first,
    reasons_of,
    rows_of,
    schema_of,
    tables_of,
)

#: The guide's keys of a schema document (R4).
R4 = {"table_name", "columns", "primary_keys", "foreign_keys", "indexes", "sample_data"}
#: Rows of each table, as the scripts insert them.
SQLITE_ROWS = {
    "Categories": 8,
    "CustomerCustomerDemo": 0,
    "CustomerDemographics": 0,
    "Customers": 93,
    "EmployeeTerritories": 49,
    "Employees": 9,
    "Order Details": 2155,
    "Orders": 830,
    "Products": 77,
    "Regions": 4,
    "Shippers": 3,
    "Suppliers": 29,
    "Territories": 53,
}
POSTGRESQL_ROWS = {
    "categories": 8,
    "customer_customer_demo": 0,
    "customer_demographics": 0,
    "customers": 91,
    "employee_territories": 49,
    "employees": 9,
    "order_details": 2155,
    "orders": 830,
    "products": 77,
    "region": 4,
    "shippers": 6,
    "suppliers": 29,
    "territories": 53,
    "us_states": 51,
}


@pytest.fixture
def sqlite_script(corpora: Path) -> str:
    path = corpora / "db_northwind" / "northwind_sqlite.sql"
    return path.read_text(encoding="utf-8")


@pytest.fixture
def postgres_script(corpora: Path) -> str:
    path = corpora / "db_northwind" / "northwind_postgres.sql"
    return path.read_text(encoding="utf-8")


def new_sqlite(path: Path, script: str) -> str:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)
    return f"sqlite:///{path}"


def raw_sqlite(url: str, table: str) -> list[tuple[object, ...]]:
    """Every cell and the class it is stored in, without any code of ours.

    The original spells a moment `1996-07-04 00:00:00.000`, we `1996-07-04 00:00:00`.
    """
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        names = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        cells = ", ".join(f'"{name}", typeof("{name}")' for name in names)
        rows = database.execute(f'SELECT {cells} FROM "{table}"').fetchall()
    return sorted((tuple(_unpadded(cell) for cell in row) for row in rows), key=repr)


def _unpadded(cell: object) -> object:
    return cell.removesuffix(".000") if isinstance(cell, str) else cell


def raw_postgresql(url: str, table: str) -> list[tuple[object, ...]]:
    return run_postgresql(url, f'SELECT t::text FROM "{table}" AS t ORDER BY 1')


def both_ways(ws: Workspace, rows: dict[str, int]) -> None:
    """Every table of `source` into `copy`, parents first, and out again: the same bytes."""
    tables = [t for t in tables_of(ws, "source").values() if not t.ref.is_view]
    assert {table.label for table in tables} == set(rows)
    for table in parents_first(tables):
        before = exported(ws, "source", table.label)
        job = imported(ws, "copy", table.label, before)
        assert (job.status, job.counts.rejected) == (JobStatus.COMPLETED, 0), table.label
        assert job.counts.inserted == rows[table.label] == len(rows_of(before)) - 1
        assert exported(ws, "copy", table.label) == before


def test_every_table_of_the_sqlite_one_comes_back_as_it_was(
    ws: Workspace, sqlite_script: str, tmp_path: Path
) -> None:
    source = new_sqlite(tmp_path / "source.db", sqlite_script)
    deletes = "".join(f'DELETE FROM "{table}";\n' for table in SQLITE_ROWS)
    emptied = f"{sqlite_script}\n;PRAGMA foreign_keys = off;\n{deletes}"
    copy = new_sqlite(tmp_path / "copy.db", emptied)
    connect(ws, "source", source)
    connect(ws, "copy", copy)
    both_ways(ws, SQLITE_ROWS)
    for table in SQLITE_ROWS:
        assert raw_sqlite(copy, table) == raw_sqlite(source, table)


@pytest.mark.postgres
def test_every_table_of_the_postgresql_one_comes_back_as_it_was(
    ws: Workspace, postgres_script: str, new_postgresql: Callable[[str], str]
) -> None:
    source, copy = new_postgresql(postgres_script), new_postgresql(postgres_script)
    run_postgresql(copy, f"TRUNCATE {', '.join(POSTGRESQL_ROWS)}")
    connect(ws, "source", source)
    connect(ws, "copy", copy)
    both_ways(ws, POSTGRESQL_ROWS)
    for table in POSTGRESQL_ROWS:
        assert raw_postgresql(copy, table) == raw_postgresql(source, table)


def test_every_view_is_looked_at_and_none_can_be_imported_into(
    ws: Workspace, sqlite_script: str, tmp_path: Path
) -> None:
    connect(ws, "source", new_sqlite(tmp_path / "source.db", sqlite_script))
    found = tables_of(ws, "source")
    views = [label for label, table in found.items() if table.ref.is_view]
    assert len(views) == 16
    for label, table in found.items():
        document = json.loads(json.dumps(schema_of(ws, "source", label)))
        assert set(document) >= R4
        assert [column["name"] for column in document["columns"]] == list(table.column_names)
        sample = document["sample_data"]
        assert len(sample) == min(5, SQLITE_ROWS.get(label, 5))
        assert all(list(row) == list(table.column_names) for row in sample)
    for label in views:
        assert not any(column["writable"] for column in schema_of(ws, "source", label)["columns"])
        with pytest.raises(ImportDenied, match="is a view"):
            imported(ws, "source", label, b"CategoryName\nx\n")


def test_a_view_over_six_tables_is_exported_whole(
    ws: Workspace, sqlite_script: str, tmp_path: Path
) -> None:
    connect(ws, "source", new_sqlite(tmp_path / "source.db", sqlite_script))
    header, *rows = rows_of(exported(ws, "source", "Invoices"))
    assert (len(header), len(rows)) == (26, SQLITE_ROWS["Order Details"])


def test_rules_of_the_original_hold_for_a_file(
    ws: Workspace, sqlite_script: str, tmp_path: Path
) -> None:
    connect(ws, "source", new_sqlite(tmp_path / "source.db", sqlite_script))
    lines = (
        b"OrderID,ProductID,UnitPrice,Quantity,Discount\n"
        b"10248,1,18.00,1,0\n"  # a new one
        b"10248,11,14,12,0\n"  # already there
        b"10248,2,18.00,0,0\n"  # no quantity
        b"10248,3,18.00,1,1.5\n"  # more than everything off
        b"99999,4,18.00,1,0\n"  # no such order
    )
    job = imported(ws, "source", "Order Details", lines)
    assert (job.counts.inserted, job.counts.rejected) == (1, 4)
    assert reasons_of(ws, job) == [
        (2, "unique_in_table"),
        (3, "constraint"),
        (4, "unusual"),  # beside the error: no discount of the table is anywhere near
        (4, "constraint"),
        (5, "reference"),
    ]
