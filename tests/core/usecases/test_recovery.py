"""A worker that is killed at any step costs neither rows nor files, and doubles none."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders import already_committed
from core.databases.loaders.base import Loader
from core.databases.loaders.ledger import LEDGER
from core.errors import Conflict, TargetDatabaseError
from core.jobs.worker import owner_prefix
from core.metastore import files, jobs, parts, queue
from core.metastore.schema import import_jobs
from core.model.job import Job, JobStatus
from core.model.plan import ExportPlan, OnConflict, OnErrors
from core.usecases import exports, findings, import_work, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, table_rows
from tests.core.usecases.dying_worker import EXPORT_STEPS, IMPORT_STEPS
from tests.order_lines import BAD_CELLS, GOOD, TABLE, write_order_lines

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
_ROOT = Path(__file__).parents[3]
Popen = subprocess.Popen[str]


@pytest.fixture(scope="module")
def dying_workers() -> Iterator[Popen]:
    """See dying_worker."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.core.usecases.dying_worker"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.communicate()
    assert process.returncode == 0


def test_every_step_is_died_at() -> None:
    assert set(IMPORT_STEPS) == {*BEFORE_COMMIT, *AFTER_COMMIT}


def test_an_import_whose_workers_die_step_by_step(
    ws: Workspace, shop: str, tmp_path: Path, dying_workers: Popen
) -> None:
    expected = _undisturbed(ws, tmp_path)
    job = _queued(ws, tmp_path)
    steps = BEFORE_COMMIT if _is_sqlite(ws) else ON_POSTGRESQL
    for step in steps:
        _die(ws, dying_workers, step)
        assert table_rows(ws) == []
        assert already_committed(ws.engine(shop), job.job_id) is None
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, len(steps) + 1)
    assert (ended.counts.inserted, ended.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert ended.counts.reconciled
    assert _sorted(table_rows(ws)) == expected
    _require_exact_evidence(ws, job)
    _require_tidy(ws)


@pytest.mark.parametrize("step", AFTER_COMMIT)
@pytest.mark.usefixtures("shop")
def test_an_import_whose_worker_dies_after_the_commit(
    ws: Workspace,
    tmp_path: Path,
    step: str,
    dying_workers: Popen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = _queued(ws, tmp_path)
    _die(ws, dying_workers, step)
    assert len(table_rows(ws)) == GOOD
    monkeypatch.delattr(import_work, "check_file")  # nothing may be done again
    ended = local.run_here(ws, job.job_id)
    assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
    assert (ended.counts.inserted, ended.counts.rejected) == (GOOD, len(BAD_CELLS))
    assert len(table_rows(ws)) == GOOD
    _require_exact_evidence(ws, job)
    _require_tidy(ws)


@pytest.mark.usefixtures("sqlite_shop")
def test_an_export_whose_workers_die_step_by_step(
    ws: Workspace, tmp_path: Path, dying_workers: Popen
) -> None:
    local.run_here(ws, _queued(ws, tmp_path).job_id)
    plan = ExportPlan(connection="shop", table=TABLE, columns=("line_code",))
    job = exports.create_export(ws, LOCAL, plan)
    for step in EXPORT_STEPS:
        _die(ws, dying_workers, step)
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
    assert _swept(ws) == 1
    _require_tidy(ws)


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
        job = _queued(ws, tmp_path, on_conflict)
        first = local.run_here(ws, job.job_id)
        expected, ledger = _sorted(table_rows(ws)), table_rows(ws, LEDGER.name)
        _empty(ws)
        _lost(ws)
        check = import_work.check_file

        def check_file(*args: Any) -> Any:
            checked = check(*args)
            _restore(ws, expected, ledger)
            return checked

        monkeypatch.setattr(import_work, "check_file", check_file)
        again = local.run_here(ws, job.job_id)
        assert (again.status, again.attempt) == (JobStatus.PARTIALLY_COMPLETED, 2)
        assert again.counts == first.counts
        assert (again.rejects_file, again.violations_file) == (
            first.rejects_file, first.violations_file
        )  # fmt: skip
        assert _sorted(table_rows(ws)) == expected

    @pytest.mark.usefixtures("shop")
    def test_and_whose_answer_was_lost(
        self, ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit = Loader.commit

        def cut_off(loader: Loader, *args: Any) -> None:
            commit(loader, *args)
            raise TargetDatabaseError("The connection was closed.")

        monkeypatch.setattr(Loader, "commit", cut_off)
        ended = local.run_here(ws, _queued(ws, tmp_path).job_id)
        assert (ended.status, ended.attempt) == (JobStatus.PARTIALLY_COMPLETED, 1)
        assert ended.counts.inserted == GOOD == len(table_rows(ws))


def test_an_end_that_cannot_be_noted_is_found_by_the_next_attempt(
    ws: Workspace, sqlite_shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own database is away just after the target's commit."""
    note = import_work.note

    def away(_ws: Workspace, _who: Any, operation: str, **given: Any) -> None:
        if operation == "import_completed":
            monkeypatch.setattr(import_work, "note", note)
            with ws.metastore.begin() as db:
                queue.release_dead(db, owner_prefix())  # in place of waiting for the lease
            raise sa.exc.OperationalError("INSERT", {}, Exception("away"))
        note(_ws, _who, operation, **given)

    monkeypatch.setattr(import_work, "note", away)
    ended = local.run_here(ws, _queued(ws, tmp_path).job_id)
    assert (ended.status, ended.lost_attempts) == (JobStatus.PARTIALLY_COMPLETED, 1)
    assert ended.counts.inserted == GOOD == len(table_rows(ws))


class TestAJobThatLostTooManyWorkers:
    def test_fails_with_words_and_writes_nothing(
        self, ws: Workspace, sqlite_shop: str, tmp_path: Path
    ) -> None:
        job = _queued(ws, tmp_path)
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
        job = _queued(ws, tmp_path)
        local.run_here(ws, job.job_id)
        _lost(ws, cancelled=cancelled, lost=queue.MOST_LOST)
        ended = local.run_here(ws, job.job_id)
        assert (ended.status, ended.counts.inserted) == (JobStatus.PARTIALLY_COMPLETED, GOOD)


# ---------------------------------------------------------------- the parts of the above
def _queued(ws: Workspace, folder: Path, on_conflict: OnConflict = OnConflict.ERROR) -> Job:
    content = write_order_lines(folder / "lines.csv").read_bytes()
    job = draft(ws, LOCAL, content, on_conflict=on_conflict)
    return imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)


def _undisturbed(ws: Workspace, folder: Path) -> list[dict[str, Any]]:
    """The rows of an import nobody interrupts; the table is empty again afterwards."""
    assert local.run_here(ws, _queued(ws, folder).job_id).counts.inserted == GOOD
    rows = _sorted(table_rows(ws))
    _empty(ws)
    return rows


def _die(ws: Workspace, dying_workers: Popen, step: str) -> None:
    """Let a worker take the job and die at the step; then do what its supervisor does."""
    assert dying_workers.stdin is not None
    assert dying_workers.stdout is not None
    dying_workers.stdin.write(f"{ws.settings.home}\t{step}\n")
    dying_workers.stdin.flush()
    answer = json.loads(dying_workers.stdout.readline())
    assert answer["ended"] == -signal.SIGKILL
    _require_gone(answer["children"])
    with ws.metastore.begin() as db:
        assert queue.release_dead(db, owner_prefix(answer["pid"])) == 1


def _require_gone(pids: list[int]) -> None:
    """Parsers end by themselves, having nobody to answer to."""
    pause = threading.Event()
    for _ in range(500):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        pause.wait(0.02)
    pytest.fail(f"still there: {pids}")


def _lost(ws: Workspace, *, cancelled: bool = False, lost: int = 0) -> None:
    """As it stands when the worker died after the commit and before it could say so."""
    with ws.metastore.begin() as db:
        db.execute(
            sa.update(import_jobs).values(
                status=JobStatus.IMPORTING.value,
                run_after=0,
                lease_until=0,
                lease_owner="gone:1:x",
                counts={},
                completed_at=None,
                cancel_requested=cancelled,
                lost_attempts=lost,
            )
        )


def _is_sqlite(ws: Workspace) -> bool:
    return ws.engine("shop").dialect.name == "sqlite"


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["line_code"]))


def _empty(ws: Workspace) -> None:
    with ws.engine("shop").begin() as db:
        for name in (TABLE, LEDGER.name):
            db.exec_driver_sql(f"DELETE FROM {name}")


def _restore(ws: Workspace, rows: list[dict[str, Any]], ledger: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    marks = ", ".join(f":{name}" for name in names)
    with ws.engine("shop").begin() as db:
        db.execute(sa.text(f"INSERT INTO {TABLE} ({', '.join(names)}) VALUES ({marks})"), rows)
        db.execute(sa.insert(LEDGER), ledger)


def _require_exact_evidence(ws: Workspace, job: Job) -> None:
    found = {(v.row, v.column) for v in findings.list_violations(ws, LOCAL, job.job_id)}
    assert found == {(bad.row, bad.header) for bad in BAD_CELLS}
    page = findings.list_rejected(ws, LOCAL, job.job_id)
    assert [row.row for row in page.rows] == sorted(bad.row for bad in BAD_CELLS)


def _swept(ws: Workspace) -> int:
    """How many files the sweep takes that have a name and that no row knows."""
    with ws.metastore.connect() as db:
        known = files.live_ids(db) | parts.live_ids(db)
    now = timedelta(seconds=-5)
    return sum(store.sweep_orphans(known, now) for store in (ws.uploads, ws.artifacts))


def _require_tidy(ws: Workspace) -> None:
    """Nothing is left that has no owner, once the sweep has been round."""
    assert _swept(ws) == 0
    for store in (ws.uploads, ws.artifacts):
        store.sweep_unfinished(timedelta(seconds=-5))
    for folder in (ws.settings.uploads_dir, ws.settings.artifacts_dir):
        assert list((folder / "incoming").iterdir()) == []
