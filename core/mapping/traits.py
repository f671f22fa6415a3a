"""What the values of one column are like, so that two columns can be compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.model.reference import fold

#: Fewer values than this are not said to be spread in any way.
FEW = 8
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CHARACTERS = 100  #: of a value, that its shape is judged by
_SPREAD = 500  #: values that a spread is kept as

_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """Of values that are not blank."""

    count: int
    distinct: frozenset[str]  #: folded
    numbers: _Numbers  #: sorted, days counted; empty when most values are none
    fractions: float  #: share of the numbers that are not whole
    lengths: _Numbers  #: sorted
    makeup: _Numbers  #: share of digits, capitals, blanks, other signs among the characters
    shapes: Counter[str]  #: `a-9` for AB-123
    patterns: Counter[str]  #: `AA-999` for AB-123
    words: Counter[str]

    @property
    def several(self) -> bool:
        return self.count >= FEW

    @property
    def few_values(self) -> bool:
        """The same few values again and again?"""
        return self.count >= 3 * FEW and len(self.distinct) <= max(2, self.count // 5)

    @property
    def all_differ(self) -> bool:
        return self.count >= FEW and len(self.distinct) == self.count


def traits_of(values: Sequence[str]) -> Traits:
    """Of cells as canonical text."""
    cells = [value.strip() for value in values if value.strip()]
    numbers = [number for cell in cells if (number := _number(cell)) is not None]
    mostly = bool(numbers) and len(numbers) >= 0.8 * len(cells)
    shown = [cell[:_CHARACTERS] for cell in cells]
    return Traits(
        count=len(cells),
        distinct=frozenset(fold(cell) for cell in cells),
        numbers=_spread(numbers if mostly else []),
        fractions=float(np.mean([n % 1 != 0 for n in numbers])) if mostly else 0.0,
        lengths=_spread([len(cell) for cell in cells]),
        makeup=_makeup("".join(shown)),
        shapes=Counter(_DIGITS.sub("9", _LETTERS.sub("a", cell)) for cell in shown),
        patterns=Counter(_pattern(cell) for cell in shown),
        words=Counter(word for cell in shown for word in _LETTERS.findall(cell.casefold())),
    )


def _spread(numbers: Sequence[float]) -> _Numbers:
    """Sorted; evenly thinned where they are many."""
    whole = np.sort(np.array(numbers, dtype=np.float64))
    if len(whole) <= _SPREAD:
        return whole
    return whole[np.linspace(0, len(whole) - 1, _SPREAD).astype(np.int64)]


def _number(cell: str) -> float | None:
    """A day is its number, so that days are compared as numbers are."""
    if _DAY.match(cell):
        year, month, day = (int(part) for part in cell[:10].split("-"))
        return year * 372.0 + month * 31 + day
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _makeup(text: str) -> _Numbers:
    size = max(1, len(text))
    digits = sum(c.isdigit() for c in text)
    capitals = sum(c.isupper() for c in text)
    blanks = text.count(" ")
    letters = sum(c.isalpha() for c in text)
    return np.array([digits, capitals, blanks, size - digits - letters - blanks]) / size


def _pattern(cell: str) -> str:
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda m: "A" if m[0].isupper() else "a", cell))


def distance(one: _Numbers, other: _Numbers) -> float:
    """Between two spreads, 0 (the same) to 1 (nothing in common): Kolmogorov and Smirnov's."""
    both = np.concatenate([one, other])
    below = np.searchsorted(one, both, side="right") / len(one)
    beneath = np.searchsorted(other, both, side="right") / len(other)
    return float(np.abs(below - beneath).max())


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """What two tallies have in common, 0 to 1."""
    size, whole = one.total(), other.total()
    if not size or not whole:
        return 0.0
    return sum(min(n / size, other[key] / whole) for key, n in one.items() if key in other)


def covered(one: Counter[str], other: Counter[str]) -> float:
    """The share of the first tally that the other knows."""
    size = one.total()
    return sum(n for key, n in one.items() if key in other) / size if size else 0.0
