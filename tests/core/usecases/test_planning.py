"""What an import would change, told beforehand: it is what the run then does, and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import Conflict, ImportDenied, NotFound, TableMovedOn
from core.model.access import Identity
from core.model.changes import Change, ChangeKind, Foreseen
from core.model.job import Counts, Job, JobStatus
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode
from core.usecases import access, approvals, imports, local, planning
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load
from tests.order_lines import TABLE

GOODS = "goods"


@pytest.fixture
def goods(ws: Workspace, shop: str) -> str:
    """A table with two keys, a default and every kind of cell that compares in its own way."""
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql(f"DROP TABLE IF EXISTS {GOODS}")
        db.exec_driver_sql(
            f"CREATE TABLE {GOODS} (id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(9) UNIQUE, "
            "name VARCHAR(40) DEFAULT 'unnamed', price NUMERIC(8, 2), stock INTEGER DEFAULT 0, "
            "seen TIMESTAMP)"
        )
    return shop


def fill(ws: Workspace, *rows: str) -> None:
    with ws.engine("shop").begin() as db:
        for row in rows:
            db.exec_driver_sql(f"INSERT INTO {GOODS} VALUES ({row})")


def rows_of(ws: Workspace) -> list[tuple[Any, ...]]:
    with ws.engine("shop").connect() as db:
        return [tuple(r) for r in db.exec_driver_sql(f"SELECT * FROM {GOODS} ORDER BY id")]


def drafted(ws: Workspace, content: str, **given: Any) -> Job:
    return draft(ws, LOCAL, content.encode(), table=GOODS, **given)


def planned(ws: Workspace, job: Job) -> Foreseen:
    planning.plan_import(ws, LOCAL, job.job_id)
    done = local.run_here(ws, job.job_id)
    assert done.status is JobStatus.VALIDATED, done.error_message
    foreseen = planning.read_plan(ws, LOCAL, job.job_id)
    assert foreseen is not None
    return foreseen


def run(ws: Workspace, job: Job, **how: Any) -> Job:
    imports.start_import(ws, LOCAL, job.job_id, **how)
    return local.run_here(ws, job.job_id)


def changes(ws: Workspace, job: Job, **wanted: Any) -> list[Change]:
    return list(planning.list_changes(ws, LOCAL, job.job_id, limit=1_000, **wanted).changes)


def cells(change: Change) -> dict[str, tuple[str | None, str | None]]:
    return {cell.column: (cell.old, cell.new) for cell in change.cells}


HEAD = "id,code,name,price,stock,seen\n"


def test_every_row_has_its_kind_and_every_cell_its_old_and_new(ws: Workspace, goods: str) -> None:
    fill(
        ws,
        "1, 'a', 'Ann', 1.50, 1, '2026-01-31 10:00:00'",
        "2, 'b', 'Bob', 2.00, 2, NULL",
        "3, 'c', NULL, NULL, 3, NULL",
    )
    before = rows_of(ws)
    job = drafted(
        ws,
        HEAD + "1,a,Ann,1.5,1,2026-01-31T10:00:00\n"  # the same in other words
        "2,b,Bert,2.25,2,\n"
        "3,c,Cy,,3,\n"
        "4,d,Dora,4,4,\n"
        "x,e,Eve,5,5,\n"
        "3,c,Cyril,,3,\n",  # a later row of the same key
        on_conflict=OnConflict.UPDATE,
        on_errors=OnErrors.LOAD_VALID,
    )
    foreseen = planned(ws, job)

    assert foreseen.kinds == {
        ChangeKind.NEW: 1,
        ChangeKind.CHANGED: 2,
        ChangeKind.UNCHANGED: 1,
        ChangeKind.REPEATED: 1,
        ChangeKind.REJECTED: 1,
    }
    assert foreseen.columns == {"name": 2, "price": 1}
    assert foreseen.counts == Counts(
        rows_read=6, inserted=1, updated=2, unchanged=1, skipped=1, rejected=1
    )
    second, third = changes(ws, job, kind=ChangeKind.CHANGED)
    assert (second.row, second.line, second.key) == (2, 3, {"id": "2"})
    assert cells(second) == {"name": ("Bob", "Bert"), "price": ("2.00", "2.25")}
    assert (third.row, cells(third)) == (6, {"name": (None, "Cyril")})
    (new,) = changes(ws, job, kind=ChangeKind.NEW)
    assert (new.row, cells(new)["name"], cells(new)["price"]) == (4, (None, "Dora"), (None, "4"))
    assert [c.row for c in changes(ws, job, column="price", kind=ChangeKind.CHANGED)] == [2]
    assert rows_of(ws) == before
    assert asdict(run(ws, job).counts) == asdict(foreseen.counts)


def test_a_plan_leaves_nothing_behind_in_the_database(ws: Workspace, goods: str) -> None:
    engine = ws.engine(goods)
    there = sa.inspect(engine).get_table_names()
    planned(ws, drafted(ws, HEAD + "1,a,Ann,1,1,\n", on_conflict=OnConflict.SYNC))
    assert sa.inspect(engine).get_table_names() == there
    assert "tableport_ledger" not in there


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.SKIP])
def test_rows_in_the_way_are_conflicts_beside_what_is_there(
    ws: Workspace, goods: str, on_conflict: OnConflict
) -> None:
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL", "2, 'b', 'Bob', 2, 2, NULL")
    job = drafted(
        ws,
        HEAD + "1,a,Anna,1,1,\n3,b,Cy,3,3,\n4,d,Dora,4,4,\n",
        on_conflict=on_conflict,
        on_errors=OnErrors.LOAD_VALID,
    )
    foreseen = planned(ws, job)
    assert foreseen.kinds == {ChangeKind.NEW: 1, ChangeKind.CONFLICT: 2}
    by_key, by_code = changes(ws, job, kind=ChangeKind.CONFLICT)
    assert (by_key.row, cells(by_key)) == (1, {"name": ("Ann", "Anna")})
    assert (by_code.row, by_code.cells) == (2, ())
    assert "code" in by_code.reason
    assert run(ws, job).counts == foreseen.counts


def test_a_value_another_row_has_is_a_conflict_of_an_update(ws: Workspace, goods: str) -> None:
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL", "2, 'b', 'Bob', 2, 2, NULL")
    job = drafted(
        ws,
        HEAD + "1,b,Ann,1,1,\n2,b,Bert,2,2,\n9,a,New,9,9,\n",
        on_conflict=OnConflict.UPDATE,
        on_errors=OnErrors.LOAD_VALID,
    )
    foreseen = planned(ws, job)
    assert foreseen.kinds == {ChangeKind.CHANGED: 1, ChangeKind.CONFLICT: 2}
    assert run(ws, job).counts == foreseen.counts


@pytest.mark.parametrize("on_conflict", [OnConflict.REPLACE, OnConflict.SYNC])
def test_rows_that_go_are_listed_whole(ws: Workspace, goods: str, on_conflict: OnConflict) -> None:
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL", "2, 'b', 'Bob', 2.5, 2, NULL")
    job = drafted(ws, HEAD + "1,a,Anna,1,1,\n", on_conflict=on_conflict)
    foreseen = planned(ws, job)
    gone = changes(ws, job, kind=ChangeKind.DELETED)
    assert foreseen.amount(ChangeKind.DELETED) == len(gone) == foreseen.counts.deleted
    assert (gone[-1].row, gone[-1].key) == (None, {"id": "2"})
    assert cells(gone[-1])["price"] == ("2.50", None)
    assert len(rows_of(ws)) == 2
    assert run(ws, job).counts == foreseen.counts


def test_a_plan_that_would_stop_says_so(ws: Workspace, goods: str) -> None:
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\nx,b,Bob,2,2,\n", on_errors=OnErrors.STOP)
    foreseen = planned(ws, job)
    assert foreseen.kinds == {ChangeKind.NEW: 1, ChangeKind.REJECTED: 1}
    assert foreseen.stopped == "1 of 2 rows cannot be written"
    assert foreseen.counts == Counts(rows_read=2, skipped=1, rejected=1)
    done = run(ws, job)
    assert (done.status, done.counts) == (JobStatus.FAILED, foreseen.counts)


# ---------------------------------------------------------------- bound to the plan
def test_a_table_that_has_moved_on_is_left_alone_and_told_about(ws: Workspace, goods: str) -> None:
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL", "2, 'b', 'Bob', 2, 2, NULL")
    job = drafted(
        ws,
        HEAD + "1,a,Anna,1,1,\n2,b,Bert,2,2,\n3,c,Cy,3,3,\n4,d,Dora,4,4,\n",
        on_conflict=OnConflict.UPDATE,
    )
    foreseen = planned(ws, job)
    with ws.engine(goods).begin() as db:
        db.exec_driver_sql(f"UPDATE {GOODS} SET name = 'Robert' WHERE id = 2")
    fill(ws, "3, 'c', 'Cyril', 3, 3, NULL", "4, 'd', 'Dora', 4, 4, NULL")
    before = rows_of(ws)

    failed = run(ws, job)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, TableMovedOn.code)
    assert failed.error_message is not None
    assert "1 row that was New is there now" in failed.error_message
    assert "1 row that was New is there already, as in the file" in failed.error_message
    assert "1 Changed row has another value in name" in failed.error_message
    assert failed.counts == Counts(rows_read=4, skipped=4)
    assert rows_of(ws) == before

    again = planning.read_plan(ws, LOCAL, job.job_id)
    assert again is not None
    assert again.digest != foreseen.digest
    assert again.kinds == {ChangeKind.CHANGED: 3, ChangeKind.UNCHANGED: 1}
    done = run(ws, job)
    assert (done.status, done.counts) == (JobStatus.COMPLETED, again.counts)


def test_rows_that_go_bind_too(ws: Workspace, goods: str) -> None:
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL", "2, 'b', 'Bob', 2, 2, NULL")
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\n", on_conflict=OnConflict.SYNC)
    planned(ws, job)
    fill(ws, "3, 'c', 'Cy', 3, 3, NULL")
    failed = run(ws, job)
    assert failed.error_code == TableMovedOn.code
    assert "1 row of the table would go that was not there" in (failed.error_message or "")
    assert len(rows_of(ws)) == 3


def test_a_run_that_is_not_bound_does_what_it_finds(ws: Workspace, goods: str) -> None:
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\n", on_conflict=OnConflict.UPDATE)
    planned(ws, job)
    fill(ws, "1, 'a', 'Ann', 1, 1, NULL")
    assert run(ws, job, as_planned=False).counts == Counts(rows_read=1, unchanged=1)


def test_another_plan_forgets_what_was_foreseen(ws: Workspace, goods: str) -> None:
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\n", on_conflict=OnConflict.UPDATE)
    planned(ws, job)
    changed = planning.choose_writing(ws, LOCAL, job.job_id, on_conflict=OnConflict.SKIP)
    assert changed.changes == {}
    assert changed.changes_file is None
    assert planning.read_plan(ws, LOCAL, job.job_id) is None
    with pytest.raises(NotFound, match="no plan"):
        planning.list_changes(ws, LOCAL, job.job_id)


def test_how_it_is_written_does_not_change_what_is_foreseen(ws: Workspace, goods: str) -> None:
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\n", on_conflict=OnConflict.UPDATE)
    foreseen = planned(ws, job)
    changed = planning.choose_writing(ws, LOCAL, job.job_id, mode=WriteMode.STAGED, undoable=False)
    assert changed.changes["digest"] == foreseen.digest
    started = imports.start_import(ws, LOCAL, job.job_id)
    assert isinstance(started.plan, ImportPlan)
    assert started.plan.planned == foreseen.digest


# ---------------------------------------------------------------- who may
LINES = "line_code,order_id,product_sku,quantity,unit_price,ordered_on,gift_wrap,status,note\n"


def line(code: str, note: str) -> bytes:
    return f"{LINES}{code},1,0001,1,2.50,2026-01-31,true,open,{note}\n".encode()


def plan_as(ws: Workspace, who: Identity, content: bytes, **given: Any) -> Job:
    job = draft(ws, who, content, **given)
    planning.plan_import(ws, who, job.job_id)
    return local.run_here(ws, job.job_id)


def test_old_values_of_columns_one_may_not_see_are_hidden(ws: Workspace, people: People) -> None:
    load(ws, LOCAL, line("L1", "secret"))
    columns = ["line_code", "status"]
    access.set_grant(
        ws, LOCAL, "ann", table=TABLE, connection="shop", can_import=True, can_export=True,
        allowed_columns=columns,
    )  # fmt: skip
    job = plan_as(ws, people.ann, line("L1", "mine"), on_conflict=OnConflict.UPDATE)
    assert job.status is JobStatus.VALIDATED, job.error_message
    (change,) = planning.list_changes(ws, people.ann, job.job_id).changes
    (cell,) = change.cells
    assert (cell.column, cell.old, cell.new, cell.hidden) == ("note", None, "mine", True)
    (whole,) = planning.list_changes(ws, people.admin, job.job_id).changes
    assert whole.cells[0].old == "secret"


@pytest.mark.parametrize("on_conflict", [OnConflict.REPLACE, OnConflict.SYNC])
def test_planning_deletions_needs_the_right_to_delete(
    ws: Workspace, people: People, on_conflict: OnConflict
) -> None:
    job = draft(ws, people.ann, line("L1", "x"), on_conflict=on_conflict)
    with pytest.raises(ImportDenied):
        planning.plan_import(ws, people.ann, job.job_id)
    with pytest.raises(NotFound):
        planning.read_plan(ws, people.eve, job.job_id)


def test_an_approval_is_of_the_plan_with_its_changes(ws: Workspace, people: People) -> None:
    job = draft(
        ws, people.ann, line("L1", "x"), on_conflict=OnConflict.UPDATE, requires_approval=True
    )
    planning.plan_import(ws, people.ann, job.job_id)
    planned_job = local.run_here(ws, job.job_id)
    waiting = imports.start_import(ws, people.ann, job.job_id)
    assert waiting.status is JobStatus.AWAITING_APPROVAL
    assert isinstance(waiting.plan, ImportPlan)
    assert waiting.plan.planned == planned_job.changes["digest"]
    approvals.approve(ws, people.admin, job.job_id)
    load(ws, LOCAL, line("L1", "came first"))
    failed = local.run_here(ws, job.job_id)
    assert failed.error_code == TableMovedOn.code
    again = imports.start_import(ws, people.ann, job.job_id)
    assert again.status is JobStatus.AWAITING_APPROVAL


def test_pages_are_cut_from_what_is_asked_for(ws: Workspace, goods: str) -> None:
    fill(ws, *(f"{n}, NULL, 'old', {n}, 0, NULL" for n in range(1, 26)))
    content = HEAD + "".join(f"{n},,new,{n + (n % 2)},0,\n" for n in range(1, 31))
    job = drafted(ws, content, on_conflict=OnConflict.UPDATE)
    planned(ws, job)
    page = planning.list_changes(
        ws, LOCAL, job.job_id, kind=ChangeKind.CHANGED, column="price", offset=10, limit=5
    )
    assert (page.total, page.offset, [c.row for c in page.changes]) == (13, 10, [21, 23, 25])
    every = planning.list_changes(ws, LOCAL, job.job_id, offset=28, limit=5)
    assert (every.total, len(every.changes)) == (30, 2)


def test_what_has_been_carried_out_is_not_planned(ws: Workspace, goods: str) -> None:
    job = drafted(ws, HEAD + "1,a,Ann,1,1,\n")
    planned(ws, job)
    done = run(ws, job)
    assert done.status is JobStatus.COMPLETED
    with pytest.raises(Conflict):
        planning.plan_import(ws, LOCAL, job.job_id)
