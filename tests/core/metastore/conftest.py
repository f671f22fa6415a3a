"""A migrated metastore, on both backends, fresh for each test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.metastore import jobs, queue, users
from core.metastore.engine import Metastore, migrate, open_metastore
from core.metastore.schema import metadata
from core.model.access import Role, User
from core.model.job import Job, JobTask
from core.model.plan import ExportPlan, ImportPlan

Seeds = dict[sa.Table, list[dict[str, Any]]]
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
def postgres_migrated(postgres_server: sa.Engine) -> Iterator[tuple[str, Seeds]]:
    """The URL of a migrated database, and the rows it begins with."""
    name = _create(postgres_server)
    url = _url(postgres_server, name)
    store = open_metastore(url)
    migrate(store)
    with store.connect() as db:
        found = {table: db.execute(sa.select(table)).mappings() for table in metadata.sorted_tables}
        seeds = {table: [dict(row) for row in rows] for table, rows in found.items()}
    store.close()
    yield url, seeds
    _drop(postgres_server, name)


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: sa.Engine = request.getfixturevalue("postgres_server")
    name = _create(server)
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
    url, seeds = request.getfixturevalue("postgres_migrated")
    store = open_metastore(url)
    _restore(store, seeds)
    yield store
    store.close()


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


def _restore(store: Metastore, seeds: Seeds) -> None:
    """Put a used database back to how it was when migrated: to make a new one takes longer."""
    deletes = [f"DELETE FROM {table.name};" for table in reversed(metadata.sorted_tables)]
    with store.begin() as db:
        db.exec_driver_sql(
            "SET LOCAL synchronous_commit = off; ALTER TABLE audit_log DISABLE TRIGGER ALL;"
            + "".join(deletes)
            + "ALTER TABLE audit_log ENABLE TRIGGER ALL;"
            "UPDATE alembic_version SET version_num = '0003'"
        )
        for table, rows in seeds.items():
            if rows:
                db.execute(sa.insert(table), rows)


def _create(server: sa.Engine) -> str:
    name = f"tableport_test_{uuid.uuid4().hex[:12]}"
    with server.connect() as db:
        db.exec_driver_sql(f"CREATE DATABASE {name}")
    return name


def _drop(server: sa.Engine, name: str) -> None:
    with server.connect() as db:
        db.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _url(server: sa.Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def job(metastore: Metastore, import_plan: ImportPlan) -> Job:
    """An import, queued to run."""
    with metastore.begin() as db:
        draft = jobs.insert_import(db, import_plan, created_by=None)
        return queue.enqueue(db, draft, JobTask.RUN)
