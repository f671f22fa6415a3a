"""What each backend declares the columns of a new table as: one entry of `MAKING` for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.databases.features import Features
from core.databases.kinds import TypeFacts, postgresql_facts, sqlite_facts
from core.errors import InvalidRequest
from core.model.new_table import NewColumn
from core.model.table import Kind

Words = Mapping[Kind, Callable[[NewColumn], str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """How one backend makes tables."""

    words: Words  #: what a column of each kind is declared as
    facts: Callable[[str], TypeFacts]  #: what such words say when they are reflected
    most_columns: int
    longest_name: int  #: bytes
    system_names: frozenset[str]  #: names of columns that every table has
    counts_key: bool  #: a key of one INTEGER column is numbered by the database in any case
    key_name: Callable[[str], str | None]  #: of the table's name: what its primary key is called


def _text(column: NewColumn) -> str:
    return f"VARCHAR({column.max_length})" if column.max_length else "TEXT"


def _number(word: str) -> Callable[[NewColumn], str]:
    def declared(column: NewColumn) -> str:
        if column.scale is None:
            return "DOUBLE PRECISION"
        return f"{word}({column.precision},{column.scale})"

    return declared


def _moment(column: NewColumn) -> str:
    return "TIMESTAMP WITH TIME ZONE" if column.timezone else "TIMESTAMP"


def _always(word: str) -> Callable[[NewColumn], str]:
    return lambda column: word


_POSTGRESQL_NAMES = {
    "TEXT": "text", "INTEGER": "int4", "BIGINT": "int8", "DOUBLE PRECISION": "float8",
    "BOOLEAN": "bool", "DATE": "date", "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "TIME": "time", "JSONB": "jsonb", "UUID": "uuid",
    "BYTEA": "bytea",
}  # fmt: skip


def _postgresql_facts(declared: str) -> TypeFacts:
    word, _, rest = declared.partition("(")
    sizes = [int(size) for size in rest.rstrip(")").split(",") if size]
    if word == "VARCHAR":
        return postgresql_facts("varchar", sizes[0] + 4)
    if word == "NUMERIC":
        return postgresql_facts("numeric", (sizes[0] << 16 | sizes[1]) + 4)
    return postgresql_facts(_POSTGRESQL_NAMES[declared], -1)


MAKING: dict[str, Making] = {
    "sqlite": Making(
        words={
            Kind.TEXT: _text,
            Kind.INTEGER: _always("INTEGER"),  # 64 bits, whatever the word
            Kind.NUMBER: _number("DECIMAL"),
            Kind.BOOLEAN: _always("BOOLEAN"),
            Kind.DATE: _always("DATE"),
            Kind.DATETIME: _moment,
            Kind.TIME: _always("TIME"),
            Kind.JSON: _always("JSON"),
            Kind.UUID: _always("UUID"),
            Kind.BINARY: _always("BLOB"),
        },
        facts=sqlite_facts,
        most_columns=2_000,  # SQLITE_MAX_COLUMN
        longest_name=200,  # of ours: SQLite has no limit, and our own columns for labels have
        system_names=frozenset({"rowid", "oid", "_rowid_"}),
        counts_key=True,
        key_name=lambda table: None,
    ),
    "postgresql": Making(
        words={
            Kind.TEXT: _text,
            Kind.INTEGER: lambda column: "BIGINT" if column.big else "INTEGER",
            Kind.NUMBER: _number("NUMERIC"),
            Kind.BOOLEAN: _always("BOOLEAN"),
            Kind.DATE: _always("DATE"),
            Kind.DATETIME: _moment,
            Kind.TIME: _always("TIME"),
            Kind.JSON: _always("JSONB"),
            Kind.UUID: _always("UUID"),
            Kind.BINARY: _always("BYTEA"),
        },
        facts=_postgresql_facts,
        most_columns=1_600,
        longest_name=63,
        system_names=frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}),
        counts_key=False,
        key_name=lambda table: f"{table}_pkey",
    ),
}


def making_of(features: Features) -> Making:
    making = MAKING.get(features.backend)
    if making is None:
        raise InvalidRequest(
            f"Tableport makes no tables on {features.title}: make it there, and import into it."
        )
    return making
