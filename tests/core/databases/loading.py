"""Loading a frame and looking at what it left, for the tests of loaders."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy.engine import Engine

from core.databases.loaders import Loader, Outcome, open_loader
from core.databases.reflect import reflect_table
from core.databases.select import stream_rows
from core.model.job import Counts
from core.model.plan import Sort


def opened(engine: Engine, table: str, frame: pl.DataFrame, **options: Any) -> Loader:
    columns = [name for name in frame.columns if not name.startswith("__")]
    options.setdefault("run_id", "run")
    return open_loader(engine, reflect_table(engine, table), columns, **options)


def load(engine: Engine, table: str, frame: pl.DataFrame, **options: Any) -> Outcome:
    with opened(engine, table, frame, **options) as loader:
        outcome = loader.load(frame)
        loader.transaction.ledger = False  # several loads of one test may use one run id
        loader.commit(Counts())
    total = outcome.inserted + outcome.updated + outcome.unchanged + outcome.skipped
    assert total + len(outcome.failures) == frame.height
    return outcome


def rows(engine: Engine, table: str, *columns: str) -> list[tuple[Any, ...]]:
    reflected = reflect_table(engine, table)
    sort = [Sort(column=columns[0])] if columns else []
    return [row for f in stream_rows(engine, reflected, columns, sort=sort) for row in f.rows()]


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.inserted, outcome.updated, outcome.unchanged, outcome.skipped
