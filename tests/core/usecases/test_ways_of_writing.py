"""Replace, sync, blanks and policies, as jobs: from the options to the reconciled counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import ImportDenied, InvalidRequest
from core.metastore import permissions
from core.model.access import Action, Grant, Role
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.usecases import imports, local
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
