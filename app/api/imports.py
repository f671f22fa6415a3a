"""A file into a table, step by step: upload or parse, validate, start, watch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, JobId, Listing, Space
from app.api.failures import FAILURES, failure_of
from app.api.import_form import ImportForm, described, received
from app.api.schemas import (
    ImportJob,
    moment_json,
    suggested_mapping,
    suggestion_reason,
    valid_and_error_rows,
)
from core.errors import InvalidRequest
from core.model.access import Identity
from core.model.audit import AuditEvent
from core.model.job import Job, JobKind, JobStatus
from core.model.plan import OnConflict, OnErrors
from core.model.preview import FilePreview
from core.usecases import approvals, audit, imports, jobs, mapping_preview, new_tables
from core.workspace import Workspace

router = APIRouter(
    prefix="/data/import", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)

#: How long POST …/validate waits for the worker, in seconds, and how often it looks.
VALIDATION_PATIENCE = 60.0
_LOOK_EVERY = 0.2
_SAMPLE_ROWS = 10
_PREVIEW_ROWS = 100
_LOG_EVENTS = 50


class ValidationResult(BaseModel):
    """What checking the whole file found (R92), with the problems also grouped and counted.

    On the wire in the guide's camelCase, but for job_id, which is spelled alike everywhere.
    """

    model_config = ConfigDict(alias_generator=to_camel)

    is_valid: bool
    total_rows: int
    valid_rows: int
    error_rows: int
    errors: list[dict[str, Any]] = Field(description="The first of all errors")
    warnings: list[dict[str, Any]]
    warning_rows: int = 0
    error_count: int = 0
    warning_count: int = 0
    ignored: int = Field(0, description="Blank, preamble and footer lines")
    groups: list[dict[str, Any]] = []
    field_analysis: list[dict[str, Any]] = Field([], description="Each column of the file")
    profiled_rows: int = 0
    sampled_rows: int = Field(0, description="Kinds and histograms are of so many rows")
    columns_not_profiled: int = 0
    recommendations: list[str] = []
    estimated_import_time: float | None = Field(None, description="Seconds")
    validation_duration: float | None = Field(None, description="Seconds the check took")
    job_id: str = Field(alias="job_id")


class StartBody(BaseModel):
    """May be left out."""

    on_errors: OnErrors | None = Field(None, description="stop: nothing is written if a row fails")
    on_conflict: OnConflict | None = Field(None, description="What to do with rows already there")
    as_planned: bool = Field(True, description="Where there is a plan, change that or nothing")


class StepsBody(BaseModel):
    """A mapping to try."""

    mapping: dict[str, Any] = Field(
        description="As in field_mappings",
        examples=[{"sourceColumn": "Born", "targetColumn": "birthday", "transform": "date"}],
    )
    rows: int = Field(20, ge=1, le=200, description="How many rows of the file")


class ReviewBody(BaseModel):
    notes: str = Field("", max_length=2000)


@router.post("/upload", summary="Upload a file for a table", openapi_extra=described(required=[]))
async def upload(request: Request, ws: Space, who: Caller) -> ImportJob:
    """Makes a job that waits for `validate` or `start`; nothing is written yet. The table is named
    by `table_name`, or made with the load as `create_table` says. Every field may also be a query
    parameter."""
    async with received(request, ws, who) as form:
        job = await run_in_threadpool(_draft, ws, who, form)
    return ImportJob.of(job)


def _draft(ws: Workspace, who: Identity, form: ImportForm) -> Job:
    wanted: dict[str, Any] = {
        "upload_id": form.upload_id,
        "connection": form.connection,
        "mappings": form.field_mappings,
        "requires_approval": form.requires_approval,
        "options": form.import_options,
    }
    if form.create_table is not None:
        if form.table_name is not None:
            raise InvalidRequest("create_table: it names the table; leave table_name out.")
        return new_tables.draft_new_table(ws, who, form.create_table, **wanted)
    if form.table_name is None:
        raise InvalidRequest("table_name: name the table to import into.")
    return imports.draft_import(ws, who, table=form.table_name, **wanted)


@router.post("/parse", summary="Look at a file without a job", openapi_extra=described(required=[]))
async def parse(request: Request, ws: Space, who: Caller) -> dict[str, Any]:
    """Headers, first rows, what was detected and why; with `table_name`, also a mapping. The file
    is kept for a while: use its `upload_id` with `POST /import/upload`."""
    async with received(request, ws, who) as form:
        preview, total = await run_in_threadpool(
            imports.parse_upload,
            ws,
            who,
            upload_id=form.upload_id,
            options=form.import_options,
            table=form.table_name,
            connection=form.connection,
        )
    return {"upload_id": form.upload_id, **parsed_json(preview, total)}


def parsed_json(preview: FilePreview, total: int) -> dict[str, Any]:
    """The union of the guide's answers to parse (REQUIREMENTS 3.5)."""
    detection = preview.detection
    dialect = detection.dialect
    rows = [dict(row) for row in preview.rows[:_PREVIEW_ROWS]]
    return {
        "headers": list(detection.columns),
        "sample_rows": rows[:_SAMPLE_ROWS],
        "sample_data": rows,
        "total_rows": total,
        "format": dialect.format,
        "detected_format": dialect.format,
        "detected_delimiter": dialect.delimiter,
        "detected_encoding": dialect.encoding,
        "detected": [
            {"name": f.name, "value": f.value, "confidence": f.confidence, "evidence": f.evidence}
            for f in detection.findings
        ],
        "warnings": list(detection.warnings),
        "suggested_mappings": [suggested_mapping(s) for s in preview.suggestions],
        "suggestions": [suggestion_reason(s) for s in preview.suggestions],
    }


