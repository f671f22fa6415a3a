"""What the command line does without a server: the same jobs, carried out in this process."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InvalidRequest
from core.jobs.worker import run_job
from core.metastore import jobs
from core.model.access import Identity, Role
from core.usecases.clearing import clear_ended
from core.usecases.working import handlers

if TYPE_CHECKING:
    from core.model.file import Download
    from core.model.job import Job
    from core.workspace import Workspace

OnProgress = Callable[["Job"], None]
_POLL_SECONDS = 0.25
_PIECE = 1 << 20


def local_identity() -> Identity:
    """Whoever owns TABLEPORT_HOME: the local administrator, without caps (ruling A36)."""
    return Identity(
        user_id=None, username="local", name="Local administrator", role=Role.ADMIN, local=True
    )


def run_here(ws: Workspace, job_id: str, on_progress: OnProgress | None = None) -> Job:
    """Carry out a queued job now and return it ended; `on_progress` is told four times a second.

    Should a server's worker have taken it first, waits for that one. Raises ApprovalRequired,
    Conflict or NotFound.
    """
    with _watching(ws, job_id, on_progress):
        seconds = ws.settings.lease_seconds
        ended = run_job(ws.metastore, job_id, handlers(ws), lease_seconds=seconds)
    clear_ended(ws)
    return ended


class _watching:  # noqa: N801  used as a statement: with _watching(…)
    """Tells `on_progress` about the job from a thread while the block runs."""

    def __init__(self, ws: Workspace, job_id: str, tell: OnProgress | None) -> None:
        self._ws, self._job_id, self._tell = ws, job_id, tell
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> None:
        if self._tell is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._tell is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(_POLL_SECONDS):
            with self._ws.metastore.connect() as db:
                job = jobs.get(db, self._job_id)
            if self._tell is not None:
                self._tell(job)


def save_download(download: Download, path: Path) -> None:
    """Write the plain bytes to a file that appears whole or not at all."""
    folder = path.parent
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {folder}.")
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as out, download.open() as file:
            while piece := file.read(_PIECE):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        # mkstemp's 0600 is for secrets; this file is the user's own, made as any other.
        mask = os.umask(0)
        os.umask(mask)
        Path(draft).chmod(0o666 & ~mask)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
