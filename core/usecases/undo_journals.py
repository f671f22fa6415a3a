"""Which imports can be undone, and for how long: what that needs lies in the target database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.databases.undo import UndoJournal, drop_journal, has_journal
from core.errors import NotFound, TargetDatabaseError
from core.metastore import jobs

if TYPE_CHECKING:
    from core.jobs.handler import Ended
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.workspace import Workspace

#: Journals dropped at a time: the next turn comes soon.
_AT_ONCE = 100


def wants_journal(plan: ImportPlan, *, undo_rows: int, rows: int | None) -> bool:
    """Is what undoing takes to be kept for an import of so many rows? `rows` None: not known,
    and then only what the plan itself says counts."""
    if plan.undoable is not None:
        return plan.undoable
    return rows is not None and rows <= undo_rows


def undoable_until(job: Job) -> datetime | None:
    """Until when the import can be undone; None when it cannot be."""
    said = job.import_results.get("undoable_until")
    return datetime.fromisoformat(said) if said else None


def with_undo(
    ws: Workspace, job: Job, ended: Ended, journal: UndoJournal | None, *, again: bool
) -> Ended:
    """The end of an import with what it says of undoing it.

    `again`: an earlier attempt may have kept a journal; without one at hand the target is asked.
    """
    results = dict(ended.fields["import_results"])
    if journal is not None:
        results["notes"] = [*results["notes"], *journal.notes]
    kept = journal.kept if journal is not None else again and _was_kept(ws, job)
    if kept:
        results |= _until(ws)
    return replace(ended, fields={**ended.fields, "import_results": results})


def until_undone(ws: Workspace, job: Job) -> dict[str, str]:
    """What an import that was ended by others says of undoing it; nothing where none was kept."""
    return _until(ws) if _was_kept(ws, job) else {}


def _until(ws: Workspace) -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(days=ws.settings.undo_days)
    return {"undoable_until": until.isoformat(timespec="seconds")}


def _was_kept(ws: Workspace, job: Job) -> bool:
    try:
        return has_journal(ws.engine(job.connection), job.job_id)
    except TargetDatabaseError:
        return False


def expire_journals(ws: Workspace) -> None:
    """Drop what undoing needs of imports whose time is over, or that were undone.

    A database that does not answer is asked again next time.
    """
    with ws.metastore.connect() as db:
        over = jobs.list_undoable(db, before=datetime.now(UTC), limit=_AT_ONCE)
    away: set[str] = set()
    for job in over:
        if job.connection in away:
            continue
        try:
            drop_journal(ws.engine(job.connection), job.job_id)
        except TargetDatabaseError:
            away.add(job.connection)
            continue
        except NotFound:
            pass  # the connection is gone, and with it the way to its tables
        forget_until(ws, job)


def forget_until(ws: Workspace, job: Job) -> None:
    """The import cannot be undone any more."""
    kept = {k: v for k, v in job.import_results.items() if k != "undoable_until"}
    with ws.metastore.begin() as db:
        jobs.update(db, job, import_results=kept)
