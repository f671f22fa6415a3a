"""Tables as pg_catalog describes them: https://www.postgresql.org/docs/current/catalogs.html."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.databases.constraints import choices_of
from core.databases.kinds import TypeFacts, postgresql_facts, postgresql_type_text
from core.databases.names import quote
from core.model.table import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Kind,
    Table,
    TableRef,
    UniqueKey,
)

_LIST = sa.text("""
    SELECT c.relname::text AS name, c.relkind::text AS relkind,
           CASE WHEN n.nspname = current_schema() THEN NULL ELSE n.nspname::text END AS schema
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND has_schema_privilege(n.oid, 'USAGE')
      AND (has_table_privilege(c.oid, 'SELECT, INSERT') OR has_any_column_privilege(c.oid,
           'SELECT, INSERT'))
    ORDER BY (n.nspname = current_schema()) DESC, n.nspname, c.relname
""")

_OID = sa.text("""
    SELECT c.oid, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = :name AND n.nspname = coalesce(:schema, current_schema())
""")

#: `typmod` of a domain is kept in the domain; domains may stand on domains.
_COLUMNS = sa.text("""
    WITH RECURSIVE declared AS (
        SELECT a.attnum, a.atttypid AS type, a.atttypmod AS typmod, false AS not_null,
               NULL::text COLLATE "C" AS typdefault
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
        SELECT d.attnum, t.typbasetype, t.typtypmod, d.not_null OR t.typnotnull,
               coalesce(d.typdefault, t.typdefault) COLLATE "C"
        FROM declared d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
    )
    SELECT a.attname::text AS name, t.typname::text AS type_name, b.typmod,
           format_type(a.atttypid, a.atttypmod) AS formatted,
           dn.nspname = 'pg_catalog' AS built_in,
           format_type(t.oid, -1) AS base,
           t.typtype::text AS typtype,
           a.attnotnull OR b.not_null AS not_null,
           a.attidentity::text AS identity, a.attgenerated::text AS generated,
           coalesce(pg_get_expr(d.adbin, d.adrelid), b.typdefault) AS default_sql,
           col_description(a.attrelid, a.attnum) AS comment,
           (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
    FROM pg_catalog.pg_attribute a
    JOIN declared b ON b.attnum = a.attnum
    JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
    JOIN pg_catalog.pg_type dt ON dt.oid = a.atttypid
    JOIN pg_catalog.pg_namespace dn ON dn.oid = dt.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
""")

_INDEXES = sa.text("""
    SELECT c.relname::text AS name, i.indisprimary AS is_primary, i.indisunique AS is_unique,
           i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid AS plain,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE k.place <= i.indnkeyatts) AS columns,
           EXISTS (SELECT 1 FROM pg_catalog.pg_constraint n WHERE n.conindid = i.indexrelid
                   AND n.conrelid = i.indrelid AND n.contype IN ('p', 'u')) AS is_constraint
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = :oid
    ORDER BY i.indisprimary DESC, i.indexrelid
""")

_CONSTRAINTS = sa.text("""
    SELECT n.conname::text AS name, n.contype::text AS kind, n.condeferrable AS deferrable,
           pg_get_expr(n.conbin, n.conrelid) AS sql,
           p.relname::text AS target,
           CASE WHEN s.nspname = current_schema() THEN NULL ELSE s.nspname::text END AS schema,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(n.conkey) WITH ORDINALITY AS k(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number
           ) AS columns,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(n.confkey) WITH ORDINALITY AS k(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = n.confrelid AND a.attnum = k.number
           ) AS target_columns
    FROM pg_catalog.pg_constraint n
    LEFT JOIN pg_catalog.pg_class p ON p.oid = n.confrelid
    LEFT JOIN pg_catalog.pg_namespace s ON s.oid = p.relnamespace
    WHERE n.conrelid = :oid AND n.contype IN ('c', 'f')
    ORDER BY n.oid
""")

#: The rules of the domains a column's type stands on, each with its column.
_DOMAIN_CHECKS = sa.text("""
    WITH RECURSIVE declared AS (
        SELECT a.attnum, a.attname, a.atttypid AS type
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
        SELECT d.attnum, d.attname, t.typbasetype
        FROM declared d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
    )
    SELECT n.conname::text AS name, pg_get_expr(n.conbin, 0) AS sql, d.attname::text AS column
    FROM declared d JOIN pg_catalog.pg_constraint n ON n.contypid = d.type AND n.contype = 'c'
    ORDER BY d.attnum, n.oid
""")
#: In the rule of a domain the value goes by the name VALUE, unless quoted.
_VALUE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\bVALUE\b""")

