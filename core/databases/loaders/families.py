"""Rows of a table that refers to itself: written parents first, deleted children first.

For databases that check every row as it is written, rather than at the end of the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

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


def delete_leaves(
    connection: Connection,
    goal: sa.TableClause,
    target: Target,
    *conditions: ColumnElement[bool],
) -> int:
    """Delete the rows for which these hold and to which no row of the table refers, until there
    are none; how many. What is left then stays, or is in a circle, if only with itself.
    """
    deleted, leaves = 0, sa.and_(*conditions, *_childless(goal, target))
    while True:
        if target.journal is not None:
            target.journal.before_delete(connection, sa.select(goal).where(leaves))
        found = connection.execute(sa.delete(goal).where(leaves)).rowcount
        if not found:
            return deleted
        deleted += found


def _childless(goal: sa.TableClause, target: Target) -> Iterator[ColumnElement[bool]]:
    """Does no row refer to this one? For each of the table's references to itself."""
    for reference in target.table.foreign_keys:
        if not is_own(target.table, reference):
            continue
        child = goal.alias("tableport_child")
        # MySQL does not look into the table it deletes from, unless what it finds there is a
        # table of its own: DISTINCT makes it one.
        named = sa.select(*(child.c[name] for name in reference.columns)).distinct()
        names = named.subquery("tableport_named")
        pairs = zip(reference.columns, reference.target_columns, strict=True)
        same = sa.and_(*(names.c[own] == goal.c[other] for own, other in pairs))
        yield ~sa.exists(sa.select(sa.literal(1)).select_from(names).where(same).correlate(goal))
