"""Replace, sync, blanks and policies, as jobs: from the options to the reconciled counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import Conflict, ImportDenied, InvalidRequest
from core.metastore import permissions
from core.model.access import Action, Grant, Role
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.usecases import imports, local, undoing
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load, table_rows
from tests.core.usecases.test_the_main_job import HEADER, line
from tests.order_lines import TABLE

STOCK = "CREATE TABLE stock (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 7 NOT NULL, s VARCHAR(9))"


@pytest.fixture
def stock(ws: Workspace, shop: str) -> Iterator[Workspace]:
    """Rows 1, 2 and 3."""
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql(STOCK)
        db.exec_driver_sql("INSERT INTO stock VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, NULL)")
    yield ws
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql("DROP TABLE stock")


def take(ws: Workspace, text: str, *, mappings: Any = None, **options: Any) -> Job:
    job = load(
        ws, LOCAL, text.encode(), table="stock", options=options, mappings=mappings,
        on_errors=OnErrors.STOP,
    )  # fmt: skip
    assert job.counts.reconciled
    return job


def rows(ws: Workspace) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in table_rows(ws, "stock"))


def test_replace(stock: Workspace) -> None:
    job = take(stock, "id,n,s\n2,9,z\n5,5,e\n", on_duplicate="replace")
    assert job.status is JobStatus.COMPLETED
    assert (job.counts.inserted, job.counts.deleted) == (2, 3)
    assert rows(stock) == [(2, 9, "z"), (5, 5, "e")]


def test_sync(stock: Workspace) -> None:
    job = take(stock, "id,n,s\n1,1,a\n2,9,z\n5,5,e\n", on_duplicate="sync", batch_size=1)
    c = job.counts
    assert (c.inserted, c.updated, c.unchanged, c.deleted) == (1, 1, 1, 1)
    assert rows(stock) == [(1, 1, "a"), (2, 9, "z"), (5, 5, "e")]


@pytest.mark.parametrize("mode", ["replace", "sync"])
def test_a_file_with_errors_deletes_nothing(stock: Workspace, mode: str) -> None:
    job = take(stock, "id,n,s\n1,1,a\n2,many,z\n", on_duplicate=mode)
    assert (job.status, job.counts.deleted) == (JobStatus.FAILED, 0)
    assert len(rows(stock)) == 3


@pytest.mark.parametrize("mode", ["replace", "sync"])
def test_valid_rows_alone_cannot_stand_for_the_table(stock: Workspace, mode: str) -> None:
    job = draft(stock, LOCAL, b"id,n\n1,1\n", table="stock", options={"on_duplicate": mode})
    with pytest.raises(InvalidRequest, match="on_errors"):
        imports.start_import(stock, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)


@pytest.mark.parametrize(
    ("blanks", "first"), [("keep", (1, 1, "a")), ("default", (1, 7, None)), ("null", None)]
)
def test_empty_cells(stock: Workspace, blanks: str, first: tuple[Any, ...] | None) -> None:
    job = take(stock, "id,n,s\n1,,\n4,,\n", on_duplicate="update", blanks=blanks)
    if first is None:
        # n may not be NULL: that is an error of the file.
        assert (job.status, job.counts.rejected) == (JobStatus.FAILED, 2)
    else:
        assert job.status is JobStatus.COMPLETED
        assert rows(stock)[0] == first
        assert rows(stock)[-1] == (4, 7, None)


def test_a_column_may_be_for_new_rows_or_for_holes_only(stock: Workspace) -> None:
    mappings = [
        {"sourceColumn": "id", "targetColumn": "id"},
        {"sourceColumn": "n", "targetColumn": "n", "onUpdate": "never"},
        {"sourceColumn": "s", "targetColumn": "s", "onUpdate": "if_empty"},
    ]
    text = "id,n,s\n1,9,x\n3,9,x\n4,9,x\n"
    job = take(stock, text, mappings=mappings, on_duplicate="update")
    assert (job.counts.inserted, job.counts.updated, job.counts.unchanged) == (1, 1, 1)
    assert rows(stock) == [(1, 1, "a"), (2, 2, "b"), (3, 3, "x"), (4, 9, "x")]


# ---------------------------------------------------------------- what may not go
@pytest.mark.parametrize("mode", ["replace", "sync"])
def test_a_file_without_rows_empties_nothing(stock: Workspace, mode: str) -> None:
    job = take(stock, "id,n,s\n", on_duplicate=mode)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "IMPORT_004")
    assert "would empty stock" in str(job.error_message)
    assert len(rows(stock)) == 3


@pytest.mark.parametrize("mode", ["replace", "sync"])
def test_a_part_of_a_file_stands_for_no_table(stock: Workspace, mode: str) -> None:
    with pytest.raises(InvalidRequest, match="a part of one"):
        take(stock, "id,n,s\n1,1,a\n2,2,b\n", on_duplicate=mode, max_rows=1)


def test_rows_without_a_key_cannot_be_synced(stock: Workspace) -> None:
    job = take(stock, "id,n,s\n1,1,a\n,9,z\n", on_duplicate="sync", blanks="keep")
    assert (job.status, job.counts.rejected) == (JobStatus.FAILED, 1)
    assert len(rows(stock)) == 3


@pytest.mark.parametrize("mode", ["replace", "sync"])
@pytest.mark.parametrize(
    ("rule", "words"),
    [("CASCADE", "delete rows of shelf"), ("SET NULL", "empty stock_id in shelf")],
)
def test_rows_of_other_tables_do_not_go_with_them(
    stock: Workspace, mode: str, rule: str, words: str
) -> None:
    with stock.engine("shop").begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE shelf (id INTEGER PRIMARY KEY, stock_id INTEGER "
            f"REFERENCES stock (id) ON DELETE {rule})"
        )
    try:
        text = "id,n,s\n1,1,a\n"
        with stock.engine("shop").begin() as db:
            db.exec_driver_sql("INSERT INTO shelf VALUES (1, 3)")
        with pytest.raises(Conflict, match=words):
            take(stock, text, on_duplicate=mode)
        with stock.engine("shop").begin() as db:
            db.exec_driver_sql("UPDATE shelf SET stock_id = NULL")
        assert take(stock, text, on_duplicate=mode).status is JobStatus.COMPLETED
    finally:
        with stock.engine("shop").begin() as db:
            db.exec_driver_sql("DROP TABLE shelf")


@pytest.mark.postgres
def test_rows_of_tables_that_inherit_do_not_go(stock: Workspace) -> None:
    if stock.engine("shop").dialect.name != "postgresql":
        return  # tables inherit on PostgreSQL alone
    with stock.engine("shop").begin() as db:
        db.exec_driver_sql("CREATE TABLE heir (more TEXT) INHERITS (stock)")
    try:
        with pytest.raises(Conflict, match="Other tables inherit from stock"):
            take(stock, "id,n,s\n1,1,a\n", on_duplicate="replace")
    finally:
        with stock.engine("shop").begin() as db:
            db.exec_driver_sql("DROP TABLE heir")


def test_an_import_changed_since_can_be_undone_when_that_is_undone(stock: Workspace) -> None:
    first = take(stock, "id,n,s\n7,7,x\n")
    second = take(stock, "id,n,s\n7,8,y\n", on_duplicate="update")
    failed = local.run_here(stock, undoing.start_undo(stock, LOCAL, first.job_id).job_id)
    assert failed.status is JobStatus.FAILED
    assert "nothing was taken back" in str(failed.error_message)
    for job in (second, first):
        undo = undoing.start_undo(stock, LOCAL, job.job_id)
        assert local.run_here(stock, undo.job_id).status is JobStatus.COMPLETED
    assert len(rows(stock)) == 3


# ---------------------------------------------------------------- rights
@pytest.mark.parametrize(
    ("mode", "action", "words"),
    [("replace", Action.REPLACE, "replace the rows"), ("sync", Action.DELETE, "delete rows")],
)
def test_rows_that_go_need_a_right_of_their_own(
    ws: Workspace, people: People, mode: str, action: Action, words: str
) -> None:
    # The table has no rows: what is refused is the asking.
    text = (HEADER + line("A1")).encode()
    job = draft(ws, people.ann, text, options={"on_duplicate": mode})
    with pytest.raises(ImportDenied, match=words):
        imports.start_import(ws, people.ann, job.job_id)
    _may(ws, {Action.IMPORT, action})
    imports.start_import(ws, people.ann, job.job_id)
    _may(ws, {Action.IMPORT})
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, "IMPORT_003")
    assert table_rows(ws) == []


def _may(ws: Workspace, actions: set[Action]) -> None:
    """What users may do to the table, beside their own rows of the guide's permissions."""
    with ws.metastore.begin() as db:
        grant = Grant(connection="shop", table=TABLE, actions=frozenset(actions))
        permissions.set_role_grant(db, Role.USER, grant)
