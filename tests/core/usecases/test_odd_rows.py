"""Rows, names and plans that are odd, on both backends and across the borders of batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.model.job import Job, JobStatus
from core.model.mapping import FieldMapping
from core.model.plan import ExportPlan, ImportPlan, OnConflict, OnErrors
from core.usecases import exports, findings, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, load, table_rows

_DDL = {
    "kin": "CREATE TABLE kin (id INTEGER PRIMARY KEY, elder INTEGER REFERENCES kin (id))",
    "codes": "CREATE TABLE codes (id INTEGER PRIMARY KEY, code TEXT UNIQUE, v TEXT)",
    "stock": "CREATE TABLE stock (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 7 NOT NULL, s TEXT)",
    "wild": 'CREATE TABLE wild ("*" INTEGER PRIMARY KEY, "^.*$" TEXT, cell TEXT, "index" TEXT)',
}


@pytest.fixture
def odd(ws: Workspace, shop: str) -> Iterator[Workspace]:
    with ws.engine(shop).begin() as db:
        for statement in _DDL.values():
            db.exec_driver_sql(statement)
    yield ws
    with ws.engine(shop).begin() as db:
        for name in _DDL:
            db.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def take(ws: Workspace, table: str, text: str, **given: Any) -> Job:
    return load(ws, LOCAL, text.encode(), table=table, **given)


def counts(job: Job) -> tuple[int, ...]:
    """inserted, updated, unchanged, skipped, rejected: they must be all the rows read."""
    assert job.counts.reconciled
    c = job.counts
    return c.inserted, c.updated, c.unchanged, c.skipped, c.rejected


def rows(ws: Workspace, table: str) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in table_rows(ws, table)}


def rejects_of(ws: Workspace, job: Job) -> str:
    with findings.open_rejects(ws, LOCAL, job.job_id).open() as file:
        return file.read().decode("utf-8-sig")


def test_columns_named_like_patterns_and_like_our_own_words(odd: Workspace) -> None:
    text = "*,^.*$,cell,index,reason,row\n1,a,b,c,because,r1\nx,d,e,f,it is,r2\n"
    job = take(odd, "wild", text)
    assert counts(job) == (1, 0, 0, 0, 1)
    assert rows(odd, "wild") == {(1, "a", "b", "c")}
    header, row, _ = rejects_of(odd, job).split("\r\n")
    assert header.startswith("*,^.*$,cell,index,reason,row,tableport_row,")
    assert row.startswith("x,d,e,f,it is,r2,2,3,")
    shown = imports.preview_import(
        odd, LOCAL, draft(odd, LOCAL, text.encode(), table="wild").job_id
    )
    assert [r["*"] for r in shown.rows] == ["1", "x"]
    for name, body in (("csv", b"*,^.*$,cell,index\r\n1,a,b,c\r\n"), ("json", None)):
        plan = ExportPlan(connection="shop", table="wild")
        plan = replace(plan, dialect=replace(plan.dialect, format=name))
        done = local.run_here(odd, exports.create_export(odd, LOCAL, plan).job_id)
        with exports.open_artifact(odd, LOCAL, done.job_id).open() as file:
            written = file.read()
        assert written == body or b'"*":1,"^.*$":"a"' in written


def test_rejects_dropped_back_in_unmended_are_rejected_again(odd: Workspace) -> None:
    text = 'id,n,s,more\n1,x,,"a ""b"""\n2,y,"",007\n3,3,c,\n'
    job = take(odd, "stock", text, options={"batch_size": 2})
    assert counts(job) == (1, 0, 0, 0, 2)
    again = take(odd, "stock", rejects_of(odd, job))
    assert counts(again) == (0, 0, 0, 0, 2)
    # The added columns are told anew, not twice.
    assert rejects_of(odd, again).splitlines()[0] == rejects_of(odd, job).splitlines()[0]
    listed = findings.list_rejected(odd, LOCAL, again.job_id)
    assert listed.columns == ("id", "n", "s", "more")
    assert [r.cells["s"] for r in listed.rows] == [None, ""]
    assert [r.cells["more"] for r in listed.rows] == ['a "b"', "007"]
    mended = rejects_of(odd, again).replace("1,x", "1,4").replace("2,y", "2,5")
    assert counts(take(odd, "stock", mended)) == (2, 0, 0, 0, 0)
    assert rows(odd, "stock") == {(1, 4, None), (2, 5, ""), (3, 3, "c")}


def test_a_rejected_cell_of_any_size_is_listed(odd: Workspace) -> None:
    job = take(odd, "stock", f"id,n,s\n1,x,{'y' * 200_000}\n")
    (row,) = findings.list_rejected(odd, LOCAL, job.job_id).rows
    assert row.cells["s"] == "y" * 200_000


