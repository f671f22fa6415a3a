"""tableport import: a file into a table, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table
from app.commands.pairs import read_names, read_pairs
from app.commands.running import run_to_its_end
from app.commands.shell import FAILED, SOME_REJECTED, error_document, failure_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.check import CheckReport
    from core.model.job import Job
    from core.model.mapping import FieldMapping
    from core.model.plan import ImportPlan
    from core.workspace import Workspace

_CHUNK = 1 << 20
_COUNTS = ("rows_read", "inserted", "updated", "unchanged", "skipped", "rejected", "ignored")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@click.option("--table", required=True, help="The table, or schema.table.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON list of {sourceColumn, targetColumn, transform}; without it one is proposed, "
    "and it is in the output of --json.",
)
@click.option(
    "--on-conflict",
    type=click.Choice(["error", "skip", "update"]),
    default="error",
    show_default=True,
    help="What to do with a row whose key is already in the table.",
)
@click.option(
    "--on-errors",
    type=click.Choice(["stop", "load_valid"]),
    default="stop",
    show_default=True,
    help="stop: one bad row and nothing is written; load_valid: the others go in.",
)
@click.option("--key", callback=read_names, help="Comma list of the columns that identify a row.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to save the rejected rows with their reasons; a file only when there are some.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=read_pairs,
    metavar="NAME=VALUE",
    help="How to read the file, such as delimiter=; or encoding=cp1252. Repeatable.",
)
@json_option
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    connection: str | None,
    table: str,
    mapping: Path | None,
    on_conflict: str,
    on_errors: str,
    key: tuple[str, ...],
    rejects: Path | None,
    options: dict[str, str],
    as_json: bool,
) -> None:
    """Check FILE against a table and load it, in one transaction.

    Exit codes: 0 every row is accounted for and none was rejected, 3 some rows were rejected,
    2 wrong usage, 1 any other failure. The limits of screens and API do not apply here.
    """
    from core.model.plan import OnConflict, OnErrors

    mappings = _read_mapping(mapping) if mapping else None
    with opened() as (workspace, who):
        job = _draft(
            workspace,
            who,
            file,
            connection=connection,
            table=table,
            mappings=mappings,
            on_conflict=OnConflict(on_conflict),
            on_errors=OnErrors(on_errors),
            options=options,
        )
        if key:
            from core.usecases.imports import update_import

            job = update_import(workspace, who, job.job_id, key=key)
        job = _run(workspace, who, job, as_json=as_json)
        saved = _save_rejects(workspace, who, job, rejects)
        if as_json:
            print_json(_document(job, saved))
        else:
            _show(workspace, who, job, saved)
    context.exit(_exit_code(job))


def _read_mapping(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} is not JSON: {error}", param_hint="--mapping") from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _draft(
    workspace: Workspace,
    who: Identity,
    file: Path,
    *,
    connection: str | None,
    table: str,
    **wanted: Any,
) -> Job:
    from core.usecases.connections import connection_for, default_connection
    from core.usecases.imports import draft_import
    from core.usecases.uploads import receive_upload

    name = (
        connection_for(workspace, who, connection)
        if connection
        else default_connection(workspace, who)
    )
    upload = receive_upload(workspace, who, _chunks(file), filename=file.name)
    return draft_import(
        workspace, who, upload_id=upload.file_id, table=table, connection=name, **wanted
    )


def plan_of(job: Job) -> ImportPlan:
    """The plan of an import job."""
    from core.model.plan import ImportPlan

    assert isinstance(job.plan, ImportPlan)
    return job.plan


def _run(workspace: Workspace, who: Identity, job: Job, *, as_json: bool) -> Job:
    from core.usecases.imports import start_import

    start_import(workspace, who, job.job_id)
    title = f"Importing into {job.table}"
    return run_to_its_end(workspace, who, job.job_id, title=title, quiet=as_json)


def _save_rejects(
    workspace: Workspace, who: Identity, job: Job, target: Path | None
) -> Path | None:
    if target is None or job.rejects_file is None:
        return None
    from core.usecases.findings import open_rejects
    from core.usecases.local import save_download

    save_download(open_rejects(workspace, who, job.job_id), target)
    return target


def _exit_code(job: Job) -> int:
    if job.counts.rejected:
        return SOME_REJECTED
    return 0 if job.status.value == "COMPLETED" and job.counts.reconciled else FAILED


def _document(job: Job, rejects: Path | None) -> dict[str, Any]:
    document: dict[str, Any] = {"job_id": job.job_id, "status": job.status.value}
    document |= {name: getattr(job.counts, name) for name in _COUNTS}
    document["mapping"] = [_mapping_document(mapping) for mapping in plan_of(job).mappings]
    if rejects:
        document["rejects"] = str(rejects)
    if failure := failure_of(job):
        document["error"] = error_document(failure)
    return document


def _mapping_document(mapping: FieldMapping) -> dict[str, Any]:
    """One line of the mapping, in the words `--mapping` reads."""
    steps = [{"name": s.transform, "options": s.options} for s in mapping.steps]
    return {
        "sourceColumn": mapping.source,
        "targetColumn": mapping.target,
        "transform": steps or None,
        "skipEmpty": mapping.skip_empty,
    }


def _show(workspace: Workspace, who: Identity, job: Job, rejects: Path | None) -> None:
    from core.usecases.findings import read_report

    _show_mapping(plan_of(job))
    _show_problems(read_report(workspace, who, job.job_id))
    counts = [(name, f"{getattr(job.counts, name):,}") for name in _COUNTS]
    print_table(("job_id", job.job_id), [("status", job.status.value), *counts])
    if rejects:
        click.echo(f"Rejected rows with their reasons: {rejects}")
    if failure := failure_of(job):
        click.secho(f"{failure.detail} ({failure.code})", err=True, fg="red")


def _show_mapping(plan: ImportPlan) -> None:
    rows = [
        (
            m.source,
            m.target,
            ", ".join(" ".join((s.transform, *s.options.values())) for s in m.steps),
        )
        for m in plan.mappings
    ]
    print_table(("column of the file", "column of the table", "transform"), rows)
    click.echo()


def _show_problems(report: CheckReport) -> None:
    if report.groups:
        rows = [(f"{g.count:,}", g.severity, g.field, g.check, g.message) for g in report.groups]
        print_table(("rows", "", "column", "check", "for example"), rows)
        click.echo()
