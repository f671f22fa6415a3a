"""A migrated metastore, on both backends, fresh for each test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.metastore import users
from core.metastore.engine import Metastore, migrate, open_metastore
from core.model.access import Role, User
from core.model.plan import ExportPlan, ImportPlan

BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("metastore") / "template.db"
    store = open_metastore(f"sqlite:///{file}")
    migrate(store)
    store.close()
    return file


@pytest.fixture(scope="session")
def postgres_server(postgres_url: str) -> Iterator[sa.Engine]:
    url = sa.make_url(postgres_url).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: sa.Engine) -> Iterator[str]:
    """The name of a migrated database to copy."""
    name = _create(postgres_server, "template1")
    store = open_metastore(_url(postgres_server, name))
    migrate(store)
    store.close()
    yield name
    _drop(postgres_server, name)


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: sa.Engine = request.getfixturevalue("postgres_server")
    name = _create(server, "template1")
    yield _url(server, name)
    _drop(server, name)


@pytest.fixture(params=BACKENDS)
def metastore(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Metastore]:
    """A migrated metastore without users."""
    if request.param == "sqlite":
        file = tmp_path / "metastore.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        store = open_metastore(f"sqlite:///{file}")
        yield store
        store.close()
        return
    server: sa.Engine = request.getfixturevalue("postgres_server")
    name = _create(server, request.getfixturevalue("postgres_template"))
    store = open_metastore(_url(server, name))
    yield store
    store.close()
    _drop(server, name)


@pytest.fixture
def ann(metastore: Metastore) -> User:
    with metastore.begin() as db:
        return users.create(db, username="ann", password_hash="x", role=Role.USER, name="Ann")


@pytest.fixture
def bob(metastore: Metastore) -> User:
    with metastore.begin() as db:
        return users.create(db, username="bob", password_hash="x", role=Role.MANAGER)


@pytest.fixture
def import_plan() -> ImportPlan:
    return ImportPlan(connection="default", table="products", upload="u" * 32, filename="p.csv")


@pytest.fixture
def export_plan() -> ExportPlan:
    return ExportPlan(connection="default", table="orders", columns=("id", "total"))


def _create(server: sa.Engine, template: str) -> str:
    name = f"tp_{uuid.uuid4().hex[:12]}"
    with server.connect() as db:
        db.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _drop(server: sa.Engine, name: str) -> None:
    with server.connect() as db:
        db.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _url(server: sa.Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)
