"""Tables as information_schema describes them, on MySQL 8 and on MariaDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from core.databases.constraints import choices_of
from core.databases.kinds import TypeFacts, mysql_facts, mysql_labels, mysql_type_text
from core.databases.names import quote_ref
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
    SELECT TABLE_NAME AS name, TABLE_TYPE = 'VIEW' AS is_view
    FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = DATABASE()
      AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')
    ORDER BY TABLE_NAME
""")

_TABLE = sa.text("""
    SELECT TABLE_COMMENT AS comment, TABLE_TYPE = 'VIEW' AS is_view
    FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name
""")

_COLUMNS = sa.text("""
    SELECT COLUMN_NAME AS name, COLUMN_TYPE AS declared, IS_NULLABLE = 'YES' AS nullable,
           COLUMN_DEFAULT AS standard, EXTRA AS extra, COLUMN_KEY AS in_key,
           coalesce(GENERATION_EXPRESSION, '') AS expression, COLUMN_COMMENT AS comment,
           CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation
    FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = coalesce(:schema, DATABASE()) AND TABLE_NAME = :name
    ORDER BY ORDINAL_POSITION
""")

_REFERENCES = sa.text("""
    SELECT CONSTRAINT_NAME AS name, COLUMN_NAME AS own, REFERENCED_TABLE_NAME AS target,
           NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE()) AS target_schema,
           REFERENCED_COLUMN_NAME AS other
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name AND REFERENCED_TABLE_NAME IS NOT NULL
    ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION
""")

_CHECKS_MARIADB = sa.text("""
    SELECT CONSTRAINT_NAME AS name, CHECK_CLAUSE AS rule
    FROM information_schema.CHECK_CONSTRAINTS
    WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = :name
""")

_CHECKS_MYSQL = sa.text("""
    SELECT c.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS rule
    FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c
      ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
    WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = :name
      AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES'
""")

_BEFORE_INSERT = sa.text("""
    SELECT EXISTS (SELECT 1 FROM information_schema.TRIGGERS
                   WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = :name
                   AND EVENT_MANIPULATION = 'INSERT' AND ACTION_TIMING = 'BEFORE')
""")

