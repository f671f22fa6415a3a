"""The order in which several files go into tables that refer to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model.table import ForeignKey, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file: its table, and the columns of it that the file gives."""

    table: Table
    mapped: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Rows of one file that may refer to rows of another, both by their place as given."""

    child: int
    parent: int
    reference: ForeignKey

    def words(self, child: Table) -> str:
        """`orders refers to customers (customer_id)`."""
        columns = ", ".join(self.reference.columns)
        return f"{child.label} refers to {self.reference.target_label} ({columns})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Which file comes when."""

    places: tuple[int, ...]  #: places as given, in the order of loading
    links: tuple[Link, ...]

    @property
    def circle(self) -> tuple[Link, ...]:
        """Links to a file that comes later: there is an order without them only."""
        at = {place: n for n, place in enumerate(self.places)}
        return tuple(link for link in self.links if at[link.parent] > at[link.child])


def ordered(entries: Sequence[Entry]) -> Order:
    """Parents before children, otherwise as given.

    Only references that a file gives wholly count. A table's references to itself bind no file:
    the loader sees to them. Of files that go round in a circle the first given comes first.
    """
    links = tuple(_links(entries))
    parents = {n: {link.parent for link in links if link.child == n} for n in range(len(entries))}
    places: list[int] = []
    while len(places) < len(entries):
        left = [n for n in range(len(entries)) if n not in places]
        free = [n for n in left if parents[n] <= set(places)]
        places.append(free[0] if free else min(_circle(left[0], parents, set(places))))
    return Order(places=tuple(places), links=links)


def _links(entries: Sequence[Entry]) -> list[Link]:
    found = []
    for child, entry in enumerate(entries):
        own = (entry.table.ref.schema, entry.table.ref.name)
        names = entry.table.column_names
        for reference in sorted(entry.table.foreign_keys, key=lambda r: names.index(r.columns[0])):
            target = (reference.target_schema, reference.target_table)
            if target == own or not entry.mapped.issuperset(reference.columns):
                continue
            found += [
                Link(child=child, parent=parent, reference=reference)
                for parent, other in enumerate(entries)
                if (other.table.ref.schema, other.table.ref.name) == target
            ]
    return found


def _circle(start: int, parents: dict[int, set[int]], placed: set[int]) -> list[int]:
    """Files that refer to each other in a circle, found by going from child to parent."""
    path = [start]
    while True:
        waits_for = min(parents[path[-1]] - placed)
        if waits_for in path:
            return path[path.index(waits_for) :]
        path.append(waits_for)
