"""What undoing an import does, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: Why a row that an import wrote is kept as it is, in words that follow "row".
WHY_KEPT: dict[str, str] = {
    "changed": "was changed after the import",
    "gone": "was deleted after the import",
    "referred": "is one that other rows refer to",
    "taken": "cannot come back: another row has its key now",
    "refused": "could not be taken back: the database refused",
}

#: What undoing does to a row, by what the import did to it.
UNDOING: dict[str, str] = {"inserted": "remove", "updated": "restore", "deleted": "put back"}


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoneRow:
    """One row that the import wrote."""

    did: str  #: what the import did to it: inserted, updated, deleted
    key: Mapping[str, str | None]  #: empty where it has none, or where it may not be seen
    why: str | None = None  #: a key of WHY_KEPT; None: it is taken back


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoProspect:
    """What undoing an import would do now."""

    job_id: str  #: of the import
    removed: int = 0  #: rows it inserted, to be deleted
    restored: int = 0  #: rows it updated, to be as before
    put_back: int = 0  #: rows it deleted, to be there again
    kept: int = 0  #: rows that stay as they are
    reasons: Mapping[str, int] = field(default_factory=dict)  #: of those kept, by WHY_KEPT
    rows: tuple[UndoneRow, ...] = ()  #: the first of all of these, those kept before the others
    until: datetime | None = None  #: the import can be undone up to then

    @property
    def taken_back(self) -> int:
        return self.removed + self.restored + self.put_back
