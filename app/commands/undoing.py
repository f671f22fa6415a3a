"""tableport undo: take a finished import back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table
from app.commands.running import run_to_its_end
from app.commands.shell import FAILED, error_document, failure_of

if TYPE_CHECKING:
    from core.model.job import Job
    from core.model.undo import UndoProspect

_TOLD = ("removed", "restored", "put_back", "kept")


@click.command("undo")
@click.argument("job")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@json_option
@click.pass_context
def undo(context: click.Context, job: str, dry_run: bool, as_json: bool) -> None:
    """Take the import JOB back: rows it inserted go, rows it updated or deleted are as before.

    Rows that are no longer as the import left them stay, and are listed.
    """
    from core.usecases.undoing import preview_undo, start_undo

    with opened() as (workspace, who):
        if dry_run:
            seen = preview_undo(workspace, who, job)
            print_json(_prospect_document(seen)) if as_json else _show_prospect(seen)
            return
        asked = start_undo(workspace, who, job)
        ended = run_to_its_end(
            workspace, who, asked.job_id, title=f"Undoing in {asked.table}", quiet=as_json
        )
    print_json(_document(ended, job)) if as_json else _show(ended)
    context.exit(FAILED if failure_of(ended) else 0)


def _prospect_document(seen: UndoProspect) -> dict[str, Any]:
    document: dict[str, Any] = {"undoes": seen.job_id, "dry_run": True}
    document |= {name: getattr(seen, name) for name in _TOLD}
    document["reasons"] = dict(seen.reasons)
    document["rows"] = [{"did": r.did, "key": dict(r.key), "why": r.why} for r in seen.rows]
    return document | {"until": seen.until.isoformat() if seen.until else None}


def _show_prospect(seen: UndoProspect) -> None:
    from core.model.undo import UNDOING, WHY_KEPT

    rows = [
        (
            "keep" if row.why else UNDOING[row.did],
            ", ".join(f"{name}={value}" for name, value in row.key.items()),
            WHY_KEPT[row.why] if row.why else "",
        )
        for row in seen.rows
    ]
    print_table(("would", "row", "because it"), rows)
    print_table(("undoes", seen.job_id), [(n, f"{getattr(seen, n):,}") for n in _TOLD])


def _document(job: Job, undoes: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "job_id": job.job_id,
        "undoes": undoes,
        "status": job.status.value,
        **{name: job.import_results.get(name, 0) for name in _TOLD},
    }
    if failure := failure_of(job):
        document["error"] = error_document(failure)
    return document


def _show(job: Job) -> None:
    told = [(name, f"{job.import_results.get(name, 0):,}") for name in _TOLD]
    print_table(("job_id", job.job_id), [("status", job.status.value), *told])
    if failure := failure_of(job):
        click.secho(f"{failure.detail} ({failure.code})", err=True, fg="red")
