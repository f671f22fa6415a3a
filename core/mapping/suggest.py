"""A proposal for every source column, with the reason (R7 to R11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.mapping.fitting import Fit, fit
from core.mapping.likeness import Likeness, likeness
from core.model.mapping import Suggestion
from core.model.table import Column, Table

#: Columns Tableport itself puts into the file of rejected rows; corrected files bring them back.
REJECT_COLUMNS = frozenset({"tableport_row", "tableport_line", "tableport_reason"})


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceColumn:
    """A column of the file with some of its cells."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    source: int  #: position among the source columns
    target: str
    alike: Likeness
    fit: Fit


def suggest(columns: Sequence[SourceColumn], table: Table) -> tuple[Suggestion, ...]:
    """One suggestion per source column, in their order; each target is proposed at most once.

    The best likeness of names wins a target. Equally good candidates are left to the user,
    as are columns whose cells do not fit the target's kind.
    """
    pairs, refusals = _pairs(columns, table)
    chosen, ties = _assign(pairs)
    suggestions = []
    for at, column in enumerate(columns):
        pair = chosen.get(at)
        samples = tuple(dict.fromkeys(s for s in column.samples if s.strip()))[:3]
        if pair is None:
            reason = ties.get(at) or refusals.get(at) or _nothing(column.name, table)
            suggestions.append(
                Suggestion(source=column.name, target=None, reason=reason, samples=samples)
            )
            continue
        suggestions.append(
            Suggestion(
                source=column.name,
                target=pair.target,
                steps=pair.fit.steps,
                confidence=pair.alike.confidence,
                reason=" ".join(filter(None, (pair.alike.reason, pair.fit.reason))),
                samples=samples,
            )
        )
    return tuple(suggestions)


def _nothing(name: str, table: Table) -> str:
    if name.lower() in REJECT_COLUMNS:
        return "Tableport added this column to rejected rows; it is not part of the data."
    return f"No column of {table.label} that is still free has a name like '{name}'."


def _pairs(columns: Sequence[SourceColumn], table: Table) -> tuple[list[_Pair], dict[int, str]]:
    """Every possible pair, and for some source columns why their best one is impossible."""
    pairs: list[_Pair] = []
    refusals: dict[int, tuple[float, str]] = {}
    for at, source in enumerate(columns):
        if source.name.lower() in REJECT_COLUMNS:
            continue
        for target in table.columns:
            alike = likeness(source.name, target.name, table.ref.name)
            if not alike.confidence:
                continue
            fitting = _fit_target(source, target)
            if fitting.fits:
                pairs.append(_Pair(source=at, target=target.name, alike=alike, fit=fitting))
            elif alike.confidence > refusals.get(at, (0.0, ""))[0]:
                refusals[at] = (alike.confidence, fitting.reason)
    return pairs, {at: reason for at, (_, reason) in refusals.items()}


def _fit_target(source: SourceColumn, target: Column) -> Fit:
    why = target.not_writable
    if why is not None:
        return Fit(fits=False, reason=f"Column '{target.name}' {why} and cannot be imported.")
    return fit(source.samples, target)


def _assign(pairs: list[_Pair]) -> tuple[dict[int, _Pair], dict[int, str]]:
    """Give out targets from the best likeness down; a tie is nobody's."""
    chosen: dict[int, _Pair] = {}
    ties: dict[int, str] = {}
    taken: set[str] = set()
    for level in sorted({pair.alike.confidence for pair in pairs}, reverse=True):
        free = [
            pair
            for pair in pairs
            if pair.alike.confidence == level
            and pair.source not in chosen
            and pair.source not in ties
            and pair.target not in taken
        ]
        targets, sources = defaultdict(list), defaultdict(list)
        for pair in free:
            targets[pair.source].append(pair.target)
            sources[pair.target].append(pair.source)
        for pair in free:
            taken.add(pair.target)
            if len(targets[pair.source]) > 1:
                names = " and ".join(f"'{name}'" for name in targets[pair.source])
                ties[pair.source] = f"{names} are equally likely: choose one."
            elif len(sources[pair.target]) > 1:
                ties[pair.source] = (
                    f"{len(sources[pair.target])} columns of the file are equally likely for"
                    f" '{pair.target}': choose one."
                )
            else:
                chosen[pair.source] = pair
    return chosen, ties