@router.get("/jobs", summary="Imports, newest first")
def list_jobs(
    ws: Space,
    who: Caller,
    asked: Listing,
) -> list[ImportJob]:
    found = jobs.list_jobs(ws, who, kind=JobKind.IMPORT, **asked)
    return [ImportJob.of(job) for job in found]


@router.post(
    "/{job_id}/validate",
    summary="Check every row of the file, write nothing",
    response_model=ValidationResult,
    responses={202: {"model": ImportJob, "description": "Still checking; ask again"}},
)
async def validate(job_id: JobId, ws: Space, who: Caller) -> Any:
    """200 also when rows are wrong. Waits up to a minute; a bigger file answers 202 with the job:
    follow its status until VALIDATED and ask again."""
    job = await run_in_threadpool(_import_job, ws, who, job_id)
    if not job.active:
        job = await run_in_threadpool(imports.validate_import, ws, who, job_id)
    deadline = monotonic() + VALIDATION_PATIENCE
    while job.active and monotonic() < deadline:
        await asyncio.sleep(_LOOK_EVERY)
        job = await run_in_threadpool(jobs.get_job, ws, who, job_id)
    if job.active:
        return JSONResponse(ImportJob.of(job).model_dump(mode="json"), status_code=202)
    if job.status is not JobStatus.VALIDATED:
        raise failure_of(job)
    return {**job.validation_results, "job_id": job.job_id}


@router.post("/{job_id}/preview-mapping", summary="Rows before and after each transform")
def preview_mapping(job_id: JobId, ws: Space, who: Caller, body: StepsBody) -> dict[str, Any]:
    """Saves nothing. `before` holds the cells of the columns that the mapping reads; `steps` the
    cells after each transform, and why it could not read one."""
    mapping = mapping_preview.mapping_from(body.mapping)
    found = mapping_preview.preview_steps(ws, who, job_id, mapping, rows=body.rows)
    return {
        "job_id": job_id,
        "mapping": mapping_preview.mappings_document((mapping,))[0],
        "rows": list(found.row_numbers),
        "columns": list(found.columns),
        "before": list(found.before),
        "steps": [
            {"transform": s.transform, "cells": list(s.cells), "problems": list(s.problems)}
            for s in found.steps
        ],
    }


