"""A table as it will be, as a statement, and made."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType

from core.databases.features import Features, features_of
from core.databases.making.declared import Making, making_of
from core.databases.making.soundness import key_of, require_sound, require_sound_name
from core.databases.names import quoted
from core.databases.reflect import CATALOGS
from core.databases.refusals import forbidden, reason, translated
from core.errors import Conflict, InvalidRequest, TableportError, TargetDatabaseError
from core.model.new_table import NewColumn, NewTable
from core.model.table import KEPT_NAMES, Column, Kind, Table, TableRef, UniqueKey

#: SQLSTATEs of a name that is taken, also by a transaction that ended just now.
_TAKEN = frozenset({"42P07", "42710", "23505"})


class _Declared(UserDefinedType[Any]):
    """A type by the words it is declared with."""

    cache_ok = True

    def __init__(self, words: str) -> None:
        self.words = words

    def get_col_spec(self, **_: object) -> str:
        return self.words


def reserved_names(engine: Engine) -> frozenset[str]:
    """Names, in small letters, that a new table and its columns had better not have here.

    Raises InvalidRequest where no table can be made.
    """
    words = {word.lower() for word in engine.dialect.identifier_preparer.reserved_words}
    return frozenset(words | making_of(features_of(engine)).system_names | KEPT_NAMES)


def drafted_table(engine: Engine, spec: NewTable) -> Table:
    """The table as it will be reflected once it is made, without asking the database.

    Raises InvalidRequest naming the table or column that cannot be made so.
    """
    features = features_of(engine)
    require_sound(spec, features)
    making = making_of(features)
    key = key_of(spec)
    counted = key if making.counts_key and len(key) == 1 and _is_integer(spec, key[0]) else ()
    keys = [UniqueKey(name=making.key_name(spec.name), columns=key, primary=True)] if key else []
    keys += [
        UniqueKey(name=_unique_name(spec, name, number, features), columns=(name,))
        for number, name in enumerate(_uniques(spec), 1 + bool(key and not counted))
    ]
    return Table(
        ref=TableRef(name=spec.name, schema=spec.schema),
        columns=tuple(_column(column, key, counted, making) for column in spec.columns),
        keys=tuple(keys),
    )


def _unique_name(spec: NewTable, column: str, number: int, features: Features) -> str:
    """What the database calls a unique key that nobody named."""
    if features.backend == "sqlite":
        return f"sqlite_autoindex_{spec.name}_{number}"
    return f"{spec.name}_{column}_key"


def statement_of(engine: Engine, spec: NewTable) -> str:
    """The CREATE TABLE, for people to read. Raises InvalidRequest as `drafted_table` does."""
    require_sound(spec, features_of(engine))
    text = str(_create(spec, features_of(engine)).compile(dialect=engine.dialect))
    return text.strip().replace("\t", "    ").replace(", \n", ",\n")


def require_makeable(engine: Engine, spec: NewTable) -> NewTable:
    """The table with the schema it will be listed under, if it can be made now.

    Raises InvalidRequest as `drafted_table` does, Conflict when there is a table of that name, and
    TargetDatabaseError when the database user may not make tables there.
    """
    require_sound(spec, features_of(engine))
    return require_place(engine, spec)


def require_place(engine: Engine, spec: NewTable) -> NewTable:
    """The same whatever its columns will be."""
    features = features_of(engine)
    require_sound_name(spec, features)
    with translated(f"{spec.label} cannot be made"), engine.connect() as connection:
        if features.schemas:
            spec = _placed(connection, spec)
        _require_free(connection, spec)
    return spec


def make_table(connection: Connection, spec: NewTable) -> Table:
    """Make the table within the transaction of the connection; as it is reflected there.

    Raises as `require_makeable` does.
    """
    features = features_of(connection)
    require_sound(spec, features)
    with translated(f"{spec.label} cannot be made"):
        _require_free(connection, spec)
        try:
            connection.execute(_create(spec, features))
        except DBAPIError as error:
            raise _refused(error, spec) from error
        ref = TableRef(name=spec.name, schema=spec.schema)
        made: Table = CATALOGS[features_of(connection).backend].read_table(connection, ref)
    return made


def _refused(error: DBAPIError, spec: NewTable) -> TableportError:
    if getattr(error.orig, "pgcode", None) in _TAKEN:
        return _taken(spec)
    if forbidden(error):
        return TargetDatabaseError(_MAY_NOT.format(where=spec.schema or "the default schema"))
    return TargetDatabaseError(f"{spec.label} cannot be made: {reason(error)}")


_MAY_NOT = (
    "The database user of this connection may not make tables in {where}: ask the keeper of the "
    "database for the right CREATE there, or choose a table that is there"
)


def _taken(spec: NewTable) -> Conflict:
    return Conflict(
        f"There is a table or view called {spec.label} already: choose another name for the new "
        "table, or import into the one that is there."
    )


def _require_free(connection: Connection, spec: NewTable) -> None:
    for ref in CATALOGS[features_of(connection).backend].list_tables(connection):
        # Names that differ by case alone are one on SQLite, and a trap everywhere.
        if ref.schema == spec.schema and ref.name.casefold() == spec.name.casefold():
            raise _taken(spec)


_SCHEMA = sa.text("""
    SELECT n.nspname = current_schema() AS usual,
           has_schema_privilege(n.oid, 'CREATE') AS may_make
    FROM pg_catalog.pg_namespace n WHERE n.nspname = coalesce(:schema, current_schema())
""")


def _placed(connection: Connection, spec: NewTable) -> NewTable:
    found = connection.execute(_SCHEMA, {"schema": spec.schema}).one_or_none()
    if found is None:
        raise InvalidRequest(f"There is no schema {spec.schema!r} to make the table in.")
    if not found.may_make:
        raise TargetDatabaseError(_MAY_NOT.format(where=spec.schema or "the default schema"))
    return replace(spec, schema=None) if found.usual else spec


def _create(spec: NewTable, features: Features) -> sa.schema.CreateTable:
    making = making_of(features)
    columns = [
        sa.Column(
            quoted(column.name),
            _Declared(making.words[column.kind](column)),
            *([sa.Identity()] if column.autoincrement else []),
            nullable=column.nullable and not column.primary_key,
            autoincrement="auto" if column.autoincrement else False,
        )
        for column in spec.columns
    ]
    key = key_of(spec)
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key)] if key else []
    constraints += [sa.UniqueConstraint(name) for name in _uniques(spec)]
    schema = quoted(spec.schema) if spec.schema else None
    table = sa.Table(quoted(spec.name), sa.MetaData(), *columns, *constraints, schema=schema)
    return sa.schema.CreateTable(table)


def _uniques(spec: NewTable) -> tuple[str, ...]:
    """Columns that are unique by themselves; what is the whole key is so anyway."""
    key = key_of(spec)
    return tuple(c.name for c in spec.columns if c.unique and (c.name,) != key)


def _is_integer(spec: NewTable, name: str) -> bool:
    return any(c.name == name and c.kind is Kind.INTEGER for c in spec.columns)


def _column(
    column: NewColumn, key: tuple[str, ...], counted: tuple[str, ...], making: Making
) -> Column:
    words = making.words[column.kind](column)
    return Column(
        name=column.name,
        type_text=words,
        nullable=column.nullable and column.name not in key and not column.autoincrement,
        primary_key=column.name in key,
        autoincrement=column.autoincrement or column.name in counted,
        **asdict(making.facts(words)),
    )
