"""From the staging table into the target with set statements: insert, skip, update, delete.

The same statements serve every backend. Comparing `IS DISTINCT FROM` (`IS NOT` on SQLite) makes
NULL equal to NULL, so that a row is only written when something in it differs.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.loaders.contract import Target
from core.databases.names import quoted, sql_table
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict
from core.model.table import Kind

POSITION = "tableport_position"

#: No equality on PostgreSQL (json, xml, point): compared as text.
_AS_TEXT = (Kind.JSON, Kind.OTHER)


def merge(connection: Connection, target: Target) -> tuple[int, int, int]:
    """Bring the staged rows into the target; (inserted, updated, unchanged).

    The rows left over were skipped: their key was there already (skip), a later row of the batch
    had the same key (update) or an earlier one (skip), or a trigger dropped them.
    """
    goal, stage = goal_of(target), stage_of(target)
    same_key = on_key(goal, stage, target)
    drop_duplicates(connection, stage, target)
    if target.on_conflict is OnConflict.SYNC:
        note_keys(connection, stage, target)
    updated = unchanged = 0
    if target.on_conflict.updates:
        updated, unchanged = _update(connection, goal, stage, target, same_key)
    there = _there(goal, stage, same_key)
    if target.journal is None:
        return _count(connection, insertion(goal, stage, target, ~there)), updated, unchanged
    # What is left in the staging table is what the journal may call inserted.
    _count(connection, sa.delete(stage).where(there))
    return target.journal.insert(connection, target), updated, unchanged


def goal_of(target: Target) -> sa.TableClause:
    """The table itself, with all its columns."""
    return sql_table(target.table.ref, target.table.column_names)


def stage_of(target: Target) -> sa.TableClause:
    """The staging table: the position of a row, and the columns that are loaded."""
    return sa.table(
        quoted(target.stage), *(sa.column(quoted(n)) for n in (POSITION, *target.columns))
    )


def keys_of(target: Target) -> sa.TableClause:
    """The keys of all rows so far, for SYNC."""
    return sa.table(quoted(target.keys_table), *(sa.column(quoted(n)) for n in target.key))


class Overriding(sa.Select[Any]):
    """The rows of an INSERT that gives values to identity columns made ALWAYS."""

    inherit_cache = True


@compiles(Overriding)
def _overriding(rows: Overriding, compiler: SQLCompiler, **options: Any) -> str:
    plain: str = compiler.visit_select(rows, **options)  # type: ignore[no-untyped-call]  # theirs
    return f"OVERRIDING SYSTEM VALUE {plain}"


def insertion(
    goal: sa.TableClause,
    stage: sa.TableClause,
    target: Target,
    *conditions: ColumnElement[bool],
) -> sa.Insert:
    """The staged rows for which these hold in one statement, so that they may refer to each
    other."""
    cells = (new_value(stage, target, name) for name in target.columns)
    select: type[sa.Select[Any]] = Overriding if target.keeps_identity else sa.Select
    rows = select(*cells).where(*conditions).order_by(stage.c[POSITION])
    return sa.insert(goal).from_select([goal.c[name] for name in target.columns], rows)


def insert_staged(connection: Connection, target: Target) -> int:
    """Insert all staged rows; how many went in."""
    if target.journal is not None:
        return target.journal.insert(connection, target)
    return _count(connection, insertion(goal_of(target), stage_of(target), target))


def delete_all(connection: Connection, target: Target) -> int:
    """Every row of the table goes; how many did."""
    goal = goal_of(target)
    if target.journal is not None:
        target.journal.before_delete(connection, sa.select(goal))
    return _count(connection, sa.delete(goal))


def delete_others(connection: Connection, target: Target) -> int:
    """Rows whose key no row of the file had go; how many did.

    A key with a NULL in it is no key: such rows stay.
    """
    goal = goal_of(target)
    others = unnamed(goal, target)
    if target.journal is not None:
        target.journal.before_delete(connection, sa.select(goal).where(others))
    return _count(connection, sa.delete(goal).where(others))


def unnamed(goal: sa.TableClause, target: Target) -> ColumnElement[bool]:
    """Has no row of the file so far this row's key? A key with a NULL in it is no key."""
    keys = keys_of(target)
    same = sa.and_(*(goal.c[name] == keys.c[name] for name in target.key))
    named = sa.exists(sa.select(sa.literal(1)).select_from(keys).where(same).correlate(goal))
    return sa.and_(~named, *(goal.c[name].is_not(None) for name in target.key))


def _count(connection: Connection, statement: sa.Insert | sa.Update | sa.Delete) -> int:
    if not isinstance(statement, sa.Delete):
        # A constraint declared ON CONFLICT REPLACE or IGNORE would drop rows without a word.
        statement = statement.prefix_with("OR ABORT", dialect="sqlite")
    result: CursorResult[Any] = connection.execute(statement)
    return result.rowcount


