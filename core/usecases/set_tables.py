"""Which table each file of a set goes into, by the names of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.mapping.likeness import singular, words
from core.model.access import Action
from core.model.import_set import TableMatch
from core.model.packing import EXTENSIONS as PACKED
from core.usecases.tables import list_tables

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.table import TableRef
    from core.workspace import Workspace


def match_tables(
    ws: Workspace, who: Identity, filenames: Sequence[str], connection: str | None = None
) -> tuple[TableMatch, ...]:
    """The table of each file name among those the caller may import into.

    `02_Order-Items.csv.gz` is for `order_items`. A name that fits several tables, or none, is left
    to the caller.
    """
    refs = list_tables(ws, who, connection, action=Action.IMPORT)
    return tuple(_match(name, refs) for name in filenames)


def _match(filename: str, refs: Sequence[TableRef]) -> TableMatch:
    name = _words(_stem(filename))
    same = [ref.label for ref in refs if _words(ref.name) == name]
    if not same:
        # `order_items_2024` and `shop order items` tell their table too.
        same = [ref.label for ref in refs if _within(_words(ref.name), name)]
        longest = max((len(_words(label)) for label in same), default=0)
        same = [label for label in same if len(_words(label)) == longest]
    return TableMatch(
        filename=filename, table=same[0] if len(same) == 1 else None, candidates=tuple(same)
    )


def _stem(filename: str) -> str:
    """The name without its extensions, the packing's included."""
    stem, dot, last = filename.rpartition(".")
    if dot and f".{last.lower()}" in PACKED and "." in stem:
        stem = stem.rpartition(".")[0]
    return stem if dot else filename


def _words(name: str) -> tuple[str, ...]:
    """The words of a name, in the singular; numbers are dates and counters and tell nothing."""
    return tuple(singular(word) for word in words(name) if not word.isdigit())


def _within(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    starts = range(len(many) - len(few) + 1)
    return bool(few) and any(many[at : at + len(few)] == few for at in starts)
