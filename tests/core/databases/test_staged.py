"""Rows on a shelf are brought from there; how far a run has come is fenced by its attempt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.loaders import Loader, Outcome, RowFailure, begin, open_loader, progress
from core.databases.loaders.progress import Overtaken, Progress
from core.databases.loaders.staged import put_away, shelf_name
from core.databases.reflect import reflect_table
from core.model.job import Counts
from core.model.plan import OnConflict
from tests.core.databases.loading import rows

COLUMNS = ("id", "name")
CHECKED = Counts(rows_read=9, rejected=2, ignored=1)


def frame(first: int, *names: str) -> pl.DataFrame:
    numbers = list(range(first, first + len(names)))
    return pl.DataFrame(
        {"__row__": numbers, "__line__": [n + 1 for n in numbers], "id": numbers, "name": names}
    )


@contextmanager
def shelving(engine: Engine, **options: OnConflict | tuple[str, ...]) -> Iterator[Loader]:
    table = reflect_table(engine, "publishers")
    with begin(engine, run_id="run", what="publishers") as transaction:
        loader = open_loader(transaction, table, COLUMNS, **options)  # type: ignore[arg-type]  # of two kinds
        loader.draw_on(shelf_name("run"))
        yield loader
        transaction.commit_part("publishers")


def shelved(engine: Engine, *frames: pl.DataFrame) -> None:
    """On the shelf every name says where it is."""
    with shelving(engine) as loader:
        loader.make_shelf()
        for each in frames:
            loader.shelve(each)
    with engine.begin() as db:
        name = db.dialect.identifier_preparer.quote_identifier(shelf_name("run"))
        joined = "concat(name, ' on the shelf')" if db.dialect.name == "mysql" else (
            "name || ' on the shelf'"
        )  # fmt: skip
        db.exec_driver_sql(f"UPDATE {name} SET name = {joined}")


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.SKIP, OnConflict.UPDATE])
def test_rows_come_from_the_shelf(shop: Engine, on_conflict: OnConflict) -> None:
    shelved(shop, frame(1, "a", "b"), frame(3, "c", "d"))
    with shelving(shop, on_conflict=on_conflict, key=("id",)) as loader:
        done = loader.load(frame(1, "a", "b")) + loader.load(frame(3, "c", "d"))
    assert done.inserted == 4
    assert rows(shop, "publishers", "id", "name") == [
        (f"{n}", f"{name} on the shelf") for n, name in enumerate("abcd", 1)
    ]


def test_what_is_not_on_it_or_not_next_to_each_other_is_sent(shop: Engine) -> None:
    shelved(shop, frame(1, "a", "b", "c"))
    apart = frame(1, "a", "b", "c")[[0, 2]]
    with shelving(shop) as loader:
        loader.load(apart)
        loader.load(frame(7, "x"))
    assert rows(shop, "publishers", "id", "name") == [("1", "a"), ("3", "c"), ("7", "x")]


def test_rows_at_fault_are_found_on_the_shelf_too(shop: Engine) -> None:
    with shop.begin() as db:
        db.exec_driver_sql("INSERT INTO publishers (id, name) VALUES (2, 'there')")
    shelved(shop, frame(1, "a", "b", "c"))
    with shelving(shop) as loader:
        done = loader.load(frame(1, "a", "b", "c"))
    assert (done.inserted, [failure.row for failure in done.failures]) == (2, [2])


def test_nothing_is_left_of_it(shop: Engine) -> None:
    shelved(shop, frame(1, "a"))
    assert progress.prepare(shop)
    with begin(shop, run_id="run", what="publishers") as transaction:
        progress.take(transaction.connection, "run", 1, CHECKED)
        transaction.commit_part("publishers")
    with begin(shop, run_id="run", what="publishers") as transaction:
        put_away(transaction)
        transaction.commit_part("publishers")
    assert shelf_name("run") not in sa.inspect(shop).get_table_names()
    assert progress.so_far(shop, "run") == Progress()


def part(inserted: int, *refused: int) -> Outcome:
    failures = tuple(
        RowFailure(row=n, line=n, check="unique", field=None, message="") for n in refused
    )
    return Outcome(inserted=inserted, failures=failures)


def test_progress_is_what_was_committed(shop: Engine) -> None:
    assert progress.so_far(shop, "run") == Progress()
    assert progress.prepare(shop)
    with shop.begin() as db:
        first = progress.take(db, "run", 1, CHECKED)
    assert first == Progress(checked=CHECKED)
    now = first.with_part(4, part(3, 2))
    with shop.begin() as db:
        progress.require_latest(db, "run", 1)
        progress.note(db, "run", 1, now, part(3, 2))
    with shop.connect() as db:
        progress.note(db, "run", 1, now.with_part(8, part(4)), part(4))  # and never committed
    with shop.begin() as db:
        assert progress.take(db, "run", 2, CHECKED) == now
    assert (now.upto, now.refused) == (4, {2})
    assert now.counts == Counts(rows_read=6, inserted=3, rejected=3, ignored=1)
    assert now.counts.reconciled


def test_who_was_overtaken_may_write_nothing(shop: Engine) -> None:
    assert progress.prepare(shop)
    for attempt in (1, 3):
        with shop.begin() as db:
            progress.take(db, "run", attempt, CHECKED)
    with shop.connect() as db:
        progress.require_latest(db, "run", 3)
        with pytest.raises(Overtaken):
            progress.require_latest(db, "run", 1)
        with pytest.raises(Overtaken):
            progress.take(db, "run", 2, CHECKED)
