"""One file upserted into the table of orders by SQLAlchemy alone: a process of its own.

    python -m benchmarks.one_upsert ADDRESS FILE

What one would write by hand: rows of typed values, INSERT … ON CONFLICT DO UPDATE, many rows to a
statement, one transaction. Nothing is checked.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.orders import COLUMNS, TABLE
from core.databases.connect import normalise_url, open_engine

_BATCH = 1_000  # SQLAlchemy's own size of a page
_KEY = "id"
_MOMENT = "%Y-%m-%d %H:%M:%S%:z"


def upsert(address: str, file: Path) -> None:
    """Bring the file in. Raises as SQLAlchemy does."""
    engine = open_engine(normalise_url(address))
    lite = engine.dialect.name == "sqlite"
    # Columns without types: values go to the driver as they are.
    table = sa.Table(TABLE, sa.MetaData(), *(sa.Column(name) for name in COLUMNS))
    insert = (sqlite if lite else postgresql).insert(table)
    new = {name: insert.excluded[name] for name in COLUMNS if name != _KEY}
    statement = insert.on_conflict_do_update(index_elements=[_KEY], set_=new)
    cells = _plain(_typed(file)) if lite else _typed(file)
    with engine.begin() as connection:
        for part in cells.iter_slices(_BATCH):
            connection.execute(statement, part.to_dicts())


def _typed(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, infer_schema=False).with_columns(
        pl.col("id", "quantity").cast(pl.Int64),
        pl.col("price").cast(pl.Decimal(12, 2)),
        pl.col("discount").cast(pl.Decimal(5, 4)),
        pl.col("ordered_on").str.to_date("%Y-%m-%d"),
        pl.col("shipped_at").str.to_datetime(_MOMENT, time_unit="us", time_zone="UTC"),
        (pl.col("paid") == "true").alias("paid"),
    )


def _plain(cells: pl.DataFrame) -> pl.DataFrame:
    """What SQLite has types for."""
    return cells.with_columns(
        pl.col("price", "discount").cast(pl.Float64),
        pl.col("ordered_on").dt.strftime("%Y-%m-%d"),
        pl.col("shipped_at").dt.strftime("%Y-%m-%d %H:%M:%S+00:00"),
    )


if __name__ == "__main__":
    upsert(sys.argv[1], Path(sys.argv[2]))