def on_key(goal: sa.TableClause, stage: sa.TableClause, target: Target) -> ColumnElement[bool]:
    """Do a row of the table and a staged one have the same key?"""
    return sa.and_(*(goal.c[name] == stage.c[name] for name in target.key))


def drop_duplicates(connection: Connection, stage: sa.TableClause, target: Target) -> None:
    """Of the staged rows with one key keep the first (skip) or the last (update).

    The database decides which keys are the same: its collations may ignore case.
    """
    position = stage.c[POSITION]
    keys = [stage.c[name] for name in target.key]
    order = position.desc() if target.on_conflict.updates else position.asc()
    place = sa.func.row_number().over(partition_by=keys, order_by=order).label("place")
    ranked = sa.select(position, place).where(*(key.is_not(None) for key in keys)).subquery()
    losers = sa.select(ranked.c[POSITION]).where(ranked.c.place > 1)
    if features_of(connection).rereads_temporary:
        _count(connection, sa.delete(stage).where(position.in_(losers)))
    elif numbers := connection.execute(losers).scalars().all():
        _count(connection, sa.delete(stage).where(position.in_(numbers)))


def note_keys(connection: Connection, stage: sa.TableClause, target: Target) -> None:
    """Remember the staged rows' keys as those of the file."""
    rows = sa.select(*(stage.c[name] for name in target.key))
    keys = keys_of(target)
    connection.execute(sa.insert(keys).from_select([keys.c[n] for n in target.key], rows))


def changing(target: Target) -> list[str]:
    """The columns in which a row that is there may get another value."""
    return [
        name
        for name in target.columns
        if name not in target.key
        and target.policy(name) is not OnUpdate.NEVER
        and not target.table.column(name).identity_always  # PostgreSQL never updates one
    ]


def _update(
    connection: Connection,
    goal: sa.TableClause,
    stage: sa.TableClause,
    target: Target,
    same_key: ColumnElement[bool],
) -> tuple[int, int]:
    """Update the mapped columns of rows that differ; (updated, unchanged)."""
    matched = _how_many(connection, stage, _there(goal, stage, same_key))
    others = changing(target)
    if not others:
        return 0, matched
    values = {name: updated_value(goal, stage, target, name) for name in others}
    differs = sa.or_(*(differing(goal, values[name], target, name) for name in others))
    wanted = _how_many(connection, stage, _there(goal, stage, same_key, differs))
    if not wanted:
        return 0, matched
    if target.journal is not None:
        # Of the staged rows each key is left once: no row of the table comes twice.
        noted = sa.select(goal).select_from(stage.join(goal, same_key)).where(differs)
        target.journal.before_update(connection, target, noted, others)
    statement = (
        sa.update(goal)
        .values({goal.c[name]: value for name, value in values.items()})
        .where(same_key, differs)
    )
    # A key that is not unique may match several rows, a trigger may keep one from changing.
    done = min(wanted, _count(connection, statement))
    if target.journal is not None:
        target.journal.after_update(connection, others)
    return done, matched - wanted


def new_value(stage: sa.TableClause, target: Target, name: str) -> ColumnElement[Any]:
    """What a row that is not there yet gets."""
    cell: ColumnElement[Any] = stage.c[name]
    default = target.table.column(name).default
    if target.blank(name) is Blanks.NULL or default is None:
        return cell
    # The text of a default is the database's own, as it printed it.
    return sa.func.coalesce(cell, sa.literal_column(default))


def updated_value(
    goal: sa.TableClause, stage: sa.TableClause, target: Target, name: str
) -> ColumnElement[Any]:
    """What a row that is there gets."""
    there, cell = goal.c[name], new_value(stage, target, name)
    if target.blank(name) is Blanks.KEEP:
        cell = sa.func.coalesce(stage.c[name], there)
    if target.policy(name) is OnUpdate.IF_EMPTY:
        cell = sa.func.coalesce(there, cell)
    return cell


def _there(
    goal: sa.TableClause, stage: sa.TableClause, *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Is there a row in the target for which these hold?"""
    rows = sa.select(sa.literal(1)).select_from(goal).where(*conditions)
    return sa.exists(rows.correlate(stage))


def differing(
    goal: sa.TableClause, new: ColumnElement[Any], target: Target, name: str
) -> ColumnElement[bool]:
    """Is what a row gets in this column another value than the one it has?"""
    there: ColumnElement[Any] = goal.c[name]
    if target.table.column(name).kind in _AS_TEXT:
        there, new = sa.cast(there, sa.Text()), sa.cast(new, sa.Text())
    return there.is_distinct_from(new)


def _how_many(connection: Connection, stage: sa.TableClause, condition: ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count()).select_from(stage).where(condition)
    return int(connection.execute(statement).scalar_one())
