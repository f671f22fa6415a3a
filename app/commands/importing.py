"""tableport import: a file into a table, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from app.commands import planning
from app.commands.home import opened
from app.commands.new_tables import draft_proposed, proposed_table, show_proposal
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
#: What is told of every import.
COUNTS = (
    "rows_read", "inserted", "updated", "unchanged", "skipped", "rejected", "ignored", "deleted",
)  # fmt: skip


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@click.option(
    "--table", help="The table, or schema.table; not needed with --create-table or --patch."
)
@click.option(
    "--create-table",
    is_flag=False,
    flag_value="",
    metavar="[NAME]",
    help="Make a new table for FILE, called NAME, else after FILE. It is there when the import "
    "succeeds.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing: print what would be new, changed, unchanged or in conflict, with old and "
    "new values. With --create-table: print the columns, why they are so, and the statement.",
)
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
    type=click.Choice(["error", "skip", "update", "replace", "sync"]),
    default="error",
    show_default=True,
    help="What to do with a row whose key is already in the table. replace: every row of the table "
    "goes; sync: update, and rows that FILE does not have go.",
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
    create_table: str | None,
    dry_run: bool,
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

    _refuse_together(context, table, create_table, patch)
    mappings = _read_mapping(mapping) if mapping else None
    with opened() as (workspace, who):
        wanted: dict[str, Any] = {
            "mappings": mappings,
            "on_conflict": OnConflict(on_conflict),
            "on_errors": OnErrors(on_errors),
            "options": options,
        }
        made: Job | None
        if patch is not None:
            made = _patched(workspace, who, file, patch)
        elif table is not None:
            made = _draft(workspace, who, file, connection=connection, table=table, **wanted)
        else:
            named, shown = create_table or "", {"dry_run": dry_run, "as_json": as_json}
            made = _draft_new(workspace, who, file, connection, named, **shown, **wanted)
        if made is None:
            return
        job = made
        if key:
            from core.usecases.imports import update_import

            job = update_import(workspace, who, job.job_id, key=key)
        if dry_run:
            context.exit(planning.dry_run(workspace, who, job, as_json=as_json))
        job = _run(workspace, who, job, as_json=as_json)
        _tell(workspace, who, job, rejects, as_json=as_json)
    context.exit(exit_code(job))


def _tell(
    workspace: Workspace, who: Identity, job: Job, rejects: Path | None, *, as_json: bool
) -> None:
    """How the import went; its rejected rows are saved where they were asked for."""
    saved = _save_rejects(workspace, who, job, rejects)
    if as_json:
        print_json(_document(job, saved))
    else:
        _show(workspace, who, job, saved)


def _refuse_together(
    context: click.Context,
    table: str | None,
    create_table: str | None,
    patch: str | None,
) -> None:
    """Where the rows go must be said, and said once. Raises UsageError."""
    if patch is not None:
        _refuse_with_patch(context)
    elif table is None and create_table is None:
        raise click.UsageError("Missing option '--table' or '--create-table'.")
    elif table is not None and create_table is not None:
        raise click.UsageError("--create-table makes the table: leave --table out.")


#: What a patched import has from the one it belongs to.
_OF_THE_PLAN = (
    "connection", "table", "create_table", "mapping", "on_conflict", "on_errors", "key", "options",
)  # fmt: skip


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

    upload = receive_upload(workspace, who, chunks(file), filename=file.name)
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


def chunks(path: Path) -> Iterator[bytes]:
    """A file piece by piece, as an upload takes it."""
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
    from core.usecases.imports import draft_import

    name = _connection(workspace, who, connection)
    upload_id = _received(workspace, who, file)
    return draft_import(workspace, who, upload_id=upload_id, table=table, connection=name, **wanted)


def _draft_new(
    workspace: Workspace,
    who: Identity,
    file: Path,
    connection: str | None,
    name: str,
    *,
    dry_run: bool,
    as_json: bool,
    **wanted: Any,
) -> Job | None:
    """A draft that makes its table; None where that was only to be shown."""
    from core.usecases.uploads import remove_upload

    at = _connection(workspace, who, connection)
    upload_id = _received(workspace, who, file)
    proposal = proposed_table(
        workspace, who, upload_id, connection=at, name=name, options=wanted["options"]
    )
    if not dry_run:
        return draft_proposed(workspace, who, upload_id, proposal, **wanted)
    remove_upload(workspace, who, upload_id)
    show_proposal(proposal, as_json=as_json)
    return None


def _connection(workspace: Workspace, who: Identity, given: str | None) -> str:
    from core.usecases.connections import connection_for, default_connection

    return connection_for(workspace, who, given) if given else default_connection(workspace, who)


def _received(workspace: Workspace, who: Identity, file: Path) -> str:
    from core.usecases.uploads import receive_upload

    upload_id = receive_upload(workspace, who, chunks(file), filename=file.name).file_id
    _offer_patch(workspace, who, file, upload_id)
    return upload_id


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


def exit_code(job: Job) -> int:
    """What the command line answers for an import that has ended."""
    if job.counts.rejected:
        return SOME_REJECTED
    return 0 if job.status.value == "COMPLETED" and job.counts.reconciled else FAILED


def _document(job: Job, rejects: Path | None) -> dict[str, Any]:
    from core.usecases.mapping_preview import mappings_document

    document: dict[str, Any] = {"job_id": job.job_id, "status": job.status.value}
    document |= {name: getattr(job.counts, name) for name in COUNTS}
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
    counts = [(name, f"{getattr(job.counts, name):,}") for name in COUNTS]
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
