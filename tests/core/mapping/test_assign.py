from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.mapping.assign import assign

NEVER = -np.inf


def best_sum(weights) -> float:
    """The greatest sum by trying every way."""
    ways = product(range(-1, weights.shape[1]), repeat=weights.shape[0])
    sums = [
        sum(weights[i, j] for i, j in enumerate(way) if j >= 0)
        for way in ways
        if len({j for j in way if j >= 0}) == sum(j >= 0 for j in way)
    ]
    return max(sums)


@pytest.mark.parametrize("seed", range(12))
def test_the_sum_is_the_greatest_there_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.normal(0, 3, tuple(random.integers(1, 5, 2)))
    weights[random.random(weights.shape) < 0.2] = NEVER
    chosen = assign(weights).chosen
    assert len(set(chosen.values())) == len(chosen)
    assert sum(weights[i, j] for i, j in chosen.items()) == pytest.approx(best_sum(weights))


def test_a_pair_gives_way_to_a_better_whole() -> None:
    assert assign(np.array([[5.0, 4.5], [4.8, NEVER]])).chosen == {0: 1, 1: 0}


@pytest.mark.parametrize(
    ("weights", "chances"),
    [
        ([[5.0]], [[0.993]]),
        ([[3.0], [3.0]], [[0.488], [0.488]]),
        ([[3.0, 3.0]], [[0.488, 0.488]]),
        ([[NEVER, 0.0]], [[0.0, 0.5]]),
        ([[8.0, NEVER], [3.0, NEVER]], [[0.993, 0.0], [0.007, 0.0]]),
    ],
)
def test_chances_are_shared_out(weights, chances) -> None:
    assert assign(np.array(weights)).chances == pytest.approx(np.array(chances), abs=0.001)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_nothing_to_pair(shape) -> None:
    assert assign(np.zeros(shape)).chosen == {}
