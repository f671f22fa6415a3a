"""What loaders do with rows: the same on every backend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.loaders import Outcome
from core.databases.reflect import reflect_table
from core.databases.select import stream_rows
from core.model.job import Counts
from core.model.plan import OnConflict
from tests.core.databases.loading import counts, load, opened, rows
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]
ODD = 'Or"der by.% :x'

EVERY_KIND = {
    "id": [1, 2, 3],
    "isbn": ["", "null", "\\N"],
    "title": ['quo"te, comma', "line\nbreak\r\n", "\\."],
    "genre": ["novel", None, "it's art"],
    "pages": [1, None, 2**62],
    "shelf": [-3, 0, None],
    "price": ["12.50", None, "12345678.90"],
    "mass": [1e-07, float("inf"), None],
    "used": [True, False, True],
    "printed": [dt.date(2026, 1, 31), None, dt.date(1, 1, 1)],
    "seen": [dt.datetime(2026, 1, 31, 13, 45), dt.datetime(2026, 1, 31, 13, 45, 0, 50), None],
    "heard": [dt.datetime(2026, 1, 31, tzinfo=dt.UTC), None, None],
    "opens": [dt.time(13, 45), dt.time(1, 2, 3, 400_000), None],
    "extra": ['{"b": 1.10, "a": "x  \\" y"}', None, "[1, 2]"],
    "code": ["6f9619ff-8b86-d011-b42d-00c04fc964ff", None, None],
    "cover": [b"\x00\xff\n", b"", None],
    "ranks": ["{1,2}", None, "{}"],
    "publisher_id": [None, None, None],
}
CANONICAL = {
    **EVERY_KIND,
    "id": ["1", "2", "3"],
    "pages": ["1", None, str(2**62)],
    "shelf": ["-3", "0", None],
    "mass": ["1e-07", "Infinity", None],
    "used": ["true", "false", "true"],
    "printed": ["2026-01-31", None, "0001-01-01"],
    "seen": ["2026-01-31T13:45:00", "2026-01-31T13:45:00.000050", None],
    "heard": ["2026-01-31T00:00:00+00:00", None, None],
    "opens": ["13:45:00", "01:02:03.400000", None],
    "extra": ['{"b":1.10,"a":"x  \\" y"}', None, "[1,2]"],
    "cover": ["\\x00ff0a", "\\x", None],
}


@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_every_kind_comes_back_as_it_went_in(
    shop: Engine, backend: str, on_conflict: OnConflict
) -> None:
    frame = every_kind(backend)
    outcome = load(shop, "books", frame, on_conflict=on_conflict, key=("id",))
    assert counts(outcome) == (3, 0, 0, 0)
    found = pl.concat(stream_rows(shop, reflect_table(shop, "books"), list(CANONICAL)))
    expected = CANONICAL if backend != "mysql" else {**CANONICAL, "mass": ["1e-07", None, None]}
    assert found.to_dict(as_series=False) == expected


def every_kind(backend: str) -> pl.DataFrame:
    """MySQL alone has no infinity: see test_mysql_loader."""
    own = {"mass": [1e-07, None, None]} if backend == "mysql" else {}
    return typed(**EVERY_KIND | own)


def test_updating_with_the_same_values_changes_nothing(shop: Engine, backend: str) -> None:
    frame = every_kind(backend)
    load(shop, "books", frame)
    outcome = load(shop, "books", frame, on_conflict=OnConflict.UPDATE, key=("id",))
    assert counts(outcome) == (0, 0, 3, 0)


def test_update_touches_mapped_columns_only(shop: Engine, run: Run) -> None:
    run("INSERT INTO orders VALUES (1, 1, 'a'), (1, 2, NULL), (1, 3, 'c')")
    frame = typed(store=[1, 1, 1, 2], number=[1, 2, 3, 1], note=[None, None, "c", "new"])
    outcome = load(shop, "orders", frame, on_conflict=OnConflict.UPDATE, key=("store", "number"))
    assert counts(outcome) == (1, 1, 2, 0)
    assert rows(shop, "orders", "number", "store", "note") == [
        ("1", "1", None),
        ("1", "2", "new"),
        ("2", "1", None),
        ("3", "1", "c"),
    ]
    only_keys = frame.drop("note")
    outcome = load(
        shop, "orders", only_keys, on_conflict=OnConflict.UPDATE, key=("store", "number")
    )
    assert counts(outcome) == (0, 0, 4, 0)


@pytest.mark.parametrize(
    ("on_conflict", "expected", "left"),
    [(OnConflict.SKIP, (1, 0, 0, 3), "first"), (OnConflict.UPDATE, (1, 1, 0, 2), "last")],
)
def test_two_rows_of_a_batch_with_one_key(
    shop: Engine, run: Run, on_conflict: OnConflict, expected: tuple[int, ...], left: str
) -> None:
    run("INSERT INTO publishers VALUES (7, 'there')")
    frame = typed(id=[1, 7, 1, 7], name=["first", "x", "last", "y"])
    outcome = load(shop, "publishers", frame, on_conflict=on_conflict, key=("id",))
    assert counts(outcome) == expected
    seven = "there" if on_conflict is OnConflict.SKIP else "y"
    assert rows(shop, "publishers", "id", "name") == [("1", left), ("7", seven)]


def test_a_later_batch_sees_the_earlier_one(shop: Engine) -> None:
    first, second = typed(id=[1, 2], name=["a", "b"]), typed(3, id=[2, 3], name=["c", "d"])
    with opened(shop, "publishers", first, on_conflict=OnConflict.UPDATE, key=("id",)) as loader:
        assert counts(loader.load(first)) == (2, 0, 0, 0)
        assert counts(loader.load(second)) == (1, 1, 0, 0)
        loader.commit(Counts())
    assert [name for _, name in rows(shop, "publishers", "id", "name")] == ["a", "c", "d"]


def test_keys_with_a_hole_never_meet(shop: Engine, run: Run) -> None:
    run("INSERT INTO reviews VALUES (NULL, 'old')")
    frame = typed(stars=[None, None, 3], words=["x", "y", "z"])
    for on_conflict in (OnConflict.SKIP, OnConflict.UPDATE):
        load(shop, "reviews", frame, on_conflict=on_conflict, key=("stars",))
    assert len(rows(shop, "reviews")) == 6


def test_rows_at_fault_are_found_and_the_others_go_in(shop: Engine, run: Run) -> None:
    run("INSERT INTO publishers VALUES (1, 'one')")
    frame = typed(
        isbn=["a", "b", "a", "c", "d", None, "e"],
        title=["t0", "t1", "t2", "t3", "t4", "t5", "t6"],
        pages=[1, 0, 1, 1, 1, 1, 1],
        publisher_id=[1, 1, 1, 2, None, 1, 1],
    )
    outcome = load(shop, "books", frame)
    assert counts(outcome) == (3, 0, 0, 0)
    assert [(f.row, f.line, f.check, f.field) for f in outcome.failures] == [
        (2, 3, "check", None),
        (3, 4, "unique", "isbn"),
        (4, 5, "foreign_key", "publisher_id"),
        (6, 7, "required", "isbn"),
    ]
    messages = [f.message for f in outcome.failures]
    assert "pages > 0" in messages[0].replace('"', "")
    assert messages[1:] == [
        "isbn a is already in the table",
        "publisher_id 2 is not in publishers",
        "isbn may not be empty in books",
    ]
    assert [row[0] for row in rows(shop, "books", "isbn")] == ["a", "d", "e"]


def test_many_keys_that_are_there_already(shop: Engine) -> None:
    many = list(range(1, 2001))
    load(shop, "publishers", typed(id=many, name=[f"n{i}" for i in many]))
    wider = list(range(1, 4001))
    frame = typed(id=wider, name=[f"n{i}" for i in wider])
    outcome = load(shop, "publishers", frame)
    assert (outcome.inserted, len(outcome.failures)) == (2000, 2000)
    assert outcome.failures[0].message == "id 1 is already in the table"


def test_skip_still_reports_other_unique_keys(shop: Engine, run: Run) -> None:
    run("INSERT INTO publishers VALUES (1, 'one'), (2, 'two')")
    frame = typed(id=[1, 3, 4], name=["two", "two", "four"])
    outcome = load(shop, "publishers", frame, on_conflict=OnConflict.SKIP, key=("id",))
    assert counts(outcome) == (1, 0, 0, 1)
    assert [f.message for f in outcome.failures] == ["name two is already in the table"]


def test_a_table_that_refers_to_itself(shop: Engine) -> None:
    frame = typed(id=[3, 1, 2, 5, 6], name=["c", "a", "b", None, "f"], boss=[2, None, 1, None, 99])
    outcome = load(shop, "staff", frame)
    assert outcome.inserted == 3
    assert [(f.row, f.check) for f in outcome.failures] == [(4, "required"), (5, "foreign_key")]


def test_a_child_before_its_parent_survives_another_rows_fault(shop: Engine, run: Run) -> None:
    ids = [8, 7, 6, 5, 4, 3, 2, 1]
    names: list[str | None] = list("hgfedcba")
    names[3] = None
    frame = typed(id=ids, name=names, boss=[7, 6, None, 4, 3, 2, 1, None])
    outcome = load(shop, "staff", frame)
    assert (outcome.inserted, [f.row for f in outcome.failures]) == (7, [4])


def test_odd_names(shop: Engine) -> None:
    frame = typed(**{"select": [1, 2], "a b%c": ["x", "y"], "Tax:Id": [None, "z"]})
    for on_conflict, expected in (
        (OnConflict.ERROR, (2, 0, 0, 0)),
        (OnConflict.UPDATE, (0, 0, 2, 0)),
        (OnConflict.SKIP, (0, 0, 0, 2)),
    ):
        outcome = load(shop, ODD, frame, on_conflict=on_conflict, key=("select",))
        assert counts(outcome) == expected
    outcome = load(shop, ODD, frame)
    assert [f.message for f in outcome.failures] == [
        "select 1 is already in the table",
        "select 2 is already in the table",
    ]


def test_one_column_and_empty_rows(shop: Engine) -> None:
    frame = typed(words=["", None, "x"])
    assert load(shop, "reviews", frame).inserted == 3
    assert rows(shop, "reviews", "words") == [("",), ("x",), (None,)]
    assert load(shop, "reviews", frame.clear()) == Outcome()


@pytest.mark.postgres
def test_what_partitions_and_domains_refuse_is_told_plainly(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql(
            """
            CREATE TABLE parents (id INTEGER PRIMARY KEY);
            CREATE DOMAIN even AS INTEGER CONSTRAINT by_two CHECK (VALUE % 2 = 0);
            CREATE TABLE days (id INTEGER NOT NULL, p_id INTEGER, pages even)
                PARTITION BY RANGE (id);
            CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (10);
            ALTER TABLE days_1 ADD FOREIGN KEY (p_id) REFERENCES parents;
        """.replace("%", "%%")
        )
    outcome = load(
        postgres_engine,
        "days",
        typed(id=[1, 10, 2, 3], p_id=[None, None, 7, None], pages=[2, 2, 2, 3]),
    )
    assert (outcome.inserted, [(f.row, f.check, f.field, f.message) for f in outcome.failures]) == (
        1,
        [
            (2, "check", None, "the row lies outside the partitions of days"),
            (3, "foreign_key", "p_id", "p_id 7 is not in parents"),
            (
                4,
                "check",
                "pages",
                'the row breaks the rule by_two of days: (("pages" % 2) = 0)',
            ),
        ],
    )
