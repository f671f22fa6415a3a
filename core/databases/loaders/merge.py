"""Skip and update: from the staging table into the target with set statements.

The same statements serve both backends. Comparing `IS DISTINCT FROM` (`IS NOT` on SQLite) makes
NULL equal to NULL, so that a row is only written when something in it differs.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.elements import ColumnElement

from core.databases.loaders.contract import Target
from core.databases.names import quoted, sql_table
from core.model.plan import OnConflict
from core.model.table import Kind, Table

STAGE = "tableport_stage"
POSITION = "tableport_position"

#: No equality on PostgreSQL (json, xml, point): compared as text.
_AS_TEXT = (Kind.JSON, Kind.OTHER)


def merge(connection: Connection, target: Target) -> tuple[int, int, int]:
    """Bring the staged rows into the target; (inserted, updated, unchanged).

    The rows left over were skipped: their key was there already (skip), a later row of the batch
    had the same key (update) or an earlier one (skip), or a trigger dropped them.
    """
    names = target.columns
    goal = sql_table(target.table.ref, names)
    stage = sql_table_of_stage(names)
    same_key = sa.and_(*(goal.c[name] == stage.c[name] for name in target.key))
    _drop_duplicates(connection, stage, target)
    updated = unchanged = 0
    if target.on_conflict is OnConflict.UPDATE:
        updated, unchanged = _update(connection, goal, stage, target, same_key)
    there = _there(goal, stage, same_key)
    rows = sa.select(*(stage.c[n] for n in names)).where(~there).order_by(stage.c[POSITION])
    insert = sa.insert(goal).from_select([goal.c[n] for n in names], rows)
    return _count(connection, insert), updated, unchanged


def sql_table_of_stage(names: tuple[str, ...]) -> sa.TableClause:
    return sa.table(quoted(STAGE), *(sa.column(quoted(n)) for n in (POSITION, *names)))


def insert_staged(connection: Connection, table: Table, names: tuple[str, ...]) -> int:
    """All staged rows in one statement, so that they may refer to each other; how many."""
    goal, stage = sql_table(table.ref, names), sql_table_of_stage(names)
    rows = sa.select(*(stage.c[n] for n in names)).order_by(stage.c[POSITION])
    return _count(connection, sa.insert(goal).from_select([goal.c[n] for n in names], rows))


def _count(connection: Connection, statement: sa.Insert | sa.Update | sa.Delete) -> int:
    if not isinstance(statement, sa.Delete):
        # A constraint declared ON CONFLICT REPLACE or IGNORE would drop rows without a word.
        statement = statement.prefix_with("OR ABORT", dialect="sqlite")
    result: CursorResult[Any] = connection.execute(statement)
    return result.rowcount


def _drop_duplicates(connection: Connection, stage: sa.TableClause, target: Target) -> None:
    """Of the staged rows with one key keep the first (skip) or the last (update).

    The database decides which keys are the same: its collations may ignore case.
    """
    position = stage.c[POSITION]
    keys = [stage.c[name] for name in target.key]
    order = position.desc() if target.on_conflict is OnConflict.UPDATE else position.asc()
    place = sa.func.row_number().over(partition_by=keys, order_by=order).label("place")
    ranked = sa.select(position, place).where(*(key.is_not(None) for key in keys)).subquery()
    losers = sa.select(ranked.c[POSITION]).where(ranked.c.place > 1)
    _count(connection, sa.delete(stage).where(position.in_(losers)))


def _update(
    connection: Connection,
    goal: sa.TableClause,
    stage: sa.TableClause,
    target: Target,
    same_key: ColumnElement[bool],
) -> tuple[int, int]:
    """Update the mapped columns of rows that differ; (updated, unchanged)."""
    matched = _how_many(connection, stage, _there(goal, stage, same_key))
    others = [name for name in target.columns if name not in target.key]
    if not others:
        return 0, matched
    differs = sa.or_(*(_differs(goal, stage, target.table, name) for name in others))
    wanted = _how_many(connection, stage, _there(goal, stage, same_key, differs))
    statement = (
        sa.update(goal)
        .values({goal.c[name]: stage.c[name] for name in others})
        .where(same_key, differs)
    )
    # A key that is not unique may match several rows, a trigger may keep one from changing.
    done = min(wanted, _count(connection, statement)) if wanted else 0
    return done, matched - wanted


def _there(
    goal: sa.TableClause, stage: sa.TableClause, *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Is there a row in the target for which these hold?"""
    rows = sa.select(sa.literal(1)).select_from(goal).where(*conditions)
    return sa.exists(rows.correlate(stage))


def _differs(
    goal: sa.TableClause, stage: sa.TableClause, table: Table, name: str
) -> ColumnElement[bool]:
    there: ColumnElement[Any] = goal.c[name]
    new: ColumnElement[Any] = stage.c[name]
    if table.column(name).kind in _AS_TEXT:
        there, new = sa.cast(there, sa.Text()), sa.cast(new, sa.Text())
    return there.is_distinct_from(new)


def _how_many(connection: Connection, stage: sa.TableClause, condition: ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count()).select_from(stage).where(condition)
    return int(connection.execute(statement).scalar_one())
