"""What an import would change in its table, foreseen row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.job import Counts


class ChangeKind(StrEnum):
    """What becomes of a row of the file, or of the table."""

    NEW = "new"  #: not in the table yet: it is inserted
    CHANGED = "changed"  #: in the table, and something in it differs: it is updated
    UNCHANGED = "unchanged"  #: in the table as it is
    CONFLICT = "conflict"  #: in the way of a row that stays: skipped or rejected, as asked
    REPEATED = "repeated"  #: another row of the file has the same key, and that one counts
    REJECTED = "rejected"  #: a check found an error in it
    DELETED = "deleted"  #: a row of the table that goes


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """One cell, in canonical text; None is NULL."""

    column: str
    old: str | None
    new: str | None
    hidden: bool = False  #: what the table has is not for the eyes of who asks


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One row that an import would add, change, leave in conflict or delete."""

    kind: ChangeKind
    row: int | None  #: of the file; None for a row that goes
    line: int | None
    key: Mapping[str, str | None] = field(default_factory=dict)  #: by column; may be hidden
    cells: tuple[CellChange, ...] = ()
    reason: str = ""  #: of a conflict that is not about the key


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesPage:
    """Some of the changes, and how many there are of what was asked for."""

    changes: tuple[Change, ...]
    total: int
    offset: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """A plan in numbers, as it was when it was made."""

    digest: str  #: of every row's kind and of every old and new value
    made_at: datetime
    kinds: Mapping[ChangeKind, int]
    columns: Mapping[str, int]  #: cells changed, by column
    counts: Counts  #: the run's, were it to happen now
    stopped: str = ""  #: why the run would write nothing; empty when it would not stop
    listed_new: int = 0  #: so many of the new rows can be looked at

    def amount(self, kind: ChangeKind) -> int:
        """How many rows are of this kind."""
        return self.kinds.get(kind, 0)
