"""tableport connection: the databases people may import into and export from."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table


@click.group()
def connection() -> None:
    """Databases to import into and export from."""


@connection.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--default", "default", is_flag=True, help="Make it the default connection.")
@json_option
def add(name: str, url: str, default: bool, as_json: bool) -> None:
    """Add the database at URL under NAME; `-` reads the URL from standard input.

    A URL with a password is better given by standard input: command lines are seen by others.
    """
    from core.usecases.connections import add_connection

    if url == "-":
        url = sys.stdin.readline().strip()
    with opened() as (workspace, who):
        made = add_connection(workspace, who, name=name, url=url, default=default)
    if as_json:
        print_json({"connection": asdict(made)})
    else:
        click.echo(f"Added {made.name}: {made.address}")


@connection.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all connections."""
    from core.usecases.connections import list_connections

    with opened() as (workspace, who):
        found = list_connections(workspace, who)
    if as_json:
        print_json({"connections": [asdict(one) for one in found]})
        return
    rows = [(c.name, c.backend, c.address, "default" if c.default else "") for c in found]
    print_table(("name", "kind", "address", ""), rows)


@connection.command("check")
@click.argument("name")
@json_option
def check(name: str, as_json: bool) -> None:
    """Try whether the database answers."""
    from core.usecases.connections import check_connection

    with opened() as (workspace, who):
        check_connection(workspace, who, name)
    _done(as_json, name, "answers")


@connection.command("remove")
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Forget a connection; the database itself is not touched."""
    from core.usecases.connections import remove_connection

    with opened() as (workspace, who):
        remove_connection(workspace, who, name)
    _done(as_json, name, "removed")


def _done(as_json: bool, name: str, words: str) -> None:
    if as_json:
        print_json({"name": name, "result": words})
    else:
        click.echo(f"{name}: {words}")
