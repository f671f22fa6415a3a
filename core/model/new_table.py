"""A table that is not there yet, as an import proposes and makes it."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.mapping import FieldMapping
from core.model.table import Kind, TableRef


@dataclass(frozen=True, kw_only=True, slots=True)
class NewColumn:
    """One column to be made."""

    name: str
    kind: Kind
    big: bool = False  #: INTEGER: 64 bits rather than 32
    max_length: int | None = None  #: TEXT: characters; None: as long as the backend allows
    precision: int | None = None  #: NUMBER: digits in all
    scale: int | None = None  #: NUMBER: digits after the point; None: floating point
    timezone: bool = False  #: DATETIME only
    nullable: bool = True
    primary_key: bool = False
    autoincrement: bool = False  #: the database numbers the rows
    unique: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTable:
    """What is made before the first row goes in, in the same transaction where there is one."""

    name: str
    schema: str | None = None  #: None: the backend's default schema
    columns: tuple[NewColumn, ...] = ()

    @property
    def label(self) -> str:
        """As `TableRef.label` has it."""
        return TableRef(name=self.name, schema=self.schema).label


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedColumn:
    """A column of the file, the column proposed for it, and why."""

    mapping: FieldMapping  #: from the file's own name, through the steps its cells need
    column: NewColumn
    evidence: tuple[str, ...]  #: sentences: the name, the kind, blanks, whether it may be a key
    samples: tuple[str, ...] = ()  #: up to three different cells


@dataclass(frozen=True, kw_only=True, slots=True)
class TableProposal:
    """A table that would hold a file."""

    connection: str
    table: NewTable
    columns: tuple[ProposedColumn, ...]
    rows_read: int
    whole: bool  #: was every row of the file read?
    remarks: tuple[str, ...]  #: sentences about the table as a whole
    statement: str  #: the CREATE TABLE that would make it
