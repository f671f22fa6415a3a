"""Undo of a finished import: who may, what it does, what it says, and that it is done once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.undo import TakingBack, has_journal
from core.errors import (
    ApprovalRequired,
    Conflict,
    ImportDenied,
    InvalidRequest,
    NotFound,
    TargetDatabaseError,
)
from core.metastore import audit, jobs, queue
from core.model.access import Action
from core.model.job import Job, JobStatus
from core.model.plan import ImportPlan, OnConflict, OnErrors
from core.usecases import (
    access,
    approvals,
    findings,
    imports,
    local,
    undo_journals,
    undo_work,
    undoing,
)
from core.usecases import jobs as job_cases
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, People, draft, load, table_rows
from tests.order_lines import MAPPING, TABLE

HEADER = "Line Code,Order ID,Product SKU,Qty,Unit Price,Ordered On,Gift Wrap,Status,Note"


def lines(*codes: str, quantity: int = 1) -> bytes:
    rows = (f"{code},1,0001,{quantity},9.50,31/01/2026,yes,open,n {code}" for code in codes)
    return "\n".join((HEADER, *rows, "")).encode()


def loaded(ws: Workspace, content: bytes, **given: Any) -> Job:
    job = load(ws, LOCAL, content, mappings=MAPPING, **given)
    assert job.status is JobStatus.COMPLETED, job.error_message
    return job


def execute(ws: Workspace, statement: str) -> None:
    with ws.engine("shop").begin() as db:
        db.execute(sa.text(statement))


def operations(ws: Workspace, job_id: str) -> list[str]:
    with ws.metastore.connect() as db:
        return [event.operation for event in audit.list_events(db, job_id=job_id)]


def test_an_import_is_undone(ws: Workspace, shop: str) -> None:
    first = loaded(ws, lines("a", "b", "c"))
    before = table_rows(ws)
    second = loaded(
        ws, lines("b", "d", quantity=7), on_conflict=OnConflict.SYNC, on_errors=OnErrors.STOP
    )
    assert undo_journals.undoable_until(second) is not None
    assert undoing.may_undo(ws, LOCAL, second)
    seen = undoing.preview_undo(ws, LOCAL, second.job_id)
    assert (seen.removed, seen.restored, seen.put_back, seen.kept) == (1, 1, 2, 0)
    assert sorted((row.did, row.key["line_code"], row.why) for row in seen.rows) == [
        ("deleted", "a", None), ("deleted", "c", None), ("inserted", "d", None),
        ("updated", "b", None),
    ]  # fmt: skip
    undo = local.run_here(ws, undoing.start_undo(ws, LOCAL, second.job_id).job_id)
    assert (undo.status, undo.error_message) == (JobStatus.COMPLETED, None)
    assert sorted(map(str, table_rows(ws))) == sorted(map(str, before))
    assert undo.counts.reconciled
    assert (undo.counts.rows_read, undo.counts.updated, undo.counts.skipped) == (4, 4, 0)
    told = {name: undo.import_results[name] for name in ("removed", "restored", "put_back", "kept")}
    assert told == {"removed": 1, "restored": 1, "put_back": 2, "kept": 0}
    again = job_cases.get_job(ws, LOCAL, second.job_id)
    assert (again.undone_by, undo_journals.undoable_until(again)) == (undo.job_id, None)
    assert not has_journal(ws.engine(shop), second.job_id)
    assert operations(ws, second.job_id)[0] == "import_undo_requested"
    assert operations(ws, undo.job_id) == ["import_undone", "import_undo_started"]
    assert undoing.may_undo(ws, LOCAL, first)
    assert not undoing.may_undo(ws, LOCAL, again)


def test_rows_changed_since_are_kept_and_listed(ws: Workspace, shop: str) -> None:
    job = loaded(ws, lines("a", "b", "c"))
    execute(ws, f"UPDATE {TABLE} SET note = 'mine' WHERE line_code = 'b'")
    seen = undoing.preview_undo(ws, LOCAL, job.job_id)
    assert (seen.removed, seen.kept, dict(seen.reasons)) == (2, 1, {"changed": 1})
    undo = local.run_here(ws, undoing.start_undo(ws, LOCAL, job.job_id).job_id)
    assert undo.status is JobStatus.PARTIALLY_COMPLETED
    assert (undo.counts.updated, undo.counts.skipped, undo.counts.reconciled) == (2, 1, True)
    assert [row["line_code"] for row in table_rows(ws)] == ["b"]
    (kept,) = findings.list_violations(ws, LOCAL, undo.job_id)
    assert (kept.check, kept.field, kept.value, kept.severity) == (
        "undo_changed", "line_code", "b", "warning",
    )  # fmt: skip
    assert kept.message == "the row inserted by the import was changed after the import"


@pytest.mark.usefixtures("sqlite_shop")
def test_what_cannot_be_undone_says_why(ws: Workspace) -> None:
    job = loaded(ws, lines("a"))
    undo = local.run_here(ws, undoing.start_undo(ws, LOCAL, job.job_id).job_id)
    with pytest.raises(Conflict, match="cannot be undone: import the file again"):
        undoing.start_undo(ws, LOCAL, undo.job_id)
    with pytest.raises(Conflict, match=f"has been undone by job {undo.job_id}"):
        undoing.preview_undo(ws, LOCAL, job.job_id)
    with pytest.raises(Conflict, match="asked to keep nothing"):
        undoing.preview_undo(ws, LOCAL, loaded(ws, lines("b"), options={"undo": False}).job_id)
    with pytest.raises(Conflict, match="has not ended"):
        undoing.preview_undo(ws, LOCAL, draft(ws, LOCAL, lines("c"), mappings=MAPPING).job_id)
    failed = load(ws, LOCAL, lines("b"), mappings=MAPPING, on_errors=OnErrors.STOP)
    with pytest.raises(Conflict, match="wrote nothing"):
        undoing.preview_undo(ws, LOCAL, failed.job_id)
    with pytest.raises(NotFound):
        undoing.preview_undo(ws, LOCAL, "nothing")


def test_which_imports_keep_what_undo_needs(ws: Workspace, shop: str) -> None:
    plan = ImportPlan(connection=shop, table=TABLE, upload="", filename="")
    asked = [(None, 10), (None, 11), (None, None), (True, 11), (True, None), (False, 1)]
    wanted = [
        undo_journals.wants_journal(
            ImportPlan(connection=shop, table=TABLE, upload="", filename="", undoable=undoable),
            undo_rows=10,
            rows=rows,
        )
        for undoable, rows in asked
    ]
    assert plan.undoable is None
    assert wanted == [True, False, False, True, True, False]


@pytest.mark.usefixtures("sqlite_shop")
def test_two_cannot_undo_one_import(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    job = loaded(ws, lines("a"))
    first = undoing.start_undo(ws, LOCAL, job.job_id)
    with pytest.raises(Conflict, match="is being undone"):
        undoing.start_undo(ws, LOCAL, job.job_id)
    with ws.metastore.begin() as db, pytest.raises(Conflict, match="already"):
        jobs.set_undone_by(db, job, "another")
    job_cases.cancel_job(ws, LOCAL, first.job_id)
    second = undoing.start_undo(ws, LOCAL, job.job_id)
    assert local.run_here(ws, second.job_id).status is JobStatus.COMPLETED
    assert table_rows(ws) == []


def test_a_worker_that_dies_before_or_after_the_commit(
    ws: Workspace, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As if by a signal: nothing below handles it."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    job = loaded(ws, lines("a", "b"))
    execute(ws, f"UPDATE {TABLE} SET note = 'mine' WHERE line_code = 'b'")
    undo = undoing.start_undo(ws, LOCAL, job.job_id)
    with monkeypatch.context() as patched:
        patched.setattr(TakingBack, "forget", die)
        with pytest.raises(Killed):
            local.run_here(ws, undo.job_id)
    assert len(table_rows(ws)) == 2
    _let_go(ws, undo)
    with monkeypatch.context() as patched:
        patched.setattr(undo_work.UndoWork, "_note_end", die)
        with pytest.raises(Killed):
            local.run_here(ws, undo.job_id)
    assert [row["line_code"] for row in table_rows(ws)] == ["b"]
    _let_go(ws, undo)
    with monkeypatch.context() as patched:
        patched.setattr(undo_work, "TakingBack", die)  # nothing may be done again
        ended = local.run_here(ws, undo.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 3)
    assert (ended.counts.updated, ended.counts.skipped) == (1, 1)
    assert ended.import_results["removed"] == 1
    assert len(findings.list_violations(ws, LOCAL, undo.job_id)) == 1


def _let_go(ws: Workspace, job: Job) -> None:
    """The lease of a worker that died runs out at once."""
    with ws.metastore.begin() as db:
        table = queue.TABLES[job.kind]
        db.execute(sa.update(table).where(table.c.id == job.id).values(lease_until=0))


def test_rights_are_asked_and_asked_again(ws: Workspace, people: People) -> None:
    allow(ws)
    job = load(ws, people.ann, lines("a"), mappings=MAPPING)
    with pytest.raises(ImportDenied, match="You may not undo imports"):
        undoing.preview_undo(ws, people.ann, job.job_id)
    assert not undoing.may_undo(ws, people.ann, job)
    with pytest.raises(NotFound):
        undoing.preview_undo(ws, people.eve, job.job_id)
    allow(ws, Action.UNDO)
    undo = undoing.start_undo(ws, people.ann, job.job_id)
    allow(ws)
    ended = local.run_here(ws, undo.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, ImportDenied.code)
    assert len(table_rows(ws)) == 1
    assert operations(ws, undo.job_id)[0] == "import_undo_failed"
    by_admin = undoing.start_undo(ws, people.admin, job.job_id)
    assert local.run_here(ws, by_admin.job_id).status is JobStatus.COMPLETED
    assert table_rows(ws) == []


def test_whose_imports_are_reviewed_has_undos_reviewed(ws: Workspace, people: People) -> None:
    job = load(ws, people.ann, lines("a"), mappings=MAPPING)
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", requires_approval=True)
    undo = undoing.start_undo(ws, people.ann, job.job_id)
    assert undo.status is JobStatus.AWAITING_APPROVAL
    approvals.approve(ws, people.admin, undo.job_id)
    assert local.run_here(ws, undo.job_id).status is JobStatus.COMPLETED
    assert table_rows(ws) == []


def test_a_review_that_is_asked_for_since_is_waited_for(ws: Workspace, people: People) -> None:
    job = load(ws, people.ann, lines("a"), mappings=MAPPING)
    undo = undoing.start_undo(ws, people.ann, job.job_id)
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", requires_approval=True)
    ended = local.run_here(ws, undo.job_id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, ApprovalRequired.code)
    assert len(table_rows(ws)) == 1


def allow(ws: Workspace, *actions: Action) -> None:
    """All that ann may do to the table beside importing."""
    access.set_grant(ws, LOCAL, "ann", table=TABLE, connection="shop", more_actions=actions)


def test_what_undo_needs_is_forgotten_in_time(
    ws: Workspace, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, young = loaded(ws, lines("a")), loaded(ws, lines("b"))
    with ws.metastore.begin() as db:
        over = (datetime.now(UTC) - timedelta(seconds=5)).isoformat(timespec="seconds")
        jobs.update(db, old, import_results=old.import_results | {"undoable_until": over})
    with pytest.raises(Conflict, match="could be undone until"):
        undoing.preview_undo(ws, LOCAL, old.job_id)

    def away(*_: object) -> None:
        raise TargetDatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(undo_journals, "drop_journal", away)
        undo_journals.expire_journals(ws)
    assert has_journal(ws.engine(shop), old.job_id)
    undo_journals.expire_journals(ws)
    assert not has_journal(ws.engine(shop), old.job_id)
    assert has_journal(ws.engine(shop), young.job_id)
    with pytest.raises(Conflict, match="not any more"):
        undoing.preview_undo(ws, LOCAL, old.job_id)


@pytest.mark.usefixtures("sqlite_shop")
def test_an_undo_has_no_file(ws: Workspace) -> None:
    undo = undoing.start_undo(ws, LOCAL, loaded(ws, lines("a")).job_id)
    for act in (imports.read_file, imports.preview_import, imports.validate_import):
        with pytest.raises((InvalidRequest, Conflict)):
            act(ws, LOCAL, undo.job_id)
    local.run_here(ws, undo.job_id)
    assert findings.read_report(ws, LOCAL, undo.job_id).total_rows == 1
    assert findings.list_rejected(ws, LOCAL, undo.job_id).total == 0
