"""Imports that are queued, workers that die at them, and what must be left in the end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.loaders.ledger import LEDGER
from core.jobs.worker import owner_prefix
from core.metastore import files, parts, queue
from core.metastore.schema import import_jobs
from core.model.job import Job, JobStatus
from core.model.plan import OnConflict, OnErrors, WriteMode
from core.usecases import findings, imports, local
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, draft, table_rows
from tests.order_lines import BAD_CELLS, GOOD, TABLE, write_order_lines

Popen = subprocess.Popen[str]
_ROOT = Path(__file__).parents[3]


@contextmanager
def forking() -> Iterator[Popen]:
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


def queued(
    ws: Workspace,
    folder: Path,
    on_conflict: OnConflict = OnConflict.ERROR,
    mode: WriteMode = WriteMode.DIRECT,
) -> Job:
    content = write_order_lines(folder / "lines.csv").read_bytes()
    options = {"mode": mode.value}
    job = draft(ws, LOCAL, content, on_conflict=on_conflict, options=options)
    return imports.start_import(ws, LOCAL, job.job_id, on_errors=OnErrors.LOAD_VALID)


def undisturbed(ws: Workspace, folder: Path) -> list[dict[str, Any]]:
    """The rows of an import nobody interrupts; the table is empty again afterwards."""
    assert local.run_here(ws, queued(ws, folder).job_id).counts.inserted == GOOD
    rows = by_code(table_rows(ws))
    empty(ws)
    return rows


def die(ws: Workspace, dying_workers: Popen, step: str) -> None:
    """Let a worker take the job and die at the step; then do what its supervisor does."""
    assert dying_workers.stdin is not None
    assert dying_workers.stdout is not None
    dying_workers.stdin.write(f"{ws.settings.home}\t{ws.settings.metastore_address}\t{step}\n")
    dying_workers.stdin.flush()
    answer = json.loads(dying_workers.stdout.readline())
    assert answer["ended"] == -signal.SIGKILL
    require_gone(answer["children"])
    with ws.metastore.begin() as db:
        assert queue.release_dead(db, owner_prefix(answer["pid"])) == 1


def require_gone(pids: list[int]) -> None:
    """Parsers end by themselves, having nobody to answer to."""
    pause = threading.Event()
    for _ in range(500):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        pause.wait(0.02)
    pytest.fail(f"still there: {pids}")


def as_if_killed(ws: Workspace, *, cancelled: bool = False, lost: int = 0) -> None:
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


def is_sqlite(ws: Workspace) -> bool:
    return ws.engine("shop").dialect.name == "sqlite"


def by_code(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["line_code"]))


def empty(ws: Workspace) -> None:
    with ws.engine("shop").begin() as db:
        for name in (TABLE, LEDGER.name):
            db.exec_driver_sql(f"DELETE FROM {name}")


def restore(ws: Workspace, rows: list[dict[str, Any]], ledger: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    marks = ", ".join(f":{name}" for name in names)
    with ws.engine("shop").begin() as db:
        db.execute(sa.text(f"INSERT INTO {TABLE} ({', '.join(names)}) VALUES ({marks})"), rows)
        db.execute(sa.insert(LEDGER), ledger)


def require_exact_evidence(ws: Workspace, job: Job) -> None:
    found = {(v.row, v.column) for v in findings.list_violations(ws, LOCAL, job.job_id)}
    assert found == {(bad.row, bad.header) for bad in BAD_CELLS}
    page = findings.list_rejected(ws, LOCAL, job.job_id)
    assert [row.row for row in page.rows] == sorted(bad.row for bad in BAD_CELLS)


def swept(ws: Workspace) -> int:
    """How many files the sweep takes that have a name and that no row knows."""
    with ws.metastore.connect() as db:
        known = files.live_ids(db) | parts.live_ids(db)
    now = timedelta(seconds=-5)
    return sum(store.sweep_orphans(known, now) for store in (ws.uploads, ws.artifacts))


def require_tidy(ws: Workspace) -> None:
    """Nothing is left that has no owner, once the sweep has been round."""
    assert swept(ws) == 0
    for store in (ws.uploads, ws.artifacts):
        store.sweep_unfinished(timedelta(seconds=-5))
    for folder in (ws.settings.uploads_dir, ws.settings.artifacts_dir):
        assert list((folder / "incoming").iterdir()) == []
