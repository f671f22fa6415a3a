"""What is foreseen of a batch is what a loader then does with it, whatever the rules."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.loaders import Limits, Outcome
from core.databases.loaders.foresight import Foresight
from core.errors import TargetDatabaseError
from core.model.changes import Change, ChangeKind
from core.model.job import Counts
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict
from tests.core.databases.loading import opened, rows

GOODS = "goods"
COLUMNS = ("id", "code", "name", "price", "stock", "seen", "extra")
_RULES = [(blanks, policy) for blanks in Blanks for policy in OnUpdate]
_MOMENT = datetime(2026, 1, 31, 10)


class Noted:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.kinds: dict[int, ChangeKind] = {}
        self.changes: list[Change] = []
        self.more_new = 1_000

    def note(self, kind: ChangeKind, rows: Sequence[int]) -> None:
        self.kinds |= dict.fromkeys(rows, kind)

    def add(self, change: Change) -> None:
        self.changes.append(change)

    def of(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind is kind]


@pytest.fixture
def goods(empty: Engine) -> Iterator[Engine]:
    """A table with two keys, defaults and cells that compare in ways of their own."""
    with empty.begin() as db:
        db.exec_driver_sql(f"DROP TABLE IF EXISTS {GOODS}")
        db.exec_driver_sql(
            f"CREATE TABLE {GOODS} (id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(9) UNIQUE, "
            "name VARCHAR(40) DEFAULT 'unnamed', price NUMERIC(8, 2), stock INTEGER DEFAULT 0, "
            "seen TIMESTAMP NULL, extra JSON)"
        )
    yield empty
    with empty.begin() as db:
        db.exec_driver_sql(f"DROP TABLE {GOODS}")


def fill(engine: Engine, frame: pl.DataFrame) -> None:
    with engine.begin() as db:
        db.exec_driver_sql(f"DELETE FROM {GOODS}")
    with opened(engine, GOODS, frame) as loader:
        loader.load(frame)
        loader.transaction.ledger = False
        loader.transaction.commit(GOODS, Counts())


def frame_of(records: list[tuple[Any, ...]]) -> pl.DataFrame:
    schema = {
        "id": pl.Int64, "code": pl.String, "name": pl.String, "price": pl.String,
        "stock": pl.Int64, "seen": pl.Datetime("us"), "extra": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(records, schema=schema, orient="row")
    at = pl.int_range(1, frame.height + 1, dtype=pl.Int64)
    return frame.with_columns(at.alias("__row__"), (at + 1).alias("__line__"))


def some_rows(chance: random.Random, numbers: list[int]) -> pl.DataFrame:
    return frame_of(
        [
            (
                number,
                f"c{number}",
                chance.choice([None, "Ann", "Bob"]),
                chance.choice([None, "1.50", "2"]),
                chance.choice([None, 0, 5]),
                chance.choice([None, _MOMENT]),
                chance.choice([None, '{"a":1}']),
            )
            for number in numbers
        ]
    )


def foreseen(
    engine: Engine, frame: pl.DataFrame, step: int, **options: Any
) -> tuple[Outcome, int, Noted]:
    noted, outcome, gone = Noted(), Outcome(), 0
    with opened(engine, GOODS, frame, **options) as loader:
        foresight = Foresight(loader, noted)
        if options["on_conflict"] is OnConflict.REPLACE:
            gone = foresight.clear()
        for part in frame.iter_slices(step):
            outcome += foresight.load(part)
        if options["on_conflict"] is OnConflict.SYNC:
            gone = foresight.delete_others()
    return outcome, gone, noted


def done(engine: Engine, frame: pl.DataFrame, step: int, **options: Any) -> tuple[Outcome, int]:
    outcome, gone = Outcome(), 0
    with opened(engine, GOODS, frame, **options) as loader:
        if options["on_conflict"] is OnConflict.REPLACE:
            gone = loader.clear()
        for part in frame.iter_slices(step):
            outcome += loader.load(part)
        if options["on_conflict"] is OnConflict.SYNC:
            gone = loader.delete_others()
        loader.transaction.ledger = False
        loader.commit(Counts())
    return outcome, gone


@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_the_loader_does_what_was_foreseen(goods: Engine, on_conflict: OnConflict) -> None:
    for turn, (blanks, policy) in enumerate(_RULES):
        chance = random.Random(f"{on_conflict} {turn}")
        fill(goods, some_rows(chance, list(range(1, 30, 2))))
        # What repeats in a file under update is sorted out before loaders see it.
        numbers = chance.sample(range(1, 31), 20)
        if on_conflict is OnConflict.SKIP:
            numbers += chance.sample(numbers, 5)
        frame = some_rows(chance, numbers)
        options: dict[str, Any] = {
            "on_conflict": on_conflict,
            "key": ("id",),
            "blanks": dict.fromkeys(COLUMNS[1:], blanks),
            "policies": dict.fromkeys(COLUMNS[1:], policy),
        }
        step = chance.choice([3, 7, 100])
        before = {row[0]: row for row in rows(goods, GOODS, *COLUMNS)}
        expected, going, noted = foreseen(goods, frame, step, **options)
        assert {row[0]: row for row in rows(goods, GOODS, *COLUMNS)} == before

        outcome, gone = done(goods, frame, step, **options)
        said = (blanks, policy, step)
        assert [f.row for f in expected.failures] == [f.row for f in outcome.failures], said
        assert (expected.inserted, expected.updated) == (outcome.inserted, outcome.updated), said
        assert (expected.unchanged, expected.skipped) == (outcome.unchanged, outcome.skipped), said
        assert (going, len(noted.kinds)) == (gone, frame.height)
        after = {row[0]: row for row in rows(goods, GOODS, *COLUMNS)}
        if on_conflict is not OnConflict.REPLACE:
            assert_same(before, after, noted)


def assert_same(
    before: dict[str, tuple[Any, ...]], after: dict[str, tuple[Any, ...]], noted: Noted
) -> None:
    """The rows and cells that changed are those that were listed, with their values."""
    assert set(before) - set(after) == {c.key["id"] for c in noted.of(ChangeKind.DELETED)}
    assert set(after) - set(before) == {c.key["id"] for c in noted.of(ChangeKind.NEW)}
    changed = {c.key["id"]: c for c in noted.of(ChangeKind.CHANGED)}
    assert {n for n in set(after) & set(before) if after[n] != before[n]} == set(changed)
    for number, change in changed.items():
        assert number is not None
        told = {cell.column: (cell.old, cell.new) for cell in change.cells}
        seen = {
            name: (old, new)
            for name, old, new in zip(COLUMNS, before[number], after[number], strict=True)
            if old != new
        }
        assert told == seen


def test_a_row_that_cannot_be_staged_is_a_failure(goods: Engine) -> None:
    frame = frame_of([(1, "a", "Ann", "1", 1, None, None), (2, "b", "x" * 50, "1", 1, None, None)])
    noted = Noted()
    with opened(goods, GOODS, frame, on_conflict=OnConflict.UPDATE, key=("id",)) as loader:
        outcome = Foresight(loader, noted).load(frame)
    short = goods.dialect.name != "sqlite"  # SQLite takes texts of any length
    assert [f.row for f in outcome.failures] == ([2] if short else [])
    assert outcome.inserted + len(outcome.failures) == 2


def test_rows_rejected_for_their_key_are_beside_the_row_in_their_way(goods: Engine) -> None:
    ann, bob = ("a", "Ann", "1", 1, None, None), ("b", "Bob", "2", 2, None, None)
    fill(goods, frame_of([(1, *ann), (2, *bob)]))
    frame = frame_of([(1, "z", "Anna", "1", 1, None, None), (9, *bob)])
    noted = Noted()
    with opened(goods, GOODS, frame, on_conflict=OnConflict.ERROR, key=("id",)) as loader:
        Foresight(loader, noted).clash(frame)
    by_key, by_code = noted.changes
    assert {c.column: (c.old, c.new) for c in by_key.cells} == {
        "code": ("a", "z"),
        "name": ("Ann", "Anna"),
    }
    assert (by_code.row, by_code.cells) == (2, ())
    assert "code" in by_code.reason
    assert noted.kinds == {1: ChangeKind.CONFLICT, 2: ChangeKind.CONFLICT}


def test_no_more_new_rows_are_listed_than_are_asked_for(goods: Engine) -> None:
    frame = frame_of([(n, None, "Ann", None, None, None, None) for n in range(1, 6)])
    noted = Noted()
    noted.more_new = 2
    with opened(goods, GOODS, frame, on_conflict=OnConflict.UPDATE, key=("id",)) as loader:
        outcome = Foresight(loader, noted).load(frame)
    assert (outcome.inserted, len(noted.changes), len(noted.kinds)) == (5, 2, 5)
    assert sa.inspect(goods).has_table(GOODS)


def test_rows_of_a_table_that_is_held_are_changed_by_nobody_else(goods: Engine) -> None:
    fill(goods, frame_of([(1, "a", "Ann", "1", 1, None, None)]))
    frame = frame_of([(1, "a", "Anna", "1", 1, None, None)])
    update: dict[str, Any] = {"on_conflict": OnConflict.UPDATE, "key": ("id",)}
    hasty = Limits(lock_seconds=0.1)
    with opened(goods, GOODS, frame, run_id="first", **update) as holder:
        holder.transaction.hold(holder.target.table)
        with (
            pytest.raises(TargetDatabaseError),
            opened(goods, GOODS, frame, run_id="second", limits=hasty, **update) as other,
        ):
            other.load(frame)
        assert holder.load(frame).updated == 1
