"""An export in the worker's hands: write, ask once more, publish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.access.authorise import check_columns
from core.jobs.handler import Ended
from core.metastore import files
from core.model.access import Action
from core.model.file import FilePurpose, StoredFile
from core.model.job import JobStatus
from core.model.plan import ExportPlan
from core.pipeline.exporting import run_export
from core.settings import MIB
from core.usecases.exports import named_columns
from core.usecases.limits import limits_of
from core.usecases.rights import note, owner_of
from core.usecases.targets import reflected
from core.usecases.watch import Watch

if TYPE_CHECKING:
    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.workspace import Workspace


def export_work(ws: Workspace, job: Job, lease: Lease) -> Ended:
    """Write the selection to an artifact; publish it only if its owner still may have it."""
    plan = job.plan
    assert isinstance(plan, ExportPlan)
    who = owner_of(ws, job)
    watch = Watch(ws, who, job, lease, Action.EXPORT)
    grant = watch.check_rights()
    table = reflected(ws, plan.connection, plan.table)
    check_columns(grant, table, named_columns(plan))
    note(ws, who, "export_started", table=plan.table, job_id=job.job_id)
    lease.beat(status=JobStatus.IN_PROGRESS, phase="Writing", percent=0.0)
    expected = max(1, job.total_rows or 1)
    with ws.artifacts.create() as draft:
        exported = run_export(
            plan,
            table,
            plan.columns,
            ws.engine(plan.connection),
            draft.file,
            max_rows=limits_of(ws, who, grant).export_rows,
            batch_rows=ws.settings.batch_rows,
            zip_above=_zip_above(ws, plan),
            report=lambda n: watch.batch("Writing", 100 * min(1.0, n / expected), n),
        )
        watch.check_rights()
        lease.beat(phase="Publishing")
        stored = draft.commit()
    now = datetime.now(UTC)
    expires = now + timedelta(hours=ws.settings.export_file_retention_hours)
    artifact = StoredFile(
        file_id=stored.file_id,
        purpose=FilePurpose.ARTIFACT,
        owner_id=job.created_by,
        filename=exported.filename,
        size=stored.size,
        sha256=stored.sha256,
        created_at=now,
        expires_at=expires,
        job_id=job.job_id,
    )
    with ws.metastore.begin() as db:
        files.insert(db, artifact)
    note(
        ws, who, "export_completed", table=plan.table, job_id=job.job_id,
        details={"rows": exported.rows, "file_size": stored.size},
    )  # fmt: skip
    return Ended(
        status=JobStatus.COMPLETED,
        error_message=" ".join(exported.warnings) or None,
        total_rows=exported.rows,
        fields={
            "processed_rows": exported.rows,
            "artifact_file": stored.file_id,
            "file_size": stored.size,
            "filename": artifact.filename,
            "expires_at": expires,
            "download_url": f"/api/v1/data/export/{job.job_id}/download",
        },
    )


def _zip_above(ws: Workspace, plan: ExportPlan) -> int | None:
    """Bytes from which on the file is zipped (ruling A21)."""
    if not ws.settings.export_compress_large_files or not plan.zip_when_large:
        return None
    return ws.settings.export_compress_threshold_mb * MIB
