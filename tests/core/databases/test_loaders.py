"""The loaders' contract, the same on both backends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.loaders import Limits, Loader, Outcome, open_loader
from core.databases.reflect import reflect_table
from core.databases.select import stream_rows
from core.errors import (
    InvalidMapping,
    InvalidRequest,
    TargetDatabaseError,
    ValidationFailed,
)
from core.model.job import Counts
from core.model.plan import OnConflict, OnErrors, Sort
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]
ODD = 'Or"der by.% :x'


def opened(engine: Engine, table: str, frame: pl.DataFrame, **options: Any) -> Loader:
    columns = [name for name in frame.columns if not name.startswith("__")]
    options.setdefault("run_id", "run")
    return open_loader(engine, reflect_table(engine, table), columns, **options)


def load(engine: Engine, table: str, frame: pl.DataFrame, **options: Any) -> Outcome:
    with opened(engine, table, frame, **options) as loader:
        outcome = loader.load(frame)
        loader.ledger = False  # several loads of one test may use one run id
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
def test_every_kind_comes_back_as_it_went_in(shop: Engine, on_conflict: OnConflict) -> None:
    frame = typed(**EVERY_KIND)
    outcome = load(shop, "books", frame, on_conflict=on_conflict, key=("id",))
    assert counts(outcome) == (3, 0, 0, 0)
    found = pl.concat(stream_rows(shop, reflect_table(shop, "books"), list(CANONICAL)))
    assert found.to_dict(as_series=False) == CANONICAL


def test_updating_with_the_same_values_changes_nothing(shop: Engine) -> None:
    frame = typed(**EVERY_KIND)
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
    assert "pages > 0" in messages[0]
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


# ---------------------------------------------------------------- the transaction
def test_nothing_is_there_before_commit_or_after_rollback(shop: Engine) -> None:
    frame = typed(id=[1], name=["a"])
    with opened(shop, "publishers", frame) as loader:
        loader.load(frame)
        loader.rollback()
        loader.rollback()
    with opened(shop, "publishers", frame) as loader:
        loader.load(frame)
    assert rows(shop, "publishers") == []


def test_the_ledger_tells_what_was_committed(shop: Engine) -> None:
    frame = typed(id=[1], name=["a"])
    done = Counts(rows_read=2, inserted=1, rejected=1, ignored=5)
    with opened(shop, "publishers", frame, run_id="one") as loader:
        assert loader.already_committed() is None
        loader.load(frame)
        loader.commit(done)
    with opened(shop, "publishers", frame, run_id="one") as loader:
        assert loader.already_committed() == done
    with opened(shop, "publishers", frame, run_id="two") as loader:
        assert loader.already_committed() is None


def test_one_run_is_committed_once_only(shop: Engine) -> None:
    with opened(shop, "publishers", typed(id=[1], name=["a"])) as loader:
        loader.load(typed(id=[1], name=["a"]))
        loader.commit(Counts())
    again = opened(shop, "publishers", typed(id=[2], name=["b"]))
    again.load(typed(id=[2], name=["b"]))
    with pytest.raises(TargetDatabaseError, match="Nothing was written"):
        again.commit(Counts())
    assert rows(shop, "publishers", "id") == [("1",)]


def test_stop_refuses_to_commit_after_a_failure(shop: Engine) -> None:
    frame = typed(id=[1, 1, 2], name=["a", "b", "c"])
    with opened(shop, "publishers", frame, on_row_error=OnErrors.STOP) as loader:
        assert [f.row for f in loader.load(frame).failures] == [2]
        with pytest.raises(ValidationFailed):
            loader.commit(Counts())
    assert rows(shop, "publishers") == []


def test_stop_shows_a_hundred_failures(shop: Engine) -> None:
    frame = typed(name=["same"] * 400)
    with opened(shop, "publishers", frame, on_row_error=OnErrors.STOP) as loader:
        assert len(loader.load(frame).failures) == 100


def test_a_deferred_constraint_fails_at_commit(shop: Engine, run: Run) -> None:
    run(
        "CREATE TABLE late (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES publishers (id) "
        "DEFERRABLE INITIALLY DEFERRED)"
    )
    frame = typed(id=[1], p_id=[4])
    loader = opened(shop, "late", frame)
    assert loader.load(frame).inserted == 1
    with pytest.raises(TargetDatabaseError, match="a row refers to a row that does not exist"):
        loader.commit(Counts())
    assert rows(shop, "late") == []


def test_a_lock_is_not_waited_for_long(shop: Engine, backend: str) -> None:
    frame = typed(id=[1], name=["a"])
    lock = "LOCK TABLE publishers" if backend == "postgresql" else "BEGIN IMMEDIATE"
    raw = shop.raw_connection()
    raw.cursor().execute(lock)
    try:
        with pytest.raises(TargetDatabaseError, match="another program"):
            load(shop, "publishers", frame, limits=Limits(lock_seconds=0.05))
    finally:
        raw.rollback()
        raw.close()
    assert load(shop, "publishers", frame).inserted == 1


def test_what_cannot_be_loaded(shop: Engine) -> None:
    books = reflect_table(shop, "books")
    for columns, options in (
        ([], {}),
        (["nothing"], {}),
        (["cents"], {}),
        (["title", "title"], {}),
        (["title"], {"on_conflict": OnConflict.SKIP}),
        (["title"], {"on_conflict": OnConflict.UPDATE, "key": ("id",)}),
    ):
        with pytest.raises(InvalidMapping):
            open_loader(shop, books, columns, run_id="r", **options)
    with pytest.raises(InvalidRequest, match="cheap is a view"):
        open_loader(shop, reflect_table(shop, "cheap"), ["id"], run_id="r")
    frame = typed(id=[1], name=["a"])
    with opened(shop, "publishers", frame) as loader, pytest.raises(InvalidMapping, match="name"):
        loader.load(frame.drop("name"))


# ---------------------------------------------------------------- triggers
def test_a_trigger_refuses_in_its_own_words(shop: Engine, run: Run, backend: str) -> None:
    if backend == "sqlite":
        run(
            "CREATE TRIGGER no BEFORE INSERT ON publishers WHEN NEW.name = 'bad' "
            "BEGIN SELECT RAISE(ABORT, 'we do not deal with bad'); END"
        )
    else:
        run(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
            "IF NEW.name = 'bad' THEN RAISE EXCEPTION 'we do not deal with %', NEW.name "
            "USING ERRCODE = 'TB001'; END IF; RETURN NEW; END$$;\n"
            "CREATE TRIGGER no BEFORE INSERT ON publishers FOR EACH ROW EXECUTE FUNCTION no()"
        )
    outcome = load(shop, "publishers", typed(id=[1, 2, 3], name=["a", "bad", "c"]))
    assert outcome.inserted == 2
    assert [(f.row, f.check, f.message) for f in outcome.failures] == [
        (2, "trigger", "a trigger refused the row: we do not deal with bad")
    ]


def test_rows_a_trigger_drops_are_skipped(shop: Engine, run: Run, backend: str) -> None:
    if backend == "sqlite":
        run(
            "CREATE TRIGGER no BEFORE INSERT ON publishers WHEN NEW.name = 'bad' "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
    else:
        run(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
            "IF NEW.name = 'bad' THEN RETURN NULL; END IF; RETURN NEW; END$$;\n"
            "CREATE TRIGGER no BEFORE INSERT ON publishers FOR EACH ROW EXECUTE FUNCTION no()"
        )
    frame = typed(id=[1, 2, 3], name=["a", "bad", "c"])
    assert counts(load(shop, "publishers", frame)) == (2, 0, 0, 1)
    outcome = load(shop, "publishers", frame, on_conflict=OnConflict.UPDATE, key=("id",))
    assert counts(outcome) == (0, 0, 2, 1)


# ---------------------------------------------------------------- SQLite's own ways
def test_sqlite_says_what_it_would_bend(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (price DECIMAL(30,4), mass REAL, code STRING)")
    frame = typed(
        price=["12345678901234567.25", "0.10", None, "9007199254740993"],
        mass=[1.0, float("nan"), 2.0, 3.0],
        code=["a", "b", "007", "7"],
    )
    outcome = load(sqlite_engine, "t", frame)
    assert outcome.inserted == 1
    assert [(f.row, f.field, f.check) for f in outcome.failures] == [
        (1, "price", "type"),
        (2, "mass", "type"),
        (3, "code", "type"),
    ]
    assert rows(sqlite_engine, "t") == [("9007199254740993.0000", "3.0", "7")]


def test_sqlite_keys_that_ignore_case(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE t (code TEXT COLLATE NOCASE PRIMARY KEY, note TEXT)"
        )
    frame = typed(code=["A", "a", "b"], note=["1", "2", "3"])
    outcome = load(sqlite_engine, "t", frame, on_conflict=OnConflict.UPDATE, key=("code",))
    assert counts(outcome) == (2, 0, 0, 1)
    assert rows(sqlite_engine, "t") == [("a", "2"), ("b", "3")]


def test_sqlite_constraints_that_would_drop_rows_in_silence(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, note TEXT)"
        )
    load(sqlite_engine, "t", typed(id=[1], note=["old"]))
    outcome = load(sqlite_engine, "t", typed(id=[1], note=["new"]))
    assert [f.check for f in outcome.failures] == ["unique"]
    assert rows(sqlite_engine, "t") == [("1", "old")]


def test_sqlite_a_trigger_that_ends_the_transaction(shop: Engine, run: Run, backend: str) -> None:
    if backend != "sqlite":
        return
    run(
        "CREATE TRIGGER no BEFORE INSERT ON publishers WHEN NEW.name = 'bad' "
        "BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END"
    )
    frame = typed(id=[1, 2], name=["a", "bad"])
    with (
        opened(shop, "publishers", frame) as loader,
        pytest.raises(TargetDatabaseError, match="ended the whole transaction"),
    ):
        loader.load(frame)
    assert rows(shop, "publishers") == []


# ---------------------------------------------------------------- PostgreSQL's own ways
@pytest.mark.postgres
def test_postgresql_sequences_go_on_after_given_ids(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE SEQUENCE "Own";
            CREATE TABLE t (id SERIAL PRIMARY KEY, b INTEGER GENERATED BY DEFAULT AS IDENTITY,
                            "C" INTEGER DEFAULT nextval('"Own"'), note TEXT);
            SELECT setval('t_b_seq', 100);
        """)
    frame = typed(id=[41, 5], b=["7", "8"], C=["1", "9"]).with_columns(
        pl.col("b", "C").cast(pl.Int64)
    )
    load(postgres_engine, "t", frame)
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t (note) VALUES ('after')")
    assert rows(postgres_engine, "t", "id", "b", "C", "note")[-1] == ("42", "101", "10", "after")


