"""What the keepers of a table ask of its rows: set, tried on the rows that are there, told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from core.access.authorise import visible_columns
from core.checks.builtin import CHECKS
from core.checks.rules import kept
from core.errors import ImportDenied, InvalidRequest, NotFound
from core.mapping.transforms import transform_infos
from core.metastore import permissions, rules
from core.model.access import EXPORT_ACTIONS, IMPORT_ACTIONS, Action
from core.model.rule import Rule
from core.pipeline.trying import columns_of, try_rule
from core.usecases.rights import connection_name, grant_for, note, require
from core.usecases.tables import restricted
from core.usecases.targets import reflected, shown_columns

if TYPE_CHECKING:
    import sqlalchemy as sa

    from core.model.access import Identity
    from core.model.rule import RuleInfo, RuleTrial
    from core.model.table import Table
    from core.workspace import Workspace

MOST = 200  #: rules of one table
_MOST_TEXT = 100_000  #: characters of all options of a rule
_RULES = TypeAdapter(list[Rule])
#: Our own checks, and what rows that only the database refuses are held for.
_BY_TABLE = frozenset(CHECKS) | {"unique", "foreign_key", "check", "trigger"}


def rule_kinds() -> tuple[RuleInfo, ...]:
    """Every kind of rule; nobody's secret."""
    return kept.rule_infos()


def keeps_rules(ws: Workspace, who: Identity) -> bool:
    """May this person set the rules of any table at all? For offering the screen."""
    if who.is_admin:
        return True
    with ws.metastore.connect() as db:
        granted = permissions.list_role_grants(db, role=who.role)
    return any(Action.ADMINISTER in row.grant.actions for row in granted)


def ruled_table(ws: Workspace, who: Identity, table: str, connection: str | None = None) -> Table:
    """The table as its keeper may name its columns in rules. Raises ActionDenied or NotFound."""
    name = connection_name(ws, connection)
    grant = require(ws, who, Action.ADMINISTER, name, table)
    found = reflected(ws, name, table)
    return restricted(found, visible_columns(grant, found))


def list_rules(
    ws: Workspace, who: Identity, table: str, connection: str | None = None
) -> list[Rule]:
    """The rules of a table, in the order they were made. NotFound without any grant on it.

    Who may not import sees no rule that names a column hidden from them.
    """
    name = connection_name(ws, connection)
    grant = grant_for(ws, who, name, table)
    if not grant.actions & (IMPORT_ACTIONS | EXPORT_ACTIONS | {Action.ADMINISTER}):
        raise NotFound(f"There is no table {table!r}.")
    target = reflected(ws, name, table)
    with ws.metastore.connect() as db:
        found = rules.list_rules(db, name, target.label)
    if who.is_admin or grant.actions & (IMPORT_ACTIONS | {Action.ADMINISTER}):
        return found
    seen = set(visible_columns(grant, target))
    return [rule for rule in found if _names_only(rule, target, seen)]


def save_rule(ws: Workspace, who: Identity, rule: Rule) -> tuple[Rule, RuleTrial]:
    """Store a rule, new or with its id, once it fits the table; and what it says of its rows.

    For administrators and those granted to administer the table. Raises ActionDenied,
    InvalidColumns, InvalidRequest, Conflict or NotFound.
    """
    rule, target = _sound(ws, who, rule)
    trial = _tried(ws, who, rule, target)
    with ws.metastore.begin() as db:
        present = rules.list_rules(db, rule.connection, rule.table)
        if rule.id is not None and rule.id not in {one.id for one in present}:
            raise NotFound(f"{rule.table} has no rule {rule.id}.")
        if rule.id is None and len(present) >= MOST:
            raise InvalidRequest(f"{rule.table} has {MOST} rules already.")
        stored = rules.put(db, rule, by=who.user_id)
        note(
            ws, who, "settings_changed", table=rule.table, db=db,
            details={"rule": stored.name, "kind": stored.kind, "act": "saved"},
        )  # fmt: skip
    return stored, trial


def rule_trial(ws: Workspace, who: Identity, rule: Rule) -> RuleTrial:
    """What a rule would say of the table's rows; nothing is stored. Raises as `save_rule`."""
    rule, target = _sound(ws, who, rule)
    return _tried(ws, who, rule, target)


