"""A shelf: a table of ours in the target that holds the rows of one run until they go across.

It has the target's own types and none of its rules, and rows go by their number in the file. What
is not on it goes the direct way: a shelf spares sending rows, nothing depends on it.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from core.databases.loaders import progress
from core.databases.loaders.contract import Target
from core.databases.loaders.merge import POSITION, goal_of, insertion, stage_of
from core.databases.loaders.transaction import TargetTransaction
from core.databases.names import OWN_PREFIX, quote, quoted
from core.databases.refusals import translated


def shelf_name(run_id: str) -> str:
    """The shelf of a run."""
    return f"{OWN_PREFIX}stage_{run_id}"


class Span(NamedTuple):
    """Rows that stand next to each other on a shelf: their first and last number."""

    first: int
    last: int


def span_of(connection: Connection, target: Target, rows: pl.Series) -> Span | None:
    """The span of exactly these rows; None when others stand between them or one is not there."""
    if target.shelf is None or rows.is_empty():
        return None
    numbers = rows.sort().to_list()
    span, shelf = Span(numbers[0], numbers[-1]), _shelf_of(target)
    there = sa.select(shelf.c[POSITION]).where(_within(shelf, span))
    query = there.order_by(shelf.c[POSITION]).limit(len(numbers) + 1)
    found: list[int] = list(connection.execute(query).scalars())
    return span if found == numbers else None


def insert_shelved(connection: Connection, target: Target, span: Span) -> int:
    """Insert those rows into the table; how many went in."""
    shelf = _shelf_of(target)
    statement = insertion(goal_of(target), shelf, target, _within(shelf, span))
    return connection.execute(statement.prefix_with("OR ABORT", dialect="sqlite")).rowcount


def fetch(connection: Connection, target: Target, span: Span) -> None:
    """Put those rows into the staging table."""
    shelf, stage = _shelf_of(target), stage_of(target)
    names = (POSITION, *target.columns)
    rows = sa.select(*(shelf.c[name] for name in names)).where(_within(shelf, span))
    connection.execute(sa.insert(stage).from_select([stage.c[name] for name in names], rows))


def put_away(transaction: TargetTransaction) -> None:
    """Remove the shelf of a run and what is known of its progress. Raises TargetDatabaseError."""
    connection, run_id = transaction.connection, transaction.run_id
    with translated("What the import kept in the database could not be removed"):
        # Ours by its name; what DDL names cannot be bound.
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(shelf_name(run_id))}")
        progress.forget(connection, run_id)


def _shelf_of(target: Target) -> sa.TableClause:
    assert target.shelf is not None
    return sa.table(
        quoted(target.shelf), *(sa.column(quoted(n)) for n in (POSITION, *target.columns))
    )


def _within(shelf: sa.TableClause, span: Span) -> ColumnElement[bool]:
    return shelf.c[POSITION].between(span.first, span.last)
