"""tableport report: what the check of an import found, as a page or as data."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json


@click.command("report")
@click.argument("job")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help="html: one page that needs nothing else; json: the same as data.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to save it; default: the name of the file with .report, in this folder.",
)
@json_option
def report(job: str, form: Literal["html", "json"], output: Path | None, as_json: bool) -> None:
    """Save the report of the last check of JOB: counts, problems, columns, the plan."""
    from core.usecases.check_page import open_report
    from core.usecases.local import save_download

    with opened() as (workspace, who):
        made = open_report(workspace, who, job, form)
        # The name came with the upload: no part of it leads to another folder.
        target = output or Path(Path(made.filename).name)
        save_download(made, target)
    if as_json:
        document = {"job_id": made.job_id, "report": str(target), "format": form}
        print_json(document | {"bytes": made.size})
    else:
        click.echo(f"Report: {target}")
