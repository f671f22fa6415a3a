"""Which rows of a batch are at fault, found by set look-ups instead of one attempt per row."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from sqlalchemy.engine import Connection

from core.databases.loaders.contract import RowFailure, Target
from core.databases.lookup import existing_keys, missing_references
from core.databases.names import LINE, ROW
from core.databases.refusals import Refusal, reference_refusal, unique_refusal
from core.model.plan import OnConflict
from core.model.table import ForeignKey, Table


def failures(frame: pl.DataFrame, refused: Mapping[int, Refusal]) -> tuple[RowFailure, ...]:
    """Refusals by position in a frame, as failures of the file's rows."""
    rows, lines = frame[ROW], frame[LINE]
    return tuple(
        RowFailure(
            row=rows[at], line=lines[at], check=why.check, field=why.field, message=why.message
        )
        for at, why in refused.items()
    )


def without(frame: pl.DataFrame, refused: Mapping[int, Refusal]) -> pl.DataFrame:
    if not refused:
        return frame
    keep = pl.int_range(pl.len()).is_in(list(refused)).not_()
    return frame.filter(keep)


def refers_to_itself(table: Table) -> bool:
    return any(is_own(table, reference) for reference in table.foreign_keys)


def known(
    connection: Connection, target: Target, frame: pl.DataFrame, check: str
) -> dict[int, Refusal]:
    """Rows that break `check` (unique or foreign_key) by what is in the database now.

    Rows that spoil each other inside the batch are not among them.
    """
    if check == "foreign_key":
        return _orphans(connection, target, frame)
    return _doubles(connection, target, frame)


def _doubles(connection: Connection, target: Target, frame: pl.DataFrame) -> dict[int, Refusal]:
    # Under update a row that is there already collides with itself only.
    if target.on_conflict.updates:
        return {}
    table, mapped = target.table, set(target.columns)
    spared = _spared(connection, target, frame)
    found: dict[int, Refusal] = {}
    for key in table.keys:
        if not mapped.issuperset(key.columns):
            continue
        there = existing_keys(connection, table, key.columns, frame) & ~spared
        for at in there.arg_true().to_list():
            row = frame.row(at, named=True)
            found.setdefault(at, unique_refusal(key.columns, row))
    return found


def _orphans(connection: Connection, target: Target, frame: pl.DataFrame) -> dict[int, Refusal]:
    table, mapped = target.table, set(target.columns)
    spared = _spared(connection, target, frame)
    found: dict[int, Refusal] = {}
    for reference in table.foreign_keys:
        if not mapped.issuperset(reference.columns):
            continue
        own = is_own(table, reference) and mapped.issuperset(reference.target_columns)
        also = frame if own else None
        missing = missing_references(connection, table, reference, frame, also) & ~spared
        for at in missing.arg_true().to_list():
            row = frame.row(at, named=True)
            found.setdefault(at, reference_refusal(reference, row))
    return found


def _spared(connection: Connection, target: Target, frame: pl.DataFrame) -> pl.Series:
    """Rows that are not going to be written, since their key is there and on_conflict is skip."""
    if target.on_conflict is not OnConflict.SKIP:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return existing_keys(connection, target.table, target.key, frame)


def is_own(table: Table, reference: ForeignKey) -> bool:
    place = (reference.target_schema, reference.target_table)
    return place == (table.ref.schema, table.ref.name)
