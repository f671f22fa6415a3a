"""A table into a file: create, watch, download, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, Connection, JobId, Listing, Space
from app.api.downloads import FILE_ANSWERS, hand_over
from app.api.export_body import ExportBody, plan_of
from app.api.failures import FAILURES
from app.api.schemas import ExportJob
from core.errors import InvalidRequest
from core.model.access import Identity
from core.model.job import Job, JobKind
from core.usecases import connections, exports, jobs
from core.workspace import Workspace

router = APIRouter(
    prefix="/data/export", tags=["Export"], responses=FAILURES, dependencies=SIGNED_IN
)


def _shown(ws: Workspace, who: Identity, job: Job) -> ExportJob:
    url = exports.download_url(ws, who, job) if job.artifact is not None else None
    return ExportJob.of(job, url)


def _export_job(ws: Workspace, who: Identity, job_id: str) -> Job:
    job = jobs.get_job(ws, who, job_id)
    if job.kind is not JobKind.EXPORT:
        raise InvalidRequest(f"{job_id} is an import, not an export.", job_id=job_id)
    return job


@router.post("/create", summary="Export rows of a table")
def create(body: ExportBody, ws: Space, who: Caller, connection: Connection = None) -> ExportJob:
    """Rights and limits are checked before the job is made; then it runs in the background."""
    name = body.connection or connection or connections.default_connection(ws, who)
    return _shown(ws, who, exports.create_export(ws, who, plan_of(body, name)))


@router.get("/jobs", summary="Exports, newest first")
def list_jobs(
    ws: Space,
    who: Caller,
    asked: Listing,
) -> list[ExportJob]:
    found = jobs.list_jobs(ws, who, kind=JobKind.EXPORT, **asked)
    return [_shown(ws, who, job) for job in found]


@router.get("/{job_id}/status", summary="How far an export is")
def status(job_id: JobId, ws: Space, who: Caller) -> ExportJob:
    return _shown(ws, who, _export_job(ws, who, job_id))


@router.head("/{job_id}/download", include_in_schema=False)
@router.get(
    "/{job_id}/download",
    summary="The exported file, or a range of it",
    response_class=Response,
    responses=FILE_ANSWERS,
)
async def download(
    job_id: JobId,
    request: Request,
    ws: Space,
    who: Caller,
    signature: Annotated[str | None, Query(description="Of a download_url")] = None,
) -> Response:
    """A broken download resumes with `Range` and `If-Range` (the ETag). The right to export is
    checked again, and the link is no use to anybody else."""
    file = await run_in_threadpool(exports.open_artifact, ws, who, job_id, signature=signature)
    response = await hand_over(request, file)
    if request.method == "GET" and response.status_code < 300:
        await run_in_threadpool(exports.note_download, ws, who, file)
    return response


@router.post("/{job_id}/cancel", summary="Stop an export")
def cancel(job_id: JobId, ws: Space, who: Caller) -> ExportJob:
    _export_job(ws, who, job_id)
    return _shown(ws, who, jobs.cancel_job(ws, who, job_id))


@router.delete("/{job_id}/file", summary="Remove the exported file now")
def remove(job_id: JobId, ws: Space, who: Caller) -> ExportJob:
    """The job stays in the list."""
    return _shown(ws, who, exports.delete_artifact(ws, who, job_id))
