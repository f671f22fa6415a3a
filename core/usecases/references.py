"""Columns given by names of the rows they refer to: what was found, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from heapq import nsmallest
from typing import TYPE_CHECKING, Literal

from core.access.authorise import visible_columns
from core.databases.natural_keys import natural_keys
from core.errors import InvalidMapping, InvalidRequest
from core.mapping.apply import apply_mappings
from core.model.access import Action
from core.model.mapping import Answer, Lookup
from core.model.plan import ImportPlan
from core.model.reference import Finding, ParentKeys, ReferenceReport, ReferenceValue, Share
from core.model.table import Kind
from core.pipeline.importing import text_sources
from core.pipeline.judging import source_columns
from core.pipeline.references import Resolver, Values
from core.usecases.imports import update_import
from core.usecases.reading import source_of
from core.usecases.rights import connection_name, grant_for, import_seen, require
from core.usecases.targets import parent_of, reference_of, reflected, terms_of
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job
    from core.model.mapping import Decision, FieldMapping
    from core.pipeline.judging import Terms
    from core.workspace import Workspace

_Share = Literal["found", "ambiguous", "missing", "decided"]

#: Rows of the file whose values are counted.
COUNTED_ROWS = 200_000
#: Distinct values that are listed.
LISTED = 1_000
#: Columns of a parent that are named beside those that tell its rows apart.
_LISTED_COLUMNS = 30
#: Distinct values looked up at a time.
_AT_ONCE = 10_000
#: Decisions that one lookup may hold.
_MOST_DECISIONS = 10_000


def list_natural_keys(
    ws: Workspace, who: Identity, table: str, column: str, connection: str | None = None
) -> ParentKeys:
    """Where a column leads, and the columns of that parent that tell its rows apart by name.

    Only columns of the parent that the caller may see. Raises ImportDenied, NotFound, and
    InvalidMapping when the column alone refers to no table.
    """
    name = connection_name(ws, connection)
    require(ws, who, Action.PREVIEW_IMPORT, name, table)
    reference = reference_of(reflected(ws, name, table), column)
    parent = parent_of(ws, who, name, reference)
    label = parent.table.label
    seen = visible_columns(grant_for(ws, who, name, label), parent.table)
    shown = replace(
        parent.table,
        columns=tuple(c for c in parent.table.columns if c.name in seen),
        keys=tuple(k for k in parent.table.keys if set(seen).issuperset(k.columns)),
    )
    found = natural_keys(ws.engine(name), shown)
    unique = {key.column for key in found}
    others = [c.name for c in shown.columns if c.kind is Kind.TEXT and c.name not in unique]
    return ParentKeys(
        parent=label, key=parent.key, natural_keys=found, others=tuple(others[:_LISTED_COLUMNS])
    )


def list_references(
    ws: Workspace, who: Identity, job_id: str, column: str, *, by: str | None = None
) -> ReferenceReport:
    """The distinct values of a looked-up column of the file, and the rows that they name.

    `by` tries another column of the parent without saving it. The first 200,000 rows of the file
    are read. Raises ImportDenied without the right to see the parent, and InvalidMapping when
    the column is not mapped, has no lookup, or refers to no table.
    """
    plan, mapping = _mapping_of(ws, who, job_id, column)
    lookup = mapping.lookup
    if by is not None and (lookup is None or lookup.by != by):
        lookup = Lookup(by=by)
    if lookup is None:
        raise InvalidMapping(f"{column} is not looked up: say by which column of its parent.")
    tried = replace(mapping, lookup=lookup)
    plan = replace(plan, mappings=tuple(tried if m is mapping else m for m in plan.mappings))
    terms = terms_of(ws, who, plan)
    values, whole = _values_of(ws, who, plan, terms, tried)
    parent = terms.parents[column]
    resolver = Resolver(terms.engine, parent, lookup.by)
    blank = ReferenceReport(
        job_id=job_id,
        column=column,
        parent=parent.table.label,
        by=lookup.by,
        key=parent.key,
        rows=values.rows,
        whole=whole,
        blank=values.blank,
        unreadable=values.unreadable,
        found=Share(),
        ambiguous=Share(),
        missing=Share(),
        decided=Share(),
        values=(),
        left_out=0,
    )
    return _counted(blank, values, resolver, lookup, shown=parent.shown)


def decide_references(
    ws: Workspace,
    who: Identity,
    job_id: str,
    column: str,
    decisions: Sequence[Decision],
    *,
    forget: Sequence[str] = (),
    by: str | None = None,
) -> Job:
    """Keep what becomes of values of a looked-up column, beside what was decided before.

    `forget` takes back what was decided for those values. `by` sets the column of the parent; with
    another than before, earlier decisions are forgotten. Raises as `imports.update_import`, and
    InvalidMapping as `list_references`.
    """
    plan, mapping = _mapping_of(ws, who, job_id, column)
    before = mapping.lookup
    if before is None and by is None:
        raise InvalidMapping(f"{column} is not looked up: say by which column of its parent.")
    if by is not None and (before is None or before.by != by):
        before = Lookup(by=by)
    assert before is not None
    kept = {decision.value: decision for decision in before.decisions}
    for decision in decisions:
        if (decision.answer is Answer.USE) is (decision.use is None):
            raise InvalidRequest(
                f"{decision.value!r}: to use a row of the parent, and only then, name its key."
            )
        kept[decision.value] = decision
    for value in forget:
        kept.pop(value, None)
    if len(kept) > _MOST_DECISIONS:
        raise InvalidRequest(
            f"More than {_MOST_DECISIONS:,} decisions for {column}: correct the file instead."
        )
    decided = replace(mapping, lookup=replace(before, decisions=tuple(kept.values())))
    mappings = tuple(decided if m.target == column else m for m in plan.mappings)
    return update_import(ws, who, job_id, mappings=mappings)


# ---------------------------------------------------------------- the parts of the above
def _mapping_of(
    ws: Workspace, who: Identity, job_id: str, column: str
) -> tuple[ImportPlan, FieldMapping]:
    _, plan = import_seen(ws, who, job_id)
    for mapping in plan.mappings:
        if mapping.target == column:
            return plan, mapping
    raise InvalidMapping(f"No column of the file is mapped to {column!r}.", job_id=job_id)


def _values_of(
    ws: Workspace, who: Identity, plan: ImportPlan, terms: Terms, mapping: FieldMapping
) -> tuple[Values, bool]:
    """The cells of one mapping after its steps, and whether the whole file was read."""
    upload = upload_of(ws, who, plan.upload)
    most = COUNTED_ROWS if plan.max_rows is None else min(COUNTED_ROWS, plan.max_rows)
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    overlay = terms.overlay(plan)
    values, whole, left = Values(), True, most
    # One more than is counted tells whether there are more.
    reading = replace(plan, max_rows=most + 1)
    for batch in source.batches(reading, as_shown=text_sources(plan, terms.table)):
        whole = batch.frame.height <= left
        frame = overlay.apply(batch.frame.head(left))
        left -= frame.height
        mapped = apply_mappings(
            frame,
            [mapping],
            source_columns=source_columns(frame),
            circumstances=terms.circumstances,
        )
        values.add(mapped, mapping.target)
    return values, whole or plan.max_rows == most


def _counted(
    report: ReferenceReport, values: Values, resolver: Resolver, lookup: Lookup, *, shown: bool
) -> ReferenceReport:
    """The report with every value counted, and the first of them listed."""
    decisions = {decision.value: decision for decision in lookup.decisions}
    distinct: Counter[_Share] = Counter()
    rows: Counter[_Share] = Counter()
    listed: list[ReferenceValue] = []
    names = list(values.counts)
    for at in range(0, len(names), _AT_ONCE):
        for value, match in resolver.find(names[at : at + _AT_ONCE]).items():
            if not shown and match.finding is Finding.AMBIGUOUS:
                match = replace(match, rows=replace(match.rows, keys=()))
            one = ReferenceValue(
                value=value,
                count=values.counts[value],
                match=match,
                decision=decisions.get(value),
            )
            distinct[_share_of(one)] += 1
            rows[_share_of(one)] += one.count
            listed.append(one)
        listed = nsmallest(LISTED, listed, key=_order)

    def share(name: _Share) -> Share:
        return Share(values=distinct[name], rows=rows[name])

    return replace(
        report,
        found=share("found"),
        ambiguous=share("ambiguous"),
        missing=share("missing"),
        decided=share("decided"),
        values=tuple(listed),
        left_out=len(names) - len(listed),
    )


def _order(value: ReferenceValue) -> tuple[bool, bool, int, str]:
    """What needs a decision first, then what has one, then by the number of rows."""
    return (_share_of(value) == "found", value.decision is not None, -value.count, value.value)


def _share_of(value: ReferenceValue) -> _Share:
    if value.decision is not None:
        return "decided"
    if value.match.finding is Finding.AMBIGUOUS:
        return "ambiguous"
    return "missing" if value.match.finding is Finding.MISSING else "found"
