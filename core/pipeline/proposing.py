"""A table proposed for a file: its columns, what they are, and which could be its key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.formats.base import FLAW
from core.mapping.likeness import meaning, words
from core.mapping.new_names import new_column_names
from core.model.mapping import FieldMapping
from core.model.new_table import NewColumn, ProposedColumn
from core.model.table import Kind
from core.pipeline.judging import source_columns
from core.pipeline.new_columns import verdict_of
from core.pipeline.readings import ColumnReadings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from core.formats.base import Batch

#: Data rows that a proposal is made from; of a longer file the rest is not read.
READ_ROWS = 200_000

_KEY_KINDS = frozenset({Kind.INTEGER, Kind.UUID, Kind.TEXT})
#: Words that a key is called by, the surest first.
_IDS = ("id", "uuid", "guid", "key")
_KEY_WORDS = (*_IDS, "code", "number", "sku")
_LONGEST_KEY = 100


class FileReadings:
    """The columns of a file, as far as it was read."""

    def __init__(self, names: Sequence[str]) -> None:
        self.columns = {name: ColumnReadings(name) for name in names}
        self.rows = self.flawed = 0
        self.whole = True

    def add(self, batch: Batch) -> None:
        """The next rows. A row that could not be taken apart tells nothing of its cells."""
        frame, shown = batch.frame, batch.shown
        sound = frame[FLAW].is_null()
        self.rows += frame.height
        self.flawed += frame.height - int(sound.sum())
        for name in source_columns(frame):
            column = self.columns.setdefault(name, ColumnReadings(name))
            known = shown is not None and name in shown.columns
            column.add(
                frame.get_column(name).filter(sound),
                shown.get_column(name).filter(sound) if shown is not None and known else None,
            )
        for column in self.columns.values():
            column.rows = self.rows - self.flawed


def read_columns(batches: Iterable[Batch], names: Sequence[str]) -> FileReadings:
    """`names`: the columns of the file, which may turn out to have more."""
    found = FileReadings(names)
    for batch in batches:
        left = READ_ROWS - found.rows
        if batch.frame.height > left:
            found.whole = False
            cut = None if batch.shown is None else batch.shown.head(left)
            batch = batch._replace(frame=batch.frame.head(left), shown=cut)
        if batch.frame.height:
            found.add(batch)
        if not found.whole:
            break
    return found


def propose_columns(
    found: FileReadings, reserved: Collection[str], decimal: str | None, table: str
) -> tuple[ProposedColumn, ...]:
    """One column for each of the file's.

    `reserved`: names to be avoided; `decimal`: point or comma, where the file's numbers agree on
    it; `table`: what the table will be called.
    """
    names = new_column_names(tuple(found.columns), reserved)
    readings = list(found.columns.values())
    proposed = [
        _proposed(column, name, found, decimal)
        for column, name in zip(readings, names, strict=True)
    ]
    place = _key_of(proposed, readings, found, table)
    if place is not None:
        proposed[place] = _as_key(proposed[place])
    return tuple(proposed)


def _proposed(
    column: ColumnReadings, name: str, found: FileReadings, decimal: str | None
) -> ProposedColumn:
    verdict = verdict_of(column, decimal)
    # A row that comes later and is not read here may be blank where no other is.
    nullable = bool(column.blanks) or not found.whole or not column.rows
    differ = ("Its values all differ.",) if _differs(column) else ()
    renamed = (f"Called {column.name!r} in the file.",) if name != column.name else ()
    return ProposedColumn(
        mapping=FieldMapping(source=column.name, target=name, steps=verdict.steps),
        column=NewColumn(
            name=name,
            kind=verdict.kind,
            big=verdict.big,
            max_length=verdict.max_length,
            precision=verdict.precision,
            scale=verdict.scale,
            timezone=verdict.timezone,
            nullable=nullable,
        ),
        evidence=(*verdict.evidence, _blanks(column), *differ, *renamed),
        samples=tuple(column.samples),
    )


def _blanks(column: ColumnReadings) -> str:
    if not column.rows:
        return "There is no row."
    if not column.blanks:
        return "No cell is blank."
    return (
        f"{column.blanks:,} of {column.rows:,} cells {'is' if column.blanks == 1 else 'are'} blank."
    )


# ---------------------------------------------------------------- the key
def _differs(column: ColumnReadings) -> bool:
    return column.all_differ and column.filled > 1


def _key_of(
    proposed: Sequence[ProposedColumn],
    readings: Sequence[ColumnReadings],
    found: FileReadings,
    table: str,
) -> int | None:
    """The place of the column that is called as keys are and identifies every row."""
    best: tuple[int, int] | None = None
    for place, (one, column) in enumerate(zip(proposed, readings, strict=True)):
        fits = one.column.kind in _KEY_KINDS and column.longest <= _LONGEST_KEY
        if not fits or column.blanks or not _differs(column) or not found.whole:
            continue
        rank = _key_rank(column.name, table, first=not place)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, place)
    return None if best is None else best[1]


def _key_rank(name: str, table: str, *, first: bool) -> int | None:
    """Low for `id` and the table's own id, None for a name that is no key's.

    The id of something else is a key only as the first column: in others it is what the row
    refers to.
    """
    parts = words(name)
    last = meaning(parts[-1:])
    if not last or last[0] not in _KEY_WORDS:
        return None
    own = len(parts) == 1 or "".join(words(table)).startswith("".join(parts[:-1]))
    if not own and not (first and last[0] in _IDS):
        return None
    return 2 * _KEY_WORDS.index(last[0]) + (0 if own else 1)


def _as_key(one: ProposedColumn) -> ProposedColumn:
    said = "Called as keys are, never blank and never twice the same: the primary key."
    column = replace(one.column, primary_key=True, nullable=False)
    return replace(one, column=column, evidence=(*one.evidence, said))
