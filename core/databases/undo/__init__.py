"""Taking an import back: what it did is noted beside the rows it did it to.

images       the journal: a table of ours in the target, one row per row an import wrote
journal      UndoJournal: fills it, in the transaction of the import
noting       which rows an INSERT made, per backend
exactness    are two rows the same, cell by cell?
matching     the rows of the table that the journal speaks of
marking      which rows must be kept as they are, and why
taking_back  TakingBack: the marks carried out, last step first
"""

from __future__ import annotations

from core.databases.undo.images import (
    drop_journal,
    has_journal,
)
from core.databases.undo.journal import UndoJournal
from core.databases.undo.taking_back import KeptRow, TakingBack, Tally

__all__ = [
    "KeptRow",
    "TakingBack",
    "Tally",
    "UndoJournal",
    "drop_journal",
    "has_journal",
]
