"""tableport import --dry-run: what an import would change, on the screen or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.commands.output import print_json, print_table
from app.commands.running import run_to_its_end
from app.commands.shell import FAILED, SOME_REJECTED, error_document, failure_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.changes import Change, Foreseen
    from core.model.job import Job
    from core.workspace import Workspace

_SHOWN = 20  #: changes printed


def dry_run(workspace: Workspace, who: Identity, job: Job, *, as_json: bool) -> int:
    """Foresee what a drafted import would change and print it; the exit code."""
    from core.usecases.planning import list_changes, plan_import, read_plan

    plan_import(workspace, who, job.job_id)
    title = f"Planning an import into {job.table}"
    job = run_to_its_end(workspace, who, job.job_id, title=title, quiet=as_json)
    found = read_plan(workspace, who, job.job_id)
    if found is None:
        _say_failure(job, as_json=as_json)
        return FAILED
    page = list_changes(workspace, who, job.job_id, limit=_SHOWN)
    if as_json:
        changes = [asdict(change) for change in page.changes]
        print_json(_document(job, found) | {"changes": changes, "changes_listed": page.total})
    else:
        _show(found, page.changes, page.total)
    if found.stopped:
        return FAILED
    return SOME_REJECTED if found.counts.rejected else 0


def _say_failure(job: Job, *, as_json: bool) -> None:
    failure = failure_of(job)
    if as_json:
        error = {"error": error_document(failure)} if failure else {}
        print_json({"job_id": job.job_id, "status": job.status.value} | error)
    elif failure:
        click.secho(f"{failure.detail} ({failure.code})", err=True, fg="red")


def _document(job: Job, found: Foreseen) -> dict[str, Any]:
    from core.model.changes import ChangeKind

    return {
        "job_id": job.job_id,
        "status": job.status.value,
        "dry_run": True,
        "digest": found.digest,
        "kinds": {kind.value: found.amount(kind) for kind in ChangeKind},
        "columns": dict(found.columns),
        "counts": asdict(found.counts),
        "stopped": found.stopped,
    }


def _show(found: Foreseen, changes: tuple[Change, ...], total: int) -> None:
    amounts = [(kind.value, f"{amount:,}") for kind, amount in found.kinds.items() if amount]
    print_table(("rows", "how many"), amounts)
    if found.columns:
        click.echo()
        cells = [(name, f"{amount:,}") for name, amount in found.columns.items()]
        print_table(("column", "cells changed"), cells)
    if changes:
        click.echo()
        print_table(("", "row", "key", "column", "old", "new"), _lines(changes))
    if more := total - len(changes):
        click.echo(f"and {more:,} more changes")
    if found.stopped:
        click.secho(f"{found.stopped}: the run would write nothing.", err=True, fg="red")
    click.echo("Nothing was written.")


def _lines(changes: tuple[Change, ...]) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for change in changes:
        key = ", ".join(f"{name} {_cell(value)}" for name, value in change.key.items())
        head = (change.kind.value, change.row, key)
        lines += [(*head, c.column, _cell(c.old), _cell(c.new)) for c in change.cells] or [
            (*head, "", change.reason, "")
        ]
    return lines


def _cell(value: str | None) -> str:
    return "NULL" if value is None else value
