"""tableport grant: what a user may do to which table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table
from app.commands.pairs import read_names

if TYPE_CHECKING:
    from core.model.access import Grant

_connection = click.option(
    "--connection", default="default", show_default=True, help="The connection; * is any."
)
_table = click.option("--table", required=True, help="The table; * is any.")


@click.group()
def grant() -> None:
    """What a user may do to which table, and within which limits."""


def _read_may(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """`"undo, create-table"` → `("undo", "create_table")`; `none` → `()`; not given → None."""
    if text is None:
        return None
    names = read_names(context, parameter, text.replace("-", "_"))
    return () if names == ("none",) else names


#: What a grant allows; an option that is not given leaves it as it is.
_LIMITS = (
    click.option("--import/--no-import", "can_import", default=None, help="May import."),
    click.option("--validate/--no-validate", "can_validate", default=None, help="May check files."),
    click.option(
        "--preview-import/--no-preview-import",
        "can_preview_import",
        default=None,
        help="May preview imports.",
    ),
    click.option("--export/--no-export", "can_export", default=None, help="May export."),
    click.option(
        "--preview-export/--no-preview-export",
        "can_preview_export",
        default=None,
        help="May browse the table's rows.",
    ),
    click.option("--max-file-size-mb", type=int, help="Largest upload, in megabytes."),
    click.option("--max-rows-per-import", type=int, help="Most rows of one import."),
    click.option("--max-rows-per-export", type=int, help="Most rows of one export."),
    click.option(
        "--import-formats", callback=read_names, help="Comma list of formats for imports."
    ),
    click.option(
        "--export-formats", callback=read_names, help="Comma list of formats for exports."
    ),
    click.option(
        "--requires-approval/--no-approval",
        "requires_approval",
        default=None,
        help="A reviewer must approve each import.",
    ),
    click.option(
        "--may",
        "more_actions",
        callback=_read_may,
        help="Comma list of all that may be done beside importing: replace, delete, "
        "create-table, undo; or none. At first: undo.",
    ),
    click.option(
        "--columns",
        "allowed_columns",
        callback=read_names,
        help="Comma list of the only columns to be seen and exported.",
    ),
)


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_LIMITS):
        command = option(command)
    return command


@grant.command("set")
@click.argument("username")
@_connection
@_table
@_limits
@json_option
def set_(
    username: str,
    connection: str,
    table: str,
    more_actions: tuple[str, ...] | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Allow or forbid a user things on a table; what is not named stays as it is."""
    from core.usecases.access import set_grant

    wanted = {name: value for name, value in given.items() if value not in (None, ())}
    with opened() as (workspace, who):
        made = set_grant(
            workspace, who, username, connection=connection, table=table,
            more_actions=more_actions, **wanted,
        )  # fmt: skip
    if as_json:
        print_json({"grant": _document(username, made)})
    else:
        print_table(_HEADER, [_row(username, made)])


@grant.command("list")
@click.argument("username", required=False)
@json_option
def list_(username: str | None, as_json: bool) -> None:
    """List the grants of one user, or of all."""
    from core.usecases.access import list_grants

    with opened() as (workspace, who):
        found = list_grants(workspace, who, username)
    if as_json:
        print_json({"grants": [_document(name, one) for name, one in found]})
    else:
        print_table(_HEADER, [_row(name, one) for name, one in found])


@grant.command("remove")
@click.argument("username")
@_connection
@_table
@click.option(
    "--half", type=click.Choice(["import", "export"]), help="Only what concerns one direction."
)
@json_option
def remove(
    username: str,
    connection: str,
    table: str,
    half: Literal["import", "export"] | None,
    as_json: bool,
) -> None:
    """Take a user's grant on a table away; the role's own grant applies again."""
    from core.usecases.access import remove_grant

    with opened() as (workspace, who):
        remove_grant(workspace, who, username, connection=connection, table=table, half=half)
    if as_json:
        print_json({"username": username, "table": table, "result": "removed"})
    else:
        click.echo(f"{username}: no grant of their own on {table}")


_HEADER = ("user", "connection", "table", "may", "limits")


def _document(username: str, one: Grant) -> dict[str, Any]:
    return {"username": username, **asdict(one), "actions": sorted(one.actions)}


def _row(username: str, one: Grant) -> tuple[str, ...]:
    limits = [
        f"{words}: {', '.join(value) if isinstance(value, tuple) else value}"
        for words, value in (
            ("MB", one.max_file_size_mb),
            ("rows in", one.max_rows_per_import),
            ("rows out", one.max_rows_per_export),
            ("formats in", one.import_formats),
            ("formats out", one.export_formats),
            ("columns", one.allowed_columns or None),
            ("approval", "needed" if one.requires_approval else None),
        )
        if value is not None
    ]
    return username, one.connection, one.table, ", ".join(sorted(one.actions)), "; ".join(limits)
