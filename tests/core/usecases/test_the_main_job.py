"""A real file into a real table, and out again, by use cases alone; on both backends."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from core.model.job import JobStatus
from core.model.plan import ExportPlan, OnConflict, OnErrors
from core.usecases import exports, findings, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, load, table_rows
from tests.order_lines import (
    BAD_CELLS,
    COLUMNS,
    GOOD,
    ROWS,
    TABLE,
    expected_rows,
    repair,
    write_order_lines,
)

HEADER = "line_code,order_id,product_sku,quantity,unit_price,ordered_on,gift_wrap,status,note\n"


def line(code: str, *, quantity: int = 1, sku: str = "0001", note: str = "") -> str:
    return f"{code},1,{sku},{quantity},2.50,2026-01-31,true,open,{note}\n"


@pytest.mark.usefixtures("shop", "real_parser")
def test_check_load_mend_load_export(ws: Workspace, tmp_path: Path) -> None:
    content = write_order_lines(tmp_path / "lines.csv").read_bytes()

    job = draft(ws, LOCAL, content)
    assert {m.source: m.target for m in job.plan.mappings} == COLUMNS

    imports.validate_import(ws, LOCAL, job.job_id)
    checked = local.run_here(ws, job.job_id)
    assert checked.status is JobStatus.VALIDATED
    assert table_rows(ws) == []
    report = findings.read_report(ws, LOCAL, job.job_id)
    assert (report.total_rows, report.valid_rows, report.error_rows) == (ROWS, GOOD, len(BAD_CELLS))
    found = {(v.row, v.column): v for v in findings.list_violations(ws, LOCAL, job.job_id)}
    for bad in BAD_CELLS:
        violation = found[bad.row, bad.header]
        assert violation.check in bad.checks, bad.kind
        assert violation.value == bad.wrong
        assert violation.field == COLUMNS[bad.header]
        assert violation.message

    imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.PARTIALLY_COMPLETED
    assert (done.counts.rows_read, done.counts.inserted) == (ROWS, GOOD)
    assert done.counts.rejected == len(BAD_CELLS)
    assert done.counts.reconciled

    download = findings.open_rejects(ws, LOCAL, job.job_id)
    rejects = download.open().read().decode("utf-8-sig")
    mended = load(ws, LOCAL, repair(rejects).encode())
    assert mended.status is JobStatus.COMPLETED
    assert mended.counts.inserted == len(BAD_CELLS)

    export = exports.create_export(ws, LOCAL, ExportPlan(connection="shop", table=TABLE))
    ended = local.run_here(ws, export.job_id)
    assert (ended.status, ended.processed_rows) == (JobStatus.COMPLETED, ROWS)
    text = exports.open_artifact(ws, LOCAL, export.job_id).open().read().decode()
    assert {r["line_code"]: r for r in _read(text)} == expected_rows()


def _read(text: str) -> list[dict[str, str | None]]:
    """CSV with NULL told from the empty text: an unquoted nothing is NULL (ruling A38)."""
    marked = io.StringIO(text.replace(',"",', ",\x00,").replace(',""\r\n', ",\x00\r\n"))
    spelled = {"": None, "\x00": ""}
    return [
        {k: spelled.get(v, v) for k, v in row.items()}
        for row in csv.DictReader(marked, strict=True)
    ]


@pytest.mark.usefixtures("shop")
def test_stop_on_errors_writes_nothing(ws: Workspace) -> None:
    job = load(ws, LOCAL, (HEADER + line("A1") + line("A2", quantity=0)).encode(), on_errors="stop")
    assert job.status is JobStatus.FAILED
    assert job.error_code == "IMPORT_004"
    assert table_rows(ws) == []
    assert (job.counts.rejected, job.counts.skipped, job.counts.reconciled) == (1, 1, True)
    assert findings.list_rejected(ws, LOCAL, job.job_id).total == 1


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("on_conflict", "inserted", "updated", "unchanged", "skipped", "rejected"),
    [
        (OnConflict.ERROR, 1, 0, 0, 0, 4),
        (OnConflict.SKIP, 2, 0, 0, 3, 0),
        (OnConflict.UPDATE, 2, 1, 1, 1, 0),
    ],
)
def test_rows_already_there(
    ws: Workspace,
    on_conflict: OnConflict,
    inserted: int,
    updated: int,
    unchanged: int,
    skipped: int,
    rejected: int,
) -> None:
    load(ws, LOCAL, (HEADER + line("A1") + line("A2")).encode())
    again = (
        HEADER
        + line("A1")
        + line("A2", quantity=9)
        + line("A3")
        + line("A4")
        + line("A4", quantity=7)
    )
    if on_conflict is OnConflict.ERROR:
        again = again.replace(line("A3"), line("A3", sku="nope"))
    job = load(ws, LOCAL, again.encode(), on_conflict=on_conflict)
    counts = job.counts
    assert counts.reconciled
    assert (
        counts.inserted, counts.updated, counts.unchanged, counts.skipped, counts.rejected
    ) == (inserted, updated, unchanged, skipped, rejected)  # fmt: skip
    quantity = {r["line_code"]: r["quantity"] for r in table_rows(ws)}
    assert quantity["A2"] == (9 if on_conflict is OnConflict.UPDATE else 1)
    assert quantity["A4"] == (7 if on_conflict is OnConflict.UPDATE else 1)


@pytest.mark.usefixtures("shop")
def test_a_second_attempt_after_the_commit_loads_nothing_twice(ws: Workspace) -> None:
    """The worker died after the target's commit and before it could say so."""
    job = load(ws, LOCAL, (HEADER + line("A1") + line("A2", quantity=0)).encode())
    with ws.metastore.begin() as db:
        db.exec_driver_sql(
            "UPDATE import_jobs SET status='IMPORTING', run_after=0, lease_until=0,"
            " lease_owner='gone:1:x', counts='{}', completed_at=NULL"
        )
    again = local.run_here(ws, job.job_id)
    assert again.attempt == 2
    assert again.counts == job.counts
    assert again.status is JobStatus.PARTIALLY_COMPLETED
    assert again.rejects_file == job.rejects_file
    assert len(table_rows(ws)) == 1


