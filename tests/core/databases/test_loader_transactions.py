"""A loader's transaction, triggers, and each backend's own ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.loaders import Limits, already_committed, open_loader
from core.databases.reflect import reflect_table
from core.errors import InvalidMapping, InvalidRequest, TargetDatabaseError, ValidationFailed
from core.model.job import Counts
from core.model.plan import OnConflict, OnErrors
from tests.core.databases.loading import counts, load, opened, rows
from tests.core.databases.typed_frames import typed

Run = Callable[[str], list[Any]]


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
    assert already_committed(shop, "one") is None
    with opened(shop, "publishers", frame, run_id="one") as loader:
        assert loader.already_committed() is None
        loader.load(frame)
        loader.commit(done)
    with opened(shop, "publishers", frame, run_id="one") as loader:
        assert loader.already_committed() == done
    with opened(shop, "publishers", frame, run_id="two") as loader:
        assert loader.already_committed() is None
    assert already_committed(shop, "one") == done
    assert already_committed(shop, "two") is None


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


def test_a_deferred_constraint_fails_at_commit(shop: Engine, run: Run, backend: str) -> None:
    if backend == "mysql":
        return  # it has none
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
    lock = {
        "sqlite": "BEGIN IMMEDIATE",
        "postgresql": "LOCK TABLE publishers",
        "mysql": "INSERT INTO publishers VALUES (1, 'b')",
    }[backend]
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
    elif backend == "mysql":
        run(
            "CREATE TRIGGER no BEFORE INSERT ON publishers FOR EACH ROW "
            "IF NEW.name = 'bad' THEN SIGNAL SQLSTATE '45001' "
            "SET MESSAGE_TEXT = 'we do not deal with bad'; END IF"
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
    if backend == "mysql":
        return  # a trigger there can refuse a row, and not drop it
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
            assert not loader.transaction.ledger
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