#: How MariaDB keeps JSON: a LONGTEXT with this rule.
_JSON_RULE = re.compile(r"json_valid\([`\"](.*)[`\"]\)", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_INTRODUCER = re.compile(r"\b_(?:utf8mb4|utf8mb3|latin1|binary|ascii)(?=')")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def list_tables(connection: Connection) -> list[TableRef]:
    """Tables and views of the one database the address names, as far as this user may see them."""
    return [TableRef(name=row.name, is_view=bool(row.is_view)) for row in connection.execute(_LIST)]


def read_table(connection: Connection, ref: TableRef) -> Table:
    """The table, read afresh. `sqlalchemy.exc.NoResultFound` when it has just been dropped."""
    at = {"name": ref.name}
    header = connection.execute(_TABLE, at).one()
    rules = _checks(connection, ref)
    columns = connection.execute(_COLUMNS, {"schema": None, **at}).all()
    jsons = {found[1] for rule in rules if (found := _JSON_RULE.fullmatch(rule.sql))}
    jsons &= {row.name for row in columns if row.declared == "longtext"}
    checks = tuple(r for r in rules if not (r.name in jsons and _JSON_RULE.fullmatch(r.sql)))
    triggered = bool(connection.execute(_BEFORE_INSERT, at).scalar())
    # A view has no indexes, and to ask for them is an error only where its table has gone.
    indexes = list(_indexes(connection, ref)) if not header.is_view else []
    mariadb = _is_mariadb(connection)
    return Table(
        ref=ref,
        columns=tuple(
            _column(
                row,
                facts=TypeFacts(kind=Kind.JSON) if row.name in jsons else _facts(row, checks),
                default=_default(row, mariadb=mariadb),
                triggered=triggered,
            )
            for row in columns
        ),
        keys=tuple(
            UniqueKey(name=i.name, columns=i.columns, primary=i.name == "PRIMARY")
            for i in indexes
            if i.unique and i.plain
        ),
        foreign_keys=tuple(_foreign_keys(connection, ref)),
        checks=checks,
        indexes=tuple(
            Index(name=i.name, columns=i.columns, unique=i.unique)
            for i in indexes
            if not (i.unique and i.plain)
        ),
        comment=None if header.is_view else header.comment or None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """How the cells of a column are kept, for a column of a query's own that is to hold them."""

    declared: str  #: the type, without a rule about NULL
    charset: str | None  #: texts only
    collation: str | None

    @property
    def sql(self) -> str:
        """The type as it is written in a definition."""
        declared = self.declared
        if labels := mysql_labels(declared):
            words = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
            declared = f"{declared.partition('(')[0]}({words})"
        if self.collation is None or declared == "json":
            return declared
        return f"{declared} CHARACTER SET {self.charset} COLLATE {self.collation}"


def stored_as(connection: Connection, ref: TableRef) -> dict[str, Stored]:
    """How the columns of a table keep their cells: texts are only compared by one collation."""
    rows = connection.execute(_COLUMNS, {"schema": ref.schema, "name": ref.name})
    return {
        row.name: Stored(declared=row.declared, charset=row.charset, collation=row.collation)
        for row in rows
    }


def _is_mariadb(connection: Connection) -> bool:
    return bool(getattr(connection.dialect, "is_mariadb", False))


def _column(row: Row[Any], *, facts: TypeFacts, default: str | None, triggered: bool) -> Column:
    generated = row.expression != ""
    counted = "auto_increment" in row.extra.lower()
    return Column(
        name=row.name,
        type_text="JSON" if facts.kind is Kind.JSON else mysql_type_text(row.declared),
        nullable=bool(row.nullable),
        default=None if generated else default,
        primary_key=row.in_key == "PRI",
        autoincrement=counted,
        generated=generated,
        # What a trigger fills stands in its program, which we do not read: the database decides.
        filled_by_trigger=triggered
        and not row.nullable
        and default is None
        and not counted
        and not generated,
        comment=row.comment or None,
        **asdict(facts),
    )


def _facts(row: Row[Any], checks: Sequence[CheckConstraint]) -> TypeFacts:
    facts = mysql_facts(row.declared)
    if facts.kind is not Kind.TEXT or facts.choices:
        return facts
    for check in checks:
        found = choices_of(check.sql)
        if found and found[0].casefold() == row.name.casefold():
            return replace(facts, choices=found[1])
    return facts


def _default(row: Row[Any], *, mariadb: bool) -> str | None:
    """MariaDB has the SQL of a default, MySQL its bare value unless it is an expression."""
    text: str | None = row.standard
    if mariadb:
        return None if text == "NULL" else text
    if text is None or "DEFAULT_GENERATED" in row.extra or _NUMBER.fullmatch(text):
        return text
    return text if text.startswith("b'") else "'" + text.replace("'", "''") + "'"


def _checks(connection: Connection, ref: TableRef) -> tuple[CheckConstraint, ...]:
    mariadb = _is_mariadb(connection)
    rows = connection.execute(_CHECKS_MARIADB if mariadb else _CHECKS_MYSQL, {"name": ref.name})
    return tuple(
        CheckConstraint(name=row.name, sql=plain_rule(row.rule, mariadb=mariadb)) for row in rows
    )


def plain_rule(rule: str, *, mariadb: bool) -> str:
    r"""A rule with its texts as standard SQL has them: `'it''s'`, not `'it\'s'`.

    MySQL escapes the whole rule once more and names the character set of every text.
    """
    if not mariadb:
        rule = _INTRODUCER.sub("", re.sub(r"\\(.)", r"\1", rule, flags=re.DOTALL))
    return _LITERAL.sub(_standard_text, rule)


def _standard_text(found: re.Match[str]) -> str:
    inner = found[0][1:-1].replace("''", "'")
    return "'" + re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL).replace("'", "''") + "'"


@dataclass(frozen=True, kw_only=True, slots=True)
class _IndexRow:
    name: str
    columns: tuple[str, ...]
    unique: bool
    plain: bool  #: whole columns, no expressions


def _indexes(connection: Connection, ref: TableRef) -> Iterator[_IndexRow]:
    # SHOW rather than information_schema: it keeps the order in which they were declared.
    statement = f"SHOW INDEX FROM {quote_ref(ref)}".replace("%", "%%")
    parts: dict[str, list[RowMapping]] = {}
    for row in connection.exec_driver_sql(statement).mappings():
        parts.setdefault(row["Key_name"], []).append(row)
    for name, rows in parts.items():
        yield _IndexRow(
            name=name,
            columns=tuple(row["Column_name"] for row in rows if row["Column_name"] is not None),
            unique=not rows[0]["Non_unique"],
            plain=all(row["Column_name"] and row["Sub_part"] is None for row in rows),
        )


def _foreign_keys(connection: Connection, ref: TableRef) -> Iterator[ForeignKey]:
    parts: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_REFERENCES, {"name": ref.name}):
        parts.setdefault(row.name, []).append(row)
    for name, rows in parts.items():
        yield ForeignKey(
            name=name,
            columns=tuple(row.own for row in rows),
            target_schema=rows[0].target_schema,
            target_table=rows[0].target,
            target_columns=tuple(row.other for row in rows),
        )
