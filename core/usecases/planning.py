"""What an import would change: asked for, and read page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import InvalidRequest, NotFound
from core.metastore import files, jobs, queue
from core.model.access import Action
from core.model.changes import CellChange, Change, ChangeKind, ChangesPage
from core.model.job import JobTask
from core.model.plan import OnErrors
from core.pipeline.change_file import ChangeFile
from core.pipeline.planning import from_document
from core.usecases.imports import check_key, require_mapping, require_open
from core.usecases.rights import (
    import_of,
    import_seen,
    note,
    require,
    require_import,
    require_owner,
)
from core.usecases.set_members import require_alone
from core.usecases.targets import reflected, shown_columns, target_of
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.access import Identity
    from core.model.changes import Foreseen
    from core.model.job import Job
    from core.model.plan import Blanks, OnConflict, WriteMode
    from core.workspace import Workspace


def choose_writing(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    on_conflict: OnConflict | None = None,
    key: Sequence[str] | None = None,
    blanks: Blanks | None = None,
    mode: WriteMode | None = None,
    undoable: bool | None = None,
) -> Job:
    """Change how a job that has not run is written; None leaves a choice as it is.

    Replacing and synchronising stop on errors: nothing may go for a row that was rejected. What
    was foreseen otherwise is void. Raises NotFound, ImportDenied, Conflict or InvalidMapping.
    """
    job, plan = import_seen(ws, who, job_id)
    require_owner(who, job)
    require_open(job)
    if key is not None:
        check_key(tuple(key), target_of(ws, plan))
    deletes = on_conflict is not None and on_conflict.deletes
    chosen: dict[str, Any] = {
        "on_conflict": on_conflict,
        "on_errors": OnErrors.STOP if deletes else None,
        "key": None if key is None else tuple(key),
        "blanks": blanks,
        "mode": mode,
        "undoable": undoable,
    }
    changed = replace(plan, **{name: value for name, value in chosen.items() if value is not None})
    with ws.metastore.begin() as db:
        return jobs.set_plan(db, job, changed)


def plan_import(ws: Workspace, who: Identity, job_id: str) -> Job:
    """Queue a plan of what the import would change, which writes nothing to its table.

    Poll the job until VALIDATED, then `read_plan`. Raises NotFound, ImportDenied, Conflict,
    InvalidMapping or InvalidRequest.
    """
    job, plan = import_of(ws, who, job_id)
    require(ws, who, Action.VALIDATE, job.connection, job.table, job_id=job_id)
    require_import(ws, who, plan, job_id)
    require_owner(who, job)
    require_open(job)
    require_alone(ws, job)
    if plan.creates is not None:
        raise InvalidRequest("The table is not there yet: every row of the file will be new.")
    upload_of(ws, who, plan.upload)
    require_mapping(ws, who, plan)
    with ws.metastore.begin() as db:
        queued = queue.enqueue(db, job, JobTask.PLAN)
        note(ws, who, "import_plan_requested", table=job.table, job_id=job_id, db=db)
    return queued


def read_plan(ws: Workspace, who: Identity, job_id: str) -> Foreseen | None:
    """What the import would change, in numbers; None where no plan is made of it as it is."""
    job, _ = import_seen(ws, who, job_id)
    return from_document(job.changes)


def list_changes(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    kind: ChangeKind | None = None,
    column: str | None = None,
) -> ChangesPage:
    """A page of changes, of one kind and with a cell of one column if asked.

    What is in the table now is shown for the columns the person may see there. Raises NotFound
    when there is no plan, FileExpired when its time is over.
    """
    job, plan = import_seen(ws, who, job_id)
    if job.changes_file is None:
        raise NotFound("There is no plan of this import: make one first.", job_id=job_id)
    with ws.metastore.connect() as db:
        files.get(db, job.changes_file)
    table = reflected(ws, job.connection, plan.table)
    seen = shown_columns(ws, who, job.connection, table)
    with ws.uploads.open(job.changes_file) as file:
        page = ChangeFile(file).page(offset=offset, limit=limit, kind=kind, column=column)
    return replace(page, changes=tuple(_seen(change, seen) for change in page.changes))


def _seen(change: Change, seen: frozenset[str]) -> Change:
    """The change without what is not for the eyes of who asks."""
    cells = tuple(_cell(cell, seen) for cell in change.cells if change.kind is not ChangeKind.NEW)
    key = change.key
    if change.kind is ChangeKind.DELETED:
        key = {name: value for name, value in key.items() if name in seen}
    return replace(change, cells=cells or change.cells, key=key)


def _cell(cell: CellChange, seen: frozenset[str]) -> CellChange:
    return cell if cell.column in seen else replace(cell, old=None, hidden=True)
