"""Insert the staged rows and note what became of them: which rows those are, every backend
tells in its own way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.loaders.contract import Target
from core.databases.loaders.merge import goal_of, insertion, stage_of
from core.databases.names import quote, quoted, sql_table
from core.databases.undo.images import INSERTED, Images
from core.databases.undo.matching import identity_of

_AFTER_TRIGGERS = sa.text("""
    SELECT EXISTS (
        SELECT 1 FROM pg_catalog.pg_trigger
        WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal AND tgtype & 2 = 0)
""")

_TOLD_AT_ONCE = 5_000

#: Inserts, notes the rows under this step; how many were inserted, how many noted.
Noting = Callable[[Connection, Target, Images, int], tuple[int, int]]


def noting_of(connection: Connection, target: Target) -> Noting | None:
    """How rows inserted into this table are noted; None when they cannot be."""
    if features_of(connection).backend == "postgresql":
        return _by_returning
    if features_of(connection).backend == "sqlite" and _has_address(connection, target):
        return _by_address
    key = identity_of(target.table)
    if key and set(key) <= set(target.columns):
        return _by_key
    tells = bool(getattr(connection.dialect, "insert_returning", False))
    return _by_made_key if tells and len(key) == 1 else None


def noted(
    images: Images,
    step: int,
    cells: Iterable[ColumnElement[Any]],
    *,
    after: ColumnElement[int] | None = None,
) -> sa.Select[Any]:
    """Rows of these cells, in the order of `images.names`, as the journal has inserted ones: see
    `columns_noted`. They are numbered after so many."""
    number: ColumnElement[int] = sa.func.row_number().over()
    number = number if after is None else number + after
    return sa.select(sa.literal(INSERTED), sa.literal(step), number, *cells)


def cells_of(images: Images, goal: sa.FromClause) -> list[ColumnElement[Any]]:
    return [goal.c[name] for name in images.names]


def columns_noted(images: Images) -> list[ColumnElement[Any]]:
    own = ("tableport_kind", "tableport_step", "tableport_row")
    journal = images.clause
    return [journal.c[name] for name in (*own, *images.afters())]


def _by_returning(
    connection: Connection, target: Target, images: Images, step: int
) -> tuple[int, int]:
    """In one statement; once more where triggers changed the rows after they were returned."""
    goal = goal_of(target)
    # Short labels: SQLAlchemy would cut a name of 63 letters.
    labelled = (goal.c[name].label(f"c{at}") for at, name in enumerate(images.names))
    inserting = insertion(goal, stage_of(target), target)
    new = inserting.returning(*labelled).cte(quoted("tableport_new"))
    statement = sa.insert(images.clause).add_cte(new)
    statement = statement.from_select(columns_noted(images), noted(images, step, new.c))
    result: CursorResult[Any] = connection.execute(statement)
    if key := identity_of(target.table):
        _refresh(connection, target, images, step, key)
    return result.rowcount, result.rowcount


def _refresh(
    connection: Connection, target: Target, images: Images, step: int, key: tuple[str, ...]
) -> None:
    label = ".".join(quote(p) for p in (target.table.ref.schema, target.table.ref.name) if p)
    if not connection.execute(_AFTER_TRIGGERS, {"name": label}).scalar():
        return
    journal, goal = images.clause, images.goal
    afters = {images.after(journal, name): goal.c[name] for name in images.names}
    same = (goal.c[name] == images.after(journal, name) for name in key)
    here = sa.and_(journal.c.tableport_step == step, journal.c.tableport_kind == INSERTED)
    connection.execute(sa.update(journal).values(afters).where(here, *same))


def _by_address(
    connection: Connection, target: Target, images: Images, step: int
) -> tuple[int, int]:
    """SQLite tells the address of every row it made, and no trigger can change that."""
    goal, address = _addressed(connection, target)
    statement = insertion(goal, stage_of(target), target).prefix_with("OR ABORT")
    made = list(connection.execute(statement.returning(address)).scalars())
    numbers = sa.func.json_each(json.dumps(made)).table_valued("value")
    rows = noted(images, step, cells_of(images, goal)).where(
        address.in_(sa.select(numbers.c.value))
    )
    result: CursorResult[Any] = connection.execute(
        sa.insert(images.clause).from_select(columns_noted(images), rows)
    )
    return len(made), result.rowcount


def _by_key(connection: Connection, target: Target, images: Images, step: int) -> tuple[int, int]:
    """The staged rows have the key: those are the rows."""
    goal, stage = goal_of(target), stage_of(target)
    inserted: CursorResult[Any] = connection.execute(insertion(goal, stage, target))
    same = sa.and_(*(goal.c[n] == stage.c[n] for n in identity_of(target.table)))
    rows = noted(images, step, cells_of(images, goal)).select_from(goal.join(stage, same))
    result: CursorResult[Any] = connection.execute(
        sa.insert(images.clause).from_select(columns_noted(images), rows)
    )
    return inserted.rowcount, result.rowcount


def _by_made_key(
    connection: Connection, target: Target, images: Images, step: int
) -> tuple[int, int]:
    """The database tells the keys it made, though not within another statement."""
    goal = goal_of(target)
    key = goal.c[identity_of(target.table)[0]]
    statement = insertion(goal, stage_of(target), target).returning(key)
    statement = statement.prefix_with("OR ABORT", dialect="sqlite")
    made, noted_so_far = list(connection.execute(statement).scalars()), 0
    cells = cells_of(images, goal)
    rows = noted(images, step, cells, after=sa.bindparam("before", type_=sa.BigInteger()))
    rows = rows.where(key.in_(sa.bindparam("keys", expanding=True)))
    noting = sa.insert(images.clause).from_select(columns_noted(images), rows)
    for start in range(0, len(made), _TOLD_AT_ONCE):
        given = {"keys": made[start : start + _TOLD_AT_ONCE], "before": noted_so_far}
        result: CursorResult[Any] = connection.execute(noting, given)
        noted_so_far += result.rowcount
    return len(made), noted_so_far


def _addressed(connection: Connection, target: Target) -> tuple[sa.TableClause, ColumnElement[Any]]:
    names = target.table.column_names
    free = next(n for n in features_of(connection).row_address if n not in names)
    goal = sql_table(target.table.ref, (*names, free))
    return goal, goal.c[free]


def _has_address(connection: Connection, target: Target) -> bool:
    """Not when it is WITHOUT ROWID, or when its own columns have all the names of addresses."""
    if set(features_of(connection).row_address) <= set(target.table.column_names):
        return False
    query = sa.text("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = :name")
    found = connection.execute(query, {"name": target.table.ref.name}).scalar()
    return not found
