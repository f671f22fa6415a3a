"""How a table has moved on since a plan was made, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from core.model.changes import Change, ChangeKind
from core.pipeline.change_file import code_of, kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.pipeline.change_file import ChangeFile

#: Rows looked into for the columns that differ, and columns named.
_LOOKED_INTO, _NAMED = 100_000, 5

_NOW = {
    ChangeKind.NEW: "not there any more",
    ChangeKind.CHANGED: "changed now",
    ChangeKind.UNCHANGED: "there already, as in the file",
    ChangeKind.CONFLICT: "in conflict now",
    ChangeKind.REPEATED: "repeated now",
    ChangeKind.REJECTED: "rejected now",
}
_WERE = {kind: kind.value.capitalize() for kind in ChangeKind}


def moved_on(before: ChangeFile, after: ChangeFile, table: str) -> str:
    """What is different now, as a sentence: which rows are of another kind, which columns have
    another value, how many more or fewer rows go."""
    said = [*_other_kinds(before.kinds(), after.kinds())]
    said += _other_values(before, after)
    said += _other_deletions(before, after)
    if not said:
        return f"{table} has changed since the plan was made."
    return f"{table} has changed since the plan was made: {'; '.join(said)}."


def _other_kinds(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> list[str]:
    """Rows of the file that are of another kind now."""
    height = max(len(before), len(after))
    old, new = (np.pad(codes, (0, height - len(codes))) for codes in (before, after))
    differ = old != new
    pairs = Counter(zip(old[differ].tolist(), new[differ].tolist(), strict=True))
    return [
        f"{_rows(amount)} that {'was' if amount == 1 else 'were'} {_WERE[kind_of(was)]} "
        f"{'is' if amount == 1 else 'are'} {_now(kind_of(was), kind_of(now))}"
        for (was, now), amount in pairs.most_common()
    ]


def _now(was: ChangeKind, now: ChangeKind) -> str:
    appeared = was is ChangeKind.NEW and now in (ChangeKind.CHANGED, ChangeKind.CONFLICT)
    return "there now" if appeared else _NOW[now]


def _other_values(before: ChangeFile, after: ChangeFile) -> list[str]:
    """Rows that are still of their kind, beside another row of the table than they were."""
    said = []
    for kind in (ChangeKind.CHANGED, ChangeKind.CONFLICT):
        code = code_of(kind)
        was, now = before.kinds(), after.kinds()
        still = {row for row in np.flatnonzero(was == code).tolist()
                 if row < len(now) and now[row] == code}  # fmt: skip
        old = _cells(before.changes(kind), still)
        new = _cells(after.changes(kind), still)
        rows = [row for row in old if old[row] != new.get(row, old[row])]
        if not rows:
            continue
        columns = sorted({name for row in rows for name in _differing(old[row], new[row])})
        named = ", ".join(columns[:_NAMED]) + (", …" if len(columns) > _NAMED else "")
        said.append(
            f"{len(rows):,} {_WERE[kind]} row{'s have' if len(rows) > 1 else ' has'} another "
            f"value in {named}"
        )
    return said


def _cells(changes: Iterable[Change], wanted: set[int]) -> dict[int, dict[str, str | None]]:
    kept = (change for change in changes if change.row in wanted)
    return {
        change.row: {cell.column: cell.old for cell in change.cells}
        for change in islice(kept, _LOOKED_INTO)
        if change.row is not None
    }


def _differing(old: dict[str, str | None], new: dict[str, str | None]) -> set[str]:
    missing = object()
    return {
        name for name in old.keys() | new.keys() if old.get(name, missing) != new.get(name, missing)
    }


def _other_deletions(before: ChangeFile, after: ChangeFile) -> list[str]:
    """Rows of the table that go now and did not then, and the other way round."""
    old, new = (Counter(_named(change) for change in file.changes(ChangeKind.DELETED))
                for file in (before, after))  # fmt: skip
    more, fewer = (new - old).total(), (old - new).total()
    said = []
    if more:
        said.append(f"{_rows(more)} of the table would go that {'was' if more == 1 else 'were'} "
                    "not there, or otherwise")  # fmt: skip
    if fewer:
        said.append(f"{_rows(fewer)} that would go {'is' if fewer == 1 else 'are'} not there as "
                    f"{'it was' if fewer == 1 else 'they were'}")  # fmt: skip
    return said


def _named(change: Change) -> int:
    """A row that goes, told from others by all its cells."""
    return hash(tuple((cell.column, cell.old) for cell in change.cells))


def _rows(amount: int) -> str:
    return f"{amount:,} row" + ("" if amount == 1 else "s")
