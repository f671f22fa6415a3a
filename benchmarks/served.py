"""A Tableport that is served by real processes, which can be watched, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from benchmarks.benchmark import BenchmarkFailed
from core.metastore import files, jobs, parts
from core.metastore.schema import import_jobs
from core.model.job import Job
from core.settings import load
from core.workspace import Workspace, open_workspace

_ROOT = Path(__file__).parents[1]
_SERVE = "from app.cli import main; main()"
_LOOK_EVERY = 0.003
_GONE_WITHIN = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """A job as its row has it just now, and who holds it: `host:pid:…`."""

    job: Job
    owner: str | None

    @property
    def attempt(self) -> int:
        return self.job.attempt

    @property
    def phase(self) -> str:
        return self.job.phase or "Parsing"


class Served:
    """One home with one job, and the server at work on it."""

    def __init__(self, folder: Path, *, lease: int) -> None:
        self._log = (folder / "log").open("ab")
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TABLEPORT", "STREAMLIT"))}
        self._environment = kept | {
            "TABLEPORT_HOME": str(folder / "home"),
            "TABLEPORT_LEASE_SECONDS": str(lease),
            "IMPORT_MAX_FILE_SIZE": "100GB",
            "PYTHONPATH": str(_ROOT),
        }
        self._process: subprocess.Popen[bytes] | None = None
        #: every process seen at work: workers, and the parsers below them
        self._seen: set[int] = set()
        self.job_id = ""
        self.ws: Workspace = open_workspace(load(self._environment))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self.ws.close()
        self._log.close()

    def start(self) -> None:
        """Start the server, as `tableport serve` does."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, "serve", "--port", str(self._port)],
            cwd=self._folder,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )

    def look(self) -> Watched:
        with self.ws.metastore.connect() as db:
            job = jobs.get(db, self.job_id)
            owner = sa.select(import_jobs.c.lease_owner).where(import_jobs.c.id == job.id)
            return Watched(job=job, owner=db.execute(owner).scalar_one())

    def until(self, holds: Callable[[Watched], bool], seconds: float) -> Watched | None:
        """The job as soon as that holds; None when it has ended without."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self.look()
            if holds(now):
                return now
            if now.job.status.ended:
                return None
            if self._process is not None and self._process.poll() is not None:
                raise BenchmarkFailed(f"the server has ended; see {self._folder / 'log'}")
            time.sleep(_LOOK_EVERY)
        raise BenchmarkFailed(f"nothing came of it in {seconds:.0f} s; see {self._folder / 'log'}")

    def until_ended(self, seconds: float) -> Job:
        self.until(lambda _: False, seconds)
        return self.look().job

    def kill_worker(self, watched: Watched) -> None:
        """Kill -9 the worker that holds the job."""
        if watched.owner is None:
            return
        worker = int(watched.owner.split(":")[1])
        self._seen |= {worker, *_below(worker)}
        with suppress(ProcessLookupError):  # it may just have ended
            os.kill(worker, signal.SIGKILL)

    def kill_server(self) -> None:
        """Kill -9 the server; what it has started must see to itself."""
        assert self._process is not None
        self._seen |= _below(self._process.pid)
        self._process.kill()
        self._process.wait()

    def stop(self) -> str:
        """Stop the server; what is left behind, in words. Raises BenchmarkFailed for processes."""
        assert self._process is not None
        self._seen |= _below(self._process.pid)
        self._process.terminate()
        self._process.wait()
        deadline = time.monotonic() + _GONE_WITHIN
        while alive := [pid for pid in self._seen if _is_ours(pid)]:
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"processes {alive} are left")
            time.sleep(_LOOK_EVERY)
        return self._files_left()

    def _files_left(self) -> str:
        """What the workers' own sweep finds, only sooner. What nobody knows fails the run."""
        stores = (self.ws.uploads, self.ws.artifacts)
        unfinished = sum(store.sweep_unfinished(timedelta(0)) for store in stores)
        with self.ws.metastore.connect() as db:
            known = files.live_ids(db) | parts.live_ids(db)
        orphans = sum(store.sweep_orphans(known, timedelta(0)) for store in stores)
        if orphans:
            raise BenchmarkFailed(f"{orphans} files are left that nobody knows")
        return f"{unfinished} drafts"


def _below(pid: int) -> set[int]:
    """Children of a process, and theirs."""
    found: set[int] = set()
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(child) for child in file.read_text().split()}
    return found.union(*(_below(child) for child in found))


def _is_ours(pid: int) -> bool:
    """Does the process live? Another may have got its id since."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"core." in command
