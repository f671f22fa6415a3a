"""A job in the middle of which its worker or its server is told to stop, or is killed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.metastore import jobs
from core.model.job import Job, JobStatus
from core.settings import load
from core.usecases import connections, imports, local, uploads
from core.workspace import Workspace, open_workspace
from tests.app.test_server import start, until

ROWS = 8_000
#: So small that a job has more than a hundred of them, and is met in their middle.
BATCH_ROWS = 50
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class House:
    """A home with one job in its queue, and processes to work on it."""

    ws: Workspace
    job_id: str
    folder: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def job(self) -> Job:
        with self.ws.metastore.connect() as db:
            return jobs.get(db, self.job_id)

    def worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "core.usecases.working"]
        self.started.append(subprocess.Popen(command, cwd=_ROOT, env=self.environment))
        return self.started[-1]

    def server(self) -> subprocess.Popen[bytes]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.started.append(start(self.folder, port, self.environment, self.folder / "log"))
        return self.started[-1]

    def wait_for_the_middle(self) -> Job:
        until(lambda: self.job().running and self.job().processed_rows > 0)
        return self.job()

    def require_given_back(self, before: Job) -> None:
        """Queued, held by nobody, and neither a try nor a worker counted as lost."""
        now = self.job()
        assert (now.status, now.queued, now.running) == (JobStatus.PENDING, True, False)
        assert (now.attempt, now.lost_attempts) == (before.attempt, 0)
        assert self.rows() == (0, None)

    def rows(self) -> tuple[int, int | None]:
        """How many there are, and the sum of their keys."""
        db = sqlite3.connect(self.folder / "shop.db")
        try:
            found: tuple[int, int | None] = db.execute(
                "SELECT count(*), sum(id) FROM items"
            ).fetchone()
        finally:
            db.close()
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    db = sqlite3.connect(tmp_path / "shop.db")
    db.execute("CREATE TABLE items (id INTEGER NOT NULL, price NUMERIC(10, 2))")  # no key
    db.close()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TABLEPORT", "STREAMLIT"))}
    environment = kept | {
        "TABLEPORT_HOME": str(tmp_path / "home"),
        "TABLEPORT_BATCH_ROWS": str(BATCH_ROWS),
    }
    text = "id,price\n" + "".join(f"{n},{n}.50\n" for n in range(1, ROWS + 1))
    who = local.local_identity()
    with open_workspace(load(environment)) as ws:
        url = f"sqlite:///{tmp_path / 'shop.db'}"
        connections.add_connection(ws, who, name="shop", url=url, default=True)
        upload = uploads.receive_upload(ws, who, iter([text.encode()]), filename="items.csv")
        job = imports.draft_import(
            ws, who, upload_id=upload.file_id, table="items", connection="shop"
        )
        imports.start_import(ws, who, job.job_id)
        made = House(ws, job.job_id, tmp_path, environment)
        yield made
        for process in made.started:  # what a failed test left
            process.terminate()
            process.wait(30)


def _children(process: subprocess.Popen[bytes]) -> set[int]:
    files = Path(f"/proc/{process.pid}/task").glob("*/children")
    return {int(pid) for file in files for pid in file.read_text().split()}


def _gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_worker_that_is_told_to_stop_hands_its_job_back(house: House) -> None:
    worker = house.worker()
    before = house.wait_for_the_middle()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    house.require_given_back(before)


def test_a_server_that_is_killed_or_stopped_leaves_its_job_to_the_next(house: House) -> None:
    killed = house.server()
    before = house.wait_for_the_middle()
    workers = _children(killed)
    assert workers
    killed.kill()
    killed.wait()
    until(lambda: _gone(workers))
    house.require_given_back(before)

    stopped = house.server()
    until(lambda: house.job().attempt == before.attempt + 1)
    before = house.wait_for_the_middle()
    workers = _children(stopped)
    assert workers
    stopped.send_signal(signal.SIGTERM)
    stopped.wait(30)
    assert _gone(workers)
    house.require_given_back(before)

    ended = local.run_here(house.ws, house.job_id)
    assert (ended.status, ended.counts.inserted) == (JobStatus.COMPLETED, ROWS)
    assert house.rows() == (ROWS, ROWS * (ROWS + 1) // 2)
