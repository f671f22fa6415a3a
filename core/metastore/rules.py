"""The rules that keepers of tables have set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.metastore.schema import table_rules
from core.metastore.text import exact, storable
from core.model.check import Severity
from core.model.rule import Rule


def list_rules(db: sa.Connection, connection: str, table: str) -> list[Rule]:
    """The rules of one table, in the order they were made."""
    query = sa.select(table_rules).where(
        table_rules.c.connection == storable(connection, 100),
        table_rules.c.table_name == storable(table, 255),
    )
    return [_rule(row) for row in db.execute(query.order_by(table_rules.c.id)).mappings()]


def get(db: sa.Connection, rule_id: int) -> Rule:
    """Raises NotFound."""
    query = sa.select(table_rules).where(table_rules.c.id == rule_id)
    row = db.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no rule {rule_id}.")
    return _rule(row)


def put(db: sa.Connection, rule: Rule, *, by: int | None) -> Rule:
    """Insert a rule without an id, replace the one that has it; returns it as stored.

    Raises Conflict when another rule of the table has its name, NotFound for an unknown id.
    """
    values = {
        "connection": exact(rule.connection, 100, "The connection"),
        "table_name": exact(rule.table, 255, "The table"),
        "name": exact(rule.name, 100, "The name of the rule"),
        "kind": exact(rule.kind, 50, "The kind of the rule"),
        "columns": list(rule.columns),
        "options": dict(rule.options),
        "severity": rule.severity.value,
        "message": storable(rule.message, 500),
        "enabled": rule.enabled,
        "updated_at": datetime.now(UTC),
    }
    for other in list_rules(db, rule.connection, rule.table):
        if other.name == rule.name and other.id != rule.id:
            raise Conflict(f"{rule.table} has a rule {rule.name!r} already.")
    if rule.id is None:
        insert = sa.insert(table_rules).values(**values, created_by=by)
        made: int = db.execute(insert.returning(table_rules.c.id)).scalar_one()
        return get(db, made)
    changed = db.execute(sa.update(table_rules).where(table_rules.c.id == rule.id).values(**values))
    if changed.rowcount == 0:
        raise NotFound(f"There is no rule {rule.id}.")
    return get(db, rule.id)


def delete(db: sa.Connection, rule_id: int) -> None:
    """Raises NotFound."""
    if db.execute(sa.delete(table_rules).where(table_rules.c.id == rule_id)).rowcount == 0:
        raise NotFound(f"There is no rule {rule_id}.")


def _rule(row: sa.RowMapping | dict[str, Any]) -> Rule:
    return Rule(
        id=row["id"],
        connection=row["connection"],
        table=row["table_name"],
        name=row["name"],
        kind=row["kind"],
        columns=tuple(row["columns"]),
        options=dict(row["options"]),
        severity=Severity(row["severity"]),
        message=row["message"],
        enabled=row["enabled"],
    )
