"""The journal of one import: a table of ours in the target, one row per row that was written.

A row that was inserted has its cells after, one that was deleted its cells before, one that was
updated both. The cells have the table's own types, and none of its constraints.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.names import OWN_PREFIX, quote, quoted, sql_table
from core.databases.refusals import translated
from core.errors import TargetDatabaseError
from core.model.table import Table

#: What a row of the journal tells of.
HEADER, INSERTED, UPDATED, DELETED = "h", "i", "u", "d"

#: Both images of every column, and our own columns: PostgreSQL takes 1,600 columns a table.
MOST_COLUMNS = 750

_WORDS = sa.Text().with_variant(mysql.TEXT(charset="utf8mb4"), "mysql")

_OWN: dict[str, sa.types.TypeEngine[Any]] = {
    "tableport_kind": sa.String(1),
    "tableport_step": sa.BigInteger(),  # the statement it was, counted within the import
    "tableport_row": sa.BigInteger(),  # its number among the rows of the statement
    "tableport_kept": _WORDS,  # why it must not be taken back; of the header: the columns
    "tableport_at": _WORDS,  # where a row of a table without a key was found
}


def name_of(job_id: str) -> str:
    """The journal's name: hex digits alone come of the job."""
    digits = "".join(c for c in job_id.lower() if c in "0123456789abcdef")
    return f"{OWN_PREFIX}undo_{digits[:32]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Images:
    """The columns of one journal, by the columns of its table."""

    table: Table
    job_id: str
    names: tuple[str, ...]  #: columns of the table when it was written to, in that order
    clause: sa.TableClause = field(init=False)  #: the journal
    goal: sa.TableClause = field(init=False)  #: the table

    def __post_init__(self) -> None:
        names = (quoted(name) for name in (*_OWN, *self.befores(), *self.afters()))
        journal = sa.table(quoted(self.name), *(sa.column(name) for name in names))
        object.__setattr__(self, "clause", journal)
        object.__setattr__(self, "goal", sql_table(self.table.ref, self.names))

    @property
    def name(self) -> str:
        return name_of(self.job_id)

    def before(self, clause: sa.FromClause, name: str) -> ColumnElement[Any]:
        return clause.c[f"b{self.names.index(name)}"]

    def after(self, clause: sa.FromClause, name: str) -> ColumnElement[Any]:
        return clause.c[f"a{self.names.index(name)}"]

    def befores(self) -> list[str]:
        """Names of the journal's columns, not the table's."""
        return [f"b{n}" for n in range(len(self.names))]

    def afters(self) -> list[str]:
        return [f"a{n}" for n in range(len(self.names))]


def create(connection: Connection, images: Images) -> None:
    """Make the journal with its header. Raises DBAPIError, also when the table may not be read."""
    connection.execute(sa.select(images.goal).where(sa.false()))
    if features_of(connection).enforces_types:
        text = str(
            _no_rows(images).compile(
                dialect=connection.dialect, compile_kwargs={"literal_binds": True}
            )
        )
        # Compiled for the driver, which takes a doubled % for one, as exec_driver_sql does.
        connection.exec_driver_sql(f"CREATE TABLE {quote(images.name)} AS {text}")
        own = ", ".join(
            f"ADD COLUMN {quote(name)} {kind.compile(connection.dialect)}"
            for name, kind in _OWN.items()
        )
        connection.exec_driver_sql(f"ALTER TABLE {quote(images.name)} {own}")
    else:
        # No affinity: every value is kept as it is, whatever the column of the table says.
        names = ", ".join(quote(n) for n in (*_OWN, *images.befores(), *images.afters()))
        connection.exec_driver_sql(f"CREATE TABLE {quote(images.name)} ({names})")
    steps = quote(f"{images.name}_steps")
    connection.exec_driver_sql(
        f"CREATE INDEX {steps} ON {quote(images.name)} (tableport_step, tableport_row)"
    )
    header = {
        "tableport_kind": HEADER,
        "tableport_step": 0,
        "tableport_row": 0,
        "tableport_kept": json.dumps(images.names),
    }
    connection.execute(sa.insert(images.clause).values(header))


def _no_rows(images: Images) -> sa.Select[Any]:
    """No row, of the right types: of domains and of columns that must not be NULL without that."""
    goal, one = images.goal, sa.select(sa.literal(1).label("one")).subquery("one_row")
    columns = [
        sa.func.coalesce(goal.c[name], sa.null()).label(quoted(image))
        for own in (images.befores(), images.afters())
        for image, name in zip(own, images.names, strict=True)
    ]
    # What an outer join leaves empty may be NULL, whatever the table says.
    return sa.select(*columns).select_from(one.outerjoin(goal, sa.false())).where(sa.false())


def spoil(connection: Connection, images: Images) -> None:
    """Make it say that the import cannot be undone, in the transaction that writes the rows."""
    journal = images.clause
    connection.execute(sa.delete(journal).where(journal.c.tableport_kind != HEADER))
    connection.execute(sa.update(journal).values(tableport_kept=None))


def is_there(connection: Connection, job_id: str) -> bool:
    return bool(sa.inspect(connection).has_table(name_of(job_id)))


def names_noted(connection: Connection, job_id: str) -> tuple[str, ...] | None:
    """The columns of the table when the import wrote to it; None when there is no such journal,
    or one that was spoilt."""
    if not is_there(connection, job_id):
        return None
    journal = sa.table(quoted(name_of(job_id)), *(sa.column(n) for n in _OWN))
    text = connection.execute(
        sa.select(journal.c.tableport_kept).where(journal.c.tableport_kind == HEADER)
    ).scalar_one_or_none()
    return None if text is None else tuple(json.loads(text))


def steps_noted(connection: Connection, images: Images) -> list[tuple[int, str]]:
    """Number and kind of every step, the last one first."""
    journal = images.clause
    query = sa.select(journal.c.tableport_step, journal.c.tableport_kind).distinct()
    query = query.where(journal.c.tableport_kind != HEADER)
    found = connection.execute(query.order_by(journal.c.tableport_step.desc()))
    return [(int(step), str(kind)) for step, kind in found]


def last_step(connection: Connection, images: Images) -> int:
    """The number of the last step; 0 when there is none."""
    query = sa.select(sa.func.max(images.clause.c.tableport_step))
    return int(connection.execute(query).scalar_one())


def has_journal(engine: Engine, job_id: str) -> bool:
    """Is there what undoing this import needs? Raises TargetDatabaseError."""
    with translated("The database cannot be asked"), engine.connect() as connection:
        return names_noted(connection, job_id) is not None


def drop_journal(bind: Engine | Connection, job_id: str) -> None:
    """Forget what undoing an import needs; nothing when there is none. TargetDatabaseError."""
    statement = f"DROP TABLE IF EXISTS {quote(name_of(job_id))}"
    with translated("What an import kept for undoing it could not be dropped"):
        if isinstance(bind, Connection):
            bind.exec_driver_sql(statement)
            return
        with bind.begin() as connection:
            connection.exec_driver_sql(statement)


def same_columns(table: Table, names: Sequence[str]) -> None:
    """Raises TargetDatabaseError when the table has other columns than it had."""
    if set(names) != set(table.column_names):
        other = sorted(set(names) ^ set(table.column_names))
        raise TargetDatabaseError(
            f"{table.label} has other columns than when it was imported into "
            f"({', '.join(other)}): the import cannot be undone any more"
        )
