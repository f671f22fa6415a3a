"""Takes an import back, the last statement first: what it inserted goes, what it updated is as
before, what it deleted comes back. Rows that are no longer as the import left them stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.loaders.merge import Overriding
from core.databases.loaders.transaction import TargetTransaction
from core.databases.names import quote_ref
from core.databases.referring import referring_to
from core.databases.refusals import blames_row, refusal, translated
from core.databases.undo import images as imaging
from core.databases.undo.exactness import differ
from core.databases.undo.images import DELETED, HEADER, INSERTED, UPDATED, Images
from core.databases.undo.marking import REFUSED, Marking
from core.databases.undo.matching import Rows, identity_of, rows_of
from core.errors import Conflict, TargetDatabaseError
from core.model.table import Column, Kind, Table

_READ_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What becomes of the rows that an import wrote; their sum is how many there are."""

    removed: int = 0  #: inserted by the import, deleted now
    restored: int = 0  #: updated by the import, as before now
    put_back: int = 0  #: deleted by the import, there again now
    kept: int = 0  #: as they are, because they are no longer as the import left them

    @property
    def taken_back(self) -> int:
        return self.removed + self.restored + self.put_back

    @property
    def rows(self) -> int:
        return self.taken_back + self.kept


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptRow:
    """One row and what becomes of it."""

    kind: str  #: of what the import did: inserted, updated, deleted
    key: dict[str, str | None]  #: its key, as the database prints it; empty without a key
    why: str | None  #: changed, gone, referred, taken, refused:…; None: nothing keeps it


_KINDS = {INSERTED: "inserted", UPDATED: "updated", DELETED: "deleted"}


