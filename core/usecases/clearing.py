"""What an import kept to go on with is removed once the import has ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.databases.loaders import begin
from core.databases.loaders.progress import Progress, prepare, so_far
from core.databases.loaders.staged import put_away
from core.errors import NotFound, TargetDatabaseError
from core.metastore import files, jobs
from core.metastore.jobrows import count_values
from core.model.job import JobStatus
from core.model.plan import ImportPlan, WriteMode
from core.usecases.ledgered_work import limits_on_target
from core.usecases.undo_journals import until_undone

if TYPE_CHECKING:
    from core.model.job import Job
    from core.workspace import Workspace

_MIDWAY = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def clear_ended(ws: Workspace) -> None:
    """Clear up behind every import that has ended, also where no worker was left to do it.

    What a database that is away keeps waits for the next time.
    """
    with ws.metastore.connect() as db:
        left = jobs.list_with_spool(db)
    for job in left:
        with suppress(TargetDatabaseError):
            clear(ws, job)


def clear(ws: Workspace, job: Job) -> None:
    """Remove what the target and we kept for going on with this import. Of one that ended
    midway its row first tells what stays in the table.

    Raises TargetDatabaseError.
    """
    assert isinstance(job.plan, ImportPlan)
    told: dict[str, Any] = {}
    # Of a connection that was removed nothing can be asked any more.
    with suppress(NotFound):
        told = _cleared_target(ws, job, job.plan)
    with ws.metastore.begin() as db:
        file_id = jobs.details(db, job)["spool_file"]
        jobs.update(db, job, spool_file=None, **told)
    if file_id is not None:
        ws.uploads.remove(file_id)
        with ws.metastore.begin() as db:
            files.mark_deleted(db, [file_id])


def midway(progress: Progress) -> dict[str, Any]:
    """What an import that ended midway leaves in the table, as its row tells it."""
    return {"import_results": asdict(progress.counts) | {"notes": [midway_words(progress)]}}


def midway_words(progress: Progress) -> str:
    """The same in a sentence."""
    written = progress.done.inserted + progress.done.updated
    left = progress.checked.rows_read - progress.counts.rows_read
    return (
        f"{written:,} rows had been written by then and stay in the table; "
        f"{left:,} rows were not loaded any more."
    )


def _cleared_target(ws: Workspace, job: Job, plan: ImportPlan) -> dict[str, Any]:
    engine = ws.engine(plan.connection)
    told: dict[str, Any] = {}
    if plan.mode is WriteMode.RESUME and job.status in _MIDWAY:
        progress = so_far(engine, job.job_id)
        if progress.parts:
            told = midway(progress) | count_values(job.kind, progress.counts)
            told["import_results"] |= until_undone(ws, job)
    if prepare(engine):
        limits = limits_on_target(ws)
        with begin(engine, run_id=job.job_id, what=plan.table, limits=limits) as transaction:
            put_away(transaction)
            transaction.commit_part(plan.table)
    return told
