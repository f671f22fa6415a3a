"""Which of many known values was meant by one that is not among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.checks.problems import quote
from core.model.reference import fold

#: Longer texts are no names.
_LONGEST = 64
#: Distinct values that are thought about; the work of one file stays bounded.
_PATIENCE = 1_000
#: Letter groups shared by more names than this tell nothing.
_COMMON = 2_000
_RAREST = 8
_COMPARED = 16
_OFFERED = 3


class Nearest:
    """Finds the nearest of some values. Case and blanks at the ends never count."""

    def __init__(self, names: Iterable[str]) -> None:
        self._spelled: dict[str, list[str]] = {}
        for name in names:
            self._spelled.setdefault(fold(name), []).append(name)
        self._by_group: dict[str, list[str]] | None = None
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, value: str) -> tuple[str, ...]:
        """Up to three values that may be meant, the nearest first.

        Those that differ in case alone, else those a few letters away: one in a word of three
        to five letters, two up to ten, three in longer ones. After a thousand distinct values
        only case is tried.
        """
        folded = fold(value)
        if same := self._spelled.get(folded):
            return tuple(same[:_OFFERED])
        if folded not in self._known:
            if len(self._known) >= _PATIENCE or not 3 <= len(folded) <= _LONGEST:
                return ()
            self._known[folded] = tuple(name for _, name in self._ranked(folded)[:_OFFERED])
        return self._known[folded]

    def only(self, value: str) -> str | None:
        """The one value that must be meant: None when two are equally near, or none is."""
        folded = fold(value)
        if same := self._spelled.get(folded):
            return same[0] if len(same) == 1 else None
        found = self.of(value)
        if not found:
            return None
        limit = _reach(folded)
        steps = [distance(folded, fold(name), limit) for name in found[:2]]
        return found[0] if len(steps) == 1 or steps[0] < steps[1] else None

    def _ranked(self, folded: str) -> list[tuple[int, str]]:
        limit, groups = _reach(folded), self._groups()
        own = dict.fromkeys(_letter_groups(folded))
        known = sorted((groups[g] for g in own if g in groups), key=len)
        shared: Counter[str] = Counter()
        for holders in known[:_RAREST]:
            if len(holders) <= _COMMON:
                shared.update(holders)
        ranked = []
        for name, _ in shared.most_common(_COMPARED):
            steps = distance(folded, name, limit)
            if steps <= limit:
                ranked += [(steps, spelled) for spelled in self._spelled[name]]
        return sorted(ranked)

    def _groups(self) -> dict[str, list[str]]:
        """Folded names by each group of three letters in them, made when first needed."""
        if self._by_group is None:
            self._by_group = {}
            for name in self._spelled:
                if len(name) <= _LONGEST:
                    for group in dict.fromkeys(_letter_groups(name)):
                        self._by_group.setdefault(group, []).append(name)
        return self._by_group


def _letter_groups(text: str) -> Iterable[str]:
    padded = f"  {text} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))


def _reach(folded: str) -> int:
    return 1 if len(folded) <= 5 else 2 if len(folded) <= 10 else 3


def distance(one: str, other: str, limit: int) -> int:
    """Letters to put in, take out, change or swap with their neighbour; `limit` + 1 when more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def did_you_mean(names: Sequence[str]) -> str:
    """The end of a message that offers these; empty when there are none."""
    return f"; did you mean {' or '.join(quote(name) for name in names)}?" if names else ""


def proposed_values(cells: Iterable[str], choices: Iterable[str]) -> Mapping[str, str]:
    """For cells that are no choice: which of the choices each must mean, where one is nearest.

    Fit to be the pairs of a `map_values` step.
    """
    nearest = Nearest(choices)
    found = ((cell, nearest.only(cell)) for cell in dict.fromkeys(cells))
    return {cell: meant for cell, meant in found if meant is not None}
