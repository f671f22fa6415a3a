"""What blanks, policies, replace and sync make of rows that are already there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.loaders import begin, open_loader
from core.databases.reflect import reflect_table
from core.errors import TargetDatabaseError
from core.model.job import Counts
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict
from tests.core.databases.loading import counts, load, opened, rows
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]
Cells = tuple[str | None, str | None, str | None]

GOODS = """
CREATE TABLE goods (
    id INTEGER PRIMARY KEY, note VARCHAR(20) DEFAULT 'n/a', colour VARCHAR(20));
INSERT INTO goods VALUES (1, 'old', 'red'), (2, NULL, 'blue'), (3, 'n/a', NULL)
"""
NAMES = ("id", "note", "colour")


@pytest.fixture
def goods(shop: Engine, run: Run) -> Engine:
    run(GOODS)
    return shop


def update(goods: Engine, **options: Any) -> tuple[int, ...]:
    """The file: 1 has no cells at all, 2 and 3 both, 4 is new and empty."""
    frame = typed(id=[1, 2, 3, 4], note=[None, "x", "x", None], colour=[None, "x", "x", None])
    options.setdefault("on_conflict", OnConflict.UPDATE)
    return counts(load(goods, "goods", frame, key=("id",), **options))


# ---------------------------------------------------------------- blanks
@pytest.mark.parametrize(
    ("blanks", "first", "new", "expected"),
    [
        (Blanks.NULL, (None, None), (None, None), (1, 3, 0, 0)),
        (Blanks.KEEP, ("old", "red"), ("n/a", None), (1, 2, 1, 0)),
        (Blanks.DEFAULT, ("n/a", None), ("n/a", None), (1, 3, 0, 0)),
    ],
)
def test_what_an_empty_cell_means(
    goods: Engine,
    blanks: Blanks,
    first: tuple[str | None, ...],
    new: tuple[str | None, ...],
    expected: tuple[int, ...],
) -> None:
    assert update(goods, blanks=dict.fromkeys(NAMES, blanks)) == expected
    found = rows(goods, "goods", *NAMES)
    assert found == [("1", *first), ("2", "x", "x"), ("3", "x", "x"), ("4", *new)]


def test_blanks_are_by_column(goods: Engine) -> None:
    update(goods, blanks={"note": Blanks.KEEP})
    assert rows(goods, "goods", *NAMES)[0] == ("1", "old", None)


def test_skip_gives_new_rows_their_defaults(goods: Engine) -> None:
    blanks = {"note": Blanks.KEEP}
    assert update(goods, blanks=blanks, on_conflict=OnConflict.SKIP) == (1, 0, 0, 3)
    assert rows(goods, "goods", *NAMES)[-1] == ("4", "n/a", None)


# ---------------------------------------------------------------- policies
@pytest.mark.parametrize(
    ("policy", "second", "third", "expected"),
    [
        (OnUpdate.OVERWRITE, ("2", "x", "x"), ("3", "x", "x"), (1, 3, 0, 0)),
        (OnUpdate.IF_EMPTY, ("2", "x", "x"), ("3", "n/a", "x"), (1, 3, 0, 0)),
        (OnUpdate.NEVER, ("2", None, "x"), ("3", "n/a", "x"), (1, 3, 0, 0)),
    ],
)
def test_a_column_may_be_kept_from_being_overwritten(
    goods: Engine, policy: OnUpdate, second: Cells, third: Cells, expected: tuple[int, ...]
) -> None:
    assert update(goods, policies={"note": policy}) == expected
    assert rows(goods, "goods", *NAMES)[1:3] == [second, third]


def test_a_row_of_which_nothing_may_change_is_unchanged(goods: Engine) -> None:
    policies = {"note": OnUpdate.NEVER, "colour": OnUpdate.NEVER}
    assert update(goods, policies=policies) == (1, 0, 3, 0)


# ---------------------------------------------------------------- replace and sync
def test_replace_leaves_the_rows_of_the_file_alone(goods: Engine) -> None:
    frame = typed(id=[2, 9], note=["two", "nine"], colour=["a", "b"])
    with opened(goods, "goods", frame, on_conflict=OnConflict.REPLACE) as loader:
        assert loader.clear() == 3
        assert counts(loader.load(frame)) == (2, 0, 0, 0)
        loader.commit(Counts())
    assert rows(goods, "goods", *NAMES) == [("2", "two", "a"), ("9", "nine", "b")]


def test_sync_deletes_what_no_batch_had(goods: Engine) -> None:
    first = typed(id=[1, 9], note=["old", "nine"], colour=["red", "b"])
    second = typed(3, id=[3], note=["three"], colour=[None])
    with opened(goods, "goods", first, on_conflict=OnConflict.SYNC, key=("id",)) as loader:
        assert counts(loader.load(first)) == (1, 0, 1, 0)
        assert counts(loader.load(second)) == (0, 1, 0, 0)
        assert loader.delete_others() == 1
        loader.commit(Counts())
    assert rows(goods, "goods", *NAMES) == [
        ("1", "old", "red"), ("3", "three", None), ("9", "nine", "b"),
    ]  # fmt: skip


def test_rows_without_a_whole_key_stay(shop: Engine, run: Run) -> None:
    run("INSERT INTO reviews VALUES (NULL, 'keyless'), (1, 'one'), (2, 'two')")
    frame = typed(stars=[1], words=["one"])
    with opened(shop, "reviews", frame, on_conflict=OnConflict.SYNC, key=("stars",)) as loader:
        assert counts(loader.load(frame)) == (0, 0, 1, 0)
        assert loader.delete_others() == 1
        loader.commit(Counts())
    assert sorted(words for _, words in rows(shop, "reviews", "stars", "words")) == [
        "keyless",
        "one",
    ]


def test_rows_that_others_refer_to_cannot_go(shop: Engine, run: Run) -> None:
    run("INSERT INTO staff VALUES (1, 'boss', NULL), (2, 'worker', 1)")
    worker = typed(id=[2], name=["worker"], boss=[1])
    sync = {"on_conflict": OnConflict.SYNC, "key": ("id",)}
    with opened(shop, "staff", worker, **sync) as loader:
        loader.load(worker)
        with pytest.raises(TargetDatabaseError, match=r"staff.*other rows refer to them"):
            loader.delete_others()
    assert len(rows(shop, "staff", "id")) == 2


def test_a_table_that_others_refer_to_cannot_be_emptied(shop: Engine, run: Run) -> None:
    run(
        "INSERT INTO publishers VALUES (1, 'house');\n"
        "INSERT INTO books (id, isbn, title, publisher_id) VALUES (1, 'x', 'y', 1)"
    )
    frame = typed(id=[2], name=["other"])
    with (
        opened(shop, "publishers", frame, on_conflict=OnConflict.REPLACE) as loader,
        pytest.raises(TargetDatabaseError, match=r"publishers.*other rows refer to them"),
    ):
        loader.clear()
    assert rows(shop, "publishers", "id", "name") == [("1", "house")]


# ---------------------------------------------------------------- one transaction for several
def test_two_loaders_of_one_transaction_are_committed_together(goods: Engine) -> None:

    parents = typed(id=[5], name=["house"])
    with begin(goods, run_id="both", what="two tables") as transaction:
        frames: dict[str, pl.DataFrame] = {
            "publishers": parents,
            "goods": typed(id=[8], note=["x"], colour=["y"]),
        }
        for name, frame in frames.items():
            columns = [c for c in frame.columns if not c.startswith("__")]
            loader = open_loader(
                transaction, reflect_table(goods, name), columns,
                key=("id",), on_conflict=OnConflict.UPDATE,
            )  # fmt: skip
            assert counts(loader.load(frame)) == (1, 0, 0, 0)
            loader.finish()
        assert rows(goods, "publishers") == []
        transaction.commit("two tables", Counts(rows_read=2, inserted=2))
    assert rows(goods, "publishers", "id") == [("5",)]
    assert ("8",) in rows(goods, "goods", "id")
