"""Cells that name a row of a parent table become the key of that row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from core.checks.nearness import Nearest, did_you_mean
from core.checks.problems import gather, quote
from core.databases.parents import NamedRows, open_named_rows
from core.errors import InvalidMapping
from core.mapping.apply import Mapped
from core.model.check import Severity
from core.model.mapping import Answer
from core.model.reference import Finding, Match, Near, ParentRows
from core.model.table import Kind

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.mapping import Decision, FieldMapping, Lookup
    from core.model.reference import Parent
    from core.model.table import TableRef

#: Values whose rows are remembered from batch to batch; then remembering starts anew.
_REMEMBERED = 100_000
#: Longer texts are not listed when the values of a file are counted.
LONGEST_NAME = 1_000
_NONE = ParentRows(count=0, keys=())


class Resolver:
    """Finds the rows of one parent that values name. Its memory is bounded."""

    def __init__(self, engine: Engine, parent: Parent, by: str) -> None:
        self._engine, self._parent, self._by = engine, parent, by
        self._opened: NamedRows | None = None
        self._nearest: Nearest | None = None
        self._known: dict[str, Match] = {}

    def find(self, values: Sequence[str]) -> dict[str, Match]:
        """Every one of the distinct values, each matched with the parent.

        A row of just that value is the one; else one that differs in case and blanks at the
        ends alone; else, where the parent is named by a text, one whose key the value is. Of
        several rows it is never the first. Raises TargetDatabaseError.
        """
        found = {value: match for value in values if (match := self._known.get(value))}
        if len(found) < len(values):
            fresh = self._look_up([value for value in values if value not in found])
            if len(self._known) + len(fresh) > _REMEMBERED:
                self._known = {}
            self._known |= fresh
            found |= fresh
        return found

    def _look_up(self, values: Sequence[str]) -> dict[str, Match]:
        rows = self._rows
        found = {v: _match(Finding.NAME, r) for v, r in rows.exact(values).items()}
        left = [value for value in values if value not in found]
        found |= {v: _match(Finding.CASE, r) for v, r in rows.folded(left).items()}
        left = [value for value in left if value not in found]
        if self._parent.table.column(self._by).kind in (Kind.TEXT, Kind.OTHER):
            for key in rows.keys(left):
                found[key] = Match(finding=Finding.KEY, rows=ParentRows(count=1, keys=(key,)))
        for value in left:
            if value not in found:
                near = self._near(value)
                found[value] = Match(finding=Finding.MISSING, rows=_NONE, near=near)
        return found

    @property
    def _rows(self) -> NamedRows:
        if self._opened is None:
            self._opened = open_named_rows(
                self._engine, self._parent.table, self._by, self._parent.key
            )
        return self._opened

    def _near(self, value: str) -> tuple[Near, ...]:
        if not self._parent.shown:
            return ()
        if self._nearest is None:
            self._nearest = Nearest(self._rows.names)
        offered = self._nearest.of(value)
        keys = self._rows.exact(offered) if offered else {}
        return tuple(Near(value=name, key=keys[name].keys[0]) for name in offered)


def _match(finding: Finding, rows: ParentRows) -> Match:
    return Match(finding=finding if rows.count == 1 else Finding.AMBIGUOUS, rows=rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One looked-up column of the plan."""

    target: str
    lookup: Lookup
    parent: Parent
    own: bool  #: the parent is the table itself
    resolver: Resolver

    @property
    def decisions(self) -> Mapping[str, Decision]:
        return {decision.value: decision for decision in self.lookup.decisions}


class References:
    """Takes the looked-up cells of a file's batches to the keys they stand for."""

    def __init__(
        self,
        mappings: Iterable[FieldMapping],
        parents: Mapping[str, Parent],
        engine: Engine,
        into: TableRef,
    ) -> None:
        """`parents` by target column. Raises InvalidMapping for a lookup that has none."""
        self._references = tuple(
            _reference(mapping, mapping.lookup, parents, engine, into)
            for mapping in mappings
            if mapping.lookup is not None
        )

    def resolve(self, mapped: Mapped) -> Mapped:
        """The batch with keys in place of names, null where there is none, and why."""
        frame, problems = mapped.frame, [mapped.problems]
        for reference in self._references:
            cells, found = _resolved(reference, frame.get_column(reference.target))
            named = cells.alias(reference.target)
            # One by one: a column may be called so that Polars takes its name for a pattern.
            frame = pl.DataFrame([named if c.name == named.name else c for c in frame])
            problems.append(found)
        return Mapped(frame=frame, problems=gather(problems)) if self._references else mapped


