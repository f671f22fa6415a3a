"""tableport import: a file into a table, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table
from app.commands.pairs import read_names, read_pairs
from app.commands.running import run_to_its_end
from app.commands.shell import FAILED, SOME_REJECTED, error_document, failure_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.check import CheckReport
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.workspace import Workspace

_CHUNK = 1 << 20
_GROUPS = 30  #: kinds of problems listed
_HEAD = 1 << 16  #: bytes in which a header ends
_COUNTS = ("rows_read", "inserted", "updated", "unchanged", "skipped", "rejected", "ignored")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@click.option("--table", help="The table, or schema.table; not needed with --patch.")
@click.option(
    "--patch",
    metavar="JOB",
    help="FILE holds rejected rows of this import, mended: patch them and import them.",
)
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
    table: str | None,
    patch: str | None,
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

    if patch is not None:
        _refuse_with_patch(context)
    elif table is None:
        raise click.UsageError("Missing option '--table'.")
    mappings = _read_mapping(mapping) if mapping else None
    with opened() as (workspace, who):
        if patch is not None or table is None:
            job = _patched(workspace, who, file, patch or "")
        else:
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


#: What a patched import has from the one it belongs to.
_OF_THE_PLAN = ("connection", "table", "mapping", "on_conflict", "on_errors", "key", "options")


def _refuse_with_patch(context: click.Context) -> None:
    """The import that is patched has said how it is done."""
    given = [
        option.opts[0]
        for option in context.command.params
        if option.name in _OF_THE_PLAN
        and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"--patch goes by the plan of that import: leave out {', '.join(given)}."
        )


def _patched(workspace: Workspace, who: Identity, file: Path, job_id: str) -> Job:
    from core.usecases.mending import patch_import
    from core.usecases.uploads import receive_upload

    upload = receive_upload(workspace, who, _chunks(file), filename=file.name)
    return patch_import(workspace, who, job_id, upload.file_id).job


def _offer_patch(workspace: Workspace, who: Identity, file: Path, upload_id: str) -> None:
    """Say so where FILE holds rejected rows of an earlier import."""
    from core.usecases.mending import recognise_rejects

    with file.open("rb") as opened_file:
        marked = b"tableport_job" in opened_file.read(_HEAD)
    if marked and (found := recognise_rejects(workspace, who, upload_id)):
        click.echo(
            f"{file.name} holds rejected rows of import {found.job_id}: with --patch "
            f"{found.job_id} they are patched and imported as rows of that file.",
            err=True,
        )


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
    _offer_patch(workspace, who, file, upload.file_id)
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
    from core.usecases.mapping_preview import mappings_document

    document: dict[str, Any] = {"job_id": job.job_id, "status": job.status.value}
    document |= {name: getattr(job.counts, name) for name in _COUNTS}
    document["mapping"] = mappings_document(plan_of(job).mappings)
    if rejects:
        document["rejects"] = str(rejects)
    if failure := failure_of(job):
        document["error"] = error_document(failure)
    return document


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
            m.source or "(made)",
            m.target,
            ", ".join(" ".join((s.transform, *s.options.values())) for s in m.steps),
        )
        for m in plan.mappings
    ]
    print_table(("column of the file", "column of the table", "transform"), rows)
    click.echo()


def _show_problems(report: CheckReport) -> None:
    if report.groups:
        shown = report.groups[:_GROUPS]
        rows = [(f"{g.count:,}", g.severity, g.field, g.check, g.message) for g in shown]
        print_table(("rows", "", "column", "check", "for example"), rows)
        if more := len(report.groups) - len(shown):
            click.echo(f"and {more:,} more kinds of problems")
        click.echo()
