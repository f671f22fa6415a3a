"""tableport user: who may sign in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table

_ROLES = click.Choice(["admin", "manager", "user", "viewer"])
_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("username")
@click.option("--role", type=_ROLES, default="user", show_default=True, help="The role.")
@click.option("--name", default="", help="The person's name.")
@click.option("--email", default="", help="The person's e-mail address.")
@_password_stdin
@json_option
def add(
    username: str, role: str, name: str, email: str, password_stdin: bool, as_json: bool
) -> None:
    """Add a user; without --password-stdin a password is made and printed once."""
    from core.model.access import Role
    from core.usecases.users import create_user

    given = _from_stdin() if password_stdin else None
    with opened() as (workspace, who):
        made, password = create_user(
            workspace,
            who,
            username=username,
            password=given,
            role=Role(role),
            name=name,
            email=email,
        )
    shown = {} if given else {"password": password}
    if as_json:
        print_json({"user": _document(made), **shown})
        return
    click.echo(f"Added {made.username} ({made.role})")
    if shown:
        click.echo(f"Password, shown only now: {password}")


@user.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all users."""
    from core.usecases.users import list_users

    with opened() as (workspace, who):
        users = list_users(workspace, who)
    if as_json:
        print_json({"users": [_document(one) for one in users]})
        return
    rows = [
        (one.username, one.role, one.name, one.email, "disabled" if one.disabled else "")
        for one in users
    ]
    print_table(("user", "role", "name", "e-mail", ""), rows)


@user.command("password")
@click.argument("username")
@_password_stdin
@json_option
def password(username: str, password_stdin: bool, as_json: bool) -> None:
    """Set a user's password, asked for on the terminal."""
    from core.usecases.users import set_password

    given = (
        _from_stdin()
        if password_stdin
        else click.prompt("New password", hide_input=True, confirmation_prompt=True)
    )
    with opened() as (workspace, who):
        set_password(workspace, who, username, given)
    _done(as_json, username, "password set")


@user.command("disable")
@click.argument("username")
@json_option
def disable(username: str, as_json: bool) -> None:
    """End a user's sessions and let them sign in no more."""
    _set_disabled(username, disabled=True, as_json=as_json)


@user.command("enable")
@click.argument("username")
@json_option
def enable(username: str, as_json: bool) -> None:
    """Let a disabled user sign in again."""
    _set_disabled(username, disabled=False, as_json=as_json)


@user.command("role")
@click.argument("username")
@click.argument("role", type=_ROLES)
@json_option
def role(username: str, role: str, as_json: bool) -> None:
    """Give a user another role."""
    from core.model.access import Role
    from core.usecases.users import set_role

    with opened() as (workspace, who):
        set_role(workspace, who, username, Role(role))
    _done(as_json, username, f"is now {role}")


def _set_disabled(username: str, *, disabled: bool, as_json: bool) -> None:
    from core.usecases.users import set_disabled

    with opened() as (workspace, who):
        set_disabled(workspace, who, username, disabled)
    _done(as_json, username, "disabled" if disabled else "enabled")


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _done(as_json: bool, username: str, words: str) -> None:
    if as_json:
        print_json({"username": username, "result": words})
    else:
        click.echo(f"{username}: {words}")


def _document(one: Any) -> dict[str, Any]:
    return asdict(one)
