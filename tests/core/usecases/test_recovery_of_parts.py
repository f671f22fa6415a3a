"""Workers that die in the middle of staged and resume: the next goes on, and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders import progress
from core.databases.loaders.staged import shelf_name
from core.metastore import queue
from core.model.job import Job, JobStatus
from core.model.plan import ImportPlan, WriteMode
from core.settings import Settings
from core.usecases import connections, import_work, kept_work, local
from core.workspace import Workspace, open_workspace
from tests.core.usecases.conftest import LOCAL, table_rows
from tests.core.usecases.dying_worker import KEPT_STEPS
from tests.core.usecases.recovering import (
    Popen,
    by_code,
    die,
    empty,
    forking,
    is_sqlite,
    queued,
    require_exact_evidence,
    require_tidy,
    undisturbed,
)
from tests.order_lines import BAD_CELLS, GOOD, create_order_tables

PARTS = 5  # of 1,000 rows each
MODES = (WriteMode.STAGED, WriteMode.RESUME)
#: A job bears the loss of five workers: two jobs die at all steps.
CHECKING = (
    "before the check is kept",
    "when the check is kept",
    "before the target is taken",
    "when the target is taken",
)
LOADING = ("before a part is committed", "when a part is committed", "when the ledger is written")
AFTER_COMMIT = ("before it is cleared up behind", "while it is cleared up behind")


@pytest.fixture(scope="module")
def dying_workers() -> Iterator[Popen]:
    """See dying_worker."""
    with forking() as workers:
        yield workers


def test_every_step_is_died_at() -> None:
    assert {*KEPT_STEPS, "when the ledger is written"} == {*CHECKING, *LOADING, *AFTER_COMMIT}


def die_at(ws: Workspace, job: Job, workers: Popen, steps: tuple[str, ...]) -> None:
    """Nothing is ever there twice, and nothing at all before the end of a staged one."""
    assert isinstance(job.plan, ImportPlan)
    for step in steps:
        die(ws, workers, step)
        rows = [row["line_code"] for row in table_rows(ws)]
        assert len(rows) == len(set(rows))
        assert rows == [] or job.plan.mode is WriteMode.RESUME


def require_whole(ws: Workspace, job: Job, expected: list[dict[str, Any]], attempts: int) -> None:
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, attempts)
    assert (ended.counts.inserted, ended.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert ended.counts.reconciled
    assert by_code(table_rows(ws)) == expected
    require_exact_evidence(ws, job)
    require_cleared(ws, job)


def require_cleared(ws: Workspace, job: Job) -> None:
    engine = ws.engine("shop")
    assert shelf_name(job.job_id) not in sa.inspect(engine).get_table_names()
    assert progress.so_far(engine, job.job_id).parts == 0
    require_tidy(ws)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.usefixtures("shop")
def test_whose_workers_die_step_by_step(
    ws: Workspace,
    tmp_path: Path,
    mode: WriteMode,
    dying_workers: Popen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = undisturbed(ws, tmp_path)
    if is_sqlite(ws):
        job = queued(ws, tmp_path, mode=mode)
        die_at(ws, job, dying_workers, CHECKING)
        require_whole(ws, job, expected, len(CHECKING) + 1)
        empty(ws)
    job = queued(ws, tmp_path, mode=mode)
    die_at(ws, job, dying_workers, LOADING)
    assert progress.so_far(ws.engine("shop"), job.job_id).parts == PARTS
    monkeypatch.delattr(kept_work, "check_file")  # what was checked is not checked again
    require_whole(ws, job, expected, len(LOADING) + 1)


@pytest.mark.postgres
@pytest.mark.parametrize("mode", MODES)
def test_where_our_own_tables_are_in_the_same_database(
    tmp_path: Path, mode: WriteMode, dying_workers: Popen, postgres_database: str
) -> None:
    settings = Settings(home=tmp_path / "home", metastore_url=postgres_database, batch_rows=1_000)
    with open_workspace(settings) as ws, order_tables(postgres_database):
        connections.add_connection(ws, LOCAL, name="shop", url=postgres_database, default=True)
        expected = undisturbed(ws, tmp_path)
        job = queued(ws, tmp_path, mode=mode)
        die_at(ws, job, dying_workers, ("when a part is committed", "when the ledger is written"))
        require_whole(ws, job, expected, 3)


@contextmanager
def order_tables(url: str) -> Iterator[None]:
    engine = sa.create_engine(url)
    create_order_tables(engine)
    yield
    with engine.begin() as db:
        db.exec_driver_sql("DROP SCHEMA public CASCADE")
        db.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()


@pytest.mark.parametrize("step", AFTER_COMMIT)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.usefixtures("sqlite_shop")
def test_whose_worker_dies_after_the_commit(
    ws: Workspace,
    tmp_path: Path,
    mode: WriteMode,
    step: str,
    dying_workers: Popen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = queued(ws, tmp_path, mode=mode)
    die(ws, dying_workers, step)
    monkeypatch.delattr(kept_work, "check_file")  # nothing may be done again
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert len(table_rows(ws)) == ended.counts.inserted == GOOD
    require_exact_evidence(ws, job)
    require_cleared(ws, job)


#: Where a worker freezes, past its lease, and wakes when another has done its job.
KEPT_FREEZES = {
    "after the check": (kept_work.KeptWork, "_take", 1),
    "before a part": (kept_work.KeptWork, "_fenced", 3),
    "before the last": (kept_work.KeptWork, "_fenced", 6),
}
FREEZES = {
    "direct before the first row": (WriteMode.DIRECT, import_work.ImportWork, "loader", 1),
    **{f"{mode} {at}": (mode, *where) for mode in MODES for at, where in KEPT_FREEZES.items()},
}


@pytest.mark.parametrize("where", FREEZES)
@pytest.mark.usefixtures("shop")
def test_whose_worker_freezes_past_its_lease_and_wakes(
    ws: Workspace, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mode, holder, name, call = FREEZES[where]
    job = queued(ws, tmp_path, mode=mode)
    function, calls, ended = getattr(holder, name), [0], list[Job]()

    def frozen(*args: object) -> object:
        calls[0] += 1
        if calls[0] == call:
            monkeypatch.setattr(holder, name, function)
            with ws.metastore.begin() as db:
                assert queue.release_dead(db, "") == 1
            ended.append(local.run_here(ws, job.job_id))
        return function(*args)

    monkeypatch.setattr(holder, name, frozen)
    late = local.run_here(ws, job.job_id)
    assert ended
    assert (late.status, late.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert late.counts == ended[0].counts
    assert len(table_rows(ws)) == late.counts.inserted == GOOD
