"""A worker that is killed at any step costs neither rows nor files, and doubles none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders import already_committed
from core.databases.loaders.base import Loader
from core.databases.loaders.ledger import LEDGER
from core.errors import Conflict, TargetDatabaseError
from core.jobs.worker import owner_prefix
from core.metastore import jobs, queue
from core.model.job import JobStatus
from core.model.plan import ExportPlan, OnConflict
from core.usecases import exports, import_work, ledgered_work, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, table_rows
from tests.core.usecases.dying_worker import EXPORT_STEPS, IMPORT_STEPS
from tests.core.usecases.recovering import (
    Popen,
    as_if_killed,
    by_code,
    die,
    empty,
    forking,
    is_sqlite,
    queued,
    require_exact_evidence,
    require_tidy,
    restore,
    swept,
    undisturbed,
)
from tests.order_lines import BAD_CELLS, GOOD, TABLE

BEFORE_COMMIT = (
    "while the file is checked",
    "when the file is checked",
    "while rows are loaded",
    "when the evidence is published",
    "when the ledger is written",
)
AFTER_COMMIT = ("when the target is committed", "before the job is closed")
#: Only the steps between which the target's own transaction differs.
ON_POSTGRESQL = ("while rows are loaded", "when the ledger is written")


@pytest.fixture(scope="module")
def dying_workers() -> Iterator[Popen]:
    """See dying_worker."""
    with forking() as workers:
        yield workers


def test_every_step_is_died_at() -> None:
    assert set(IMPORT_STEPS) == {*BEFORE_COMMIT, *AFTER_COMMIT}


def test_an_import_whose_workers_die_step_by_step(
    ws: Workspace, shop: str, tmp_path: Path, dying_workers: Popen
) -> None:
    expected = undisturbed(ws, tmp_path)
    job = queued(ws, tmp_path)
    steps = BEFORE_COMMIT if is_sqlite(ws) else ON_POSTGRESQL
    for step in steps:
        die(ws, dying_workers, step)
        assert table_rows(ws) == []
        assert already_committed(ws.engine(shop), job.job_id) is None
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, len(steps) + 1)
    assert (ended.counts.inserted, ended.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert ended.counts.reconciled
    assert by_code(table_rows(ws)) == expected
    require_exact_evidence(ws, job)
    require_tidy(ws)


@pytest.mark.parametrize("step", AFTER_COMMIT)
@pytest.mark.usefixtures("shop")
def test_an_import_whose_worker_dies_after_the_commit(
    ws: Workspace,
    tmp_path: Path,
    step: str,
    dying_workers: Popen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = queued(ws, tmp_path)
    die(ws, dying_workers, step)
    assert len(table_rows(ws)) == GOOD
    monkeypatch.delattr(import_work, "check_file")  # nothing may be done again
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert (ended.counts.inserted, ended.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert len(table_rows(ws)) == GOOD
    require_exact_evidence(ws, job)
    require_tidy(ws)


@pytest.mark.usefixtures("sqlite_shop")
def test_an_export_whose_workers_die_step_by_step(
    ws: Workspace, tmp_path: Path, dying_workers: Popen
) -> None:
    local.run_here(ws, queued(ws, tmp_path).job_id)
    plan = ExportPlan(connection="shop", table=TABLE, columns=("line_code",))
    job = exports.create_export(ws, LOCAL, plan)
    for step in EXPORT_STEPS:
        die(ws, dying_workers, step)
        with ws.metastore.connect() as db:
            assert jobs.get(db, job.job_id).artifact is None
        with pytest.raises(Conflict):
            exports.open_artifact(ws, LOCAL, job.job_id)
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.COMPLETED, len(EXPORT_STEPS) + 1)
    with exports.open_artifact(ws, LOCAL, job.job_id).open() as file:
        lines = file.read().decode().split()
    assert lines[0] == "line_code"
    assert sorted(lines[1:]) == sorted(row["line_code"] for row in table_rows(ws))
    # What was named when its worker died, and which no row tells of.
    assert swept(ws) == 1
    require_tidy(ws)


class TestACommitThatComesThroughLate:
    """The worker was killed or cut off while the target's server carried out its COMMIT."""

    @pytest.mark.parametrize("on_conflict", [OnConflict.ERROR, OnConflict.SKIP])
    @pytest.mark.usefixtures("shop")
    def test_while_the_next_attempt_is_at_work(
        self,
        ws: Workspace,
        tmp_path: Path,
        on_conflict: OnConflict,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        job = queued(ws, tmp_path, on_conflict)
        first = local.run_here(ws, job.job_id)
        expected, ledger = by_code(table_rows(ws)), table_rows(ws, LEDGER.name)
        empty(ws)
        as_if_killed(ws)
        check = import_work.check_file

        def check_file(*args: Any) -> Any:
            checked = check(*args)
            restore(ws, expected, ledger)
            return checked

        monkeypatch.setattr(import_work, "check_file", check_file)
        again = local.run_here(ws, job.job_id)
        assert (again.status, again.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
        assert again.counts == first.counts
        assert (again.rejects_file, again.violations_file) == (
            first.rejects_file, first.violations_file
        )  # fmt: skip
        assert by_code(table_rows(ws)) == expected

    @pytest.mark.usefixtures("shop")
    def test_and_whose_answer_was_lost(
        self, ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit = Loader.commit

        def cut_off(loader: Loader, *args: Any) -> None:
            commit(loader, *args)
            raise TargetDatabaseError("The connection was closed.")

        monkeypatch.setattr(Loader, "commit", cut_off)
        ended = local.run_here(ws, queued(ws, tmp_path).job_id)
        assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 1)
        assert ended.counts.inserted == GOOD == len(table_rows(ws))


def test_an_end_that_cannot_be_noted_is_found_by_the_next_attempt(
    ws: Workspace, sqlite_shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own database is away just after the target's commit."""
    note = ledgered_work.note

    def away(_ws: Workspace, _who: Any, operation: str, **given: Any) -> None:
        if operation == "import_completed":
            monkeypatch.setattr(ledgered_work, "note", note)
            with ws.metastore.begin() as db:
                queue.release_dead(db, owner_prefix())  # in place of waiting for the lease
            raise sa.exc.OperationalError("INSERT", {}, Exception("away"))
        note(_ws, _who, operation, **given)

    monkeypatch.setattr(ledgered_work, "note", away)
    ended = local.run_here(ws, queued(ws, tmp_path).job_id)
    assert (ended.status, ended.lost_attempts) == (JobStatus.PARTIALLY_COMPLETED, 1)
    assert ended.counts.inserted == GOOD == len(table_rows(ws))


class TestAJobThatLostTooManyWorkers:
    def test_fails_with_words_and_writes_nothing(
        self, ws: Workspace, sqlite_shop: str, tmp_path: Path
    ) -> None:
        job = queued(ws, tmp_path)
        with ws.metastore.begin() as db:
            for _ in range(queue.MOST_LOST + 1):
                queue.claim(db, "gone:1:x", -1.0)
        ended = local.run_here(ws, job.job_id)
        assert (ended.status, ended.error_code) == (JobStatus.FAILED, "JOB_001")
        assert "died before it had ended: 6 times." in (ended.error_message or "")
        assert table_rows(ws) == []

    @pytest.mark.parametrize("cancelled", [False, True])
    def test_is_not_called_failed_when_its_rows_are_in(
        self, ws: Workspace, sqlite_shop: str, tmp_path: Path, cancelled: bool
    ) -> None:
        job = queued(ws, tmp_path)
        local.run_here(ws, job.job_id)
        as_if_killed(ws, cancelled=cancelled, lost=queue.MOST_LOST)
        ended = local.run_here(ws, job.job_id)
        assert (ended.status, ended.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, GOOD)
