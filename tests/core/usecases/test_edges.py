"""Files and tables at the edges, across batch borders (batches of two rows), on both backends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.model.job import Job, JobStatus
from core.model.plan import ExportPlan, OnConflict
from core.usecases import exports, findings, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, load, table_rows

_DDL = {
    "staff": "CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL,"
    " boss INTEGER REFERENCES staff (id))",
    "pair": "CREATE TABLE pair (a INTEGER NOT NULL, b INTEGER NOT NULL, v TEXT,"
    " PRIMARY KEY (a, b))",
    "plain": "CREATE TABLE plain (x INTEGER, y TEXT)",
    "coded": "CREATE TABLE coded (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n BIGINT)",
    '"We ird""q"': 'CREATE TABLE "We ird""q" ("select" INTEGER PRIMARY KEY, "Group By" TEXT)',
}


@pytest.fixture
def edge(ws: Workspace, shop: str) -> Iterator[Workspace]:
    small = replace(ws, settings=replace(ws.settings, batch_rows=2))
    with ws.engine(shop).begin() as db:
        for statement in _DDL.values():
            db.exec_driver_sql(statement)
    yield small
    with ws.engine(shop).begin() as db:
        for name in _DDL:
            db.exec_driver_sql(f"DROP TABLE {name}")


def take(ws: Workspace, table: str, text: str, **given: Any) -> Job:
    job = load(ws, LOCAL, text.encode(), table=table, **given)
    assert job.counts.reconciled
    return job


def counts(job: Job) -> tuple[int, ...]:
    c = job.counts
    return c.rows_read, c.inserted, c.updated, c.unchanged, c.skipped, c.rejected


def found(ws: Workspace, job: Job) -> list[tuple[int | None, int | None, str | None, str]]:
    listed = findings.list_violations(ws, LOCAL, job.job_id)
    return [(v.row, v.line, v.column, v.check) for v in listed]


def test_rows_that_refer_to_rows_of_the_same_file(edge: Workspace) -> None:
    job = take(edge, "staff", "id,name,boss\n2,B,1\n1,A,\n3,C,2\n4,D,99\n")
    assert counts(job) == (4, 3, 0, 0, 0, 1)
    assert found(edge, job) == [(4, 5, "boss", "foreign_key")]


def test_a_file_with_only_a_header_is_complete(edge: Workspace) -> None:
    job = take(edge, "staff", "id,name,boss\n")
    assert (job.status, counts(job)) == (JobStatus.COMPLETED, (0, 0, 0, 0, 0, 0))


def test_a_composite_key_skips_and_updates_across_batches(edge: Workspace) -> None:
    skipped = take(edge, "pair", "a,b,v\n1,1,x\n1,2,y\n1,1,z\n", on_conflict=OnConflict.SKIP)
    assert counts(skipped) == (3, 2, 0, 0, 1, 0)
    updated = take(
        edge, "pair", "a,b,v\n1,1,q\n1,2,y\n1,1,r\n2,1,n\n", on_conflict=OnConflict.UPDATE
    )
    assert counts(updated) == (4, 1, 1, 1, 1, 0)
    assert {(r["a"], r["b"]): r["v"] for r in table_rows(edge, "pair")} == {
        (1, 1): "r", (1, 2): "y", (2, 1): "n"
    }  # fmt: skip


def test_null_is_no_key_and_another_key_may_clash(edge: Workspace) -> None:
    first = take(edge, "coded", "id,code,n\n10,,1\n11,,2\n12,k,1\n13,k,2\n")
    assert counts(first) == (4, 3, 0, 0, 0, 1)
    assert found(edge, first) == [(4, 5, "code", "unique_in_file")]
    clash = take(edge, "coded", "id,code,n\n10,z,5\n14,k,2\n", on_conflict=OnConflict.UPDATE)
    assert counts(clash) == (2, 0, 1, 0, 0, 1)
    (row,) = findings.list_rejected(edge, LOCAL, clash.job_id).rows
    assert (row.row, row.cells["code"]) == (2, "k")


def test_numbers_at_the_border_of_64_bits_are_exact(edge: Workspace) -> None:
    most, least = 2**63 - 1, -(2**63)
    job = take(edge, "coded", f"id,code,n\n1,a,{most}\n2,b,{most + 1}\n3,c,{least}\n")
    assert counts(job) == (3, 2, 0, 0, 0, 1)
    assert {r["n"] for r in table_rows(edge, "coded")} == {most, least}


def test_odd_rows_are_rejected_with_their_line(edge: Workspace) -> None:
    text = 'x,y\n1,"a\nb"\n2,c,d\nbad,"e\n\nf"\n3\n4,g\0h\n5,i\n'
    job = take(edge, "plain", text)
    assert counts(job) == (6, 2, 0, 0, 0, 4)
    assert found(edge, job) == [
        (2, 4, None, "flaw"), (3, 5, "x", "type"), (4, 8, None, "flaw"), (5, 9, None, "flaw")
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_text_arrives_whatever_the_encoding(edge: Workspace, encoding: str) -> None:
    job = load(edge, LOCAL, "x,y\n1,Grüße aus Köln\n".encode(encoding), table="plain")
    assert job.status is JobStatus.COMPLETED
    assert table_rows(edge, "plain") == [{"x": 1, "y": "Grüße aus Köln"}]


def test_names_and_cells_that_look_like_sql(edge: Workspace) -> None:
    cells = 'select,Group By\n1,"it\'s ""so""; drop table staff --"\n2,""\n3,\n'
    job = take(edge, 'We ird"q', cells)
    assert counts(job) == (3, 3, 0, 0, 0, 0)
    export = exports.create_export(edge, LOCAL, ExportPlan(connection="shop", table='We ird"q'))
    local.run_here(edge, export.job_id)
    written = exports.open_artifact(edge, LOCAL, export.job_id).open().read().decode()
    assert written == cells.replace("\n", "\r\n")
