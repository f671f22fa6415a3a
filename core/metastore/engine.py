"""Open our own database, on SQLite or PostgreSQL, and bring its tables up to date."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError

#: Any number, the same in every process: two that start at once migrate one after the other.
_MIGRATION_LOCK = 7_214_530_918
_BUSY_MS = 15_000
_IDLE_IN_TRANSACTION_MS = 120_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Metastore:
    """Our own database: one way in for reading, one for writing.

    On SQLite `write` begins every transaction with BEGIN IMMEDIATE, so a writer waits for
    the lock at its start and never fails halfway; `read` begins deferred and so never waits
    for a writer. On PostgreSQL both share one pool, and `read` is READ ONLY.
    """

    read: sa.Engine
    write: sa.Engine

    @property
    def is_sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end, rolled back on an exception."""
        with self.write.begin() as db:
            yield db

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A read-only transaction; what it sees is consistent on SQLite."""
        with self.read.connect() as db:
            yield db

    def close(self) -> None:
        """Close every pooled connection."""
        self.read.dispose()
        self.write.dispose()


def open_metastore(url: str) -> Metastore:
    """Open the metastore at a SQLAlchemy URL: `sqlite:///file` or `postgresql://…`.

    Nothing is asked of the database yet, but a missing SQLite file is made (mode 0600, its
    directory 0700). Raises ConfigurationError for any other URL.
    """
    address = _address(url)
    if address.drivername == "sqlite":
        return _open_sqlite(address)
    engine = sa.create_engine(
        address,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=20,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 10,
            "options": f"-c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS}"
            " -c timezone=UTC",
        },
    )
    return Metastore(read=engine.execution_options(postgresql_readonly=True), write=engine)


def migrate(metastore: Metastore) -> None:
    """Create our tables, or bring them up to date; safe when several processes start at once.

    All of it is one transaction: it happens wholly or not at all. Raises ConfigurationError
    when the database cannot be reached or was made by a newer Tableport.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Alembic is needed once per start, and takes a while to import.
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    try:
        with metastore.begin() as db:
            if not metastore.is_sqlite:
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = db
            command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            "The metastore was made by a newer version of Tableport: "
            "install that version, or set TABLEPORT_METASTORE_URL to another database."
        ) from error
    except sa.exc.OperationalError as error:
        where = metastore.write.url.render_as_string(hide_password=True)
        raise ConfigurationError(
            f"The metastore {where} cannot be opened: {_first_line(error.orig)}. "
            "Check TABLEPORT_METASTORE_URL and that the database is running."
        ) from error


def integrity(db: sa.Connection) -> str | None:
    """What is broken in the file of our own database, in SQLite's words; None: nothing."""
    if db.dialect.name != "sqlite":
        return None  # PostgreSQL finds damage by its checksums, while reading
    found: str = db.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    return None if found == "ok" else found


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")


def _address(url: str) -> sa.URL:
    """The URL with its driver spelled out: `postgresql://` alone would mean psycopg 3."""
    text = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", url.strip())
    try:
        address = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(
            "TABLEPORT_METASTORE_URL is not a database URL: write sqlite:////path/to/file.db "
            "or postgresql://user:password@host/database."
        ) from error
    if address.drivername not in {"sqlite", "postgresql+psycopg2"}:
        raise ConfigurationError(
            f"TABLEPORT_METASTORE_URL begins with {address.drivername}: "
            "only sqlite and postgresql can hold Tableport's own tables."
        )
    return address


def _open_sqlite(address: sa.URL) -> Metastore:
    if not address.database or address.database == ":memory:" or "mode=memory" in address.database:
        raise ConfigurationError(
            "TABLEPORT_METASTORE_URL must name a file: the worker is another process "
            "and cannot see a database in memory."
        )
    _make_private(Path(address.database))
    return Metastore(
        read=_sqlite_engine(address, begin="BEGIN", query_only=True),
        write=_sqlite_engine(address, begin="BEGIN IMMEDIATE", query_only=False),
    )


def _make_private(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigurationError(
            f"The metastore {file} cannot be opened: {error.strerror}. "
            "Check TABLEPORT_METASTORE_URL and TABLEPORT_HOME."
        ) from error


def _sqlite_engine(address: sa.URL, *, begin: str, query_only: bool) -> sa.Engine:
    """An engine with our settings on every connection, whose transactions begin that way.

    synchronous=FULL: a job accepted, a session closed or an audit entry written must
    survive a power cut, which WAL with NORMAL does not promise; we commit a few times a
    second, so the extra fsync is not felt.
    """

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we, not the driver, say when to begin
        cursor = connection.cursor()
        # The timeout first: turning WAL on waits for other processes too.
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    engine = sa.create_engine(address, pool_size=5, max_overflow=20, hide_parameters=True)
    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)
    return engine