@pytest.mark.usefixtures("shop")
def test_what_only_the_database_knows_rejects_that_row_with_its_own_cells(ws: Workspace) -> None:
    with ws.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE UNIQUE INDEX once ON order_lines (lower(note))")
    content = HEADER + line("A1", note="Same") + line("A2", note="sAME") + line("A3", note="other")
    job = load(ws, LOCAL, content.encode())
    assert (job.counts.inserted, job.counts.rejected) == (2, 1)
    (row,) = findings.list_rejected(ws, LOCAL, job.job_id).rows
    assert (row.row, row.line, row.cells["note"]) == (2, 3, "sAME")
    assert len(table_rows(ws)) == 2


def test_a_preview_writes_nothing_and_shows_what_would_be_loaded(
    ws: Workspace, sqlite_shop: str
) -> None:
    content = HEADER.replace("ordered_on", "Ordered on") + line("A1").replace(
        "2026-01-31", "31/01/2026"
    )
    job = draft(ws, LOCAL, content.encode())
    shown = imports.preview_import(ws, LOCAL, job.job_id)
    assert shown.rows[0]["ordered_on"] == "2026-01-31"
    assert shown.violations == ()
    raw = imports.read_file(ws, LOCAL, job.job_id)
    assert raw.rows[0]["Ordered on"] == "31/01/2026"
    assert raw.line_numbers == (2,)
    assert table_rows(ws) == []
    assert sqlite_shop == "shop"


def test_a_first_row_that_names_the_tables_columns_is_a_header(
    ws: Workspace, sqlite_shop: str
) -> None:
    with ws.engine(sqlite_shop).begin() as db:
        db.exec_driver_sql(
            'CREATE TABLE budget ("year" INTEGER PRIMARY KEY, "2024" INT, "2025" INT)'
        )
    job = draft(ws, LOCAL, b"year,2024,2025\n1,10,11\n2,20,21\n", table="budget")
    assert job.plan.dialect.header
    assert {m.source: m.target for m in job.plan.mappings} == {
        n: n for n in ("year", "2024", "2025")
    }
    told = draft(
        ws, LOCAL, b"year,2024,2025\n1,10,11\n", table="budget", options={"has_headers": False}
    )
    assert not told.plan.dialect.header


def test_a_dialect_chosen_by_the_user_is_used_and_said(ws: Workspace, sqlite_shop: str) -> None:
    content = (HEADER + line("A1")).replace(",", ";").encode()
    job = draft(ws, LOCAL, content, connection=sqlite_shop)
    assert job.plan.dialect.delimiter == ";"
    shown = imports.read_file(ws, LOCAL, job.job_id, dialect={"delimiter": "|"})
    assert len(shown.detection.columns) == 1
    chosen = next(f for f in shown.detection.findings if f.name == "delimiter")
    assert chosen.evidence == "Set for this import, not detected."
    assert imports.read_file(ws, LOCAL, job.job_id).detection.dialect.delimiter == ";"