@pytest.mark.postgres
def test_postgresql_without_the_right_to_make_a_ledger(
    postgres_engine: Engine, postgres_database: str
) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE TABLE t (id SERIAL PRIMARY KEY, secret TEXT);
            ALTER TABLE t ENABLE ROW LEVEL SECURITY;
            CREATE POLICY mine ON t USING (true);
            DROP ROLE IF EXISTS tableport_clerk;
            CREATE ROLE tableport_clerk;
            GRANT USAGE ON SCHEMA public TO tableport_clerk;
            GRANT SELECT, INSERT ON t TO tableport_clerk;
        """)

    @sa.event.listens_for(postgres_engine, "connect")
    def become(connection: Any, _entry: Any) -> None:
        connection.cursor().execute("SET ROLE tableport_clerk")
        connection.commit()

    postgres_engine.dispose()
    try:
        frame = typed(id=[1, 2], secret=["a", "b"])
        with opened(postgres_engine, "t", frame) as loader:
            assert not loader.ledger
            assert loader.load(frame).inserted == 2  # COPY is refused here, INSERT is not
            loader.commit(Counts())
        assert loader.already_committed() is None
        assert len(loader.notes) == 2  # no ledger; the counter stays behind
        assert len(rows(postgres_engine, "t")) == 2
    finally:
        sa.event.remove(postgres_engine, "connect", become)
        postgres_engine.dispose()
        with postgres_engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY tableport_clerk; DROP ROLE tableport_clerk")


@pytest.mark.postgres
def test_postgresql_types_that_have_no_equality(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INT PRIMARY KEY, j JSON, p POINT)")
    frame = typed(id=[1, 2], j=['{"a": 1}', None], p=["(1,2)", None])
    load(postgres_engine, "t", frame)
    changed = frame.with_columns(pl.Series("p", ["(1,2)", "(3,4)"]))
    outcome = load(postgres_engine, "t", changed, on_conflict=OnConflict.UPDATE, key=("id",))
    assert counts(outcome) == (0, 1, 1, 0)


@pytest.mark.postgres
def test_postgresql_values_that_do_not_fit(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INT, code VARCHAR(3), p POINT)")
    frame = typed(
        id=[1, 2**40, 3, 4, 5],
        code=["abc", "a", "abcd", "a\x00b", "e"],
        p=[None, None, None, None, "nowhere"],
    )
    outcome = load(postgres_engine, "t", frame)
    assert outcome.inserted == 1
    assert [(f.row, f.check, f.field) for f in outcome.failures] == [
        (2, "type", "id"),
        (3, "type", "code"),
        (4, "type", None),
        (5, "type", "p"),
    ]
    assert outcome.failures[1].message == "value too long for type character varying(3)"
