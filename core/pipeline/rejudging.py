"""Rejected rows judged again by themselves: what they tell without the rest of their file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import polars as pl

from core.formats.base import FLAW, LINE, META, ROW
from core.model.check import Severity
from core.model.preview import RejectedRow
from core.model.repair import Recheck
from core.pipeline.judging import Judge, source_columns
from core.pipeline.previewing import as_values

if TYPE_CHECKING:
    from core.model.check import Violation
    from core.model.plan import ImportPlan
    from core.pipeline.judging import Terms

#: Found by looking at more than the row: judging it alone does not take these back.
_WHOLE_FILE = frozenset({"unique_in_file", "database"})


def judge_again(
    plan: ImportPlan, terms: Terms, frame: pl.DataFrame, before: Sequence[RejectedRow]
) -> Recheck:
    """Rows as read, with the plan's edits; `before` holds them as they were rejected."""
    keys = {rule.name for rule in (*terms.rules, *plan.rules) if rule.kind == "unique"}
    rows = _judged(plan, terms, frame, before, _WHOLE_FILE | keys)
    clean = [row for row in rows if all(v.severity is not Severity.ERROR for v in row.violations)]
    return Recheck(rows=rows, mended=len(clean), partial=bool(terms.table.keys or keys))


def _judged(
    plan: ImportPlan,
    terms: Terms,
    frame: pl.DataFrame,
    before: Sequence[RejectedRow],
    lasting: Collection[str],
) -> tuple[RejectedRow, ...]:
    """The rows after the plan's edits. What these rows alone do not tell, `lasting`, holds for a
    row as long as none of its cells changes."""
    if not frame.height:
        return ()
    judged = Judge(plan, terms).judge(frame)
    reasons: dict[int, list[Violation]] = {number: [] for number in frame[ROW].to_list()}
    for violation in as_values(judged.violations):
        reasons[violation.row or 0].append(violation)
    known = {row.row: row for row in before}
    own = source_columns(judged.source)
    rows = []
    for record in judged.source.iter_rows(named=True):
        number, cells = record[ROW], {name: record[name] for name in own}
        old, found = known[number], reasons[number]
        if all(cells.get(name) == cell for name, cell in old.cells.items()):
            told = {(v.field, v.check) for v in found}
            found += [v for v in old.violations
                      if v.check in lasting and (v.field, v.check) not in told]  # fmt: skip
        rows.append(
            RejectedRow(row=number, line=record[LINE], cells=cells, violations=tuple(found))
        )
    return tuple(rows)


def as_frame(rows: Sequence[RejectedRow], plan: ImportPlan) -> pl.DataFrame:
    """Rejected rows as their reader gave them: what was wrong with a row as a whole is known."""
    own = tuple(rows[0].cells) if rows else ()
    mapped = tuple(m.source for m in plan.mappings if m.source and m.source not in own)
    flaws = [next((v.message for v in r.violations if v.check == "flaw"), None) for r in rows]
    return pl.DataFrame(
        {ROW: [r.row for r in rows], LINE: [r.line for r in rows], FLAW: flaws}
        | {name: [r.cells.get(name) for r in rows] for name in (*own, *mapped)},
        schema=dict.fromkeys((*META, *own, *mapped), pl.String())
        | {ROW: pl.Int64(), LINE: pl.Int64()},
    )
