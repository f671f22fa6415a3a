"""Whole databases through the use cases: look at every table, bring all of them elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from graphlib import TopologicalSorter
from typing import Any

from app.api.tables import schema_json
from core.model.job import Job
from core.model.plan import ExportPlan, OnErrors
from core.model.table import Table
from core.usecases import connections, exports, findings, imports, local, tables, uploads
from core.workspace import Workspace

LOCAL = local.local_identity()


def connect(ws: Workspace, name: str, url: str) -> str:
    connections.add_connection(ws, LOCAL, name=name, url=url)
    return name


def tables_of(ws: Workspace, connection: str) -> dict[str, Table]:
    """Every table and view as a person sees it, by label."""
    return {
        ref.label: tables.describe_table(ws, LOCAL, ref.label, connection, sample_rows=0).table
        for ref in tables.list_tables(ws, LOCAL, connection)
    }


def schema_of(ws: Workspace, connection: str, label: str) -> dict[str, Any]:
    """The schema document of the API, sample rows and all."""
    return schema_json(tables.describe_table(ws, LOCAL, label, connection))


def parents_first(found: Iterable[Table]) -> list[Table]:
    """In an order in which no row refers to one that is not there yet."""
    by_label = {table.label: table for table in found}
    parents = {
        label: {key.target_table for key in table.foreign_keys if key.target_table != label}
        for label, table in by_label.items()
    }
    return [by_label[label] for label in TopologicalSorter(parents).static_order()]


def exported(ws: Workspace, connection: str, table: str) -> bytes:
    """The table as CSV."""
    plan = ExportPlan(connection=connection, table=table)
    job = local.run_here(ws, exports.create_export(ws, LOCAL, plan).job_id)
    with exports.open_artifact(ws, LOCAL, job.job_id).open() as file:
        return file.read()


def imported(ws: Workspace, connection: str, table: str, content: bytes, **given: Any) -> Job:
    """A CSV into the table, its mapping as proposed; what cannot be loaded is left out."""
    upload = uploads.receive_upload(ws, LOCAL, iter([content]), filename=f"{table}.csv")
    job = imports.draft_import(
        ws, LOCAL, upload_id=upload.file_id, table=table, connection=connection, **given
    )
    job = imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)
    return local.run_here(ws, job.job_id)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def reasons_of(ws: Workspace, job: Job) -> list[tuple[int | None, str]]:
    """Every violation: the row of the file, and the check it fails."""
    return [(v.row, v.check) for v in findings.list_violations(ws, LOCAL, job.job_id)]


def sentences_of(ws: Workspace, job: Job) -> dict[int | None, str]:
    """What is said about each row of the file."""
    found = findings.list_violations(ws, LOCAL, job.job_id)
    return {v.row: f"{v.field}: {v.message}" for v in found}
