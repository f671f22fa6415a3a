"""What was found wrong with an import: the report, the violations, the rejected rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.metastore import files
from core.model.file import Download
from core.model.plan import ImportPlan
from core.model.preview import RejectedPage
from core.pipeline.evidence_index import Wanted
from core.pipeline.rejected import RejectedRows, page_violations
from core.usecases.reports import report_of
from core.usecases.rights import import_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.access import Identity
    from core.model.check import CheckReport, Violation
    from core.model.job import Job
    from core.workspace import Workspace


def read_report(ws: Workspace, who: Identity, job_id: str) -> CheckReport:
    """What the last check found; empty when nothing was checked yet."""
    return report_of(import_seen(ws, who, job_id)[0].validation_results)


def list_violations(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    field: str | None = None,
    check: str | None = None,
    shape: str | None = None,
) -> list[Violation]:
    """A page of violations in the order of the file's rows, of one field, check and shape of
    the cell if asked."""
    job, _ = import_seen(ws, who, job_id)
    if job.violations_file is None:
        return []
    with ws.uploads.open(job.violations_file) as file:
        wanted = Wanted(field=field, check=check, shape=shape)
        return page_violations(file, offset=offset, limit=limit, wanted=wanted)


def list_rejected(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    offset: int = 0,
    limit: int = 100,
    field: str | None = None,
    check: str | None = None,
    shape: str | None = None,
) -> RejectedPage:
    """A page of rejected rows, each with its own cells and all its violations."""
    job, plan = import_seen(ws, who, job_id)
    with rejected_rows(ws, job, plan) as rows:
        if rows is None:
            return RejectedPage(columns=(), rows=(), total=0, offset=offset)
        wanted = Wanted(field=field, check=check, shape=shape)
        return rows.page(offset=offset, limit=limit, wanted=wanted)


@contextmanager
def rejected_rows(ws: Workspace, job: Job, plan: ImportPlan) -> Iterator[RejectedRows | None]:
    """What the last check of a job rejected; None: nothing."""
    if job.violations_file is None or job.rejects_file is None:
        yield None
        return
    with (
        ws.uploads.open(job.violations_file) as violations,
        ws.uploads.open(job.rejects_file) as rejects,
    ):
        yield RejectedRows(violations, rejects, plan.dialect)


def open_rejects(ws: Workspace, who: Identity, job_id: str) -> Download:
    """The rejected rows as CSV: the file's own columns, then row, line, reasons and job.

    Mended, it can be dropped back in: the added columns are never mapped. Raises NotFound when no
    row was rejected, FileExpired when its time is over.
    """
    job, _ = import_seen(ws, who, job_id)
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
