"""One target for each source at most, one source for each target: the likeliest of all ways."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]

_ROUNDS = 50
#: Log odds beyond this are as good as certain.
_CERTAIN = 12.0


class Assignment(NamedTuple):
    """Which target each source gets, and how likely every pair is."""

    chosen: dict[int, int]  #: source → target
    chances: Weights  #: sources × targets, 0 to 1: how likely each pair is, all ways considered


def assign(weights: Weights) -> Assignment:
    """`weights`: log odds of each pair, sources × targets; -inf where a pair is impossible.

    Pairs of odds below even are never chosen.
    """
    if 0 in weights.shape:
        return Assignment({}, np.zeros(weights.shape))
    return Assignment(_best(weights), _chances(weights))


def _chances(weights: Weights) -> Weights:
    """The share of each pair in all ways to pair up, a way being as likely as the product of its
    odds: found by belief propagation, which settles for pairings whatever the odds."""
    odds = np.exp(np.clip(weights, None, _CERTAIN))
    # The odds that the one end is free for this pair, as far as its other pairs go.
    source_free, target_free = np.ones_like(odds), np.ones_like(odds)
    for _ in range(_ROUNDS):
        wanted = odds * target_free
        source_free = 1 / (1 + wanted.sum(axis=1, keepdims=True) - wanted)
        wanted = odds * source_free
        new = 1 / (1 + wanted.sum(axis=0, keepdims=True) - wanted)
        target_free = (target_free + new) / 2
    pair = odds * source_free * target_free
    chances: Weights = pair / (1 + pair)
    return chances


def _best(weights: Weights) -> dict[int, int]:
    """The pairs of the greatest sum of log odds (Kuhn and Munkres, with potentials)."""
    sources, targets = weights.shape
    # Going without costs nothing: one place to do so for each source.
    cost = np.concatenate([-weights, np.zeros((sources, sources))], axis=1)
    cost[np.isposinf(cost)] = 1e6
    width = targets + sources
    by_source, by_target = np.zeros(sources + 1), np.zeros(width + 1)
    holder = np.zeros(width + 1, dtype=np.int64)
    for source in range(1, sources + 1):
        way = _shortest(cost, source, by_source, by_target, holder)
        place = way.end
        while place:
            before = int(way.came[place])
            holder[place] = holder[before]
            place = before
    return {int(holder[place]) - 1: place - 1 for place in range(1, targets + 1) if holder[place]}


class _Way(NamedTuple):
    end: int  #: the free place it leads to
    came: npt.NDArray[np.int64]  #: from where each place was reached


def _shortest(
    cost: Weights,
    source: int,
    by_source: Weights,
    by_target: Weights,
    holder: npt.NDArray[np.int64],
) -> _Way:
    """The cheapest way to give the source a place, others moving on; updates the potentials."""
    width = cost.shape[1]
    least = np.full(width + 1, np.inf)
    came = np.zeros(width + 1, dtype=np.int64)
    seen = np.zeros(width + 1, dtype=bool)
    holder[0], place = source, 0
    while True:
        seen[place] = True
        row = int(holder[place])
        slack = cost[row - 1] - by_source[row] - by_target[1:]
        better = ~seen[1:] & (slack < least[1:])
        least[1:][better], came[1:][better] = slack[better], place
        open_ = np.where(seen, np.inf, least)
        open_[0] = np.inf
        following = int(np.argmin(open_))
        step = open_[following]
        by_source[holder[seen]] += step
        by_target[seen] -= step
        least[~seen] -= step
        place = following
        if not holder[place]:
            return _Way(place, came)
