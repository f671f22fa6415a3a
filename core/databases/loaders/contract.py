"""What a loader is told and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InvalidMapping, InvalidRequest
from core.model.plan import OnConflict, OnErrors
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where the rows go, and by which rules."""

    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    on_conflict: OnConflict
    run_id: str
    on_row_error: OnErrors = OnErrors.LOAD_VALID
    limits: Limits = Limits()

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
        if self.on_conflict is OnConflict.ERROR:
            return
        if not self.key:
            raise InvalidMapping(
                f"To {self.on_conflict} rows that are already in {label}, name the key columns"
            )
        if not set(self.key) <= set(self.columns):
            raise InvalidMapping(f"Every key column must be mapped: {', '.join(self.key)}")
