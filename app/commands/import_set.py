"""tableport import-set: several files into tables that refer to each other, as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.home import opened
from app.commands.importing import COUNTS, chunks, exit_code
from app.commands.output import json_option, print_json, print_table
from app.commands.pairs import read_pairs
from app.commands.running import run_to_its_end
from app.commands.shell import FAILED, SOME_REJECTED, error_document, failure_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.import_set import ImportSet
    from core.model.job import Job
    from core.workspace import Workspace


@click.command("import-set")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    callback=read_pairs,
    metavar="FILE=TABLE",
    help="The table of one file; without it the table of the file's name. Repeatable.",
)
@click.option(
    "--on-conflict",
    type=click.Choice(["error", "skip", "update"]),
    default="error",
    show_default=True,
    help="What to do with a row whose key is already in its table.",
)
@click.option(
    "--on-errors",
    type=click.Choice(["stop", "load_valid"]),
    default="stop",
    show_default=True,
    help="stop: one bad row of any file and nothing is written; load_valid: the others go in.",
)
@click.option("--dry-run", is_flag=True, help="Check every file; write nothing.")
@json_option
@click.pass_context
def import_set(
    context: click.Context,
    files: tuple[Path, ...],
    connection: str | None,
    tables: dict[str, str],
    on_conflict: str,
    on_errors: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Check FILES and load them as one: parents before children, all in one transaction.

    Exit codes: 0 every row is accounted for and none was rejected, 3 some rows were rejected,
    2 wrong usage, 1 any other failure.
    """
    from core.usecases.import_sets import check_set, read_set, start_set

    _require_known(files, tables)
    with opened() as (workspace, who):
        made = _draft(workspace, who, files, tables, connection, on_conflict, on_errors)
        set_id = made.job.job_id
        if not as_json:
            _show_order(made)
        if dry_run:
            check_set(workspace, who, set_id)
        else:
            start_set(workspace, who, set_id)
        title = f"{'Checking' if dry_run else 'Importing'} {len(files)} files"
        job = run_to_its_end(workspace, who, set_id, title=title, quiet=as_json)
        ended = read_set(workspace, who, set_id)
        if as_json:
            print_json(_document(ended))
        else:
            _show(workspace, who, ended)
    context.exit(_checked_code(job) if dry_run else exit_code(job))


def _require_known(files: tuple[Path, ...], tables: dict[str, str]) -> None:
    names = {file.name for file in files}
    if len(names) < len(files):
        raise click.UsageError("Two of the files have the same name: rename one.")
    if strange := sorted(set(tables) - names):
        raise click.UsageError(f"--table names {strange[0]!r}, which is none of the files.")


def _draft(
    workspace: Workspace,
    who: Identity,
    files: tuple[Path, ...],
    tables: dict[str, str],
    connection: str | None,
    on_conflict: str,
    on_errors: str,
) -> ImportSet:
    from core.model.import_set import SetFile
    from core.model.plan import OnConflict, OnErrors
    from core.usecases.connections import connection_for, default_connection
    from core.usecases.import_sets import draft_set
    from core.usecases.uploads import receive_upload

    name = (
        connection_for(workspace, who, connection)
        if connection
        else default_connection(workspace, who)
    )
    given = [
        SetFile(
            upload_id=receive_upload(workspace, who, chunks(file), filename=file.name).file_id,
            table=tables.get(file.name),
        )
        for file in files
    ]
    return draft_set(
        workspace, who, given, name,
        on_conflict=OnConflict(on_conflict), on_errors=OnErrors(on_errors),
    )  # fmt: skip


def _checked_code(job: Job) -> int:
    if job.status.value != "VALIDATED":
        return FAILED
    return 0 if job.validation_results.get("isValid") else SOME_REJECTED


def _document(found: ImportSet) -> dict[str, Any]:
    document = _job_document(found.job) | {
        "members": [
            {"file": member.job.filename, "table": member.job.table} | _job_document(member.job)
            for member in found.members
        ]
    }
    if failure := failure_of(found.job):
        document["error"] = error_document(failure)
    return document


def _job_document(job: Job) -> dict[str, Any]:
    wrong = job.validation_results.get("errorRows")
    document: dict[str, Any] = {"job_id": job.job_id, "status": job.status.value}
    document |= {name: getattr(job.counts, name) for name in COUNTS}
    return document | ({} if wrong is None else {"error_rows": wrong})


def _show_order(made: ImportSet) -> None:
    rows = [
        (at, member.job.filename, member.job.table, "; ".join(member.reasons))
        for at, member in enumerate(made.members, start=1)
    ]
    print_table(("", "file", "table", "why"), rows)
    click.echo()


def _show(workspace: Workspace, who: Identity, found: ImportSet) -> None:
    from core.usecases.findings import read_report

    rows: list[tuple[str, ...]] = []
    for member in found.members:
        job, counts = member.job, member.job.counts
        wrong = int(job.validation_results.get("errorRows") or 0)
        figures = (job.total_rows or 0, counts.inserted, counts.updated, counts.skipped, wrong)
        rows.append((job.table, job.status.value, *(f"{figure:,}" for figure in figures)))
        groups = read_report(workspace, who, job.job_id).groups
        rows += [(*[""] * 6, f"{g.count:,} {g.field}: {g.message}") for g in groups]
    heads = ("table", "status", "rows", "inserted", "updated", "skipped", "with errors")
    print_table(heads, rows)
    click.echo(f"{found.job.status.value} {found.job.job_id}")
    if failure := failure_of(found.job):
        click.secho(f"{failure.detail} ({failure.code})", err=True, fg="red")
