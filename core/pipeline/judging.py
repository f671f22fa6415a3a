"""What becomes of a batch as read: edited, mapped, cast, checked, held against file and table.

Checking a whole file, previewing its first rows and checking mended rows again are all this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.checks.problems import gather, positions
from core.checks.run import Checker
from core.formats.base import FLAW, META
from core.mapping.apply import apply_mappings
from core.pipeline.across import AcrossRows
from core.pipeline.evidence import as_violations

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.mapping import Circumstances
    from core.model.plan import ImportPlan
    from core.model.rule import Rule
    from core.model.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a file is held against besides its plan, as it is at this moment."""

    table: Table
    engine: Engine
    circumstances: Circumstances
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What one batch turned out to be."""

    source: pl.DataFrame  #: the batch as read, with the plan's edits
    mapped: pl.DataFrame  #: text by table column, null where a transform failed
    accepted: pl.DataFrame  #: the typed good rows
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
        self._checker = Checker(
            terms.table,
            tuple(m.target for m in plan.mappings),
            skip_empty=frozenset(m.target for m in plan.mappings if m.skip_empty),
        )
        self._sources = {m.target: m.source for m in plan.mappings if m.source}
        self.across = AcrossRows(plan, terms.table, terms.engine)

    def judge(self, read: pl.DataFrame) -> Judged:
        """`read`: a batch as its reader gives it, the rows of a file in order."""
        mapped = apply_mappings(
            read,
            self._plan.mappings,
            source_columns=source_columns(read),
            circumstances=self._terms.circumstances,
        )
        checked = self._checker.check(mapped.frame, mapped.problems, read[FLAW])
        position = positions(~checked.rejected)
        more = self.across.check(checked.accepted, position)
        failed = more.filter(pl.col("severity") == "error")["index"].unique()
        return Judged(
            source=read,
            mapped=mapped.frame,
            accepted=checked.accepted.filter(~position.is_in(failed.implode())),
            violations=as_violations(gather([checked.problems, more]), read, self._sources),
        )
