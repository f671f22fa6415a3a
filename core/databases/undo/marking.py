"""Which rows of a step must be kept as they are, and why.

The marks are made in the journal, by set statements, before anything is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.elements import ColumnElement

from core.databases.names import sql_table
from core.databases.referring import Referring
from core.databases.undo.images import DELETED, INSERTED, UPDATED, Images
from core.databases.undo.matching import Rows, aliased
from core.model.table import UniqueKey

#: Why a row is kept. REFUSED is followed by the database's words.
CHANGED, GONE, REFERRED, TAKEN, REFUSED = "changed", "gone", "referred", "taken", "refused:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Marking:
    connection: Connection
    images: Images
    rows: Rows
    referring: list[Referring]
    foreseen: bool  #: are steps that come before this one in undoing marked, and not carried out?
    journal: sa.TableClause = field(init=False)
    others: sa.FromClause = field(init=False)  #: the journal again, for what it says of other rows

    def __post_init__(self) -> None:
        object.__setattr__(self, "journal", self.images.clause)
        object.__setattr__(self, "others", aliased(self.images.clause, "tableport_others"))

    def mark(self, step: int, kind: str) -> None:
        """Mark the rows of one step that cannot be taken back."""
        if kind != DELETED:
            self.rows.find(self.connection, self.journal, self._is(step, kind))
            self._mark_changed(step, kind)
        if kind == INSERTED:
            for referring in self.referring:
                self._mark_referred(step, referring)
        else:
            for key in self.images.table.keys:
                self._mark_taken(step, kind, key)

    def open_rows(self, step: int, kind: str) -> ColumnElement[bool]:
        """The rows of a step that nothing keeps."""
        return sa.and_(self._is(step, kind), self.journal.c.tableport_kept.is_(None))

    def keep(self, why: str, *conditions: ColumnElement[bool]) -> int:
        """Mark those rows; how many."""
        statement = sa.update(self.journal).values(tableport_kept=why).where(*conditions)
        result: CursorResult[Any] = self.connection.execute(statement)
        return result.rowcount

    def _is(self, step: int, kind: str) -> ColumnElement[bool]:
        journal = self.journal
        return sa.and_(journal.c.tableport_step == step, journal.c.tableport_kind == kind)

    def _mark_changed(self, step: int, kind: str) -> None:
        goal, journal = self.rows.goal, self.journal
        link = self.rows.link(goal, journal)
        one = sa.select(sa.literal(1)).select_from(goal)
        there = sa.exists(one.where(link).correlate(journal))
        self.keep(GONE, self.open_rows(step, kind), ~there)
        other = sa.exists(one.where(link, self.rows.changed(goal, journal)).correlate(journal))
        self.keep(CHANGED, self.open_rows(step, kind), other)

    def _mark_referred(self, step: int, referring: Referring) -> None:
        """Rows that others refer to, unless those are of the same table and go themselves."""
        ref, journal = self.images.table.ref, self.journal
        itself = (referring.child.schema, referring.child.name.casefold()) == (
            ref.schema,
            ref.name.casefold(),
        )
        # The table itself may be known by another spelling to SQLite: only its own clause has
        # what `link` needs.
        table = self.rows.goal if itself else sql_table(referring.child, referring.columns)
        child = aliased(table, "tableport_child")
        refers = [
            child.c[column] == self.images.after(journal, target)
            for column, target in zip(referring.columns, referring.targets, strict=True)
        ]
        if itself:
            refers.append(~self._goes(child, self.others.c.tableport_step >= step))
        query = sa.select(sa.literal(1)).select_from(child).where(*refers)
        referred = sa.exists(query.correlate(journal))
        while self.keep(REFERRED, self.open_rows(step, INSERTED), referred) and itself:
            """One that stays may refer to the next."""

    def _mark_taken(self, step: int, kind: str, key: UniqueKey) -> None:
        """Rows whose key another row has now."""
        journal = self.journal
        owner = aliased(self.rows.goal, "tableport_owner")
        same = [owner.c[n] == self.images.before(journal, n) for n in key.columns]
        if kind == UPDATED:
            same.append(~self.rows.link(owner, journal))
        if self.foreseen:
            same.append(~self._goes(owner, self.others.c.tableport_step > step))
        taken = sa.exists(
            sa.select(sa.literal(1)).select_from(owner).where(*same).correlate(journal)
        )
        self.keep(TAKEN, self.open_rows(step, kind), taken)

    def _goes(self, row: sa.FromClause, when: ColumnElement[bool]) -> ColumnElement[bool]:
        """Is the row one that will have been removed?"""
        others = self.others
        open_ones = (others.c.tableport_kind == INSERTED, others.c.tableport_kept.is_(None))
        query = sa.select(sa.literal(1)).select_from(others)
        return sa.exists(query.where(self.rows.link(row, others), when, *open_ones).correlate(row))
