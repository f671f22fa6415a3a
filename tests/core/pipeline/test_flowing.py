"""When rows may be loaded before all are checked, and what becomes of errors on the thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.connect import normalise_url, open_engine
from core.databases.loaders import Loader
from core.databases.reflect import reflect_table
from core.errors import TargetDatabaseError
from core.model.mapping import Circumstances
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode
from core.pipeline import flowing
from core.pipeline.flowing import Flow, may_flow
from core.pipeline.judging import Terms
from tests.journal_mode import set_journal

PLAN = ImportPlan(
    connection="c", table="wares", upload="u", filename="f", on_errors=OnErrors.LOAD_VALID
)
ROWS = pl.DataFrame({"__row__": [1], "__line__": [2], "id": [1]})


@pytest.fixture
def wares(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(normalise_url(str(tmp_path / "w.db")), create=True)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE wares (id INTEGER PRIMARY KEY)")
        db.exec_driver_sql("CREATE TABLE tree (id INTEGER PRIMARY KEY, up INT REFERENCES tree)")
    set_journal(engine, "wal")
    yield engine
    engine.dispose()


def terms(engine: Engine, table: str = "wares") -> Terms:
    now = Circumstances(now=datetime.now(UTC), user="u", filename="f")
    return Terms(table=reflect_table(engine, table), engine=engine, circumstances=now)


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"on_conflict": OnConflict.SKIP}, True),
        ({"on_conflict": OnConflict.REPLACE}, True),
        ({"on_conflict": OnConflict.UPDATE}, False),
        ({"on_conflict": OnConflict.SYNC}, False),
        ({"mode": WriteMode.STAGED}, False),
        ({"mode": WriteMode.RESUME}, False),
        ({"planned": "digest"}, False),
    ],
)
def test_what_may_flow(wares: Engine, changes: dict[str, Any], may: bool) -> None:
    assert may_flow(replace(PLAN, **changes), terms(wares)) is may


def test_a_table_that_refers_to_itself_may_not(wares: Engine) -> None:
    assert not may_flow(PLAN, terms(wares, "tree"))


def test_sqlite_without_a_write_ahead_log_may_not(wares: Engine) -> None:
    set_journal(wares, "delete")
    assert not may_flow(PLAN, terms(wares))


class Rollback:
    """A loader that only knows how to end."""

    def __init__(self) -> None:
        self.rolled_back = 0

    def rollback(self) -> None:
        self.rolled_back += 1


def test_an_error_on_the_thread_is_raised_where_batches_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*_: object) -> None:
        raise TargetDatabaseError("The connection was closed.")

    monkeypatch.setattr(flowing, "load_batch", gone)
    loader = Rollback()

    def bring_ten() -> None:
        with Flow(PLAN, lambda: cast("Loader", loader)) as flow:
            for _ in range(10):
                flow.take(ROWS, 0)
            pytest.fail("it was never raised")

    with pytest.raises(TargetDatabaseError, match="closed"):
        bring_ten()
    assert loader.rolled_back == 1


def test_an_error_where_batches_come_from_ends_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowing, "load_batch", lambda *_: flowing.Outcome(inserted=1))
    loader = Rollback()

    def interrupted() -> None:
        with Flow(PLAN, lambda: cast("Loader", loader)) as flow:
            flow.take(ROWS, 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert loader.rolled_back == 1


def test_no_loader_is_opened_for_a_file_that_has_failed_already() -> None:
    def opened() -> Loader:
        raise AssertionError("nothing is to be loaded")

    with Flow(replace(PLAN, on_errors=OnErrors.STOP), opened) as flow:
        flow.take(ROWS, 1)
        flow.take(ROWS, 1)