@pytest.mark.parametrize("on_errors", list(OnErrors))
def test_children_before_their_parents_in_other_batches(
    odd: Workspace, on_errors: OnErrors
) -> None:
    job = take(
        odd, "kin", "id,elder\n5,4\n4,3\n3,\n", options={"batch_size": 1}, on_errors=on_errors
    )
    assert counts(job) == (3, 0, 0, 0, 0)
    stray = take(
        odd, "kin", "id,elder\n8,7\n7,99\n6,\n", options={"batch_size": 1}, on_errors=on_errors
    )
    if on_errors is OnErrors.STOP:
        assert (stray.status, counts(stray)) == (JobStatus.FAILED, (0, 0, 0, 1, 2))
    else:
        assert counts(stray) == (1, 0, 0, 0, 2)
    found = findings.list_violations(odd, LOCAL, stray.job_id)
    assert [(v.row, v.line, v.check) for v in found] == [
        (1, 2, "foreign_key"),
        (2, 3, "foreign_key"),
    ]


@pytest.mark.parametrize("on_conflict", [OnConflict.UPDATE, OnConflict.ERROR, OnConflict.SKIP])
def test_an_empty_cell_to_be_skipped_is_not_written(
    odd: Workspace, on_conflict: OnConflict
) -> None:
    take(odd, "stock", "id,n,s\n1,5,keep\n")
    mappings = [
        {"source": "id", "target": "id"},
        {"source": "n", "target": "n", "skipEmpty": True},
        {"source": "s", "target": "s", "skipEmpty": True},
    ]
    text = "id,n,s\n1,,\n2,,\n3,4,x\n4,8,\n"
    job = take(odd, "stock", text, mappings=mappings, on_conflict=on_conflict)
    first = {OnConflict.UPDATE: (0, 1, 0, 0), OnConflict.ERROR: (0, 0, 0, 1)}
    updated, unchanged, skipped, rejected = first.get(on_conflict, (0, 0, 1, 0))
    assert counts(job) == (3, updated, unchanged, skipped, rejected)
    assert rows(odd, "stock") == {(1, 5, "keep"), (2, 7, None), (3, 4, "x"), (4, 8, None)}


def test_rows_to_be_skipped_take_no_key_from_others(odd: Workspace) -> None:
    take(odd, "codes", "id,code,v\n1,a,old\n2,b,old\n")
    text = "id,code,v\n1,a,n\n3,a,n\n2,c,n\n4,c,n\n5,,n\n4,d,n\n"
    job = take(odd, "codes", text, on_conflict=OnConflict.SKIP, options={"batch_size": 2})
    assert counts(job) == (2, 0, 0, 3, 1)
    assert rows(odd, "codes") == {
        (1, "a", "old"), (2, "b", "old"), (4, "c", "n"), (5, None, "n")
    }  # fmt: skip
    errors = [v for v in findings.list_violations(odd, LOCAL, job.job_id) if v.severity == "error"]
    assert [(v.row, v.field, v.check) for v in errors] == [(2, "code", "unique_in_table")]


def test_too_many_rejected_rows_are_shown_all_the_same(odd: Workspace) -> None:
    text = "id,n\n" + "".join(f"{i},x\n" for i in range(20))
    job = take(odd, "stock", text, options={"max_error_count": 3, "batch_size": 2})
    assert (job.status, job.error_code) == (JobStatus.FAILED, "IMPORT_004")
    assert "More than 3 rows" in (job.error_message or "")
    assert counts(job) == (0, 0, 0, 0, 4)
    assert findings.list_rejected(odd, LOCAL, job.job_id).total == 4


def test_a_table_changed_since_the_plan_was_made_is_said(odd: Workspace) -> None:
    job = draft(odd, LOCAL, b"id,code,v\n1,a,b\n", table="codes")
    imports.start_import(odd, LOCAL, job.job_id)
    export = exports.create_export(odd, LOCAL, ExportPlan(connection="shop", table="codes"))
    with odd.engine("shop").begin() as db:
        db.exec_driver_sql("ALTER TABLE codes DROP COLUMN v")
    for queued, code in ((job, "DATA_422"), (export, "EXPORT_003")):
        ended = local.run_here(odd, queued.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, code)
        assert "v" in (ended.error_message or "")


def test_a_column_of_the_tables_name_is_mapped_whatever_it_holds(odd: Workspace) -> None:
    job = draft(odd, LOCAL, b"id,n\n1,many\n", table="stock")
    assert isinstance(job.plan, ImportPlan)
    assert job.plan.mappings == (
        FieldMapping(source="id", target="id"),
        FieldMapping(source="n", target="n"),
    )