def turn_rule(
    ws: Workspace,
    who: Identity,
    rule_id: int,
    *,
    enabled: bool,
    table: str,
    connection: str | None = None,
) -> Rule:
    """Put a rule of that table in force, or out of it; the rule as it is then.

    One that does not fit its table any more can be put out of force only. Raises as `save_rule`.
    """
    name = connection_name(ws, connection)
    require(ws, who, Action.ADMINISTER, name, table)
    label = reflected(ws, name, table).label
    with ws.metastore.begin() as db:
        rule = replace(_own(db, rule_id, name, label), enabled=enabled)
        if not enabled:
            rules.put(db, rule, by=who.user_id)
            note(
                ws, who, "settings_changed", table=label, db=db,
                details={"rule": rule.name, "kind": rule.kind, "act": "turned off"},
            )  # fmt: skip
    return save_rule(ws, who, rule)[0] if enabled else rule


def read_rules(ws: Workspace, table: str, text: str, connection: str | None = None) -> list[Rule]:
    """The rules of a JSON document, as `tableport rule list --json` prints them, for a table.

    They are new rules of that table, whatever table and id they had. Raises InvalidRequest.
    """
    name = connection_name(ws, connection)
    try:
        document = json.loads(text)
        listed = document["rules"] if isinstance(document, dict) else document
        fresh = [{**one, "id": None, "connection": name, "table": table} for one in listed]
        return _RULES.validate_python(fresh)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidRequest(f"The file does not hold rules as JSON: {error}") from error


def delete_rule(
    ws: Workspace, who: Identity, rule_id: int, *, table: str, connection: str | None = None
) -> None:
    """Forget a rule of that table. Raises ActionDenied or NotFound."""
    name = connection_name(ws, connection)
    require(ws, who, Action.ADMINISTER, name, table)
    label = reflected(ws, name, table).label
    with ws.metastore.begin() as db:
        rule = _own(db, rule_id, name, label)
        rules.delete(db, rule_id)
        note(
            ws, who, "settings_changed", table=label, db=db,
            details={"rule": rule.name, "kind": rule.kind, "act": "deleted"},
        )  # fmt: skip


def taken_names() -> frozenset[str]:
    """Names a rule cannot have: a violation tells by its check what found it."""
    return _BY_TABLE | _transform_names()


def origin_of(check: str) -> str:
    """Who asked for what a violation breaks: `schema`, `transform`, or `rule` (R33)."""
    if check in _BY_TABLE:
        return "schema"
    return "transform" if check in _transform_names() else "rule"


@cache
def _transform_names() -> frozenset[str]:
    return frozenset(word for info in transform_infos() for word in (info.name, *info.aliases))


def _own(db: sa.Connection, rule_id: int, connection: str, table: str) -> Rule:
    """The rule, if it is that table's. Raises NotFound."""
    rule = rules.get(db, rule_id)
    if (rule.connection, rule.table) != (connection, table):
        raise NotFound(f"{table} has no rule {rule_id}.")
    return rule


def _tried(ws: Workspace, who: Identity, rule: Rule, target: Table) -> RuleTrial:
    shown = shown_columns(ws, who, rule.connection, target)
    now = datetime.now(UTC)
    return try_rule(ws.engine(rule.connection), target, rule, now=now, shown=shown)


def _sound(ws: Workspace, who: Identity, rule: Rule) -> tuple[Rule, Table]:
    """The rule with its table's own label, and the table. Raises as `save_rule`."""
    require(ws, who, Action.ADMINISTER, rule.connection, rule.table)
    target = reflected(ws, rule.connection, rule.table)
    if target.ref.is_view:
        raise ImportDenied(f"{target.label} is a view: no rows are imported into it.")
    rule = replace(rule, table=target.label, name=rule.name.strip())
    if not rule.name or len(rule.name) > 100:
        raise InvalidRequest("name: a rule has a name of at most 100 characters.")
    if rule.name.casefold() in taken_names():
        raise InvalidRequest(f"name: {rule.name!r} is the name of a check or transform already.")
    if len(rule.message) > 500:
        raise InvalidRequest("message: at most 500 characters.")
    if sum(len(name) + len(value) for name, value in rule.options.items()) > _MOST_TEXT:
        raise InvalidRequest(f"options: more than {_MOST_TEXT:,} characters.")
    needed = columns_of(rule, target, now=datetime.now(UTC))
    require(ws, who, Action.ADMINISTER, rule.connection, rule.table, columns=needed)
    return rule, target


def _names_only(rule: Rule, table: Table, seen: set[str]) -> bool:
    try:
        return seen.issuperset(columns_of(rule, table, now=datetime.now(UTC)))
    except InvalidRequest:
        return False
