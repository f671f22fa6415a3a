"""What was found wrong with an import: the report, the violations, the rejected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InvalidRequest, NotFound
from core.metastore import files
from core.model.access import Action
from core.model.file import Download
from core.model.plan import ImportPlan
from core.model.preview import RejectedPage
from core.pipeline.rejected import page_rejected, page_violations
from core.usecases.reports import report_of
from core.usecases.rights import job_of, require

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.check import CheckReport, Violation
    from core.model.job import Job
    from core.workspace import Workspace


def read_report(ws: Workspace, who: Identity, job_id: str) -> CheckReport:
    """What the last check found; empty when nothing was checked yet."""
    return report_of(_checked(ws, who, job_id)[0].validation_results)


def list_violations(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    field: str | None = None,
    check: str | None = None,
) -> list[Violation]:
    """A page of violations in the order of the file's rows, of one field and check if asked."""
    job, _ = _checked(ws, who, job_id)
    if job.violations_file is None:
        return []
    with ws.uploads.open(job.violations_file) as file:
        return page_violations(file, offset=offset, limit=limit, field=field, check=check)


def list_rejected(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    field: str | None = None,
    check: str | None = None,
) -> RejectedPage:
    """A page of rejected rows, each with its own cells and all its violations."""
    job, plan = _checked(ws, who, job_id)
    if job.violations_file is None or job.rejects_file is None:
        return RejectedPage(columns=(), rows=(), total=0, offset=offset)
    with (
        ws.uploads.open(job.violations_file) as violations,
        ws.uploads.open(job.rejects_file) as rejects,
    ):
        return page_rejected(
            violations,
            rejects,
            plan.dialect,
            offset=offset,
            limit=limit,
            field=field,
            check=check,
        )


def open_rejects(ws: Workspace, who: Identity, job_id: str) -> Download:
    """The rejected rows as CSV: the file's own columns, then row, line and reasons.

    Mended, it can be dropped back in: the added columns are never mapped. Raises NotFound when no
    row was rejected, FileExpired when its time is over.
    """
    job, _ = _checked(ws, who, job_id)
    if job.rejects_file is None:
        raise NotFound("No row was rejected.", job_id=job_id)
    file_id = job.rejects_file
    with ws.metastore.connect() as db:
        stored = files.get(db, file_id)
    return Download(
        filename=stored.filename,
        media_type="text/csv; charset=utf-8",
        size=stored.size,
        etag=f'"{stored.sha256}"',
        open=lambda: ws.uploads.open(file_id),
        job_id=job_id,
        table=job.table,
    )


def _checked(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    job = job_of(ws, who, job_id)
    if not isinstance(job.plan, ImportPlan):
        raise InvalidRequest(f"{job_id} is an export, not an import.", job_id=job_id)
    require(ws, who, Action.PREVIEW_IMPORT, job.connection, job.table, job_id=job_id)
    return job, job.plan
