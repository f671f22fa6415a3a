"""Columns that PostgreSQL fills, parts, bequeaths or checks late: rows go in as they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from core.databases.loaders import Limits, open_loader
from core.databases.reflect import reflect_table
from core.errors import InvalidMapping, TargetDatabaseError
from core.model.job import Counts
from core.model.plan import OnConflict
from tests.core.databases.loading import counts, load, opened, rows
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]

pytestmark = pytest.mark.postgres


@pytest.fixture
def backend() -> str:
    return "postgresql"


# ---------------------------------------------------------------- identity
ALWAYS = "CREATE TABLE made (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT)"


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.SKIP, OnConflict.UPDATE])
def test_identity_columns_take_the_files_values_when_told(
    empty: Engine, run: Run, on_conflict: OnConflict
) -> None:
    run(ALWAYS)
    table = reflect_table(empty, "made")
    frame = typed(id=[7, 9], name=["seven", "nine"])
    with pytest.raises(InvalidMapping, match="computed by the database"):
        open_loader(empty, table, ["id", "name"], run_id="r")
    for expected in ((2, 0, 0, 0), None):
        given = table.with_identity()
        with open_loader(
            empty, given, ["id", "name"], key=("id",), on_conflict=on_conflict, run_id=str(expected)
        ) as loader:
            outcome = loader.load(frame)
            loader.commit(Counts())
        if expected:
            assert counts(outcome) == expected
    run("INSERT INTO made (name) VALUES ('next')")
    assert rows(empty, "made", "id") == [("7",), ("9",), ("10",)]


def test_the_database_numbers_rows_without_a_value(empty: Engine, run: Run) -> None:
    run(ALWAYS.replace("ALWAYS", "BY DEFAULT"))
    assert counts(load(empty, "made", typed(name=["a", "b"]))) == (2, 0, 0, 0)
    assert counts(load(empty, "made", typed(id=[40], name=["c"]))) == (1, 0, 0, 0)
    assert counts(load(empty, "made", typed(name=["d"]))) == (1, 0, 0, 0)
    assert rows(empty, "made", "id") == [("1",), ("2",), ("40",), ("41",)]


# ---------------------------------------------------------------- triggers, partitions, heirs
def test_what_triggers_fill_change_or_drop(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, stamp TEXT NOT NULL);\n"
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.name = 'none' THEN RETURN NULL; END IF; "
        "NEW.stamp = 'seen ' || NEW.name; RETURN NEW; END $$;\n"
        "CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()"
    )
    outcome = load(empty, "t", typed(id=[1, 2], name=["a", "none"]))
    assert (counts(outcome), outcome.failures) == ((1, 0, 0, 1), ())
    assert rows(empty, "t", "id", "stamp") == [("1", "seen a")]


@pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.UPDATE, OnConflict.SYNC])
def test_partitions(empty: Engine, run: Run, on_conflict: OnConflict) -> None:
    run(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT) PARTITION BY RANGE (id);\n"
        "CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (0) TO (10);\n"
        "CREATE TABLE p_high PARTITION OF p FOR VALUES FROM (10) TO (20)"
    )
    frame = typed(id=[5, 15, 25], name=["a", "b", "c"])
    outcome = load(empty, "p", frame, on_conflict=on_conflict, key=("id",))
    assert counts(outcome) == (2, 0, 0, 0)
    assert [f.message for f in outcome.failures] == ["the row lies outside the partitions of p"]
    assert rows(empty, "p_high", "id") == [("15",)]


def test_the_heir_of_a_table(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE base (id INTEGER PRIMARY KEY, name TEXT);\n"
        "CREATE TABLE heir (extra TEXT, PRIMARY KEY (id)) INHERITS (base)"
    )
    frame = typed(id=[1], name=["a"], extra=["e"])
    assert counts(load(empty, "heir", frame, on_conflict=OnConflict.UPDATE, key=("id",)))[0] == 1
    assert rows(empty, "heir", "id", "name", "extra") == [("1", "a", "e")]


# ---------------------------------------------------------------- late rules, odd types
def test_a_deferred_key_is_looked_at_in_the_end(empty: Engine, run: Run) -> None:
    run("CREATE TABLE late (id INTEGER PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name TEXT)")
    frame = typed(id=[1, 1], name=["a", "b"])
    with opened(empty, "late", frame) as loader:
        loader.load(frame)
        with pytest.raises(TargetDatabaseError, match="must be unique"):
            loader.commit(Counts())
    assert rows(empty, "late") == []


def test_arrays_enums_domains_and_json_of_any_kind(empty: Engine, run: Run) -> None:
    run(
        "CREATE TYPE mood AS ENUM ('glad', 'sad');\n"
        "CREATE DOMAIN positive AS INTEGER CHECK (VALUE > 0);\n"
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, moods mood[], sizes positive, doc JSONB, "
        "span INT4RANGE, words TEXT[], n NUMERIC(30, 10), bits BIT(3), net INET)"
    )
    good = {
        "moods": "{glad,sad}", "doc": '{"a": [1, null]}', "span": "[1,5)",
        "words": '{"a b",NULL,"c,d"}', "n": "12345678901234567890.0123456789", "bits": "101",
        "net": "10.0.0.1",
    }  # fmt: skip
    columns = {name: [value, value] for name, value in good.items()}
    frame = typed(id=[1, 2], **columns).with_columns(typed(stars=[4, -4])["stars"].alias("sizes"))
    bad_mood = frame.with_columns(moods=typed(words=["{glad}", "{angry}"])["words"])
    outcome = load(empty, "odd", frame)
    assert counts(outcome) == (1, 0, 0, 0)
    assert [(f.row, f.check) for f in outcome.failures] == [(2, "check")]
    outcome = load(empty, "odd", bad_mood, on_conflict=OnConflict.UPDATE, key=("id",))
    assert counts(outcome) == (0, 1, 0, 0)
    assert [f.row for f in outcome.failures] == [2]
    found = rows(empty, "odd", "id", "moods", "n", "words", "net")
    assert found == [
        ("1", "{glad}", "12345678901234567890.0123456789", '{"a b",NULL,"c,d"}', "10.0.0.1/32")
    ]


# ---------------------------------------------------------------- limits of time
def test_a_lock_is_not_waited_for_longer_than_allowed(empty: Engine, run: Run) -> None:
    run("CREATE TABLE busy (id INTEGER PRIMARY KEY, name TEXT)")
    frame, table = typed(id=[1], name=["a"]), reflect_table(empty, "busy")
    limits = Limits(lock_seconds=0.05)
    with empty.connect() as other, other.begin():
        other.exec_driver_sql("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
        with (
            open_loader(empty, table, ["id", "name"], run_id="r", limits=limits) as loader,
            pytest.raises(TargetDatabaseError, match="holds a lock"),
        ):
            loader.load(frame)
    assert rows(empty, "busy") == []
