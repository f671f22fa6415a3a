"""Tables as an SQLite file describes them: https://www.sqlite.org/pragma.html."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.engine import Connection

from core.databases.constraints import checks_in, choices_of
from core.databases.kinds import sqlite_facts
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _IndexRow:
    name: str
    columns: tuple[str | None, ...]  #: None stands for an expression
    unique: bool
    origin: str  #: c: CREATE INDEX, u: UNIQUE, pk: PRIMARY KEY
    partial: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name is not None)

    @property
    def plain(self) -> bool:
        return not self.partial and None not in self.columns


def list_tables(connection: Connection) -> list[TableRef]:
    """Tables and views, without SQLite's own and the shadow tables of virtual ones."""
    shadows = {row[1] for row in _pragma(connection, "table_list") if row[2] == "shadow"}
    rows = connection.exec_driver_sql(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    )
    return [
        TableRef(name=name, is_view=kind == "view")
        for name, kind in rows
        if not name.startswith("sqlite_") and name not in shadows
    ]


def read_table(connection: Connection, ref: TableRef) -> Table:
    """The table, read afresh. Lets SQLAlchemyError through when a view is broken."""
    info = [row for row in _pragma(connection, "table_xinfo", ref.name) if row[6] != 1]
    indexes = list(_indexes(connection, ref.name))
    checks = _checks(connection, ref)
    key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
    # A lone INTEGER PRIMARY KEY is the rowid itself and needs no index of its own.
    rowid = (
        key[0]
        if len(key) == 1
        and not any(index.origin == "pk" for index in indexes)
        and next(row[2] for row in info if row[1] == key[0]).upper() == "INTEGER"
        else None
    )
    return Table(
        ref=ref,
        columns=tuple(_column(row, key, rowid, checks) for row in info),
        keys=tuple(_keys(key, indexes)),
        foreign_keys=tuple(_foreign_keys(connection, ref.name)),
        checks=checks,
        indexes=tuple(
            Index(name=index.name, columns=index.names, unique=index.unique)
            for index in indexes
            if index.origin == "c"
        ),
    )


def _pragma(connection: Connection, name: str, argument: str = "") -> Sequence[Any]:
    call = f"{name}({quote(argument)})" if argument else name
    return connection.exec_driver_sql(f"PRAGMA main.{call}").all()


def _column(
    row: Any, key: tuple[str, ...], rowid: str | None, checks: tuple[CheckConstraint, ...]
) -> Column:
    _, name, declared, not_null, default, _, hidden = row
    facts = asdict(sqlite_facts(declared))
    if facts["kind"] is Kind.TEXT:
        facts["choices"] = _choices(name, checks)
    return Column(
        name=name,
        type_text=declared,
        # SQLite lets NULL into a primary key that is not the rowid, an old mistake it keeps for
        # compatibility; a key with a hole identifies nothing, so we ask for a value.
        nullable=not not_null and name not in key,
        default=default,
        primary_key=name in key,
        autoincrement=name == rowid,
        generated=hidden in (2, 3),
        **facts,
    )


def _choices(name: str, checks: tuple[CheckConstraint, ...]) -> tuple[str, ...]:
    for check in checks:
        found = choices_of(check.sql)
        if found and found[0].casefold() == name.casefold():
            return found[1]
    return ()


def _indexes(connection: Connection, table: str) -> Iterator[_IndexRow]:
    for _, name, unique, origin, partial in _pragma(connection, "index_list", table):
        parts = sorted(_pragma(connection, "index_info", name))
        yield _IndexRow(
            name=name,
            columns=tuple(part[2] for part in parts),
            unique=bool(unique),
            origin=origin,
            partial=bool(partial),
        )


def _keys(key: tuple[str, ...], indexes: list[_IndexRow]) -> Iterator[UniqueKey]:
    if key:
        yield UniqueKey(name=None, columns=key, primary=True)
    # index_list gives the newest first; a table's first UNIQUE should come first.
    for index in reversed(indexes):
        if index.unique and index.plain and index.origin != "pk":
            yield UniqueKey(name=index.name, columns=index.names)


def _foreign_keys(connection: Connection, table: str) -> Iterator[ForeignKey]:
    parts: dict[int, list[Any]] = {}
    for row in sorted(_pragma(connection, "foreign_key_list", table), key=lambda r: (r[0], r[1])):
        parts.setdefault(row[0], []).append(row)
    actual = {ref.name.casefold(): ref.name for ref in list_tables(connection)}
    for rows in parts.values():
        # SQLite compares names without case: spell the target as the target does.
        target = actual.get(rows[0][2].casefold(), rows[0][2])
        columns = _pragma(connection, "table_info", target)
        if rows[0][4] is None:  # REFERENCES parent, without columns: its primary key
            wanted = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
        else:
            spelled = {row[1].casefold(): row[1] for row in columns}
            wanted = [spelled.get(row[4].casefold(), row[4]) for row in rows]
        yield ForeignKey(
            name=None,
            columns=tuple(row[3] for row in rows),
            target_schema=None,
            target_table=target,
            target_columns=tuple(wanted),
        )


def _checks(connection: Connection, ref: TableRef) -> tuple[CheckConstraint, ...]:
    if ref.is_view:
        return ()
    sql = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (ref.name,)
    ).scalar()
    return tuple(checks_in(sql or ""))
