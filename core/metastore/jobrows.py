"""A job as a row of the guide's tables, and a row as a job."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from core.metastore.schema import export_jobs, import_jobs
from core.metastore.text import exact, storable, storable_or_none
from core.model.dialect import Dialect
from core.model.job import Counts, Job, JobKind, JobStatus, JobTask
from core.model.plan import ExportPlan, ImportPlan, from_json, plan_hash, to_json

TABLES: dict[JobKind, sa.Table] = {JobKind.IMPORT: import_jobs, JobKind.EXPORT: export_jobs}


def kind_of(plan: ImportPlan | ExportPlan) -> JobKind:
    return JobKind.IMPORT if isinstance(plan, ImportPlan) else JobKind.EXPORT


def plan_values(plan: ImportPlan | ExportPlan) -> dict[str, Any]:
    """The columns a plan decides: itself, its hash, and what the guide keeps apart.

    Raises InvalidRequest when the table's or connection's name cannot be kept exactly.
    """
    values = {
        "connection": exact(plan.connection, 100, "The connection"),
        "table_name": exact(plan.table, 255, "The table"),
        "plan": to_json(plan),
        "plan_hash": plan_hash(plan),
    }
    if isinstance(plan, ImportPlan):
        return values | _import_values(plan)
    return values | _export_values(plan)


def count_values(kind: JobKind, counts: Counts) -> dict[str, Any]:
    """The columns counts decide; the guide's are derived from ours (ruling A39)."""
    values: dict[str, Any] = {"counts": asdict(counts), "processed_rows": counts.rows_read}
    if kind is JobKind.IMPORT:
        values["valid_rows"] = counts.rows_read - counts.rejected
        values["error_rows"] = counts.rejected
    return values


def job_of(kind: JobKind, row: sa.RowMapping) -> Job:
    """A row of a job table, joined with `username`, as the model has it."""
    status = JobStatus(row["status"].upper())
    leased = row["lease_owner"] is not None and not status.ended
    asked = row["run_after"] is not None and not status.ended
    asked = asked and status is not JobStatus.AWAITING_APPROVAL
    shared = {
        "kind": kind,
        "id": row["id"],
        "job_id": row["job_id"],
        "connection": row["connection"],
        "table": row["table_name"],
        "status": status,
        "task": JobTask(row["task"]),
        "queued": asked and not leased,
        "running": leased,
        "counts": _counts(row["counts"]),
        "created_by_name": row["username"] or "",
    } | {name: row[name] for name in _SAME}
    if kind is JobKind.IMPORT:
        return Job(plan=_import_plan(row), **shared, **_import_fields(row))
    return Job(plan=_export_plan(row), **shared, **_export_fields(row))


_SAME = (
    "file_size",
    "progress_percent",
    "phase",
    "processed_rows",
    "attempt",
    "lost_attempts",
    "cancel_requested",
    "error_code",
    "error_message",
    "created_at",
    "started_at",
    "completed_at",
    "created_by",
)


def _import_values(plan: ImportPlan) -> dict[str, Any]:
    dialect = plan.dialect
    return {
        "original_filename": storable(plan.filename, 500),
        "file_format": dialect.format,
        "upload_file": plan.upload or None,
        # The guide's words (requirements, section 3.1); the plan itself is the truth.
        "import_options": {
            "format": dialect.format,
            "has_headers": dialect.header,
            "delimiter": dialect.delimiter,
            "encoding": dialect.encoding,
            "skip_empty_rows": dialect.skip_blank_rows,
            "skip_first_rows": dialect.skip_rows,
            "max_rows": plan.max_rows,
            "on_duplicate": plan.on_conflict.value,
            "on_errors": plan.on_errors.value,
            "batch_size": plan.batch_rows,
        },
        "field_mappings": {"mappings": to_json(plan)["mappings"]},
    }


def _export_values(plan: ExportPlan) -> dict[str, Any]:
    document = to_json(plan)
    return {
        "filename": storable_or_none(plan.filename, 500),
        "export_format": plan.dialect.format,
        "export_options": {
            "format": plan.dialect.format,
            "include_headers": plan.dialect.header,
            "delimiter": plan.dialect.delimiter,
            "encoding": plan.dialect.encoding,
            "date_format": plan.date_format,
            "max_rows": plan.limit,
        },
        "selected_columns": document["columns"],
        "filters": document["filters"],
    }


def _import_fields(row: sa.RowMapping) -> dict[str, Any]:
    return {
        "format": row["file_format"],
        "filename": row["original_filename"],
        "total_rows": row["total_rows"],
        "validation_results": row["validation_results"],
        "import_results": row["import_results"],
        "rejects_file": row["rejects_file"],
        "violations_file": row["violations_file"],
        "changes_file": row["changes_file"],
        "changes": row["changes"],
        "undone_by": row["undone_by"],
        "set_id": row["set_id"],
        "requires_approval": row["requires_approval"],
        "approved_at": row["approved_at"],
    }


def _export_fields(row: sa.RowMapping) -> dict[str, Any]:
    return {
        "format": row["export_format"],
        "filename": row["filename"],
        "total_rows": row["estimated_rows"],
        "artifact": row["artifact_file"],
        "expires_at": row["expires_at"],
    }


def _import_plan(row: sa.RowMapping) -> ImportPlan:
    """The plan; of a row written by other hands, what the guide's columns tell."""
    if row["plan"] is not None:
        return from_json(ImportPlan, row["plan"])
    return ImportPlan(
        connection=row["connection"],
        table=row["table_name"],
        upload=row["upload_file"] or "",
        filename=row["original_filename"],
        dialect=Dialect(format=row["file_format"]),
    )


def _export_plan(row: sa.RowMapping) -> ExportPlan:
    if row["plan"] is not None:
        return from_json(ExportPlan, row["plan"])
    return ExportPlan(
        connection=row["connection"],
        table=row["table_name"],
        dialect=Dialect(format=row["export_format"]),
        filename=row["filename"],
    )


def _counts(document: dict[str, Any]) -> Counts:
    known = {field.name for field in fields(Counts)}
    return Counts(**{name: count for name, count in document.items() if name in known})
