"""UndoJournal: notes what an import writes to one table, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.loaders.contract import Target
from core.databases.loaders.merge import goal_of, insertion, stage_of
from core.databases.refusals import forbidden
from core.databases.undo import images as imaging
from core.databases.undo.exactness import exact
from core.databases.undo.images import DELETED, UPDATED, Images
from core.databases.undo.matching import identity_of, rows_of
from core.databases.undo.noting import Noting, noting_of
from core.model.table import Table

_NOT_ALLOWED = "This import cannot be undone: the database user may not create tables"
_TOO_WIDE = "This import cannot be undone: the table has too many columns"
_NOT_FOUND = (
    "This import cannot be undone: the table has no key of which every column is mapped, so the "
    "rows that are written could not be told from others"
)


class UndoJournal:
    """The Journal of `core.databases.loaders.contract`, kept in the target database.

    Where it cannot be kept the rows are written all the same, and `notes` says why.
    """

    def __init__(self, table: Table, job_id: str) -> None:
        self.images = Images(table=table, job_id=job_id, names=table.column_names)
        self.notes: list[str] = []
        self.kept = False  #: can the import be undone by what is noted?
        self._step = 0
        self._noting: Noting | None = None
        self._pairing: tuple[str, ...] = ()

    # ------------------------------------------------------------ the protocol
    def start(self, connection: Connection, target: Target) -> None:
        """Make the journal, or go on with the one an earlier batch made. Raises DBAPIError."""
        self._noting = noting_of(connection, target)
        if len(self.images.names) > imaging.MOST_COLUMNS:
            self.notes.append(_TOO_WIDE)
        elif self._noting is None or rows_of(connection, self.images) is None:
            self.notes.append(_NOT_FOUND)
        elif imaging.is_there(connection, self.images.job_id):
            # An earlier batch of an import that is committed batch by batch made it.
            self._step = imaging.last_step(connection, self.images)
            self.kept = imaging.names_noted(connection, self.images.job_id) is not None
        else:
            self._create(connection)

    def insert(self, connection: Connection, target: Target) -> int:
        """Bring the staged rows in as `merge.insertion` says, and note them; how many."""
        if not self.kept or self._noting is None:
            statement = insertion(goal_of(target), stage_of(target), target)
            result: CursorResult[Any] = connection.execute(
                statement.prefix_with("OR ABORT", dialect="sqlite")
            )
            return result.rowcount
        self._step += 1
        inserted, noted = self._noting(connection, target, self.images, self._step)
        if inserted != noted:
            self._give_up(connection)
        return inserted

    def before_update(
        self,
        connection: Connection,
        target: Target,
        rows: sa.Select[Any],
        changing: Collection[str],
    ) -> None:
        """Note the rows as they are. What does not change tells which is which afterwards."""
        if not self.kept:
            return
        self._step += 1
        identity = identity_of(target.table)
        steady = identity and not set(identity) & set(changing)
        self._pairing = identity if steady else target.key
        found = rows.subquery()
        if not self._is_unique():
            # All that have those keys: afterwards nobody could tell which of them were meant.
            keys = sa.select(*(found.c[n] for n in self._pairing))
            goal = self.images.goal
            found = sa.select(goal).where(_is_among(goal, self._pairing, keys)).subquery()
        number = sa.func.row_number().over(order_by=self._order(connection, found, changing))
        cells = [found.c[name] for name in self.images.names]
        self._add(connection, UPDATED, self.images.befores(), sa.select(number, *cells))

    def after_update(self, connection: Connection, changing: Collection[str]) -> None:
        """Note the same rows as they have become."""
        if not self.kept:
            return
        images, journal = self.images, self.images.clause
        here = journal.c.tableport_step == self._step
        goal: sa.FromClause = images.goal
        if self._is_unique():
            same = [goal.c[n] == images.before(journal, n) for n in self._pairing]
        else:
            goal = self._numbered(connection, goal, changing, here)
            same = [goal.c.tableport_number == journal.c.tableport_row]
        afters = {images.after(journal, name): goal.c[name] for name in images.names}
        connection.execute(sa.update(journal).values(afters).where(here, *same))

    def before_delete(self, connection: Connection, rows: sa.Select[Any]) -> None:
        """Note the rows as they are."""
        if not self.kept:
            return
        self._step += 1
        found = rows.subquery()
        cells = [found.c[name] for name in self.images.names]
        numbered = sa.select(sa.func.row_number().over(), *cells)
        self._add(connection, DELETED, self.images.befores(), numbered)

    def finish(self, connection: Connection) -> None:
        """Nothing is left to do: every statement was noted when it was done."""

    # ------------------------------------------------------------ parts
    def _create(self, connection: Connection) -> None:
        if features_of(connection).ddl_commits:
            with connection.engine.connect() as other:
                self.kept = self._made(other)
                other.commit()
            return
        savepoint = connection.begin_nested()
        self.kept = self._made(connection)
        if self.kept:
            savepoint.commit()
        else:
            savepoint.rollback()

    def _made(self, connection: Connection) -> bool:
        try:
            imaging.create(connection, self.images)
        except DBAPIError as error:
            if not forbidden(error):
                raise
            self.notes.append(_NOT_ALLOWED)
            return False
        return True

    def _give_up(self, connection: Connection) -> None:
        imaging.spoil(connection, self.images)
        self.kept = False
        self.notes.append(_NOT_FOUND)

    def _add(
        self, connection: Connection, kind: str, cells: list[str], numbered: sa.Select[Any]
    ) -> None:
        found, journal = numbered.subquery(), self.images.clause
        columns = ["tableport_kind", "tableport_step", "tableport_row", *cells]
        rows = sa.select(sa.literal(kind), sa.literal(self._step), *found.c)
        into = [journal.c[name] for name in columns]
        connection.execute(sa.insert(journal).from_select(into, rows))

    def _is_unique(self) -> bool:
        table = self.images.table
        return any(set(key.columns) <= set(self._pairing) for key in table.keys)

    def _order(
        self, connection: Connection, rows: sa.FromClause, changing: Collection[str]
    ) -> list[ColumnElement[Any]]:
        """What numbers the rows before and after alike: all that the update leaves alone."""
        table, backend = self.images.table, features_of(connection).backend
        names = self._pairing
        if not self._is_unique():
            others = {*changing, *self._pairing}
            steady = (c.name for c in table.columns if not c.generated and c.name not in others)
            names = (*names, *steady)
        return [exact(rows.c[name], table.column(name), backend) for name in names]

    def _numbered(
        self,
        connection: Connection,
        goal: sa.FromClause,
        changing: Collection[str],
        here: ColumnElement[bool],
    ) -> sa.Subquery:
        """Rows whose key others have too, numbered as `before_update` did."""
        images, journal = self.images, self.images.clause
        keys = sa.select(*(images.before(journal, n) for n in self._pairing)).where(here)
        order = self._order(connection, goal, changing)
        number = sa.func.row_number().over(order_by=order).label("tableport_number")
        rows = sa.select(*goal.c, number).where(_is_among(goal, self._pairing, keys))
        return rows.subquery()


def _is_among(
    rows: sa.FromClause, names: tuple[str, ...], keys: sa.Select[Any]
) -> ColumnElement[bool]:
    cells = [rows.c[name] for name in names]
    return cells[0].in_(keys) if len(cells) == 1 else sa.tuple_(*cells).in_(keys)
