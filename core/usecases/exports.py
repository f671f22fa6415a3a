"""A table into a file: look, make, hand over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.access.authorise import visible_columns
from core.databases.select import count_rows
from core.errors import (
    Conflict,
    ExportDenied,
    FileExpired,
    InvalidRequest,
    NotFound,
    TooManyRowsToExport,
)
from core.files.filenames import display_name
from core.formats import by_name
from core.keys.tokens import sign, verify
from core.metastore import files, jobs, queue
from core.model.access import Action
from core.model.file import Download
from core.model.job import JobKind, JobStatus, JobTask
from core.model.packing import PACKED_INSIDE, PACKINGS, by_extension, inner_name
from core.model.plan import ExportPlan
from core.usecases.limits import limits_of, require_export_format
from core.usecases.rights import connection_name, job_of, note, require
from core.usecases.tables import browse_table
from core.usecases.targets import reflected

if TYPE_CHECKING:
    from core.model.access import Grant, Identity
    from core.model.dialect import FormatInfo
    from core.model.job import Job
    from core.model.packing import Packing
    from core.model.preview import RowPage
    from core.model.table import Table
    from core.workspace import Workspace


def preview_export(
    ws: Workspace, who: Identity, plan: ExportPlan, *, rows: int = 50, offset: int = 0
) -> RowPage:
    """The first rows of the selection, and how many there are in all."""
    page = browse_table(
        ws,
        who,
        plan.table,
        plan.connection,
        columns=plan.columns,
        filters=plan.filters,
        search=plan.search,
        sort=plan.sort,
        limit=rows if plan.limit is None else max(0, min(rows, plan.limit - offset)),
        offset=offset,
    )
    total = page.total_rows if plan.limit is None else min(page.total_rows, plan.limit)
    return replace(page, total_rows=total)


def create_export(ws: Workspace, who: Identity, plan: ExportPlan) -> Job:
    """Queue an export. Raises ExportDenied, InvalidColumns or TooManyRowsToExport beforehand."""
    name = connection_name(ws, plan.connection or None)
    grant = require(ws, who, Action.EXPORT, name, plan.table, columns=named_columns(plan))
    plan, table = settled(ws, who, grant, replace(plan, connection=name))
    limits = limits_of(ws, who, grant)
    most = limits.export_rows
    engine = ws.engine(name)
    rows = count_rows(
        engine,
        table,
        plan.columns,
        filters=plan.filters,
        search=plan.search,
        limit=_least(plan.limit, None if most is None else most + 1),
    )
    if most is not None and rows > most:
        raise TooManyRowsToExport(
            f"The selection has more than {most:,} rows, the most you may export from {plan.table}."
        )
    with ws.metastore.begin() as db:
        job = jobs.insert_export(db, plan, created_by=who.user_id, estimated_rows=rows)
        job = queue.enqueue(db, job, JobTask.RUN)
        note(
            ws, who, "export_created", table=plan.table, job_id=job.job_id, db=db,
            details={"format": plan.dialect.format, "estimated_rows": rows},
        )  # fmt: skip
    return job


def named_columns(plan: ExportPlan) -> tuple[str, ...]:
    """Every column whose values the plan would show or use."""
    return (
        *plan.columns,
        *(f.column for f in plan.filters),
        *(s.column for s in plan.sort),
    )


def settled(
    ws: Workspace, who: Identity, grant: Grant, plan: ExportPlan
) -> tuple[ExportPlan, Table]:
    """The plan with its columns and file name filled in, and the table as it is now."""
    table = reflected(ws, plan.connection, plan.table)
    info = by_name(plan.dialect.format).info
    require_export_format(limits_of(ws, who, grant), format_name=info.name, table=plan.table)
    columns = plan.columns or visible_columns(grant, table)
    if not columns:
        raise ExportDenied(f"You may see no column of {plan.table}.")
    stem = plan.filename or f"{table.ref.name}_export_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    filename = _with_endings(display_name(stem), info, _packing(plan, info))
    dialect = replace(plan.dialect, format=info.name)
    return replace(plan, columns=columns, filename=filename, dialect=dialect), table


def _packing(plan: ExportPlan, info: FormatInfo) -> Packing | None:
    if plan.dialect.compression is None:
        return None
    if info.name in PACKED_INSIDE:
        raise InvalidRequest(
            f"compression: {info.title} files are packed already; leave it out for them."
        )
    return PACKINGS[plan.dialect.compression]


def _with_endings(filename: str, info: FormatInfo, packing: Packing | None) -> str:
    """The name with the ending of its format, and of its packing: orders.csv.gz."""
    if packing is not None and by_extension(filename) == packing:
        filename = inner_name(filename)
    endings = info.extensions[:1] if info.name in PACKED_INSIDE else info.extensions
    if not filename.lower().endswith(endings):
        filename += info.extensions[0]
    return filename + packing.extension if packing else filename


def open_artifact(
    ws: Workspace, who: Identity, job_id: str, *, signature: str | None = None
) -> Download:
    """The file an export made. The grant is asked again; `signature` must fit when given.

    Raises NotFound, ExportDenied, FileExpired, or Conflict while the job has not finished.
    """
    job = _export_of(ws, who, job_id)
    assert isinstance(job.plan, ExportPlan)
    if signature is not None and not verify(
        ws.link_key, signature, "download", job_id, str(who.user_id)
    ):
        raise ExportDenied("The download link has expired or was made for somebody else.")
    require(
        ws, who, Action.EXPORT, job.connection, job.table,
        columns=named_columns(job.plan), job_id=job_id,
    )  # fmt: skip
    if job.status is JobStatus.EXPIRED:
        raise FileExpired("The file has been removed after its time.", job_id=job_id)
    if job.status is not JobStatus.COMPLETED or job.artifact is None:
        raise Conflict(f"The export is {job.status.value}.", job_id=job_id)
    with ws.metastore.connect() as db:
        stored = files.get(db, job.artifact)
    artifact = job.artifact
    info = by_name(job.plan.dialect.format).info
    packing = by_extension(stored.filename)
    return Download(
        filename=stored.filename,
        media_type=packing.media_type if packing else info.media_type,
        size=stored.size,
        etag=f'"{stored.sha256}"',
        open=lambda: ws.artifacts.open(artifact),
        job_id=job_id,
        table=job.table,
        rows=job.processed_rows,
    )


def note_download(ws: Workspace, who: Identity, download: Download) -> None:
    """Say in the audit trail that a file was handed over."""
    note(
        ws, who, "export_downloaded", table=download.table, job_id=download.job_id,
        details={"filename": download.filename, "file_size": download.size},
    )  # fmt: skip


def download_url(ws: Workspace, who: Identity, job: Job) -> str | None:
    """A link for this user, good until the file expires; None while there is no file.

    The link alone opens nothing: it also needs the user's own session or token (SECURITY 23).
    """
    if job.kind is not JobKind.EXPORT or job.artifact is None or job.expires_at is None:
        return None
    expires = int(job.expires_at.timestamp())
    signature = sign(ws.link_key, "download", job.job_id, str(who.user_id), expires=expires)
    return f"/api/v1/data/export/{job.job_id}/download?signature={signature}"


def delete_artifact(ws: Workspace, who: Identity, job_id: str) -> Job:
    """Remove the file before its time; the job is kept as EXPIRED."""
    job = _export_of(ws, who, job_id)
    if job.artifact is None:
        raise Conflict(f"The export is {job.status.value} and has no file.", job_id=job_id)
    ws.artifacts.remove(job.artifact)
    with ws.metastore.begin() as db:
        files.mark_deleted(db, [job.artifact])
        jobs.update(db, job, status=JobStatus.EXPIRED.value, artifact_file=None)
        note(ws, who, "export_deleted", table=job.table, job_id=job_id, db=db)
        return jobs.get(db, job_id)


def _export_of(ws: Workspace, who: Identity, job_id: str) -> Job:
    job = job_of(ws, who, job_id)
    if job.kind is not JobKind.EXPORT:
        raise InvalidRequest(f"{job_id} is an import, not an export.", job_id=job_id)
    # A reviewer of imports has no business with exports of others.
    if not who.is_admin and job.created_by != who.user_id:
        raise NotFound(f"There is no job {job_id}.")
    return job


def _least(*numbers: int | None) -> int | None:
    given = [n for n in numbers if n is not None]
    return min(given) if given else None
