"""What an import did is taken back exactly, whatever it did and however rows are told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sqlalchemy.engine import Engine

from core.databases.undo import Tally, has_journal
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict
from tests.core.databases.loading import rows
from tests.core.databases.test_loaders import every_kind
from tests.core.databases.typed_frames import typed
from tests.core.databases.undo.undoing import JOB, foreseen_tally, imported, undone

Run = Callable[[str], list[Any]]

#: How the rows of a table are told apart, by its columns.
KEYED = {
    "mapped": "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20), stars INTEGER)",
    "unique": "CREATE TABLE things (id INTEGER NOT NULL UNIQUE, name VARCHAR(20), stars INTEGER)",
    "composite": (
        "CREATE TABLE things (id INTEGER NOT NULL, name VARCHAR(20) NOT NULL, stars INTEGER, "
        "PRIMARY KEY (name, id))"
    ),
    "none": "CREATE TABLE things (id INTEGER, name VARCHAR(20), stars INTEGER)",
}


def needs_addresses(backend: str) -> None:
    if backend == "mysql":
        pytest.skip("MySQL has nothing by which to tell the rows of a table without a key apart")


THERE = "INSERT INTO things VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', NULL)"
FILE = {"id": [2, 3, 4, 5], "name": ["b", "c", "d", "e"], "stars": [21, None, 40, None]}


@pytest.mark.parametrize("made", KEYED.values(), ids=KEYED)
@pytest.mark.parametrize(
    ("on_conflict", "tally"),
    [
        (OnConflict.SKIP, Tally(removed=2)),
        (OnConflict.UPDATE, Tally(removed=2, restored=1)),
        (OnConflict.REPLACE, Tally(removed=4, put_back=3)),
        (OnConflict.SYNC, Tally(removed=2, restored=1, put_back=1)),
    ],
)
def test_the_table_is_as_it_was(
    empty: Engine, run: Run, backend: str, made: str, on_conflict: OnConflict, tally: Tally
) -> None:
    if made == KEYED["none"]:
        needs_addresses(backend)
    run(f"{made};\n{THERE}")
    before = rows(empty, "things", "id", "name", "stars")
    frame = typed(**FILE)
    journal = imported(
        empty, "things", frame[:2], frame[2:], on_conflict=on_conflict, key=("id", "name")
    )
    assert (journal.kept, journal.notes) == (True, [])
    assert rows(empty, "things", "id", "name", "stars") != before
    assert foreseen_tally(empty, "things") == tally
    assert undone(empty, "things") == (tally, [])
    assert rows(empty, "things", "id", "name", "stars") == before
    assert not has_journal(empty, JOB)


def test_rows_whose_key_the_database_made(empty: Engine, run: Run, backend: str) -> None:
    counter = "INTEGER PRIMARY KEY" if backend == "sqlite" else "SERIAL PRIMARY KEY"
    counter = "INTEGER PRIMARY KEY AUTO_INCREMENT" if backend == "mysql" else counter
    run(f"CREATE TABLE things (id {counter}, name TEXT);\nINSERT INTO things (name) VALUES ('x')")
    imported(empty, "things", typed(name=["a", "a", None]))
    assert undone(empty, "things") == (Tally(removed=3), [])
    assert rows(empty, "things", "name") == [("x",)]


def test_a_table_without_a_key_loses_as_many_rows_as_it_got(
    empty: Engine, run: Run, backend: str
) -> None:
    needs_addresses(backend)
    run("CREATE TABLE things (name TEXT);\nINSERT INTO things VALUES ('a'), ('a'), (NULL)")
    imported(empty, "things", typed(name=["a", "a", None, "b"]))
    run("DELETE FROM things WHERE name = 'b'")
    tally, kept = undone(empty, "things")
    assert tally == Tally(removed=3, kept=1)
    assert [(row.kind, row.key, row.why) for row in kept] == [("inserted", {}, "gone")]
    assert sorted(rows(empty, "things", "name"), key=str) == [("a",), ("a",), (None,)]


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.REPLACE, OnConflict.SYNC])
def test_every_kind_of_value(shop: Engine, backend: str, on_conflict: OnConflict) -> None:
    frame = every_kind(backend)
    imported(shop, "books", frame, on_conflict=on_conflict, key=("id",))
    there = rows(shop, "books")
    other = frame.with_columns(pl.lit("other").alias("title"))[:2]
    imported(shop, "books", other, on_conflict=OnConflict.SYNC, key=("id",), job_id="0a")
    assert undone(shop, "books", "0a") == (Tally(restored=2, put_back=1), [])
    assert rows(shop, "books") == there
    assert undone(shop, "books") == (Tally(removed=3), [])
    assert rows(shop, "books") == []


def test_what_was_changed_since_stays(empty: Engine, run: Run) -> None:
    run(f"{KEYED['mapped']};\n{THERE}")
    frame = typed(id=[1, 2, 6, 7, 8], name=["A", "B", "f", "g", "h"], stars=[1, 2, 6, 7, 8])
    imported(empty, "things", frame, on_conflict=OnConflict.SYNC, key=("id",))
    run(
        "UPDATE things SET name = 'mine' WHERE id IN (1, 6);\nDELETE FROM things WHERE id = 7;\n"
        "UPDATE things SET name = 'H' WHERE id = 8;\nINSERT INTO things VALUES (3, 'taken', 0)"
    )
    tally, kept = undone(empty, "things")
    assert tally == Tally(removed=0, restored=1, put_back=0, kept=5)
    assert sorted((row.kind, row.key["id"], row.why) for row in kept) == [
        ("deleted", "3", "taken"),
        ("inserted", "6", "changed"),
        ("inserted", "7", "gone"),
        ("inserted", "8", "changed"),
        ("updated", "1", "changed"),
    ]
    assert rows(empty, "things", "id", "name") == [
        ("1", "mine"), ("2", "b"), ("3", "taken"), ("6", "mine"), ("8", "H"),
    ]  # fmt: skip


def test_rows_that_others_refer_to_stay(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES parents (id));\n"
        "CREATE TABLE children (parent INTEGER REFERENCES parents (id) ON DELETE CASCADE)"
    )
    imported(empty, "parents", typed(id=[1, 2, 3, 4, 5], boss=[None, 1, None, 3, 4]))
    run("INSERT INTO children VALUES (4)")
    tally, kept = undone(empty, "parents")
    assert (tally, [row.key["id"] for row in kept]) == (Tally(removed=3, kept=2), ["3", "4"])
    assert {row.why for row in kept} == {"referred"}
    assert rows(empty, "parents", "id") == [("3",), ("4",)]
    assert rows(empty, "children") == [("4",)]


def test_a_key_that_is_taken_now(empty: Engine, run: Run) -> None:
    run(f"{KEYED['mapped']};\nCREATE UNIQUE INDEX names ON things (name);\n{THERE}")
    frame = typed(id=[1, 2], name=["x", "y"])
    imported(empty, "things", frame, on_conflict=OnConflict.UPDATE, key=("id",))
    run("INSERT INTO things VALUES (9, 'a', 0)")
    tally, kept = undone(empty, "things")
    assert (tally, [(row.key, row.why) for row in kept]) == (
        Tally(restored=1, kept=1),
        [({"id": "1"}, "taken")],
    )
    assert rows(empty, "things", "id", "name") == [
        ("1", "x"), ("2", "b"), ("3", "c"), ("9", "a"),
    ]  # fmt: skip


def test_keys_that_were_exchanged(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE);\n"
        "INSERT INTO things VALUES (1, 10), (2, 20)"
    )
    renumbered = typed(id=[3, 4], number=[10, 20])
    imported(empty, "things", renumbered, on_conflict=OnConflict.UPDATE, key=("number",))
    assert rows(empty, "things", "id", "number") == [("3", "10"), ("4", "20")]
    assert undone(empty, "things") == (Tally(restored=2), [])
    assert rows(empty, "things", "id", "number") == [("1", "10"), ("2", "20")]


def test_rows_that_share_the_chosen_key(empty: Engine, run: Run, backend: str) -> None:
    needs_addresses(backend)
    run(
        "CREATE TABLE things (name TEXT, stars INTEGER, note TEXT);\n"
        "INSERT INTO things VALUES ('a', 1, 'p'), ('a', 2, 'q'), ('a', 3, NULL), ('b', 4, 'r')"
    )
    before = rows(empty, "things", "note", "name", "stars")
    imported(
        empty, "things", typed(name=["a"], stars=[2]), on_conflict=OnConflict.UPDATE, key=("name",)
    )
    tally, kept = undone(empty, "things")
    assert (tally.restored, kept) == (3, [])
    assert rows(empty, "things", "note", "name", "stars") == before


def test_a_row_that_one_import_wrote_twice(empty: Engine, run: Run) -> None:
    run(f"{KEYED['mapped']};\n{THERE}")
    first, second = typed(id=[1, 4], name=["A", "D"]), typed(id=[1, 4], name=["AA", "DD"])
    imported(empty, "things", first, second, on_conflict=OnConflict.UPDATE, key=("id",))
    tally, kept = undone(empty, "things")
    assert (tally, kept) == (Tally(removed=1, restored=3), [])
    assert [name for _, name in rows(empty, "things", "id", "name")] == ["a", "b", "c"]


def test_cells_left_as_they_were_and_defaults(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(9) DEFAULT 'none', stars INT);\n"
        "INSERT INTO things VALUES (1, 'a', NULL), (2, NULL, 2)"
    )
    before = rows(empty, "things", "id", "name", "stars")
    imported(
        empty, "things", typed(id=[1, 2, 3], name=[None, None, None], stars=[5, 5, 5]),
        on_conflict=OnConflict.UPDATE, key=("id",),
        blanks={"name": Blanks.DEFAULT}, policies={"stars": OnUpdate.IF_EMPTY},
    )  # fmt: skip
    assert rows(empty, "things", "id", "name", "stars") == [
        ("1", "none", "5"), ("2", "none", "2"), ("3", "none", "5"),
    ]  # fmt: skip
    assert undone(empty, "things") == (Tally(removed=1, restored=2), [])
    assert rows(empty, "things", "id", "name", "stars") == before
