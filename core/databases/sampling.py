"""Some rows of a table, read in bounded time however large it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy.engine import Engine

from core.databases.select import count_rows, page_rows
from core.model.plan import Sort
from core.model.table import Table

MOST = 20_000  #: rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Rows of a table as canonical text."""

    frame: pl.DataFrame
    whole: bool  #: these are all of its rows


def sample_rows(
    engine: Engine, table: Table, columns: Sequence[str], most: int = MOST
) -> Sample | None:
    """All rows of a table of at most `most`, else half as many from each end of a key.

    None for a larger table without a key that cannot be NULL: it has no ends that an index
    leads to. Raises TargetDatabaseError.
    """
    if count_rows(engine, table, columns, limit=most + 1) <= most:
        frame = page_rows(engine, table, columns, limit=most)
        return Sample(frame=frame, whole=True)
    key = next(
        (k.columns for k in table.keys if not any(table.column(c).nullable for c in k.columns)), ()
    )
    if not key:
        return None
    ends = [
        page_rows(
            engine,
            table,
            columns,
            sort=[Sort(column=name, descending=last) for name in key],
            limit=most // 2,
        )
        for last in (False, True)
    ]
    return Sample(frame=pl.concat(ends), whole=False)