#: tgtype is a bit field: 1 row, 2 before, 4 insert. 'D' is a disabled trigger.
_BEFORE_INSERT = sa.text("""
    SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger
                   WHERE tgrelid = :oid AND tgtype & 7 = 7 AND tgenabled <> 'D'
                   AND NOT tgisinternal)
""")


def list_tables(connection: Connection) -> list[TableRef]:
    """Tables and views of every schema but the system's that this user may read or write."""
    return [
        TableRef(name=row.name, schema=row.schema, is_view=row.relkind in ("v", "m"))
        for row in connection.execute(_LIST)
    ]


def read_table(connection: Connection, ref: TableRef) -> Table:
    """The table, read afresh. `sqlalchemy.exc.NoResultFound` when it has just been dropped."""
    oid, comment = _find(connection, ref)
    at = {"oid": oid}
    constraints = connection.execute(_CONSTRAINTS, at).all()
    checks = tuple(
        CheckConstraint(name=row.name, sql=row.sql) for row in constraints if row.kind == "c"
    ) + tuple(_domain_checks(connection.execute(_DOMAIN_CHECKS, at).all()))
    indexes = connection.execute(_INDEXES, at).all()
    key = next((row.columns for row in indexes if row.is_primary), None) or []
    triggered = bool(connection.execute(_BEFORE_INSERT, at).scalar())
    return Table(
        ref=ref,
        columns=tuple(
            _column(row, key, checks, triggered) for row in connection.execute(_COLUMNS, at)
        ),
        keys=tuple(
            UniqueKey(name=row.name, columns=tuple(row.columns), primary=row.is_primary)
            for row in indexes
            if row.is_unique and row.plain
        ),
        foreign_keys=tuple(_foreign_keys(constraints)),
        checks=checks,
        indexes=tuple(
            Index(name=row.name, columns=tuple(row.columns or ()), unique=row.is_unique)
            for row in indexes
            if not row.is_constraint
        ),
        comment=comment,
    )


def base_types(connection: Connection, ref: TableRef) -> dict[str, str]:
    """For each column the type to cast to when comparing: no length, no domain, text for enums.

    A length would cut silently: 'abcdef'::varchar(5) is 'abcde'.
    """
    oid, _ = _find(connection, ref)
    return {
        row.name: "text" if row.typtype == "e" else row.base
        for row in connection.execute(_COLUMNS, {"oid": oid})
    }


def _find(connection: Connection, ref: TableRef) -> tuple[int, str | None]:
    row = connection.execute(_OID, {"name": ref.name, "schema": ref.schema}).one()
    return row.oid, row.comment


def _facts(row: Row[Any], checks: tuple[CheckConstraint, ...]) -> TypeFacts:
    facts = postgresql_facts(row.type_name, row.typmod, tuple(row.labels or ()))
    if facts.kind is not Kind.TEXT or facts.choices:
        return facts
    for check in checks:
        found = choices_of(check.sql)
        if found and found[0] == row.name:
            return replace(facts, choices=found[1])
    return facts


def _column(
    row: Row[Any], key: list[str], checks: tuple[CheckConstraint, ...], triggered: bool
) -> Column:
    # pg_attribute spells "no" in these two as an empty string.
    generated = row.generated != "" or row.identity == "a"
    serial = row.identity == "d" or (row.default_sql or "").startswith("nextval(")
    default = None if generated else row.default_sql
    return Column(
        name=row.name,
        type_text=postgresql_type_text(row.formatted, built_in=row.built_in),
        nullable=not row.not_null,
        default=default,
        primary_key=row.name in key,
        autoincrement=serial,
        generated=generated,
        identity_always=row.identity == "a",
        # Whether the trigger really fills this column stands in its program, which we do not
        # read: demanding a value could make an import impossible, so the database decides.
        filled_by_trigger=triggered
        and row.not_null
        and default is None
        and not serial
        and not generated,
        comment=row.comment,
        **asdict(_facts(row, checks)),
    )


def _domain_checks(rows: Sequence[Row[Any]]) -> Iterator[CheckConstraint]:
    """The rules of domains, as if each were the column's own."""
    for row in rows:
        parts = _VALUE.split(row.sql)  # the text between, then the quoted part or None, in turns
        parts[1::2] = [part or quote(row.column) for part in parts[1::2]]
        yield CheckConstraint(name=row.name, sql="".join(parts))


def _foreign_keys(rows: Sequence[Row[Any]]) -> Iterator[ForeignKey]:
    for row in rows:
        if row.kind == "f":
            yield ForeignKey(
                name=row.name,
                columns=tuple(row.columns),
                target_schema=row.schema,
                target_table=row.target,
                target_columns=tuple(row.target_columns),
                deferrable=row.deferrable,
            )
