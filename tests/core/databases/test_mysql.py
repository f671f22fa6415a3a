"""Addresses of MySQL and MariaDB, and what a session of ours is set to."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases import mysql
from core.databases.connect import address, check_connection, open_engine
from core.databases.mysql import exact_collation
from core.databases.reflect import reflect_table
from core.databases.select import stream_rows
from core.errors import InvalidRequest


def test_addresses_hide_passwords_and_keep_to_what_is_known() -> None:
    assert address("mysql://u:secret@h/d") == "mysql+pymysql://u:***@h/d"
    with pytest.raises(
        InvalidRequest, match=r"does not take read_default_file\. It takes connect_"
    ):
        open_engine("mysql://u@h/d?read_default_file=/etc/shadow")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mysql, "find_spec", lambda _name: None)
    with pytest.raises(InvalidRequest, match=r"pip install 'tableport\[mysql\]'"):
        open_engine("mysql://u@h/d")


def test_collations_under_which_only_the_same_is_equal() -> None:
    assert exact_collation("latin1", mariadb=True) == "latin1_nopad_bin"
    assert exact_collation("utf8mb4", mariadb=False) == "utf8mb4_0900_bin"
    assert exact_collation("latin1", mariadb=False) == "latin1_bin"


@pytest.mark.mysql
def test_what_a_session_is_set_to(mysql_database: str, mysql_engine: Engine) -> None:
    assert mysql_engine.url.render_as_string(hide_password=False) == mysql_database
    with mysql_engine.connect() as connection:
        modes = connection.exec_driver_sql("SELECT @@sql_mode").scalar_one().split(",")
        zone, engine, level = connection.exec_driver_sql(
            "SELECT @@time_zone, @@default_storage_engine, @@tx_isolation"
        ).one()
        texts = connection.exec_driver_sql(
            "SELECT CAST('a' AS CHAR) = CAST('a ' AS CHAR), CAST('é' AS CHAR) = CAST('É' AS CHAR),"
            " CHAR_LENGTH('\\🦄')"
        ).one()
    assert {"STRICT_ALL_TABLES", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"} <= set(modes)
    assert "NO_AUTO_VALUE_ON_ZERO" in modes
    assert (zone, engine, level) == ("+00:00", "InnoDB", "READ-COMMITTED")
    assert tuple(texts) == (0, 0, 2)


@pytest.mark.mysql
def test_a_stream_left_early_is_stopped_by_the_server(mysql_engine: Engine) -> None:
    with mysql_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT)")
        # More than the two sides hold between them: the server waits to be read.
        connection.exec_driver_sql("INSERT INTO t SELECT seq, repeat('x', 9000) FROM seq_1_to_3000")
    stream = stream_rows(mysql_engine, reflect_table(mysql_engine, "t"), batch_rows=1)
    next(stream)
    asked: list[str] = []
    sa.event.listen(mysql_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    stream.close()  # type: ignore[attr-defined]  # a generator, whatever it is declared as
    assert [sql.partition("QUERY")[0] for sql in asked] == ["KILL "]
    check_connection(mysql_engine)
