"""Which tables refer to a table: their rows would go, change or stand in the way with its own."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Inspector

from core.databases.features import features_of
from core.model.table import Table, TableRef


@dataclass(frozen=True, kw_only=True, slots=True)
class Referring:
    """A foreign key that leads to the table."""

    child: TableRef
    columns: tuple[str, ...]
    targets: tuple[str, ...]  #: columns of the table, as it spells them
    on_delete: str = ""  #: what becomes of its rows; empty: they keep the table's from going


def referring_to(connection: Connection, table: Table) -> list[Referring]:
    """Every foreign key of the database that leads to the table, its own among them."""
    inspector = sa.inspect(connection)
    schemas = inspector.get_schema_names() if features_of(connection).schemas else [None]
    own = [name for name in schemas if name not in ("information_schema", "pg_catalog")]
    default = inspector.default_schema_name
    return [
        found
        for schema in own
        for found in _of_schema(inspector, None if schema == default else schema, table)
    ]


#: SQLAlchemy reads what SQLite does on delete only where it stands in a clause of its own.
_ON_DELETE = sa.text("""
    SELECT group_concat("from", char(0)), min(on_delete)
    FROM (SELECT * FROM pragma_foreign_key_list(:child) ORDER BY id, seq) GROUP BY id
""")


def _on_delete(inspector: Inspector, child: str, columns: tuple[str, ...], told: str) -> str:
    connection = inspector.bind
    if features_of(connection).backend != "sqlite":
        return told.upper()
    assert isinstance(connection, Connection)
    rows = connection.execute(_ON_DELETE, {"child": child}).all()
    known: dict[str, str] = {row[0]: row[1] for row in rows}
    action = known.get("\0".join(columns), "")
    return "" if action in ("NO ACTION", "RESTRICT") else action


def _of_schema(inspector: Inspector, schema: str | None, table: Table) -> list[Referring]:
    names = {name.casefold(): name for name in table.column_names}
    found = []
    for (_, child), keys in inspector.get_multi_foreign_keys(schema=schema).items():
        for key in keys:
            leads = (key["referred_schema"], key["referred_table"].casefold())
            if leads != (table.ref.schema, table.ref.name.casefold()):
                continue
            # SQLite takes names whatever their case; elsewhere two tables may differ by it alone.
            targets = tuple(names.get(n.casefold(), "") for n in key["referred_columns"])
            if all(targets):
                ref = TableRef(name=str(child), schema=schema)
                columns = tuple(key["constrained_columns"])
                told = str(key.get("options", {}).get("ondelete") or "")
                action = _on_delete(inspector, str(child), columns, told)
                found.append(
                    Referring(child=ref, columns=columns, targets=targets, on_delete=action)
                )
    return found
