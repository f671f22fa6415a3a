"""What a loader does on MariaDB alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.connect import open_engine
from core.databases.loaders import begin
from core.databases.loaders.mysql import MysqlTransaction
from core.databases.reflect import reflect_table
from core.databases.select import stream_rows
from core.errors import InvalidRequest, TargetDatabaseError
from core.model.job import Counts
from core.model.plan import OnConflict
from tests.core.databases.conftest import run_script
from tests.core.databases.loading import counts, load, opened, rows
from tests.core.databases.typed_frames import typed

pytestmark = pytest.mark.mysql


def of_kinds(**columns: Any) -> pl.DataFrame:
    """A typed frame whose columns are of the kinds of their values."""
    height = len(next(iter(columns.values())))
    numbers = list(range(1, height + 1))
    return pl.DataFrame({"__row__": numbers, "__line__": numbers, **columns})


def test_what_even_strict_mode_would_bend_is_refused(mysql_engine: Engine) -> None:
    run_script(mysql_engine, "CREATE TABLE t (mass DOUBLE, at DATETIME, tag CHAR(4), n TINYINT)")
    frame = of_kinds(
        mass=[1.5, float("inf"), None, None, None],
        at=pl.Series([None] * 5, dtype=pl.Datetime("us")),
        tag=["a", "b", "c ", "d", "long one"],
        n=[1, 2, 3, 400, 5],
    )
    outcome = load(mysql_engine, "t", frame)
    assert outcome.inserted == 1
    assert [(f.row, f.check, f.field, f.message) for f in outcome.failures] == [
        (2, "type", "mass", "mass: MySQL cannot hold NaN and infinity"),
        (3, "type", "tag", "tag: CHAR(4) would drop the blanks at the end"),
        (4, "type", "n", "n: the value is out of the range of TINYINT(4)"),
        (5, "type", "tag", "tag: the value is longer than CHAR(4) takes"),
    ]


def test_own_types_come_back_as_they_went_in(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, flag BIT(1), bits BIT(9), y YEAR, f FLOAT, "
        "u BIGINT UNSIGNED, big DECIMAL(65,30), at TIMESTAMP NULL, tags SET('a','b','it''s'), "
        "word ENUM('back\\slash', ''), raw BINARY(2), old VARCHAR(9) CHARACTER SET latin1, "
        "ip INET6)",
    )
    sent: dict[str, list[Any]] = {
        "id": [0, 1, 2],
        "flag": [True, False, None],
        "bits": [257, 0, None],
        "y": [2026, 0, None],
        "f": [0.1, 1.2345678, 16777216.0],
        "u": [2**63 - 1, 0, None],
        "big": ["12345678901234567890123456789012345." + "0" * 29 + "1", "-0.5", None],
        "at": ["2026-01-31T13:45:00+00:00", None, None],
        "tags": ["a,it's", "", None],
        "word": ["back\\slash", "", None],
        "raw": [b"\x00'", b"\\\xff", None],
        "old": ["é\\'%s", " ", None],
        "ip": ["::1", None, None],
    }
    zoned = pl.Series(sent["at"]).str.to_datetime(time_unit="us", time_zone="UTC")
    frame = of_kinds(**{**sent, "at": zoned})
    for how, expected in ((OnConflict.ERROR, (3, 0, 0, 0)), (OnConflict.SKIP, (0, 0, 0, 3))):
        assert counts(load(mysql_engine, "t", frame, on_conflict=how, key=("id",))) == expected
    found = pl.concat(stream_rows(mysql_engine, reflect_table(mysql_engine, "t")))
    assert found.to_dict(as_series=False) == {
        **sent,
        "id": ["0", "1", "2"],
        "flag": ["true", "false", None],
        "bits": ["257", "0", None],
        "y": ["2026", "0", None],
        "f": ["0.1", "1.2345678", "16777216.0"],
        "u": [str(2**63 - 1), "0", None],
        "big": [sent["big"][0], "-0." + "5".ljust(30, "0"), None],
        "raw": ["\\x0027", "\\x5cff", None],
    }


def test_a_change_of_case_alone_is_a_change(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE t (code VARCHAR(9) PRIMARY KEY, note VARCHAR(9)) COLLATE utf8mb4_general_ci"
        ";\n"
        "INSERT INTO t VALUES ('a', 'same'), ('b', 'other '), ('c', 'é')",
    )
    frame = typed(code=["A", "b", "C", "d", "D"], note=["Same", "other", "é", "x", "y"])
    outcome = load(mysql_engine, "t", frame, on_conflict=OnConflict.UPDATE, key=("code",))
    assert counts(outcome) == (1, 2, 1, 1)
    assert rows(mysql_engine, "t", "code", "note") == [
        *(("a", "Same"), ("b", "other"), ("c", "é"), ("D", "y")),
    ]


def test_counting_goes_on_after_given_keys(mysql_engine: Engine) -> None:
    run_script(mysql_engine, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTO_INCREMENT, note TEXT)")
    assert load(mysql_engine, "t", typed(id=[41, 0, 5], note=["a", "b", "c"])).inserted == 3
    run_script(mysql_engine, "INSERT INTO t (note) VALUES ('after')")
    assert rows(mysql_engine, "t", "id", "note")[-1] == ("42", "after")


def test_an_engine_without_transactions_is_refused(mysql_engine: Engine) -> None:
    run_script(mysql_engine, "CREATE TABLE t (id INTEGER) ENGINE=MyISAM")
    with pytest.raises(InvalidRequest, match="t is kept by the engine MyISAM, which has no trans"):
        opened(mysql_engine, "t", typed(id=[1]))
    assert mysql_engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool


def test_a_session_goes_back_as_it_came(mysql_engine: Engine) -> None:
    asked = "SELECT @@innodb_lock_wait_timeout, @@wait_timeout, @@max_statement_time"
    run_script(mysql_engine, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    (before,) = run_script(mysql_engine, asked)
    frame = typed(id=[1])
    with opened(mysql_engine, "t", frame, on_conflict=OnConflict.SYNC, key=("id",)) as loader:
        loader.load(frame)
        (during,) = loader.connection.exec_driver_sql(asked)
        assert during[1:] == (900, 300.0)
        made = loader.target.stage, loader.target.keys_table
    assert run_script(mysql_engine, asked) == [before]
    with mysql_engine.connect() as connection:
        for name in made:
            with pytest.raises(sa.exc.ProgrammingError, match="doesn't exist"):
                connection.exec_driver_sql(f"SELECT * FROM {name}")


def test_a_transaction_the_server_ended_is_noticed(mysql_engine: Engine) -> None:
    with begin(mysql_engine, run_id="r", what="t") as transaction:
        assert isinstance(transaction, MysqlTransaction)
        assert not transaction.lost()
        driver: Any = transaction.connection.connection.driver_connection
        driver.query("ROLLBACK")
        assert transaction.lost()


def test_a_deadlock_is_told_and_nothing_is_written(mysql_engine: Engine) -> None:
    run_script(mysql_engine, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    other: Any = mysql_engine.raw_connection()
    # Of the two the server ends the one that has written less, which is ours.
    other.cursor().execute("INSERT INTO t SELECT seq FROM seq_2_to_99")
    first, second = typed(id=[1]), typed(2, id=[2])
    with opened(mysql_engine, "t", first) as loader, ThreadPoolExecutor() as threads:
        loader.load(first)
        # Whichever of these two comes first waits, and the other closes the circle.
        waiting = threads.submit(other.cursor().execute, "INSERT INTO t VALUES (1)")
        with pytest.raises(TargetDatabaseError, match=r"ended the whole transaction.*deadlock"):
            loader.load(second)
        waiting.result()
    other.rollback()
    other.close()
    assert rows(mysql_engine, "t") == []


def test_rows_larger_than_the_server_takes(
    mysql_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(mysql_engine, "CREATE TABLE t (words LONGTEXT)")
    frame = typed(words=["small", "x" * 3_000_000])
    with opened(mysql_engine, "t", frame) as loader:
        assert isinstance(loader.transaction, MysqlTransaction)
        monkeypatch.setattr(loader.transaction, "most_bytes", 2 << 20)
        outcome = loader.load(frame)
    assert [(f.row, f.check, f.message) for f in outcome.failures] == [
        (2, "type", "the row is larger than the 2 MB that the server takes at once")
    ]


@pytest.mark.parametrize("how", [OnConflict.REPLACE, OnConflict.SYNC])
def test_of_a_table_that_refers_to_itself_rows_can_go(
    mysql_engine: Engine, how: OnConflict
) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, boss INTEGER,"
        " FOREIGN KEY (boss) REFERENCES staff (id));\n"
        "INSERT INTO staff VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2), (5, 'e', 1)",
    )
    frame = typed(id=[7, 1], name=["g", "a"], boss=[1, None])
    with opened(mysql_engine, "staff", frame, on_conflict=how, key=("id",)) as loader:
        deleted = loader.clear() if how is OnConflict.REPLACE else 0
        loader.load(frame)
        deleted += loader.delete_others() if how is OnConflict.SYNC else 0
        loader.commit(Counts())
    assert deleted == (4 if how is OnConflict.REPLACE else 3)
    assert rows(mysql_engine, "staff", "id", "boss") == [("1", None), ("7", "1")]


def test_rows_in_a_circle_stay_and_are_told(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, next INTEGER,"
        " FOREIGN KEY (next) REFERENCES t (id));\n"
        "INSERT INTO t VALUES (1, NULL), (2, 1);\nUPDATE t SET next = 2 WHERE id = 1",
    )
    frame = typed(id=[9])
    with (
        opened(mysql_engine, "t", frame, on_conflict=OnConflict.REPLACE) as loader,
        pytest.raises(TargetDatabaseError, match="Rows of t could not be deleted"),
    ):
        loader.clear()
    assert len(rows(mysql_engine, "t")) == 2


def test_a_user_who_may_do_little(mysql_engine: Engine) -> None:
    database = mysql_engine.url.database
    run_script(mysql_engine, "CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT)")
    who = f"'{database}'@'%'"
    run_script(
        mysql_engine,
        f"CREATE USER {who} IDENTIFIED BY 'secret';\nGRANT SELECT, INSERT ON {database}.t TO {who}",
    )
    url = mysql_engine.url.set(username=database, password="secret")
    clerk = open_engine(url.render_as_string(hide_password=False))
    frame = typed(id=[1, 2], note=["a", "b"])
    try:
        with opened(clerk, "t", frame) as loader:
            assert not loader.transaction.ledger
            assert loader.load(frame).inserted == 2
            loader.commit(Counts())
        assert "may not create tables" in loader.notes[0]
        with pytest.raises(TargetDatabaseError, match="lacks the right"):
            opened(clerk, "t", frame, on_conflict=OnConflict.SKIP, key=("id",))
    finally:
        clerk.dispose()
        run_script(mysql_engine, f"DROP USER {who}")
    assert rows(mysql_engine, "t", "id") == [("1",), ("2",)]
