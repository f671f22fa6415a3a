"""A real file into a table of MariaDB, and out again, by use cases alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.databases.connect import open_engine
from core.model.job import Job, JobStatus
from core.model.plan import ExportPlan, OnConflict, OnErrors
from core.usecases import connections, exports, findings, imports, local, tables
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, load
from tests.order_lines import (
    BAD_CELLS,
    COLUMNS,
    GOOD,
    ROWS,
    TABLE,
    create_order_tables,
    expected_rows,
    repair,
    write_order_lines,
)

pytestmark = pytest.mark.mysql


@pytest.fixture
def maria(ws: Workspace, mysql_database: str) -> Iterator[sa.Engine]:
    """The order tables, behind the connection `shop`."""
    engine = open_engine(mysql_database)
    create_order_tables(engine)
    connections.add_connection(ws, LOCAL, name="shop", url=mysql_database, default=True)
    yield engine
    with engine.begin() as db:
        for name in (TABLE, "orders", "products", "tableport_ledger"):
            db.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    engine.dispose()


def export(ws: Workspace) -> list[dict[str, str | None]]:
    """The table as an exported CSV: NULL is an unquoted nothing."""
    plan = ExportPlan(connection="shop", table=TABLE)
    job = local.run_here(ws, exports.create_export(ws, LOCAL, plan).job_id)
    assert job.status is JobStatus.COMPLETED
    text = exports.open_artifact(ws, LOCAL, job.job_id).open().read().decode()
    marked = io.StringIO(text.replace(',"",', ",\x00,").replace(',""\r\n', ",\x00\r\n"))
    spelled = {"": None, "\x00": ""}
    return [{k: spelled.get(v, v) for k, v in row.items()} for row in csv.DictReader(marked)]


@pytest.mark.usefixtures("maria")
def test_check_load_mend_load_export(ws: Workspace, tmp_path: Path) -> None:
    content = write_order_lines(tmp_path / "lines.csv").read_bytes()
    job = draft(ws, LOCAL, content)
    assert {m.source: m.target for m in job.plan.mappings} == COLUMNS
    imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.PARTIALLY_COMPLETED
    assert (done.counts.inserted, done.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert done.counts.reconciled
    found = {(v.row, v.column): v for v in findings.list_violations(ws, LOCAL, job.job_id)}
    for bad in BAD_CELLS:
        assert found[bad.row, bad.header].check in bad.checks, bad.kind
    rejects = findings.open_rejects(ws, LOCAL, job.job_id).open().read().decode("utf-8-sig")
    assert load(ws, LOCAL, repair(rejects).encode()).counts.inserted == len(BAD_CELLS)
    rows = export(ws)
    assert len(rows) == ROWS
    assert {row["line_code"]: row for row in rows} == expected_rows()
    mended = io.StringIO(newline="")
    writer = csv.DictWriter(mended, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows[:100])
    again = load(ws, LOCAL, mended.getvalue().encode(), on_conflict=OnConflict.UPDATE)
    # Written so, a text without characters cannot be told from nothing at all.
    emptied = sum(row["note"] == "" for row in rows[:100])
    assert (again.counts.unchanged, again.counts.updated) == (100 - emptied, emptied)


@pytest.mark.usefixtures("maria")
def test_what_only_the_server_knows_rejects_its_row_alone(ws: Workspace, maria: sa.Engine) -> None:
    with maria.begin() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER small BEFORE INSERT ON order_lines FOR EACH ROW IF NEW.quantity > 50 "
            "THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more than fifty'; END IF"
        )
    header = ",".join(COLUMNS.values())
    lines = [
        *("A1,1,0001,1,2.50,2026-01-31,true,open,", "A2,1,0001,51,2.50,2026-01-31,true,open,"),
        # To us two keys, to the server, whose collation ignores case, one.
        *("a1,1,0001,1,2.50,2026-01-31,true,open,", "A3,1,0001,1,2.50,2026-01-31,true,open,"),
    ]
    job = load(ws, LOCAL, "\n".join([header, *lines, ""]).encode())
    assert (job.counts.inserted, job.counts.rejected) == (2, 2)
    assert told(ws, job) == {
        2: ("trigger", "a trigger refused the row: no more than fifty"),
        3: ("unique", "line_code a1 is already in the table"),
    }


def told(ws: Workspace, job: Job) -> dict[int, tuple[str, str]]:
    return {v.row: (v.check, v.message) for v in findings.list_violations(ws, LOCAL, job.job_id)}


@pytest.mark.usefixtures("maria")
def test_a_table_without_transactions_is_refused_before_it_is_written_to(
    ws: Workspace, maria: sa.Engine
) -> None:
    with maria.begin() as db:
        db.exec_driver_sql("CREATE OR REPLACE TABLE old (a INTEGER) ENGINE=MyISAM")
    assert "old" in [ref.label for ref in tables.list_tables(ws, LOCAL, "shop")]
    job = load(ws, LOCAL, b"a\n1\n", table="old")
    assert job.status is JobStatus.FAILED
    assert "engine MyISAM" in (job.error_message or "")
    with maria.begin() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM old").scalar() == 0
        db.exec_driver_sql("DROP TABLE old")
