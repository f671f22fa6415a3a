"""tableport export: a table, or a selection of it, into a file."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.filters import read_filters
from app.commands.home import opened
from app.commands.output import json_option, print_json
from app.commands.pairs import read_names, read_pairs
from app.commands.running import run_to_its_end
from app.commands.shell import failure_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.file import Download
    from core.model.job import Job
    from core.model.plan import ExportPlan, Filter
    from core.workspace import Workspace


_CHUNK = 1 << 20


@click.command()
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@click.option("--table", required=True, help="The table or view, or schema.table.")
@click.option("--columns", callback=read_names, help="Comma list of columns, in that order.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    callback=read_filters,
    metavar="CONDITION",
    help="'column operator value' or JSON {column, operator, value}. Repeatable: all must hold.",
)
@click.option("--search", help="Only rows with this text in one of their text columns.")
@click.option("--limit", type=click.IntRange(min=1), help="Write no more rows than this.")
@click.option("--format", "format_", default="csv", show_default=True, help="The file's format.")
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=read_pairs,
    metavar="NAME=VALUE",
    help="How to write the file, such as delimiter=; or date_format=eu. Repeatable.",
)
@click.option("--preset", help="Options under one name: excel or excel-us, for CSV.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="The file to write; - is standard output.",
)
@json_option
def export(
    connection: str | None,
    table: str,
    columns: tuple[str, ...],
    filters: tuple[Filter, ...],
    search: str | None,
    limit: int | None,
    format_: str,
    options: dict[str, str],
    preset: str | None,
    output: Path,
    as_json: bool,
) -> None:
    """Write a table, or the rows and columns asked for, into a file."""
    to_stdout = str(output) == "-"
    if to_stdout and as_json:
        raise click.UsageError("--json and -o - both want standard output")
    from core.usecases.export_options import options_from_text

    with opened() as (workspace, who):
        plan = _plan(
            workspace,
            who,
            connection,
            table_name=table,
            export_format=format_,
            selected_columns=list(columns),
            export_options=_packed(output)
            | options_from_text(options | {"preset": preset or options.get("preset")})
            | {"search": search, "limit": limit},
        )
        plan = replace(plan, filters=filters)
        job, download = _run(workspace, who, plan, quiet=as_json or to_stdout)
        if to_stdout:
            with download.open() as file:
                shutil.copyfileobj(file, sys.stdout.buffer, _CHUNK)
            return
        _save(download, output)
    if as_json:
        print_json(_document(job, download, output))
    else:
        click.echo(f"{output}: {download.rows or 0:,} rows, {download.size:,} bytes")
        if job.error_message:
            click.secho(job.error_message, err=True, fg="yellow")


def _packed(output: Path) -> dict[str, str]:
    """The name asked for says whether the file is packed; a large one is not packed unasked."""
    from core.model.packing import by_extension

    packing = by_extension(output.name)
    return {"compression": packing.name if packing else "none"}


def _plan(workspace: Workspace, who: Identity, connection: str | None, **body: Any) -> ExportPlan:
    """The plan the API would make of the same wishes."""
    from app.api.export_body import ExportBody, plan_of
    from core.usecases.connections import connection_for, default_connection

    name = (
        connection_for(workspace, who, connection)
        if connection
        else default_connection(workspace, who)
    )
    return plan_of(ExportBody.read(body), name)


def _run(
    workspace: Workspace, who: Identity, plan: ExportPlan, *, quiet: bool
) -> tuple[Job, Download]:
    from core.usecases.exports import create_export, open_artifact

    job = create_export(workspace, who, plan)
    title = f"Exporting {job.table}"
    job = run_to_its_end(workspace, who, job.job_id, title=title, quiet=quiet)
    if failure := failure_of(job):
        raise failure
    return job, open_artifact(workspace, who, job.job_id)


def _save(download: Download, target: Path) -> None:
    from core.usecases.local import save_download

    save_download(download, target)


def _document(job: Job, download: Download, output: Path) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "status": job.status.value,
        "rows": download.rows,
        "size": download.size,
        "warning": job.error_message,
        "output": str(output),
    }