def _import_job(ws: Workspace, who: Identity, job_id: str) -> Job:
    job = jobs.get_job(ws, who, job_id)
    if job.kind is not JobKind.IMPORT:
        raise InvalidRequest(f"{job_id} is an export, not an import.", job_id=job_id)
    return job


@router.post("/{job_id}/start", summary="Carry the import out")
def start(
    job_id: JobId, ws: Space, who: Caller, body: Annotated[StartBody | None, Body()] = None
) -> ImportJob:
    """Answers at once; follow the status. AWAITING_APPROVAL when a reviewer must agree first."""
    asked = body or StartBody(on_errors=None, on_conflict=None, as_planned=True)
    job = imports.start_import(
        ws, who, job_id, on_errors=asked.on_errors, on_conflict=asked.on_conflict,
        as_planned=asked.as_planned,
    )  # fmt: skip
    return ImportJob.of(job)


@router.get("/{job_id}/status", summary="How far an import is")
def status(job_id: JobId, ws: Space, who: Caller) -> ImportJob:
    return ImportJob.of(_import_job(ws, who, job_id))


@router.get("/{job_id}/progress", summary="How far an import is, for progress displays")
def progress(job_id: JobId, ws: Space, who: Caller) -> dict[str, Any]:
    job = _import_job(ws, who, job_id)
    return progress_json(job, audit.list_events(ws, who, job_id=job_id, limit=_LOG_EVENTS))


def progress_json(job: Job, events: Iterable[AuditEvent]) -> dict[str, Any]:
    """The shape of REQUIREMENTS 3.4."""
    shown = ImportJob.of(job).model_dump(mode="json")
    valid, wrong = valid_and_error_rows(job)
    found = job.validation_results
    error = {"message": job.error_message, "details": job.error_code} if job.error_message else None
    return {
        "job_id": job.job_id,
        "status": job.status.value,
        "progress": {"percent": job.progress_percent, "message": job.phase},
        "file_info": {
            "filename": shown["original_filename"],
            "size": job.file_size,
            "format": shown["file_format"],
        },
        "table_name": job.table,
        "total_rows": job.total_rows,
        "processed_rows": job.processed_rows,
        "valid_rows": valid,
        "error_rows": wrong,
        "counts": shown["counts"],
        "created_at": shown["created_at"],
        "started_at": shown["started_at"],
        "completed_at": shown["completed_at"],
        "logs": [_log_json(event) for event in events],
        "error": error,
        "validation": {
            "is_valid": found.get("isValid"),
            "errors": found.get("errors", []),
            "warnings": found.get("warnings", []),
        }
        if found
        else None,
    }


def _log_json(event: AuditEvent) -> dict[str, Any]:
    refused = event.operation.endswith(("_failed", "_denied", "_rejected"))
    return {
        "timestamp": moment_json(event.timestamp),
        "event_type": event.operation,
        "action": event.operation,
        "message": event.operation.replace("_", " "),
        "level": "error" if refused else "info",
        "stage": event.operation.partition("_")[2] or event.operation,
        "details": event.details,
    }


@router.post("/{job_id}/cancel", summary="Stop an import")
def cancel(job_id: JobId, ws: Space, who: Caller) -> ImportJob:
    """A running import stops after the present batch and writes nothing."""
    _import_job(ws, who, job_id)
    return ImportJob.of(jobs.cancel_job(ws, who, job_id))


@router.post("/{job_id}/approve", summary="Let an import run")
def approve(
    job_id: JobId, ws: Space, who: Caller, body: Annotated[ReviewBody | None, Body()] = None
) -> ImportJob:
    """For reviewers, and never one's own import."""
    return ImportJob.of(approvals.approve(ws, who, job_id, body.notes if body else ""))


@router.post("/{job_id}/reject", summary="Turn an import down")
def reject(
    job_id: JobId, ws: Space, who: Caller, body: Annotated[ReviewBody | None, Body()] = None
) -> ImportJob:
    return ImportJob.of(approvals.reject(ws, who, job_id, body.notes if body else ""))