def _reference(
    mapping: FieldMapping,
    lookup: Lookup,
    parents: Mapping[str, Parent],
    engine: Engine,
    into: TableRef,
) -> Reference:
    parent = parents.get(mapping.target)
    if parent is None:
        raise InvalidMapping(f"{mapping.target} refers to no table that values can be looked up in")
    for decision in lookup.decisions:
        if decision.answer is Answer.USE and decision.use is None:
            raise InvalidMapping(
                f"{mapping.target}: which row of {parent.table.label} to use for "
                f"{quote(decision.value)} is not said"
            )
    ref = parent.table.ref
    return Reference(
        target=mapping.target,
        lookup=lookup,
        parent=parent,
        own=(ref.schema, ref.name) == (into.schema, into.name),
        resolver=Resolver(engine, parent, lookup.by),
    )


@dataclass(slots=True)
class _Verdicts:
    """What becomes of each distinct value of a batch: a key, or a problem, or both, or nothing."""

    keys: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def _resolved(reference: Reference, cells: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """The cells as keys, and the problems of those that are not."""
    values = cells.alias("cell")
    distinct = [value for value in values.drop_nulls().unique().to_list() if value.strip()]
    verdicts = _judged(reference, distinct)
    keys = values.replace_strict(
        pl.Series(list(verdicts.keys), dtype=pl.String),
        pl.Series(list(verdicts.keys.values()), dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )
    found = [
        _said(reference.target, values, verdicts.errors, Severity.ERROR),
        _said(reference.target, values, verdicts.warnings, Severity.WARNING),
    ]
    return keys, gather(found)


def _judged(reference: Reference, distinct: Sequence[str]) -> _Verdicts:
    verdicts, decisions = _Verdicts(), reference.decisions
    open_ = [value for value in distinct if value not in decisions]
    for value in distinct:
        decision = decisions.get(value)
        if decision is None:
            continue
        if decision.answer is Answer.REJECT:
            verdicts.errors[value] = f"{quote(value)} is rejected, as decided"
        elif decision.answer is Answer.USE and decision.use is not None:
            verdicts.keys[value] = decision.use
    for value, match in reference.resolver.find(open_).items():
        key = match.key
        if key is None:
            verdicts.errors[value] = _complaint(reference, value, match)
            continue
        verdicts.keys[value] = key
        if match.finding is Finding.KEY:
            parent = reference.parent
            verdicts.warnings[value] = (
                f"{quote(value)} is no {reference.lookup.by} of {parent.table.label} and was "
                f"taken as its {parent.key}"
            )
    return verdicts


def _complaint(reference: Reference, value: str, match: Match) -> str:
    label, key = reference.parent.table.label, reference.parent.key
    if match.finding is Finding.AMBIGUOUS:
        count, keys = match.rows.count, match.rows.keys
        listed = ", ".join(keys) + (", …" if count > len(keys) else "")
        which = f" ({key} {listed})" if reference.parent.shown else ""
        return f"{quote(value)} is in {count:,} rows of {label}{which}: decide which"
    waiting = ", where the rows of this file do not count yet" if reference.own else ""
    near = did_you_mean([name.value for name in match.near])
    return f"{quote(value)} is in no row of {label} ({reference.lookup.by}){waiting}{near}"


def _said(
    target: str, cells: pl.Series, messages: Mapping[str, str], severity: Severity
) -> pl.DataFrame:
    """One problem for every cell that has a message."""
    said = cells.replace_strict(
        pl.Series(list(messages), dtype=pl.String),
        pl.Series(list(messages.values()), dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )
    index = said.is_not_null().arg_true()
    return pl.DataFrame({"index": index.cast(pl.UInt32), "message": said.gather(index)}).select(
        "index",
        pl.lit(target).alias("field"),
        pl.lit("reference").alias("check"),
        "message",
        pl.lit(severity.value).alias("severity"),
    )


@dataclass(slots=True)
class Values:
    """How often each value of one column of a file occurs, before it is looked up."""

    counts: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    blank: int = 0
    unreadable: int = 0  #: a step could not make the cell, or it is too long to be a name

    def add(self, mapped: Mapped, target: str) -> None:
        cells = mapped.frame.get_column(target).alias("cell")
        failed = mapped.problems.filter(
            (pl.col("field") == target) & (pl.col("severity") == Severity.ERROR.value)
        )["index"].n_unique()
        blank = cells.is_null() | (cells.str.strip_chars() == "")
        names = cells.filter(~blank)
        short = names.filter(names.str.len_chars() <= LONGEST_NAME)
        self.rows += len(cells)
        self.unreadable += failed + len(names) - len(short)
        self.blank += int(blank.sum()) - failed
        counted = short.value_counts()
        self.counts.update(dict(zip(counted["cell"], counted["count"], strict=True)))
