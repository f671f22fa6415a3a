"""tableport demo: a ready example to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from core.usecases.demo import Demo

_FIRST = (
    "Sign in as analyst, open Data Import, choose the connection demo and the table orders, and "
    "drop orders_with_errors.csv. README.txt in the folder says what else there is."
)


@click.command()
@json_option
def demo(as_json: bool) -> None:
    """Make two databases, three accounts and sample files to try things on.

    What exists is left as it is, so that the same is printed each time, passwords too. The
    output is secret where the server can be reached by others.
    """
    from app import serving
    from core.usecases.demo import prepare_demo

    with opened() as (workspace, _who):
        made = prepare_demo(workspace)
        address = serving.address_of(workspace)
    if not as_json:
        show_demo(made, address)
        click.echo("Start it with: tableport serve")
        return
    admin = made.administrator
    print_json(
        {
            "address": address,
            "username": admin.username if admin else None,
            "password": admin.password if admin else None,
            "accounts": [
                {"username": a.username, "password": a.password, "role": a.role, "words": a.words}
                for a in made.accounts
            ],
            "connections": [c.name for c in made.connections],
            "files": str(made.files),
        }
    )


def show_demo(made: Demo, address: str) -> None:
    """For people: where, as whom, with what, and what to try first."""
    rows = [
        ("address", address),
        *((c.name, f"a connection: {c.address}") for c in made.connections),
        ("files", str(made.files)),
    ]
    print_table(("demo", ""), rows)
    click.echo()
    accounts = [(a.username, a.password or "", a.role, a.words) for a in made.accounts]
    print_table(("user", "password", "role", ""), accounts)
    click.echo(f"\n{_FIRST}")
