"""What the values of a source column tell for or against a column of the table.

Each sign has a weight, as the logarithm of odds: 3 makes a match twenty times as likely, -3 as
unlikely. Signs that are not weighed against the same rows of the table are taken as independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.mapping.traits import FEW, Traits, covered, distance, overlap
from core.model.reference import fold
from core.model.table import Column, Kind, Table

#: Kinds whose values have an order that can be compared.
_ORDERED = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME})
_TEXTS = frozenset({Kind.TEXT, Kind.UUID, Kind.OTHER})
#: Being alike in many ways is not more than this.
_MOST_ALIKE = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentValues:
    """What values of the file are in the table that a column refers to."""

    label: str
    keys: frozenset[str] = frozenset()  #: of the file's values, those that are keys there
    #: By a column that tells rows of the parent apart: the file's values that are there, folded.
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableValues:
    """What is known of the values that the table holds, by column; nothing where none are."""

    columns: Mapping[str, Traits] = field(default_factory=dict)
    parents: Mapping[str, ParentValues] = field(default_factory=dict)


NO_VALUES = TableValues()


class Sign(NamedTuple):
    weight: float  #: log odds
    reason: str = ""  #: a sentence, or nothing worth saying


class Naming(NamedTuple):
    """Values that are names of rows of the parent."""

    by: str
    sign: Sign


def signs_of(
    source: Traits, target: Column, table: Table, known: TableValues, *, blanks: float
) -> Iterator[Sign]:
    """`source` is what the cells are like after the proposed steps; `blanks` the share of its
    cells that are blank."""
    if blanks > 0.02 and target.required:
        yield Sign(-1.0)
    if not source.count:
        return
    yield from _key(source, target, table)
    if target.choices:
        yield _choices(source, target)
    parent = known.parents.get(target.name)
    if parent is not None:
        yield from _keys(source, target, parent)
    there = known.columns.get(target.name)
    if there is not None and there.count:
        yield from _present(source, there, target)
        alike = sum(sign.weight for sign in _alike(source, there, target, table))
        yield Sign(min(alike, _MOST_ALIKE), "Its values are like those in the table."
                   if alike > 1 else "")  # fmt: skip


def naming(source: Traits, parent: ParentValues) -> Naming | None:
    """The column of the parent that most of the values are found in, when most are."""
    best: Naming | None = None
    for by, found in parent.names.items():
        hits, all_ = len(source.distinct & found), len(source.distinct)
        if hits < 2 or hits < 0.6 * all_:
            continue
        weight = 4.5 if hits >= 0.95 * all_ else 3.0
        reason = f"{hits:,} of {all_:,} values are names in {parent.label}.{by}."
        if best is None or weight > best.sign.weight:
            best = Naming(by, Sign(weight, reason))
    return best


def _key(source: Traits, target: Column, table: Table) -> Iterator[Sign]:
    unique = any(key.columns == (target.name,) for key in table.keys)
    if unique and source.count >= FEW and len(source.distinct) < source.count:
        yield Sign(-3.0 if len(source.distinct) < 0.9 * source.count else -1.0)
    if unique and source.all_differ:
        yield Sign(0.7, "Its values all differ, as those of a key do.")


def _choices(source: Traits, target: Column) -> Sign:
    allowed = {fold(choice) for choice in target.choices}
    hits, all_ = len(source.distinct & allowed), len(source.distinct)
    if hits >= 0.7 * all_:
        reason = f"{hits} of {all_} values are among those it allows."
        return Sign(4.5 if hits > 1 else 2.5, reason)
    return Sign(-1.0 if hits else -4.0)


def _keys(source: Traits, target: Column, parent: ParentValues) -> Iterator[Sign]:
    found = {fold(key) for key in parent.keys}
    hits, all_ = len(source.distinct & found), len(source.distinct)
    whole = target.kind is Kind.INTEGER
    if hits >= 0.9 * all_:
        # Small numbers are keys of nearly every table.
        weight = (0.5 if all_ < FEW else 1.0) if whole else 3.5
        yield Sign(weight, f"{hits:,} of {all_:,} values are keys of {parent.label}.")
    elif hits < 0.5 * all_:
        yield Sign(-3.0)


def _present(source: Traits, there: Traits, target: Column) -> Iterator[Sign]:
    """How many of the values are in the table already?"""
    if target.kind not in _TEXTS:
        return
    hits, all_ = len(source.distinct & there.distinct), len(source.distinct)
    share = hits / all_
    reason = f"{hits:,} of {all_:,} values are in the table already."
    if there.few_values:
        if share >= 0.6:
            yield Sign(3.5 if hits > 1 else 1.5, reason)
        elif not hits:
            yield Sign(-3.0)
    elif share >= 0.5 and hits >= FEW:
        yield Sign(3.5, reason)
    elif share >= 0.1 and hits > 1:
        yield Sign(2.0, reason)


def _alike(source: Traits, there: Traits, target: Column, table: Table) -> Iterator[Sign]:
    if not (source.several and there.several):
        return
    if target.kind in _ORDERED:
        yield from _spread(source, there, target, table)
    elif target.kind in _TEXTS:
        for judge in _TEXT_SIGNS:
            yield from judge(source, there)
    if source.few_values != there.few_values:
        yield Sign(-1.0)


def _spread(source: Traits, there: Traits, target: Column, table: Table) -> Iterator[Sign]:
    if not len(source.numbers) or not len(there.numbers):
        return
    if abs(source.fractions - there.fractions) > 0.5:
        yield Sign(-1.5)
    serial = there.all_differ and target.kind is Kind.INTEGER
    if serial or any(target.name in key.columns for key in table.keys):
        return  # new rows have new numbers
    apart = distance(source.numbers, there.numbers)
    many = min(len(source.numbers), len(there.numbers)) >= 6 * FEW
    if apart < 0.13 and many:
        yield Sign(3.0)
    elif apart < 0.2:
        yield Sign(2.0)
    elif apart < 0.35:
        yield Sign(0.8)
    elif apart > 0.9:
        yield Sign(-3.0)
    elif apart > 0.55:
        yield Sign(-1.5)


def _lengths(source: Traits, there: Traits) -> Iterator[Sign]:
    apart = distance(source.lengths, there.lengths)
    if apart < 0.2:
        yield Sign(0.8)
    elif apart > 0.85:
        yield Sign(-1.5)
    elif apart > 0.6:
        yield Sign(-0.8)


def _makeup(source: Traits, there: Traits) -> Iterator[Sign]:
    apart = float(abs(source.makeup - there.makeup).sum())
    if apart < 0.06:
        yield Sign(0.6)
    elif apart > 0.3:
        yield Sign(-1.5)


def _shapes(source: Traits, there: Traits) -> Iterator[Sign]:
    common = overlap(source.shapes, there.shapes)
    usual, count = there.shapes.most_common(1)[0]
    told = bool(set(usual) - {"a", " "}) and usual != "9" and count >= 0.3 * there.count
    if common >= 0.6:
        yield Sign(1.8 if told else 0.2)
    elif common < 0.1 and told:
        yield Sign(-2.5)
    if told and len(there.patterns) <= max(3, there.count // 5):
        # A code: so many letters, so many digits.
        yield Sign(1.5 if covered(source.patterns, there.patterns) >= 0.9 else -1.0)


def _words(source: Traits, there: Traits) -> Iterator[Sign]:
    if source.words.total() < FEW or there.words.total() < 3 * FEW:
        return
    known = covered(source.words, there.words)
    if known >= 0.6:
        yield Sign(2.0)
    elif known >= 0.25:
        yield Sign(1.0)
    elif known < 0.05:
        yield Sign(-0.7)


_TEXT_SIGNS: tuple[Callable[[Traits, Traits], Iterator[Sign]], ...] = (
    _lengths,
    _makeup,
    _shapes,
    _words,
)
