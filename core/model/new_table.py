"""A table that is not there yet, as an import proposes and makes it."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.table import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class NewColumn:
    """One column to be made."""

    name: str
    kind: Kind
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