class TakingBack:
    """One import taken back in a transaction of the caller's, who commits it or does not."""

    def __init__(
        self, transaction: TargetTransaction, table: Table, job_id: str, *, foreseen: bool = False
    ) -> None:
        """`foreseen`: mark only, to see what would become of the rows; roll back afterwards.

        Raises Conflict when there is no journal, TargetDatabaseError when the table has other
        columns now or is in use.
        """
        self._transaction, self._foreseen = transaction, foreseen
        self._connection: Connection = transaction.connection
        with translated(f"The import into {table.label} cannot be undone"):
            names = imaging.names_noted(self._connection, job_id)
            if names is None:
                raise Conflict(
                    "What undoing this import needs is not kept, or not any more.", job_id=job_id
                )
            imaging.same_columns(table, names)
            self._images = Images(table=table, job_id=job_id, names=names)
            self._rows = self._found_by()
            if not foreseen:
                self._lock()
            self._marking = Marking(
                connection=self._connection,
                images=self._images,
                rows=self._rows,
                referring=referring_to(self._connection, table),
                foreseen=foreseen,
            )
            self.steps = imaging.steps_noted(self._connection, self._images)

    def take_back(self, step: int, kind: str) -> int:
        """Take one of `steps` back, in their order; how many rows were taken back.

        Raises TargetDatabaseError when the fault is not a row's.
        """
        with translated(f"The import into {self._images.table.label} could not be undone"):
            self._marking.mark(step, kind)
            return 0 if self._foreseen else self._carry_out(step, kind)

    def tally(self) -> Tally:
        """What became of the rows of all steps that were taken back."""
        journal = self._images.clause
        kept = journal.c.tableport_kept.is_not(None).label("kept")
        query = sa.select(journal.c.tableport_kind, kept, sa.func.count())
        query = query.where(journal.c.tableport_kind != HEADER)
        found = {
            (str(kind), bool(stays)): int(rows)
            for kind, stays, rows in self._connection.execute(
                query.group_by(journal.c.tableport_kind, kept)
            )
        }
        return Tally(
            removed=found.get((INSERTED, False), 0),
            restored=found.get((UPDATED, False), 0),
            put_back=found.get((DELETED, False), 0),
            kept=sum(rows for (_, stays), rows in found.items() if stays),
        )

    def reasons(self) -> dict[str, int]:
        """How many rows are kept for which reason, the commonest first."""
        journal = self._images.clause
        why = journal.c.tableport_kept
        query = sa.select(why, sa.func.count()).group_by(why)
        query = query.where(journal.c.tableport_kind != HEADER, why.is_not(None))
        found: Counter[str] = Counter()
        for said, rows in self._connection.execute(query):
            found[str(said).partition(":")[0]] += int(rows)
        return dict(found.most_common())

    def listed(self, *, kept: bool, limit: int | None = None) -> Iterator[list[KeptRow]]:
        """The rows that are kept, or those that are not, in pages; the last step's first."""
        images, journal = self._images, self._images.clause
        key = [n for n in identity_of(images.table) if _is_shown(images.table.column(n))]
        is_kept = journal.c.tableport_kept.is_not(None)
        after = journal.c.tableport_kind == INSERTED
        cells = [
            sa.cast(
                sa.case((after, images.after(journal, n)), else_=images.before(journal, n)),
                sa.Text(),
            )
            for n in key
        ]
        own = (journal.c.tableport_kind, journal.c.tableport_kept)
        query = sa.select(*own, *cells).where(is_kept if kept else ~is_kept)
        query = query.where(journal.c.tableport_kind != HEADER)
        order = (journal.c.tableport_step.desc(), journal.c.tableport_row)
        rows = self._connection.execute(query.order_by(*order).limit(limit))
        for page in rows.partitions(_READ_AT_ONCE):
            yield [
                KeptRow(kind=_KINDS[kind], why=why, key=dict(zip(key, values, strict=True)))
                for kind, why, *values in page
            ]

    def forget(self) -> None:
        """Let nobody undo the import again, in the transaction. Raises TargetDatabaseError.

        Where dropping a table would commit, the journal is still to be dropped afterwards.
        """
        if not features_of(self._connection).ddl_commits:
            imaging.drop_journal(self._connection, self._images.job_id)
            return
        with translated("What the import kept for undoing it could not be dropped"):
            imaging.spoil(self._connection, self._images)

    # ------------------------------------------------------------ parts
    def _found_by(self) -> Rows:
        rows = rows_of(self._connection, self._images)
        if rows is None:
            raise TargetDatabaseError(
                f"{self._images.table.label} has no key any more: its rows cannot be told apart"
            )
        return rows

    def _lock(self) -> None:
        """Nobody changes the table, or refers to its rows, between the marks and what follows."""
        if features_of(self._connection).schemas:
            # The lock with which rows are held for a foreign key waits for no weaker one.
            name = quote_ref(self._images.table.ref).replace("%", "%%")
            self._connection.exec_driver_sql(f"LOCK TABLE {name} IN EXCLUSIVE MODE")
        else:
            self._transaction.hold(self._images.table)

    def _carry_out(self, step: int, kind: str) -> int:
        journal, wanted = self._images.clause, self._marking.open_rows(step, kind)
        number = journal.c.tableport_row
        query = sa.select(sa.func.min(number), sa.func.max(number)).where(wanted)
        first, last = self._connection.execute(query).one()
        columns = self._changed_columns(wanted) if kind == UPDATED else []
        waiting = [] if first is None else [(int(first), int(last))]
        done = 0
        while waiting:
            taken, refused = self._halve(kind, wanted, columns, waiting)
            done += taken
            waiting = [(number, number) for number in refused]
            if not taken:
                for at, why in refused.items():
                    self._marking.keep(REFUSED + why, wanted, journal.c.tableport_row == at)
                break
        return done

    def _halve(
        self,
        kind: str,
        wanted: ColumnElement[bool],
        columns: list[str],
        waiting: list[tuple[int, int]],
    ) -> tuple[int, dict[int, str]]:
        """Take those parts back, by halves where one is refused; how many rows were taken back,
        and why which were not: for what stood in their way may be gone by now."""
        done, refused = 0, dict[int, str]()
        while waiting:
            low, high = waiting.pop()
            number = self._images.clause.c.tableport_row
            count = self._attempt(kind, sa.and_(wanted, number.between(low, high)), columns)
            if isinstance(count, int):
                done += count
            elif low == high:
                refused[low] = count
            else:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]
        return done, refused

    def _attempt(self, kind: str, part: ColumnElement[bool], columns: list[str]) -> int | str:
        """How many rows were taken back, all of the part; or why one of them could not be."""
        query = sa.select(sa.func.count()).select_from(self._images.clause).where(part)
        expected = int(self._connection.execute(query).scalar_one())
        if not expected or (kind == UPDATED and not columns):
            return expected
        savepoint = self._connection.begin_nested()
        try:
            result: CursorResult[Any] = self._connection.execute(
                self._statement(kind, part, columns)
            )
        except DBAPIError as error:
            if self._transaction.lost() or not blames_row(error):
                raise
            savepoint.rollback()
            return refusal(error, self._images.table).message
        if result.rowcount != expected:
            savepoint.rollback()
            return "the database left it as it is"
        savepoint.commit()
        return expected

    def _statement(
        self, kind: str, part: ColumnElement[bool], columns: list[str]
    ) -> sa.Insert | sa.Update | sa.Delete:
        images, goal, journal = self._images, self._rows.goal, self._images.clause
        if kind == INSERTED:
            return sa.delete(goal).where(self._rows.among(journal, part))
        if kind == UPDATED:
            values = {goal.c[n]: images.before(journal, n) for n in columns}
            link = self._rows.link(goal, journal)
            update = sa.update(goal).values(values).where(link, part)
            return update.prefix_with("OR ABORT", dialect="sqlite")
        whole = [images.table.column(name) for name in images.names]
        given = [c for c in whole if c.identity_always or not c.generated]
        always = any(c.identity_always for c in given)
        select: type[sa.Select[Any]] = Overriding if always else sa.Select
        rows = select(*(images.before(journal, c.name) for c in given)).where(part)
        rows = rows.order_by(journal.c.tableport_row)
        insert = sa.insert(goal).from_select([goal.c[c.name] for c in given], rows)
        return insert.prefix_with("OR ABORT", dialect="sqlite")

    def _changed_columns(self, wanted: ColumnElement[bool]) -> list[str]:
        """Those that an update changed in some row; what is computed follows by itself."""
        images, journal = self._images, self._images.clause
        names = [n for n in images.names if not images.table.column(n).generated]
        flags = [
            sa.func.max(
                sa.case(
                    (
                        differ(
                            images.before(journal, n),
                            images.after(journal, n),
                            images.table.column(n),
                            self._rows.backend,
                        ),
                        1,
                    ),
                    else_=0,
                )
            )
            for n in names
        ]
        found = self._connection.execute(sa.select(*flags).where(wanted)).one()
        return [name for name, changed in zip(names, found, strict=True) if changed]


def _is_shown(column: Column) -> bool:
    """Bytes are no text, and SQLite would take them for one."""
    return column.kind is not Kind.BINARY
