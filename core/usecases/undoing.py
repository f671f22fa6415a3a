"""Undo of a finished import: what it would do, and asking for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.databases.loaders import begin
from core.databases.undo import TakingBack
from core.errors import Conflict
from core.metastore import jobs, queue
from core.model.access import Action
from core.model.job import JobStatus, JobTask
from core.model.plan import ImportPlan
from core.model.undo import UndoneRow, UndoProspect
from core.usecases.ledgered_work import limits_on_target
from core.usecases.rights import grant_for, import_of, note, require
from core.usecases.targets import reflected, shown_columns
from core.usecases.undo_journals import undoable_until

if TYPE_CHECKING:
    from core.databases.undo import KeptRow
    from core.model.access import Identity
    from core.model.job import Job
    from core.workspace import Workspace

_SHOWN = 50  #: rows of a preview


def may_undo(ws: Workspace, who: Identity, job: Job) -> bool:
    """Can this import be undone, and by this person? For showing or hiding a button."""
    until = undoable_until(job)
    if until is None or until < datetime.now(UTC) or _taker(ws, job) is not None:
        return False
    return Action.UNDO in grant_for(ws, who, job.connection, job.table).actions


def preview_undo(ws: Workspace, who: Identity, job_id: str) -> UndoProspect:
    """What undoing the import would do now. No row of the table is touched.

    Raises NotFound, ImportDenied, Conflict when it cannot be undone, TargetDatabaseError.
    """
    job, plan = _undoable(ws, who, job_id)
    table = reflected(ws, plan.connection, plan.table)
    shown = shown_columns(ws, who, plan.connection, table)
    with begin(
        ws.engine(plan.connection), run_id=job_id, what=table.label,
        limits=limits_on_target(ws), recorded=False,
    ) as transaction:  # fmt: skip
        work = TakingBack(transaction, table, job_id, foreseen=True)
        for step, kind in work.steps:
            work.take_back(step, kind)
        tally, reasons = work.tally(), work.reasons()
        first = [
            row
            for kept in (True, False)
            for page in work.listed(kept=kept, limit=_SHOWN)
            for row in page
        ][:_SHOWN]
    return UndoProspect(
        job_id=job_id,
        removed=tally.removed,
        restored=tally.restored,
        put_back=tally.put_back,
        kept=tally.kept,
        reasons=reasons,
        rows=tuple(undone_row(row, shown) for row in first),
        until=undoable_until(job),
    )


def start_undo(ws: Workspace, who: Identity, job_id: str) -> Job:
    """Queue the undoing of an import, or put it before a reviewer; the job that does it.

    Raises NotFound, ImportDenied, Conflict when it cannot be undone or somebody else was first.
    """
    job, plan = _undoable(ws, who, job_id)
    undo = ImportPlan(
        connection=plan.connection,
        table=plan.table,
        upload="",
        filename=plan.filename,
        dialect=plan.dialect,
        undoes=job_id,
    )
    waits = grant_for(ws, who, job.connection, job.table).requires_approval
    with ws.metastore.begin() as db:
        made = jobs.insert_import(db, undo, created_by=who.user_id, requires_approval=waits)
        jobs.set_undone_by(db, job, made.job_id)
        queued = queue.enqueue(db, made, JobTask.RUN)
        note(
            ws, who, "import_undo_requested", table=job.table, job_id=job_id, db=db,
            details={"undo_job": made.job_id},
        )  # fmt: skip
    return queued


def require_undo(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    """An import of one's own, or that one may review, which one may undo.

    Raises NotFound, ImportDenied, or InvalidRequest for an export.
    """
    job, plan = import_of(ws, who, job_id)
    require(ws, who, Action.UNDO, job.connection, job.table, job_id=job_id)
    return job, plan


def undone_row(row: KeptRow, shown: frozenset[str]) -> UndoneRow:
    """The row without the key where that may not be seen, and without the database's words."""
    key = row.key if set(row.key) <= shown else {}
    return UndoneRow(did=row.kind, key=key, why=row.why and row.why.partition(":")[0])


def _undoable(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    job, plan = require_undo(ws, who, job_id)
    if plan.undoes is not None:
        raise Conflict(
            "This is the undoing of an import, which cannot be undone: import the file again.",
            job_id=job_id,
        )
    if not job.status.ended:
        raise Conflict("The import has not ended: cancel it instead.", job_id=job_id)
    if (taker := _taker(ws, job)) is not None:
        words = "is being undone" if taker.active else "has been undone"
        raise Conflict(f"The import {words} by job {taker.job_id}.", job_id=job_id)
    until = undoable_until(job)
    if until is None:
        raise Conflict(f"This import cannot be undone. {_why_not(job, plan)}", job_id=job_id)
    if until < datetime.now(UTC):
        raise Conflict(f"The import could be undone until {until:%Y-%m-%d}.", job_id=job_id)
    return job, plan


def _why_not(job: Job, plan: ImportPlan) -> str:
    if job.status in (JobStatus.FAILED, JobStatus.CANCELLED) and not job.counts.inserted:
        return "It wrote nothing that was kept for it."
    said = [n for n in job.import_results.get("notes", ()) if "cannot be undone" in n]
    if said:
        return f"{said[0]}."
    if plan.undoable is False:
        return "It was asked to keep nothing for that."
    return "What that needs was not kept, or not any more: see TABLEPORT_UNDO_ROWS and _DAYS."


def _taker(ws: Workspace, job: Job) -> Job | None:
    """The job that undoes the import, or has undone it; one that failed does not count."""
    if job.undone_by is None:
        return None
    with ws.metastore.connect() as db:
        taker = jobs.get(db, job.undone_by)
    return None if taker.status in (JobStatus.FAILED, JobStatus.CANCELLED) else taker
