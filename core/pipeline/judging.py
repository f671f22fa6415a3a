"""What becomes of a batch as read: edited, mapped, cast, checked, held against file and table.

Checking a whole file, previewing its first rows and checking mended rows again are all this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from core.checks.problems import gather, positions
from core.checks.rules.kept import keep
from core.checks.rules.keys import RepeatsByRule
from core.checks.run import Checker
from core.formats.base import FLAW, META
from core.mapping.apply import apply_mappings
from core.pipeline.across import KEY_TAKEN, AcrossRows
from core.pipeline.editing import Overlay
from core.pipeline.evidence import as_violations
from core.pipeline.references import References
from core.pipeline.usual import usual_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Engine

    from core.model.mapping import Circumstances
    from core.model.plan import ImportPlan
    from core.model.reference import Parent
    from core.model.rule import Rule
    from core.model.table import Table
    from core.pipeline.patches import Patches
    from core.pipeline.set_keys import SetKeys


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a file is held against besides its plan, as it is at this moment."""

    table: Table
    engine: Engine
    circumstances: Circumstances
    rules: tuple[Rule, ...] = ()
    shown: frozenset[str] = frozenset()  #: columns whose present values may be told of
    patches: Patches = field(default_factory=dict)  #: that the plan's edits name, by file id

    set_keys: SetKeys | None = None  #: of the files that are loaded together with this one

    def overlay(self, plan: ImportPlan) -> Overlay:
        """The plan's edits, ready for the batches of its file."""
        return Overlay(plan.edits, self.patches, self.circumstances)

    parents: Mapping[str, Parent] = field(default_factory=dict)  #: of lookups, by target column


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What one batch turned out to be."""

    source: pl.DataFrame  #: the batch as read, with the plan's edits
    mapped: pl.DataFrame  #: text by table column, null where a transform failed
    accepted: pl.DataFrame  #: the typed good rows
    clashing: pl.DataFrame  #: typed rows whose only fault is that the table has their key
    violations: pl.DataFrame  #: VIOLATIONS

    @property
    def rejected(self) -> int:
        return self.source.height - self.accepted.height


def source_columns(frame: pl.DataFrame) -> tuple[str, ...]:
    """The columns of a batch that are the file's own."""
    return tuple(c for c in frame.columns if c not in META)


class Judge:
    """Judges the batches of one file in their order."""

    def __init__(self, plan: ImportPlan, terms: Terms) -> None:
        self._plan, self._terms = plan, terms
        targets = tuple(m.target for m in plan.mappings)
        skipped = frozenset(plan.blanks_by_column)
        now = terms.circumstances.now
        kept = keep(
            (*terms.rules, *plan.rules),
            terms.table,
            targets,
            skipped=skipped,
            inserts=not plan.on_conflict.updates,
            now=now,
        )
        usual = usual_columns(
            terms.engine, terms.table, targets, shown=terms.shown, today=now.date()
        )
        self._checker = Checker(terms.table, targets, skip_empty=skipped, kept=kept, usual=usual)
        self._repeats = RepeatsByRule(kept.keys, terms.table)
        self._sources = {m.target: m.source for m in plan.mappings if m.source}
        self._references = References(plan.mappings, terms.parents, terms.engine, terms.table.ref)
        self._overlay = terms.overlay(plan)
        self.across = AcrossRows(plan, terms.table, terms.engine, terms.set_keys)

    def judge(self, read: pl.DataFrame) -> Judged:
        """`read`: a batch as its reader gives it, the rows of a file in order."""
        read = self._overlay.apply(read)
        mapped = apply_mappings(
            read,
            self._plan.mappings,
            source_columns=source_columns(read),
            circumstances=self._terms.circumstances,
        )
        mapped = self._references.resolve(mapped)
        checked = self._checker.check(mapped.frame, mapped.problems, read[FLAW])
        position = positions(~checked.rejected)
        # Rows that a rule turns away never get to the table: their keys do not count there.
        repeated = self._repeats.check(checked.accepted, position)
        sound = ~position.is_in(_rejected(repeated).implode())
        accepted, position = checked.accepted.filter(sound), position.filter(sound)
        more = gather([repeated, self.across.check(accepted, position)])
        clashing = accepted.filter(_only_clashing(more, position))
        good = ~position.is_in(_rejected(more).implode())
        accepted, position = accepted.filter(good), position.filter(good)
        if self._terms.set_keys is not None:
            every = pl.int_range(read.height, dtype=pl.UInt32, eager=True)
            refused = mapped.frame.filter(~every.is_in(position.implode()))
            self._terms.set_keys.keep(self._terms.table, accepted, refused)
        return Judged(
            source=read,
            mapped=mapped.frame,
            accepted=accepted,
            clashing=clashing,
            violations=as_violations(gather([checked.problems, more]), read, self._sources),
        )


def _rejected(problems: pl.DataFrame) -> pl.Series:
    return problems.filter(pl.col("severity") == "error")["index"].unique()


def _only_clashing(problems: pl.DataFrame, position: pl.Series) -> pl.Series:
    """Which rows are rejected for no other reason than that the table has a key of theirs?"""
    others = _rejected(problems.filter(pl.col("check") != KEY_TAKEN))
    bad = position.is_in(_rejected(problems).implode())
    return bad & ~position.is_in(others.implode())
