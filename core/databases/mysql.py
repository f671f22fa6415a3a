"""Addresses of MySQL and MariaDB databases, and engines for them."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, CursorResult, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import InvalidRequest

#: What an address may say beyond where the database is. The driver knows others, which would read
#: files of this machine (`read_default_file`), send them (`local_infile`), or undo `_MODE`.
_OPTIONS = frozenset(
    {
        *("connect_timeout", "read_timeout", "write_timeout", "unix_socket"),
        *("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "ssl_check_hostname"),
    }
)
_CONNECT_SECONDS = 10
LOCK_SECONDS = 15

#: Strings in single quotes, names in double ones, a backslash a backslash; a value that does not
#: fit is refused in tables of every engine, and a zero in a counting column is a zero.
_MODE = (
    "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,STRICT_TRANS_TABLES,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
)


def exact_collation(charset: str, *, mariadb: bool) -> str:
    """Under which two texts are equal only when they are the same, blanks at the end included.

    MySQL has no such one but for utf8mb4: elsewhere those blanks do not count.
    """
    if mariadb:
        return f"{charset}_nopad_bin"
    return "utf8mb4_0900_bin" if charset == "utf8mb4" else f"{charset}_bin"


def mysql_url(url: URL) -> str:
    """The one spelling of an address. Raises InvalidRequest."""
    if not url.database:
        raise InvalidRequest("The MySQL address names no database: add /database at its end")
    unknown = sorted(set(url.query) - _OPTIONS - {"charset"})
    if unknown:
        raise InvalidRequest(
            f"The address of a MySQL database does not take {', '.join(unknown)}. "
            f"It takes {', '.join(sorted(_OPTIONS))}"
        )
    # Always utf8mb4: `utf8` would lose all characters beyond U+FFFF.
    plain = url.difference_update_query(["charset"])
    return plain.render_as_string(hide_password=False)


def open_mysql(url: URL, *, read_only: bool) -> Engine:
    """An engine; nothing connects yet. Raises InvalidRequest where the driver is missing."""
    if find_spec("pymysql") is None:
        raise InvalidRequest(
            "The driver for MySQL and MariaDB is not installed. "
            "Install it with: pip install 'tableport[mysql]'"
        )
    options: dict[str, Any] = {"charset": "utf8mb4", "sql_mode": _MODE}
    if "connect_timeout" not in url.query:
        options["connect_timeout"] = _CONNECT_SECONDS
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,
        connect_args=options,
        hide_parameters=True,
        # As on PostgreSQL: a statement sees what others have committed before it began.
        isolation_level="READ COMMITTED",
    )

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        mariadb = "mariadb" in connection.get_server_info().lower()
        # `CAST(x AS CHAR)` takes the collation of the connection.
        exact = exact_collation("utf8mb4", mariadb=mariadb)
        with connection.cursor() as cursor:
            cursor.execute(f"SET NAMES utf8mb4 COLLATE {exact}")
            cursor.execute(
                "SET SESSION time_zone = '+00:00', default_storage_engine = InnoDB, "
                f"innodb_lock_wait_timeout = {LOCK_SECONDS}, lock_wait_timeout = {LOCK_SECONDS}, "
                # A stream waits for its reader, who may be waiting for a browser.
                "net_write_timeout = 600"
            )
            if read_only:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
    return engine


def cut_short(engine: Engine, connection: Connection, result: CursorResult[Any]) -> None:
    """End a stream that nobody will read on: the server stops, and its last words are read.

    The protocol knows no other way: without it millions of rows would have to be read first.
    """
    driver: Any = connection.connection.driver_connection
    # Where the server says no, all that it sends is read.
    with suppress(DBAPIError), engine.connect() as other:
        other.exec_driver_sql(f"KILL QUERY {int(driver.thread_id())}")
    cursor: Any = result.cursor
    with suppress(driver.Error):  # that it was stopped
        cursor.close()
    result.close()
