"""Tables as the rest of the house sees them, free of any database library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are, whatever the backend calls its type."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"  #: decimal or floating point; see `Column.exact`
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    JSON = "json"
    UUID = "uuid"
    BINARY = "binary"
    OTHER = "other"  #: passed to and from the database as its own text (arrays, ranges, points)


#: The guide's typeMapping (R12): the word its API and screens use for each kind.
WIRE_TYPES: dict[Kind, str] = {
    Kind.TEXT: "string",
    Kind.INTEGER: "number",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "date",
    Kind.TIME: "string",
    Kind.JSON: "json",
    Kind.UUID: "string",
    Kind.BINARY: "string",
    Kind.OTHER: "string",
}


#: Names of what travels beside a row on its way into a table (docs/architecture.md, "Meta
#: columns"), and of the loaders' staging column: no import can feed a column called so.
KEPT_NAMES = frozenset({"__row__", "__line__", "tableport_position"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a reflected table."""

    name: str
    kind: Kind
    type_text: str  #: as the backend spells it, e.g. VARCHAR(255)
    nullable: bool = True
    default: str | None = None  #: SQL text of the server default, None when there is none
    primary_key: bool = False
    autoincrement: bool = False  #: the database makes a value when none is given
    generated: bool = False  #: computed or identity-always: never written
    identity_always: bool = False  #: generated, but the database takes values where one insists
    filled_by_trigger: bool = False  #: NOT NULL, yet must not be demanded
    max_length: int | None = None  #: characters, for text; bytes, for binary
    exact: bool = True  #: NUMBER only: False for floating point
    precision: int | None = None  #: NUMBER only: digits in all
    scale: int | None = None  #: NUMBER only: digits after the point
    minimum: int | None = None  #: INTEGER only: the range of the type
    maximum: int | None = None
    timezone: bool = False  #: DATETIME and TIME only
    choices: tuple[str, ...] = ()  #: enum values, or the set of a simple CHECK … IN
    comment: str | None = None

    @property
    def writable(self) -> bool:
        """May an import give this column a value?"""
        return self.not_writable is None

    @property
    def not_writable(self) -> str | None:
        """Why an import may not give this column a value, None when it may."""
        if self.generated:
            return "is computed by the database"
        if self.name.lower() in KEPT_NAMES:
            return "has a name that Tableport keeps for itself"
        return None

    @property
    def required(self) -> bool:
        """Must an import give this column a value? (R10, R11)"""
        return not (
            self.nullable
            or self.default is not None
            or self.autoincrement
            or self.generated
            or self.filled_by_trigger
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class UniqueKey:
    """A primary key, unique constraint or plain unique index: no predicate, no expressions."""

    name: str | None
    columns: tuple[str, ...]
    primary: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignKey:
    """Columns whose values must exist in another table."""

    name: str | None
    columns: tuple[str, ...]
    target_schema: str | None
    target_table: str
    target_columns: tuple[str, ...]
    deferrable: bool = False  #: declared so: can be checked at the commit

    @property
    def target_label(self) -> str:
        """The target as `TableRef.label` has it."""
        return TableRef(name=self.target_table, schema=self.target_schema).label


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckConstraint:
    """A CHECK as the database spells it."""

    name: str | None
    sql: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class TableRef:
    """A table or view by name, before it is reflected."""

    name: str
    schema: str | None = None  #: None in the backend's default schema
    is_view: bool = False

    @property
    def label(self) -> str:
        """`table`, or `schema.table` outside the default schema (ruling A32).

        A schema with a dot or a double quote in its name is quoted as in SQL, `"a.b".table`:
        schema a.b with table c is not schema a with table b.c.
        """
        if not self.schema:
            return self.name
        if not {".", '"'} & set(self.schema):
            return f"{self.schema}.{self.name}"
        doubled = self.schema.replace('"', '""')
        return f'"{doubled}".{self.name}'


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A reflected table or view."""

    ref: TableRef
    columns: tuple[Column, ...]
    keys: tuple[UniqueKey, ...] = ()  #: the primary key first, then uniques
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None

    @property
    def label(self) -> str:
        return self.ref.label

    @property
    def primary_key(self) -> tuple[str, ...]:
        return next((k.columns for k in self.keys if k.primary), ())

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def with_identity(self) -> Table:
        """The table for an import that insists on its own values of identity columns."""
        columns = tuple(
            replace(c, generated=False, autoincrement=True) if c.identity_always else c
            for c in self.columns
        )
        return replace(self, columns=columns)

    def column(self, name: str) -> Column:
        """The column of that exact name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def conflict_key(
        self, mapped: tuple[str, ...], chosen: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """The columns that tell whether a row is already there (ruling A11).

        The user's choice, else the primary key when wholly mapped, else the first unique
        key that is wholly mapped and cannot be NULL; empty when there is none.
        """
        if chosen:
            return chosen
        given = set(mapped)
        for key in self.keys:
            nullable = not key.primary and any(self.column(c).nullable for c in key.columns)
            if given.issuperset(key.columns) and not nullable:
                return key.columns
        return ()
