"""What a loader is told and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.errors import InvalidMapping, InvalidRequest
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict, OnErrors
from core.model.table import Column, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFailure:
    """One row the database refused, and its reason in plain words."""

    row: int
    line: int
    check: str  #: unique, foreign_key, required, check, type, trigger, database
    field: str | None
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a batch: its rows are the sum of the four counts and the failures."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failures: tuple[RowFailure, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            inserted=self.inserted + other.inserted,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            skipped=self.skipped + other.skipped,
            failures=self.failures + other.failures,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long the database may keep a loader waiting, in seconds."""

    lock_seconds: float = 15.0
    statement_seconds: float = 300.0
    idle_seconds: float = 900.0  #: between two batches; PostgreSQL only


class RowTaker(Protocol):
    """What takes the batches of a file: a loader, or what foresees what one would do."""

    @property
    def target(self) -> Target:
        """Where the rows go."""

    def load(self, frame: pl.DataFrame, columns: tuple[str, ...] | None = None) -> Outcome:
        """Take a typed frame."""

    def clear(self) -> int:
        """All rows of the table go; how many."""

    def delete_others(self) -> int:
        """Rows that no row taken names go; how many."""


class Journal(Protocol):
    """Notes what a run writes to one table, in the same transaction (`core/databases/undo`).

    The statements it is given read the table itself: `rows` is a SELECT of all its columns.
    """

    def start(self, connection: Connection, target: Target) -> None:
        """Before the first row, inside the transaction."""

    def insert(self, connection: Connection, target: Target) -> int:
        """Bring the staged rows in as `merge.insertion` says, and note them; how many."""

    def before_update(
        self,
        connection: Connection,
        target: Target,
        rows: sa.Select[Any],
        changing: Collection[str],
    ) -> None:
        """These rows are about to be updated, in those columns."""

    def after_update(self, connection: Connection, changing: Collection[str]) -> None:
        """The rows noted last have been updated."""

    def before_delete(self, connection: Connection, rows: sa.Select[Any]) -> None:
        """These rows are about to be deleted."""

    def finish(self, connection: Connection) -> None:
        """After the last row, inside the transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where the rows go, and by which rules."""

    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    on_conflict: OnConflict
    on_row_error: OnErrors = OnErrors.LOAD_VALID
    blanks: Mapping[str, Blanks] = field(default_factory=dict)  #: by column; NULL where not named
    policies: Mapping[str, OnUpdate] = field(default_factory=dict)  #: by column; else OVERWRITE
    journal: Journal | None = None  #: of what is written, so that it can be undone
    stage: str = "tableport_stage"  #: name of the staging table
    shelf: str | None = None  #: name of the table where rows may be already, by their number

    @property
    def keeps_identity(self) -> bool:
        """Are identity columns written that the database always makes?"""
        return any(column.identity_always for column in self.specs)

    @property
    def keys_table(self) -> str:
        """Name of the table of the file's keys, for SYNC."""
        return f"{self.stage}_keys"

    def blank(self, name: str) -> Blanks:
        """What an empty cell of this column means."""
        return self.blanks.get(name, Blanks.NULL)

    def policy(self, name: str) -> OnUpdate:
        """What this column does to a row that is there."""
        return self.policies.get(name, OnUpdate.OVERWRITE)

    @property
    def specs(self) -> tuple[Column, ...]:
        return tuple(self.table.column(name) for name in self.columns)

    def check(self) -> None:
        """Raises InvalidMapping or InvalidRequest when nothing could be loaded this way."""
        label = self.table.label
        if self.table.ref.is_view:
            raise InvalidRequest(f"{label} is a view: import into the table behind it")
        if not self.columns:
            raise InvalidMapping(f"No column of {label} is mapped")
        if len(set(self.columns)) < len(self.columns):
            raise InvalidMapping(f"A column of {label} is mapped twice")
        unknown = [n for n in (*self.columns, *self.key) if n not in self.table.column_names]
        if unknown:
            raise InvalidMapping(f"{label} has no column {', '.join(map(repr, unknown))}")
        for column in self.specs:
            if column.not_writable is not None:
                raise InvalidMapping(f"{label}: {column.name} {column.not_writable}")
        if self.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE):
            return
        if not self.key:
            raise InvalidMapping(
                f"To {self.on_conflict} rows that are already in {label}, name the key columns"
            )
        if not set(self.key) <= set(self.columns):
            raise InvalidMapping(f"Every key column must be mapped: {', '.join(self.key)}")
