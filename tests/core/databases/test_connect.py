"""Addresses and engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from core.databases.connect import (
    address,
    backend_of,
    begin_immediate,
    check_connection,
    normalise_url,
    open_engine,
)
from core.errors import InvalidRequest, TargetDatabaseError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql+psycopg2://u:p@h:5432/d"),
        (" postgres://u@h/d ", "postgresql+psycopg2://u@h/d"),
        ("postgresql+psycopg2://u:p%40@h/d", "postgresql+psycopg2://u:p%40@h/d"),
        ("postgresql:///d?host=/run", "postgresql+psycopg2:///d?host=%2Frun"),
        ("mysql://u:p@h:3306/d", "mysql+pymysql://u:p@h:3306/d"),
        ("mariadb://u@h/d?charset=latin1&ssl_ca=x", "mysql+pymysql://u@h/d?ssl_ca=x"),
        ("sqlite:////data/shop.db", "sqlite:////data/shop.db"),
        ("/data/shop.sqlite3", "sqlite:////data/shop.sqlite3"),
    ],
)
def test_one_spelling_of_an_address(text: str, expected: str) -> None:
    assert normalise_url(text) == expected
    assert normalise_url(expected) == expected
    assert backend_of(text) == expected.split("+")[0].split(":")[0]


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert normalise_url("shop.db") == f"sqlite:///{tmp_path}/shop.db"
    assert normalise_url("sqlite:///x/shop.db") == f"sqlite:///{tmp_path}/x/shop.db"
    (tmp_path / "noname").write_bytes(b"SQLite format 3\x00")
    assert normalise_url("noname") == f"sqlite:///{tmp_path}/noname"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oracle://u:secret@h/d",
        "mysql+mysqldb://u:secret@h/d",
        "mysql://u:secret@h",
        "mysql://u@h/d?password=secret",
        "mysql://u:secret@h/d?local_infile=1",
        "postgresql+asyncpg://u:secret@h/d",
        "postgresql://u:secret@h",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "sqlite:///shop.db?mode=ro",
        "what?.db",
        "shop.csv",
        "http://[secret",
        "postgresql://u:secret@h:port/d",
    ],
)
def test_other_addresses_are_refused_without_their_password(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        normalise_url(text)
    assert "secret" not in str(caught.value)


def test_addresses_hide_passwords() -> None:
    assert address("postgres://u:secret@h/d") == "postgresql+psycopg2://u:***@h/d"
    shown = address("postgres://u@h/d?password=secret&sslmode=require")
    assert "secret" not in shown
    assert "sslmode=require" in shown


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(TargetDatabaseError, match="There is no SQLite file"):
        open_engine(f"sqlite:///{tmp_path}/shop.db")
    with pytest.raises(TargetDatabaseError, match="folder"):
        open_engine(f"sqlite:///{tmp_path}/x/shop.db", create=True)
    (tmp_path / "dir.db").mkdir()
    with pytest.raises(TargetDatabaseError, match="is a folder"):
        open_engine(str(tmp_path / "dir.db"))
    check_connection(open_engine(f"sqlite:///{tmp_path}/shop.db", create=True))


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("id,name\n")
    with pytest.raises(TargetDatabaseError, match="is not an SQLite database"):
        open_engine(str(path))
    path.write_bytes(b"SQLite format 3\x00" + b"x" * 200)
    with pytest.raises(TargetDatabaseError, match="not an SQLite database"):
        check_connection(open_engine(str(path)))


def test_names_with_blanks_and_signs(tmp_path: Path) -> None:
    engine = open_engine(f"{tmp_path}/50% of #1, é.db", create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    assert (tmp_path / "50% of #1, é.db").exists()


def test_the_journal_mode_is_the_owners(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 15_000


def test_sqlite_transactions_hold_definitions_too(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.rollback()
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    assert tables == 0


def test_begin_immediate_takes_the_lock(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as one, sqlite_engine.connect() as two:
        begin_immediate(one).begin()
        driver = two.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout = 1")
        two.exec_driver_sql("SELECT 1")
        with pytest.raises(Exception, match="locked"):
            two.exec_driver_sql("CREATE TABLE t (x)")


def test_read_only(empty: Engine, backend: str, request: pytest.FixtureRequest) -> None:
    check_connection(empty)
    url = empty.url.render_as_string(hide_password=False)
    if backend == "sqlite":
        with empty.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
    reader = open_engine(url, read_only=True)
    check_connection(reader)
    with pytest.raises(Exception, match=r"(?i)read[- ]?only"), reader.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE u (x INTEGER)")
    reader.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:secret@127.0.0.1:1/d", "nothing answers at that host and port"),
        ("postgresql://u:secret@no-such-host.invalid/d", "the host name is not known"),
        ("mysql://u:secret@127.0.0.1:1/d", "nothing answers at that host and port"),
        ("mysql://u:secret@no-such-host.invalid/d", "the host name is not known"),
    ],
)
def test_a_server_that_does_not_answer(url: str, words: str) -> None:
    title = "PostgreSQL" if url.startswith("postgresql") else "MySQL or MariaDB"
    with pytest.raises(TargetDatabaseError) as caught:
        check_connection(open_engine(url))
    assert str(caught.value) == f"{title} does not answer: {words}"


@pytest.mark.postgres
def test_a_database_that_does_not_exist(postgres_database: str) -> None:
    with pytest.raises(TargetDatabaseError, match="does not exist"):
        check_connection(open_engine(postgres_database.replace("tableport_test", "nothing")))


@pytest.mark.mysql
def test_a_mysql_database_that_does_not_exist(mysql_database: str) -> None:
    with pytest.raises(TargetDatabaseError, match="does not exist"):
        check_connection(open_engine(mysql_database.replace("tableport_test", "nothing")))
