"""Addresses of databases, and engines for them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from core.databases.features import features_of
from core.databases.mysql import mysql_url, open_mysql
from core.databases.refusals import translated
from core.errors import InvalidRequest, TargetDatabaseError

SUPPORTED = (
    "postgresql://user:password@host:5432/database, mysql://user:password@host:3306/database, "
    "sqlite:///path/to/file.db, "
    "or the path of an SQLite file ending in .db, .sqlite, .sqlite3 or .db3"
)
BUSY_SECONDS = 15.0
CONNECT_SECONDS = 10

_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3", ".s3db", ".sl3")
_MAGIC = b"SQLite format 3\x00"
_DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "postgresql+psycopg2": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_SECRET_OPTIONS = ("password", "sslpassword", "passfile", "sslkey", "ssl_key")
_BEGIN_OPTION = "tableport_begin"


def normalise_url(text: str) -> str:
    """The one spelling of a database's address: driver named, SQLite path absolute.

    Raises InvalidRequest, which names what is supported and never repeats a password.
    """
    text = text.strip()
    if not text:
        raise InvalidRequest(f"The database address is empty. Supported: {SUPPORTED}")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", text):
        return _from_path(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise InvalidRequest(
            f"The database address cannot be read. Supported: {SUPPORTED}"
        ) from error
    driver = _DRIVERS.get(url.drivername.lower())
    if driver is None:
        raise InvalidRequest(f"{url.drivername!r} is not supported. Supported: {SUPPORTED}")
    url = url.set(drivername=driver)
    if driver == "sqlite":
        return _sqlite_url(url)
    if driver.startswith("mysql"):
        return mysql_url(url)
    if not url.database:
        raise InvalidRequest("The PostgreSQL address names no database: add /database at its end")
    return url.render_as_string(hide_password=False)


def backend_of(url: str) -> str:
    """`sqlite`, `postgresql` or `mysql`. Raises InvalidRequest as `normalise_url` does."""
    return make_url(normalise_url(url)).get_backend_name()


def address(url: str) -> str:
    """The address with its secrets hidden, fit for screens and logs."""
    parsed = make_url(normalise_url(url))
    hidden = {key: "***" for key in parsed.query if key.lower() in _SECRET_OPTIONS}
    return parsed.update_query_dict(hidden).render_as_string(hide_password=True)


def open_engine(url: str, *, read_only: bool = False, create: bool = False) -> Engine:
    """An engine for a database, with real transactions and our time-outs; nothing connects yet.

    `read_only`: the database itself refuses writes. `create`: an SQLite file may be made.
    Engines hold a pool: keep one per database and process.
    Raises InvalidRequest for an address that is not supported or whose driver is missing, and
    TargetDatabaseError for an SQLite file that is missing or is something else.
    """
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(Path(parsed.database or ""), read_only=read_only, create=create)
    if parsed.get_backend_name() == "mysql":
        return open_mysql(parsed, read_only=read_only)
    return _open_postgresql(parsed, read_only=read_only)


def check_connection(engine: Engine) -> None:
    """Does the database answer? Raises TargetDatabaseError in plain words when it does not."""
    what = f"{features_of(engine).title} does not answer"
    with translated(what), engine.connect() as connection:
        connection.exec_driver_sql(features_of(engine).probe)


def begin_immediate(connection: Connection) -> Connection:
    """The connection, set so that on SQLite its next transaction takes the write lock at once.

    A deferred transaction that starts by reading fails with "database is locked", whatever the
    busy timeout, when another writer got in between. Other backends ignore the option.
    """
    return connection.execution_options(**{_BEGIN_OPTION: "BEGIN IMMEDIATE"})


# ---------------------------------------------------------------- SQLite
def _from_path(text: str) -> str:
    path = Path(text).expanduser()
    if path.suffix.lower() in _SUFFIXES or (path.is_file() and _is_sqlite_file(path)):
        return _sqlite_url(URL.create("sqlite", database=str(path)))
    raise InvalidRequest(f"{text!r} is not a database address. Supported: {SUPPORTED}")


def _sqlite_url(url: URL) -> str:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise InvalidRequest(
            "An SQLite database must be a plain file, since several processes work on it: "
            "sqlite:///path/to/file.db"
        )
    if url.query or "?" in url.database:
        raise InvalidRequest("The address of an SQLite database takes no options, and no ?")
    path = Path(url.database).expanduser().absolute()
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def _is_sqlite_file(path: Path) -> bool:
    """An empty file counts: SQLite makes one before its first write."""
    with path.open("rb") as stream:
        head = stream.read(len(_MAGIC))
    return head in (b"", _MAGIC)


def _require_sqlite_file(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise TargetDatabaseError(f"{path} is a folder, not an SQLite file")
    if not path.exists():
        if not create:
            raise TargetDatabaseError(f"There is no SQLite file at {path}")
        if not path.parent.is_dir():
            raise TargetDatabaseError(f"The folder {path.parent} does not exist")
        return
    try:
        if not _is_sqlite_file(path):
            raise TargetDatabaseError(f"{path} is not an SQLite database")
    except OSError as error:
        raise TargetDatabaseError(f"{path} cannot be read: {error.strerror}") from error


def _open_sqlite(path: Path, *, read_only: bool, create: bool) -> Engine:
    _require_sqlite_file(path, create=create)
    mode = "ro" if read_only else "rwc" if create else "rw"
    uri = f"file:{percent_quote(str(path))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # isolation_level=None: pysqlite would otherwise start transactions on its own, and only
        # before some statements; ours begin where the "begin" event says so.
        return sqlite3.connect(
            uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )

    engine = sa.create_engine(
        URL.create("sqlite", database=str(path)),
        creator=connect,
        poolclass=QueuePool,
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The journal mode is the owner's choice and is kept in the file: we leave it alone.
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function("tableport_fold", 1, _fold, deterministic=True)
    connection.create_function("tableport_moment", 1, _moment, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get(_BEGIN_OPTION, "BEGIN")
    connection.exec_driver_sql(statement)


def _fold(value: object) -> object:
    """Case folded by Unicode's rules; SQLite's own LIKE folds ASCII only."""
    return value.casefold() if isinstance(value, str) else value


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:Z|\+00:00)?")


def _moment(value: object) -> object:
    """Any spelling SQLite programs use for a datetime as `YYYY-MM-DD HH:MM:SS.ffffff`."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    day, minute, second, fraction = found.groups()
    return f"{day} {minute}:{second or '00'}.{(fraction or '').ljust(6, '0')}"


# ---------------------------------------------------------------- PostgreSQL
#: What makes values print the same whatever the server's own settings are.
_SETTINGS = (
    "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; "
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on"
)


def _open_postgresql(url: URL, *, read_only: bool) -> Engine:
    options: dict[str, Any] = {"application_name": "tableport", "client_encoding": "utf8"}
    if "connect_timeout" not in url.query:
        options["connect_timeout"] = CONNECT_SECONDS
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args=options, hide_parameters=True)

    # SET at connect rather than start-up options: poolers such as PgBouncer refuse the latter.
    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
            if read_only:
                cursor.execute("SET default_transaction_read_only = on")
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
    return engine
