"""tableport serve, worker, doctor: the service itself."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from dataclasses import asdict

import click

from app.commands.demo import show_demo
from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table


@click.command()
@click.option("--host", help="Address to listen on; default: TABLEPORT_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; default: TABLEPORT_PORT.")
@click.option("--demo", is_flag=True, help="Make the demo first: see tableport demo.")
@json_option
def serve(host: str | None, port: int | None, demo: bool, as_json: bool) -> None:
    """Serve screens and API, with workers; ends on Ctrl-C or SIGTERM.

    The first start makes the user `admin` and prints the password once; a demo's each time.
    """
    from app import serving

    if demo:
        from core.usecases.demo import prepare_demo

        workspace = serving.workspace()
        show_demo(prepare_demo(workspace), serving.address_of(workspace, host, port))
    with suppress(KeyboardInterrupt):  # Ctrl-C is how a server is told to end
        serving.serve(host, port)
    _stopped(as_json)


@click.command()
@json_option
def worker(as_json: bool) -> None:
    """Carry out queued jobs until Ctrl-C or SIGTERM, for a server on the same TABLEPORT_HOME."""
    from core.usecases.working import work

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with opened() as (workspace, _who):
        click.echo("Waiting for jobs")
        work(workspace, stop=stopping.is_set)
    _stopped(as_json)


def _stopped(as_json: bool) -> None:
    if as_json:
        print_json({"status": "stopped"})


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Examine settings, folders, databases and keys; exit code 1 when something is wrong."""
    from core.usecases.doctor import examine

    found = examine()
    well = all(finding.ok for finding in found)
    if as_json:
        checks = [asdict(f) | {"mend": "" if f.ok else f.mend} for f in found]
        print_json({"ok": well, "checks": checks})
    else:
        rows = [("ok" if f.ok else "WRONG", f.name, f.words) for f in found]
        print_table(("", "", ""), rows)
        for finding in found:
            if not finding.ok:
                click.echo(f"{finding.name}: {finding.mend}")
    context.exit(0 if well else 1)
