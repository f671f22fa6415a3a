"""Rows of a table that refers to itself, parents before their children.

For databases that check every row as it is written, rather than at the end of the statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from core.databases.loaders.contract import Target
from core.databases.loaders.faults import is_own
from core.databases.names import picked

_Links = list[list[int]]


def parents_first(frame: pl.DataFrame, target: Target) -> pl.DataFrame:
    """The frame in an order in which no row comes before a row it refers to or replaces.

    Rows that refer to each other in a circle stay as they are: no order helps them.
    """
    mapped = set(target.columns)
    before: _Links = [[] for _ in range(frame.height)]
    for reference in target.table.foreign_keys:
        columns = (*reference.columns, *reference.target_columns)
        if is_own(target.table, reference) and mapped.issuperset(columns):
            parents = _rows(frame, reference.target_columns)
            places = {row: at for at, row in enumerate(parents) if None not in row}
            for at, row in enumerate(_rows(frame, reference.columns)):
                if row in places and places[row] != at:
                    before[at].append(places[row])
    if not any(before):
        return frame
    if target.key:
        _keep_order(_rows(frame, target.key), before)
    return frame[_ordered(before)]


def _rows(frame: pl.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    return picked(frame, names).rows()


def _keep_order(keys: list[tuple[Any, ...]], before: _Links) -> None:
    """Of rows with one key the first, or the last, is the one that counts."""
    last: dict[tuple[Any, ...], int] = {}
    for at, key in enumerate(keys):
        if key in last:
            before[at].append(last[key])
        last[key] = at


def _ordered(before: _Links) -> list[int]:
    """Every number after those it comes after; otherwise as they are. Without recursion: a
    family may be as deep as the frame is long."""
    order: list[int] = []
    seen, done = [False] * len(before), [False] * len(before)
    for start in range(len(before)):
        waiting = [start]
        while waiting:
            at = waiting[-1]
            ahead = [] if seen[at] else [n for n in before[at] if not seen[n]]
            seen[at] = True
            if ahead:
                waiting += ahead
                continue
            waiting.pop()
            if not done[at]:
                done[at] = True
                order.append(at)
    return order
