"""A migrated metastore on both backends, and jobs to work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.metastore import jobs, queue
from core.metastore.engine import Metastore, migrate, open_metastore
from core.metastore.jobrows import TABLES
from core.metastore.schema import worker_heartbeats
from core.model.job import Job, JobTask
from core.model.plan import ImportPlan

PLAN = ImportPlan(connection="default", table="products", upload="u" * 32, filename="p.csv")


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metastore]:
    folder: Path = tmp_path_factory.mktemp("metastore")
    yield from _migrated(f"sqlite:///{folder}/metastore.db")


@pytest.fixture(scope="module")
def postgres_store(postgres_database: str) -> Iterator[Metastore]:
    yield from _migrated(postgres_database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def metastore(request: pytest.FixtureRequest) -> Metastore:
    """A migrated metastore without jobs or workers."""
    store: Metastore = request.getfixturevalue(f"{request.param}_store")
    with store.begin() as db:
        for table in (*TABLES.values(), worker_heartbeats):
            db.execute(table.delete())
    return store


@pytest.fixture
def submit(metastore: Metastore) -> Callable[..., Job]:
    """Queue one import, by default to run."""

    def submit(task: JobTask = JobTask.RUN, *, requires_approval: bool = False) -> Job:
        with metastore.begin() as db:
            draft = jobs.insert_import(
                db, PLAN, created_by=None, requires_approval=requires_approval
            )
            return queue.enqueue(db, draft, task)

    return submit


def _migrated(url: str) -> Iterator[Metastore]:
    store = open_metastore(url)
    migrate(store)
    yield store
    store.close()
