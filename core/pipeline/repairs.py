"""What might set a group of problems right: tried on its samples, proposed with what it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from core.checks.groups import OTHER_SHAPES
from core.checks.run import Checker
from core.errors import InvalidMapping
from core.formats.base import FLAW, LINE, ROW
from core.mapping.apply import apply_mappings
from core.model.edit import ReplaceValues, StepsOn
from core.model.repair import Change, Repair
from core.pipeline.editing import apply_edits
from core.pipeline.remedies import Remedy, remedies

if TYPE_CHECKING:
    from core.model.check import ProblemGroup
    from core.model.mapping import Circumstances, FieldMapping
    from core.model.table import Table

#: Repairs proposed for one group, and changes shown of one.
_MOST, _SHOWN = 5, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Mender:
    """Proposes repairs for the problems of one mapping of a plan."""

    mapping: FieldMapping
    table: Table
    circumstances: Circumstances | None = None

    def propose(self, group: ProblemGroup) -> tuple[Repair, ...]:
        """Those that mend at least one sample: what loses nothing first, then what mends most.

        A group without cells, or whose cells are made by the mapping itself, has none.
        """
        if not self.mapping.source or self.mapping.lookup is not None:
            return ()
        asking = _asking(group, self.mapping.source) if group.check == "required" else ()
        cells = [value.value for value in group.values]
        if not cells:
            return asking
        try:
            return (*self._tried(group, cells), *asking)
        except InvalidMapping:
            # The mapping needs other columns than this one: nothing can be tried on samples.
            return asking

    def _tried(self, group: ProblemGroup, cells: list[str]) -> tuple[Repair, ...]:
        column = self.table.column(self.mapping.target)
        frame = self._frame(cells)
        tried: dict[tuple[str | None, ...], Remedy] = {}
        for remedy in self._fitting(group, remedies(self.mapping, column, group, cells)):
            edited = apply_edits(frame, (remedy.edit,), circumstances=self.circumstances)
            found = tuple(edited[self.mapping.source].to_list())
            if list(found) != cells:
                tried.setdefault(found, remedy)
        sound = self._sound([cell for after in tried for cell in after], group.check)
        repairs: list[Repair] = []
        for at, (after, remedy) in enumerate(tried.items()):
            fine = sound[at * len(cells) : (at + 1) * len(cells)]
            mends = sum(ok and a != b for ok, a, b in zip(fine, after, cells, strict=True))
            if mends:
                repairs.append(_repair(remedy, cells, after, mends))
        repairs.sort(key=lambda repair: (repair.lossy, -repair.mends))
        return tuple(repairs[:_MOST])

    def _fitting(self, group: ProblemGroup, found: Iterator[Remedy]) -> Iterator[Remedy]:
        """Steps are kept to the cells of the group's shape that the mapping cannot read."""
        failed_step = group.check in {step.transform for step in self.mapping.steps}
        for remedy in found:
            edit = remedy.edit
            if not isinstance(edit, StepsOn):
                yield remedy
            elif group.shape not in {None, OTHER_SHAPES}:
                unless = self.mapping.steps if failed_step else ()
                yield replace(remedy, edit=replace(edit, shape=group.shape, unless=unless))

    def _frame(self, cells: Sequence[str | None]) -> pl.DataFrame:
        numbers = pl.int_range(1, len(cells) + 1, dtype=pl.Int64, eager=True)
        return pl.DataFrame(
            [
                numbers.alias(ROW),
                numbers.alias(LINE),
                pl.Series(FLAW, [None] * len(cells), dtype=pl.String),
                pl.Series(self.mapping.source, cells, dtype=pl.String),
            ]
        )

    def _sound(self, cells: Sequence[str | None], check: str) -> list[bool]:
        """Which cells would pass, as far as a cell alone tells."""
        if not cells:
            return []
        frame = self._frame(cells)
        mapped = apply_mappings(
            frame,
            (self.mapping,),
            source_columns=(self.mapping.source,),
            circumstances=self.circumstances,
        )
        target = self.mapping.target
        skip = frozenset({target}) if self.mapping.skip_empty else frozenset[str]()
        checker = Checker(self.table, (target,), skip_empty=skip)
        problems = checker.check(mapped.frame, mapped.problems).problems
        bad = problems.filter((pl.col("severity") == "error") | (pl.col("check") == check))
        faulty = set(bad["index"].to_list())
        return [at not in faulty for at in range(len(cells))]


def _repair(
    remedy: Remedy, cells: Sequence[str], after: Sequence[str | None], mends: int
) -> Repair:
    changes = [Change(before=b, after=a) for b, a in zip(cells, after, strict=True) if a != b]
    return Repair(
        title=remedy.title,
        edit=remedy.edit,
        changes=tuple(changes[:_SHOWN]),
        mends=mends,
        of=len(cells),
        lossy=remedy.lossy,
        note=remedy.note,
    )


def _asking(group: ProblemGroup, source: str) -> tuple[Repair, ...]:
    """An empty cell is filled with nothing but what the person says."""
    blank = {value.value: None for value in group.values}
    edit = ReplaceValues(column=source, values={"": None, **blank})
    return (
        Repair(
            title="Put a value of your own into the empty cells.",
            edit=edit,
            changes=(),
            mends=0,
            of=len(group.values),
            asks="The value for every empty cell.",
        ),
    )
