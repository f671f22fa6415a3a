"""Histograms: at most twenty bars over numbers, days or lengths."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.model.profile import Bar, CellKind

MOST = 20  #: bars
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A tail that would stretch the axis so many times over is put into the last bar.
_STRETCH = 4
#: What lies farther from zero has no bar: distances would be beyond every double.
_FARTHEST = 1e300


def bars(values: pl.Series, kind: CellKind) -> tuple[Bar, ...]:
    """Bars over measures (see `kinds.measures`); empty when there are fewer than two values.

    The first and the last reach to the smallest and the largest value, wherever these are up to
    1e300.
    """
    measured = values.cast(pl.Float64)
    known = np.sort(measured.filter(measured.abs() <= _FARTHEST).to_numpy())
    if not len(known) or known[0] == known[-1]:
        return ()
    low, high = _body(known)
    label = _label(kind, high - low)
    whole = kind in {CellKind.INTEGER, CellKind.DATE}
    edges = _whole_edges(low, high) if whole else np.linspace(low, high, MOST + 1)
    at = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(at, minlength=len(edges) - 1)
    lows, highs = edges[:-1].copy(), (edges[1:] - 1 if whole else edges[1:]).copy()
    lows[0], highs[-1] = min(lows[0], known[0]), max(min(highs[-1], known[-1]), known[-1])
    return tuple(
        Bar(low=label(float(a)), high=label(float(b)), count=int(n))
        for a, b, n in zip(lows, highs, counts, strict=True)
    )


def _body(known: NDArray[np.float64]) -> tuple[float, float]:
    """Where the axis begins and ends."""
    first, last = np.quantile(known, (0.01, 0.99), method="nearest")
    if last > first and known[-1] - known[0] > _STRETCH * (last - first):
        return float(first), float(last)
    return float(known[0]), float(known[-1])


def _whole_edges(low: float, high: float) -> NDArray[np.float64]:
    """Steps of whole numbers, so that no bar has one value more than its neighbour."""
    low, high = math.floor(low), math.floor(high) + 1
    step = max(1, math.ceil((high - low) / MOST))
    count = math.ceil((high - low) / step)
    return low + step * np.arange(count + 1, dtype=np.float64)


def _label(kind: CellKind, span: float) -> Callable[[float], str]:
    if kind is CellKind.DATE:
        return lambda days: _moment(days).date().isoformat()
    if kind is CellKind.DATETIME:
        # Bars of a day or more need no time.
        form = "%Y-%m-%d" if span >= MOST else "%Y-%m-%d %H:%M"
        return lambda days: _moment(days).strftime(form)
    if kind is CellKind.INTEGER:
        return lambda number: f"{number:.0f}"
    return lambda number: f"{number:.6g}"


def _moment(days: float) -> datetime:
    return _EPOCH + timedelta(seconds=round(days * 86_400))
