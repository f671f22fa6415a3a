"""The rows of the table that the journal speaks of: by key, or where there is none by all cells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.names import quoted, sql_table
from core.databases.undo.exactness import differ, whole
from core.databases.undo.images import Images
from core.model.table import Table


def identity_of(table: Table) -> tuple[str, ...]:
    """The columns that tell the table's rows apart; empty when none surely do."""
    for key in table.keys:
        if not any(table.column(name).nullable for name in key.columns):
            return key.columns
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows(ABC):
    """Finds them; `goal` may be the table or an alias of it."""

    images: Images
    backend: str
    goal: sa.TableClause  #: the table, with what `link` needs

    @abstractmethod
    def link(self, goal: sa.FromClause, journal: sa.FromClause) -> ColumnElement[bool]:
        """Is the row of the table the one this row of the journal was written about?"""

    @abstractmethod
    def among(self, journal: sa.TableClause, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
        """Is the row of the table one of those that the journal has under these conditions?"""

    @abstractmethod
    def find(
        self, connection: Connection, journal: sa.TableClause, step: ColumnElement[bool]
    ) -> None:
        """Look for the rows of one step, before `link` and `among` are asked."""

    def changed(self, goal: sa.FromClause, journal: sa.FromClause) -> ColumnElement[bool]:
        """Has the row other cells than the import left it with?"""
        images = self.images
        return sa.or_(
            *(
                differ(goal.c[n], images.after(journal, n), images.table.column(n), self.backend)
                for n in images.names
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyedRows(Rows):
    key: tuple[str, ...]

    def link(self, goal: sa.FromClause, journal: sa.FromClause) -> ColumnElement[bool]:
        return sa.and_(*(goal.c[n] == self.images.after(journal, n) for n in self.key))

    def among(self, journal: sa.TableClause, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
        cells = [self.goal.c[n] for n in self.key]
        keys = sa.select(*(self.images.after(journal, n) for n in self.key)).where(*wanted)
        return cells[0].in_(keys) if len(cells) == 1 else sa.tuple_(*cells).in_(keys)

    def find(
        self, connection: Connection, journal: sa.TableClause, step: ColumnElement[bool]
    ) -> None:
        """Nothing: the key says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeRows(Rows):
    """As many rows of the table as the journal has of those cells; which ones is all the same."""

    addresses: tuple[str, ...]  #: pseudo-columns that tell the table's rows apart now

    def link(self, goal: sa.FromClause, journal: sa.FromClause) -> ColumnElement[bool]:
        return self._address(goal) == journal.c.tableport_at

    def among(self, journal: sa.TableClause, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
        found = sa.select(journal.c.tableport_at).where(*wanted)
        return self._address(self.goal).in_(found)

    def find(
        self, connection: Connection, journal: sa.TableClause, step: ColumnElement[bool]
    ) -> None:
        there, noted = self._numbered_goal(journal, step), self._numbered_journal(journal, step)
        same = sa.and_(there.c.cells == noted.c.cells, there.c.place == noted.c.place)
        pairs = sa.select(noted.c.number, there.c.address).join_from(noted, there, same).subquery()
        connection.execute(
            sa.update(journal)
            .values(tableport_at=pairs.c.address)
            .where(step, journal.c.tableport_row == pairs.c.number)
        )

    def _numbered_goal(self, journal: sa.TableClause, step: ColumnElement[bool]) -> sa.Subquery:
        goal, names = self.goal, self.images.names
        cells = whole([goal.c[n] for n in names], self.backend)
        noted = sa.select(whole([self.images.after(journal, n) for n in names], self.backend))
        inner = sa.select(self._address(goal).label("address"), cells.label("cells"))
        inner_rows = inner.where(cells.in_(noted.where(step))).subquery()
        place = sa.func.row_number().over(partition_by=inner_rows.c.cells)
        return sa.select(inner_rows, place.label("place")).subquery()

    def _numbered_journal(self, journal: sa.TableClause, step: ColumnElement[bool]) -> sa.Subquery:
        names = self.images.names
        cells = whole([self.images.after(journal, n) for n in names], self.backend)
        place = sa.func.row_number().over(partition_by=cells)
        return (
            sa.select(
                journal.c.tableport_row.label("number"),
                cells.label("cells"),
                place.label("place"),
            )
            .where(step)
            .subquery()
        )

    def _address(self, goal: sa.FromClause) -> ColumnElement[Any]:
        parts: list[ColumnElement[Any]] = [sa.cast(goal.c[n], sa.Text()) for n in self.addresses]
        return parts[0] if len(parts) == 1 else parts[0].concat(" ").concat(parts[1])


def addresses_of(connection: Connection, table: Table) -> tuple[str, ...]:
    """Pseudo-columns that tell rows apart for as long as nobody writes; empty when there are none.

    The parts of a partitioned table count their rows each by themselves.
    """
    features = features_of(connection)
    free = [n for n in features.row_address if n not in table.column_names]
    if not free:
        return ()
    return ("tableoid", free[0]) if features.schemas else (free[0],)


def rows_of(connection: Connection, images: Images) -> Rows | None:
    """How the table's rows are found again; None when they cannot be."""
    backend, key = features_of(connection).backend, identity_of(images.table)
    if key:
        return KeyedRows(images=images, backend=backend, goal=images.goal, key=key)
    addresses = addresses_of(connection, images.table)
    if not addresses:
        return None
    goal = sql_table(images.table.ref, images.names + addresses)
    return WholeRows(images=images, backend=backend, goal=goal, addresses=addresses)


def aliased(goal: sa.TableClause, name: str) -> sa.FromClause:
    return goal.alias(quoted(name))
