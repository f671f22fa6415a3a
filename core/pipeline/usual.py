"""What the columns of the target hold so far, for telling what is unusual."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from core.checks.unusual import KINDS, Usual, usual_of
from core.databases.sampling import sample_rows
from core.errors import TargetDatabaseError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.table import Table


def usual_columns(
    engine: Engine,
    table: Table,
    targets: Collection[str],
    *,
    shown: Collection[str],
    today: date,
) -> dict[str, Usual]:
    """What is usual, by column; `shown`: columns whose figures may be told.

    A table that cannot be read has nothing usual: warnings are a courtesy.
    """
    keys = {name for key in table.keys for name in key.columns}
    keys |= {name for key in table.foreign_keys for name in key.columns}
    wanted = [
        column
        for column in table.columns
        if column.name in targets
        and column.kind in KINDS
        and column.name not in keys
        and not column.choices
    ]
    if not wanted:
        return {}
    try:
        sample = sample_rows(engine, table, [column.name for column in wanted])
    except TargetDatabaseError:
        return {}
    if sample is None:
        return {}
    found = {
        column.name: usual_of(
            column,
            sample.frame.get_column(column.name),
            today=today,
            whole=sample.whole,
            told=column.name in shown,
        )
        for column in wanted
    }
    return {name: usual for name, usual in found.items() if usual is not None}
