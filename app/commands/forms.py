"""tableport template, tableport rejects: workbooks to fill in or to mend, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json

if TYPE_CHECKING:
    from core.model.file import Download

_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to save it; default: under its own name, in this folder.",
)


@click.command("template")
@click.argument("table")
@click.option("--connection", help="A connection's name, a database URL or a SQLite file.")
@_OUTPUT
@json_option
def template(table: str, connection: str | None, output: Path | None, as_json: bool) -> None:
    """Save a blank workbook for TABLE: its columns with help, lists and warnings, to be filled
    in and imported."""
    from core.usecases.connections import connection_for
    from core.usecases.forms import open_template

    with opened() as (workspace, who):
        name = connection_for(workspace, who, connection) if connection else None
        made = open_template(workspace, who, table, name)
        target = _save(made, output)
    if as_json:
        print_json({"table": made.table, "template": str(target), "bytes": made.size})
    else:
        click.echo(f"Template: {target}")


@click.command("rejects")
@click.argument("job")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="xlsx: a workbook with the wrong cells in red.",
)
@_OUTPUT
@json_option
def rejects(job: str, form: str, output: Path | None, as_json: bool) -> None:
    """Save the rows that the last check of JOB rejected, with the reasons. Mended, they go back
    with `import --patch`."""
    from core.usecases.findings import open_rejects
    from core.usecases.forms import open_rejects_workbook

    with opened() as (workspace, who):
        chosen = open_rejects_workbook if form == "xlsx" else open_rejects
        made = chosen(workspace, who, job)
        target = _save(made, output)
    if as_json:
        document = {"job_id": made.job_id, "rejects": str(target), "format": form}
        print_json(document | {"bytes": made.size})
    else:
        click.echo(f"Rejected rows with their reasons: {target}")


def _save(made: Download, output: Path | None) -> Path:
    from core.usecases.local import save_download

    # The name came with an upload or a table: no part of it leads to another folder.
    target = output or Path(Path(made.filename).name)
    save_download(made, target)
    return target
