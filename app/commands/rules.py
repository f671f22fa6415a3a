"""tableport rule: what the keepers of a table ask of its rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.home import opened
from app.commands.output import json_option, print_json, print_table
from app.commands.pairs import read_names, read_pairs

if TYPE_CHECKING:
    from core.model.rule import Rule, RuleTrial

_connection = click.option("--connection", help="The connection; the default one otherwise.")


@click.group()
def rule() -> None:
    """What the keepers of a table ask of its rows beyond what the database demands."""


@rule.command("kinds")
@json_option
def kinds(as_json: bool) -> None:
    """List the kinds of rules, with their options."""
    from core.usecases.rules import rule_kinds

    infos = rule_kinds()
    if as_json:
        print_json({"kinds": [asdict(info) for info in infos]})
        return
    rows = [
        (i.name, i.columns, ", ".join(option.name for option in i.options), i.description)
        for i in infos
    ]
    print_table(("kind", "columns", "options", "what it asks"), rows)


@rule.command("list")
@click.argument("table")
@_connection
@json_option
def list_(table: str, connection: str | None, as_json: bool) -> None:
    """List the rules kept for TABLE. With --json, what `rule add --from` reads."""
    from core.usecases.rules import list_rules

    with opened() as (workspace, who):
        found = list_rules(workspace, who, table, connection)
    if as_json:
        print_json({"rules": [_document(one) for one in found]})
    else:
        print_table(_HEADER, [_row(one) for one in found])


def _described(command: Any) -> Any:
    """The options that say what a rule is."""
    for option in reversed(
        (
            click.argument("table"),
            click.option("--name", help="What violations will call it."),
            click.option("--kind", help="See `tableport rule kinds`."),
            click.option("--columns", callback=read_names, help="Comma list of columns."),
            click.option(
                "--option", "options", multiple=True, callback=read_pairs,
                help="name=value, as often as needed.",
            ),
            click.option(
                "--severity", type=click.Choice(["error", "warning"]), default="error",
                show_default=True, help="Reject the row, or only remark upon it.",
            ),
            click.option("--message", default="", help="Said instead; {value} is the cell."),
            _connection,
            json_option,
        )
    ):  # fmt: skip
        command = option(command)
    return command


@rule.command("add")
@_described
@click.option(
    "--from", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of rules, as `rule list --json` prints them.",
)  # fmt: skip
def add(
    source: Path | None, table: str, connection: str | None, as_json: bool, **given: Any
) -> None:
    """Keep a rule for TABLE, and say how many of its present rows break it."""
    from core.usecases.rules import read_rules, save_rule

    with opened() as (workspace, who):
        if source is None:
            wanted = [_asked(workspace, connection, table, given)]
        else:
            wanted = read_rules(workspace, table, source.read_text("utf-8"), connection)
        saved = [save_rule(workspace, who, one) for one in wanted]
    if as_json:
        print_json({"saved": [{**_document(r), "trial": asdict(t)} for r, t in saved]})
        return
    for stored, trial in saved:
        click.echo(f"Kept {stored.name} for {stored.table} as rule {stored.id}: {_told(trial)}")


@rule.command("try")
@_described
def try_(table: str, connection: str | None, as_json: bool, **given: Any) -> None:
    """Say how many of TABLE's present rows a rule would find; nothing is stored."""
    from core.usecases.rules import rule_trial

    with opened() as (workspace, who):
        trial = rule_trial(workspace, who, _asked(workspace, connection, table, given))
    if as_json:
        print_json({"trial": asdict(trial)})
    else:
        click.echo(_told(trial))


@rule.command("remove")
@click.argument("table")
@click.argument("rule_id", type=int)
@_connection
@json_option
def remove(table: str, rule_id: int, connection: str | None, as_json: bool) -> None:
    """Forget the rule RULE_ID of TABLE."""
    from core.usecases.rules import delete_rule

    with opened() as (workspace, who):
        delete_rule(workspace, who, rule_id, table=table, connection=connection)
    if as_json:
        print_json({"id": rule_id, "table": table, "result": "removed"})
    else:
        click.echo(f"Removed rule {rule_id} of {table}")


_HEADER = ("id", "name", "kind", "columns", "options", "severity", "message", "")


def _asked(workspace: Any, connection: str | None, table: str, given: dict[str, Any]) -> Rule:
    from core.model.check import Severity
    from core.model.rule import Rule
    from core.usecases.rights import connection_name

    if not given["name"] or not given["kind"]:
        raise click.UsageError("Give the rule a --name and a --kind.")
    return Rule(
        connection=connection_name(workspace, connection),
        table=table,
        **{**given, "severity": Severity(given["severity"])},
    )


def _told(trial: RuleTrial) -> str:
    if not trial.broken:
        return f"all of the {trial.rows:,} rows looked at keep it"
    return f"{trial.broken:,} of the {trial.rows:,} rows looked at break it"


def _document(rule: Rule) -> dict[str, Any]:
    return asdict(rule)


def _row(one: Rule) -> tuple[object, ...]:
    options = ", ".join(f"{name}={value}" for name, value in one.options.items())
    state = "" if one.enabled else "off"
    return (
        one.id, one.name, one.kind, ", ".join(one.columns), options, one.severity, one.message,
        state,
    )  # fmt: skip
