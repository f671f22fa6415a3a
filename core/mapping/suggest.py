"""A proposal for every source column, from names and values, with the reason (R7 to R11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from core.mapping.assign import Weights, assign
from core.mapping.evidence import NO_VALUES, Naming, Sign, TableValues, naming, signs_of
from core.mapping.fitting import Fit, could_be, fit
from core.mapping.likeness import EXACT, PREFIX, SPELLING, SYNONYM, WEAK, likeness
from core.mapping.resemblance import resemblance, says_nothing, weights_of
from core.mapping.traits import Traits, traits_of
from core.mapping.transforms import find_transform
from core.model.mapping import Lookup, Step, Suggestion
from core.model.table import Column, Kind, Table

#: Columns Tableport itself puts into the file of rejected rows; corrected files bring them back.
REJECT_COLUMNS = frozenset({"tableport_row", "tableport_line", "tableport_reason", "tableport_job"})
#: Taken without asking from this confidence on: measured, see docs/mapping.md.
AUTO = 0.95
_PROPOSED = 0.5
_MARGIN = 0.15  #: ahead of the next best by so much, or it is the user's choice
_WORTH_SAYING = 0.2
_MANY = 20_000  #: pairs: where there are more, other names are no candidates whatever they hold
_FITTED = 50  #: distinct cells that kinds are judged by

#: What names tell, as log odds.
_BY_RULE = {EXACT: 8.0, SPELLING: 6.5, SYNONYM: 3.5, PREFIX: 3.2, WEAK: 0.8}
_SHARES, _BY_SHARE = (0.45, 0.6, 0.75, 0.9, 1.0), (-1.0, 0.8, 2.0, 3.0, 3.5)
_OTHER_NAME, _NO_NAME = -4.0, -1.5
_SETTLED = 5.0  #: of the very name, whatever the values tell


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceColumn:
    """A column of the file with some of its cells."""

    name: str
    samples: tuple[str, ...] = ()  #: as they come, repeated ones too; blank ones may be left out
    #: Point or comma: what stands before the fractions of the file's numbers, where that is known.
    decimal: str | None = None
    blanks: float = 0.0  #: share of the cells that are blank


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    target: Column
    signs: tuple[Sign, ...]
    lookup: Lookup | None = None

    @property
    def weight(self) -> float:
        return sum(sign.weight for sign in self.signs)

    @property
    def reason(self) -> str:
        """What tells most for it, in two sentences at most."""
        told = sorted((s for s in self.signs if s.reason and s.weight > 0), key=lambda s: -s.weight)
        return " ".join(sign.reason for sign in told[:2])


class _Cells:
    """What the cells of one source column are for columns of each kind."""

    def __init__(self, column: SourceColumn) -> None:
        self.column = column
        self._filled = [cell for cell in column.samples if cell.strip()]
        self.distinct = tuple(dict.fromkeys(self._filled))
        self._fits: dict[Kind, Fit] = {}
        self._traits: dict[tuple[str, ...], Traits] = {}

    def fit(self, target: Column) -> Fit:
        """In the words of this very target."""
        return fit(self.distinct[:_FITTED], target, self.column.decimal)

    def fits(self, target: Column) -> Fit:
        """The same whatever the target is called: asked for every pair."""
        if target.kind not in self._fits:
            possible = could_be(self.distinct[:_FITTED], target.kind)
            self._fits[target.kind] = self.fit(target) if possible else Fit(fits=False)
        return self._fits[target.kind]

    def traits(self, steps: Sequence[Step] = ()) -> Traits:
        """Of the cells after the steps."""
        key = tuple(f"{step.transform} {sorted(step.options.items())}" for step in steps)
        if key not in self._traits:
            self._traits[key] = traits_of(self._after(steps))
        return self._traits[key]

    def _after(self, steps: Sequence[Step]) -> list[str]:
        frame = pl.DataFrame({"cell": self._filled}, schema={"cell": pl.String})
        for step in steps:
            made = find_transform(step.transform).expression(pl.col("cell"), step.options)
            frame = frame.select(made.alias("cell"))
        return frame.get_column("cell").drop_nulls().to_list()


def suggest(
    columns: Sequence[SourceColumn], table: Table, known: TableValues = NO_VALUES
) -> tuple[Suggestion, ...]:
    """One suggestion per source column, in their order; each target is proposed at most once.

    All pairs are weighed together: by their names, by whether the cells fit the column's kind,
    and by `known`, what the table already holds. Columns that are about as likely for two targets,
    or two columns for one, are left to the user.
    """
    cells = [_Cells(column) for column in columns]
    pairs, refusals = _pairs(cells, table, known)
    weights = np.full((len(columns), len(table.columns)), -np.inf)
    for (source, target), pair in pairs.items():
        weights[source, target] = pair.weight
    _settle(weights, columns, table)
    chosen, chances = assign(weights)
    found = []
    for at, one in enumerate(cells):
        to = chosen.get(at)
        doubt = _doubt(at, to, chances, table)
        if to is not None and doubt is None:
            found.append(_proposal(one, pairs[at, to], float(chances[at, to])))
            continue
        reason = doubt or refusals.get(at) or _nothing(one.column.name, table)
        found.append(
            Suggestion(source=one.column.name, target=None, reason=reason, samples=one.distinct[:3])
        )
    return tuple(found)


def _settle(weights: Weights, columns: Sequence[SourceColumn], table: Table) -> None:
    """Where one column of the file has the very name of a target, and fits, the two are a pair.

    Case and punctuation apart. Values that look otherwise than those in the table are no reason
    to leave such a column out, nor is another column (`Phone_2`) whose values look alike.
    """
    same: dict[int, list[int]] = {}
    for at, column in enumerate(columns):
        for to, target in enumerate(table.columns):
            alike = likeness(column.name, target.name, table.ref.name).confidence >= SPELLING
            if alike and np.isfinite(weights[at, to]):
                same.setdefault(to, []).append(at)
    for to, sources in same.items():
        own = [at for at in sources if columns[at].name == table.columns[to].name] or sources
        targets = [other for other, names in same.items() if own[0] in names]
        if len(own) > 1 or len(targets) > 1:
            continue
        weight = max(weights[own[0], to], _SETTLED)
        weights[own[0], :] = weights[:, to] = -np.inf
        weights[own[0], to] = weight


def _proposal(cells: _Cells, pair: _Pair, chance: float) -> Suggestion:
    by_name = pair.lookup is not None
    fitting = Fit(fits=True) if by_name else cells.fit(pair.target)
    return Suggestion(
        source=cells.column.name,
        target=pair.target.name,
        steps=fitting.steps,
        lookup=pair.lookup,
        auto=chance >= AUTO,
        confidence=round(chance, 3),
        reason=" ".join(filter(None, (pair.reason, fitting.reason))),
        samples=cells.distinct[:3],
    )


def _nothing(name: str, table: Table) -> str:
    if name.lower() in REJECT_COLUMNS:
        return "Tableport added this column to rejected rows; it is not part of the data."
    if says_nothing(name):
        return f"'{name}' is no name, and its values do not tell which column of {table.label}."
    return f"No column of {table.label} that is still free has a name like '{name}'."


def _doubt(source: int, target: int | None, chances: Weights, table: Table) -> str | None:
    """Why the pair is not proposed, None when it is; empty when there is nothing to say."""
    if not chances.shape[1]:
        return ""
    row = chances[source]
    best = int(np.argmax(row)) if target is None else target
    chance = row[best]
    others = np.delete(row, best)
    other = float(others.max()) if len(others) else 0.0
    rivals = int((chances[:, best] > chance - _MARGIN).sum())
    ahead = chance - other >= _MARGIN and rivals == 1
    if target is not None and chance >= _PROPOSED and ahead:
        return None
    if chance < _WORTH_SAYING or ahead:
        return ""
    if chance - other < _MARGIN:
        close = [c.name for c, p in zip(table.columns, row, strict=True) if p > chance - _MARGIN]
        return f"{' and '.join(repr(name) for name in close[:2])} are equally likely: choose one."
    name = table.columns[best].name
    return f"{rivals} columns of the file are equally likely for '{name}': choose one."


_Pairs = dict[tuple[int, int], _Pair]


def _pairs(
    cells: Sequence[_Cells], table: Table, known: TableValues
) -> tuple[_Pairs, dict[int, str]]:
    """Every possible pair, and for some source columns why their best one is impossible."""
    pairs: _Pairs = {}
    refusals: dict[int, tuple[float, str]] = {}
    words = weights_of(table.column_names, table.ref.name)
    many = len(cells) * len(table.columns) > _MANY
    for at, source in enumerate(cells):
        if source.column.name.lower() in REJECT_COLUMNS:
            continue
        for to, target in enumerate(table.columns):
            by_name = _by_name(source.column.name, target.name, table, words)
            unlike = many and by_name.weight == _OTHER_NAME
            pair = None
            if target.writable and not unlike:
                pair = _pair(source, target, table, known, by_name)
            if pair is not None:
                pairs[at, to] = pair
            elif by_name.weight > max(0.0, refusals.get(at, (0.0, ""))[0]):
                refusals[at] = (by_name.weight, _refusal(source, target))
    return pairs, {at: reason for at, (_, reason) in refusals.items()}


def _refusal(source: _Cells, target: Column) -> str:
    why = target.not_writable
    if why is not None:
        return f"Column '{target.name}' {why} and cannot be imported."
    return source.fit(target).reason


def _by_name(source: str, target: str, table: Table, words: Mapping[str, float]) -> Sign:
    alike = likeness(source, target, table.ref.name)
    if alike.confidence:
        return Sign(_BY_RULE[alike.confidence], alike.reason)
    if says_nothing(source):
        return Sign(_NO_NAME)
    alike = resemblance(source, target, words)
    if alike.confidence:
        return Sign(float(np.interp(alike.confidence, _SHARES, _BY_SHARE)), alike.reason)
    return Sign(_OTHER_NAME)


def _pair(
    source: _Cells, target: Column, table: Table, known: TableValues, by_name: Sign
) -> _Pair | None:
    """None when the cells neither fit the target nor name rows that it refers to."""
    fitting, blanks = source.fits(target), source.column.blanks
    parent = known.parents.get(target.name)
    names: Naming | None = naming(source.traits(), parent) if parent else None
    pair = None
    if fitting.fits:
        traits = source.traits(fitting.steps)
        signs = signs_of(traits, target, table, known, blanks=blanks)
        pair = _Pair(target=target, signs=(by_name, *signs))
    if names is None:
        return pair
    named = _Pair(target=target, signs=(by_name, names.sign), lookup=Lookup(by=names.by))
    return named if pair is None or named.weight > pair.weight else pair
