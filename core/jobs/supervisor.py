"""Start a worker process and watch it."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from core.jobs.worker import owner_prefix
from core.metastore import queue, workers
from core.metastore.engine import Metastore

_log = logging.getLogger("tableport.jobs")


class Supervisor:
    """One worker process, started again when it dies.

    A dead worker's jobs are free for others at once, without waiting for their leases.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        metastore: Metastore,
        first_pause: float = 1.0,
        longest_pause: float = 30.0,
        grace: float = 10.0,
    ) -> None:
        """
        Args:
            command: the worker's program and arguments; no shell.
            env: its whole environment.
            metastore: where its leases are.
            first_pause: seconds before the first restart; doubles up to `longest_pause`,
                and starts anew once a child has lived longer than that.
            longest_pause: seconds.
            grace: seconds between SIGTERM and SIGKILL when stopping.
        """
        self._command = list(command)
        self._env = dict(env)
        self._metastore = metastore
        self._first = first_pause
        self._longest = longest_pause
        self._grace = grace
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id of the worker, while it lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start the worker and watch it, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker: SIGTERM, then after the grace SIGKILL; returns when it is gone."""
        self._stopping.set()
        with self._lock:
            child = self._child
            if child is not None and child.poll() is None:
                child.terminate()
        if child is not None:
            try:
                child.wait(self._grace)
            except subprocess.TimeoutExpired:
                _log.warning("worker %d does not stop: killed", child.pid)
                child.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        pause = self._first
        while child := self._spawn():
            try:
                child.wait(self._longest)
            except subprocess.TimeoutExpired:
                pause = self._first  # it has lived long enough to be called well
                child.wait()
            self._release(child.pid)
            if self._stopping.is_set():
                return
            _log.warning("worker %d ended with %s; restarts", child.pid, child.returncode)
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, self._longest)

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            # A session of its own: Ctrl-C at the terminal is the server's to pass on, not the
            # terminal's; a worker that is just starting could not yet catch it.
            self._child = subprocess.Popen(
                self._command, env=self._env, stdin=subprocess.DEVNULL, start_new_session=True
            )
            return self._child

    def _release(self, pid: int) -> None:
        """Free what the dead child held. If that fails, its leases run out by themselves."""
        try:
            with self._metastore.begin() as db:
                freed = queue.release_dead(db, owner_prefix(pid))
                workers.leave(db, owner_prefix(pid))
        except sa.exc.SQLAlchemyError as error:
            _log.warning("leases of worker %d not freed: %s", pid, type(error).__name__)
            return
        if freed:
            _log.warning("worker %d held %d jobs; they are free again", pid, freed)
