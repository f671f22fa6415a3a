"""Real child processes: killed, stubborn, and well behaved."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.jobs.supervisor import Supervisor
from core.jobs.worker import owner_prefix
from core.metastore import jobs, queue
from core.metastore.engine import Metastore
from core.model.job import Job

OBEDIENT = "import time\nprint('up', flush=True)\nwhile True: time.sleep(0.05)"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + OBEDIENT


def _supervisor(metastore: Metastore, program: str, **pauses: float) -> Supervisor:
    command = [sys.executable, "-c", program]
    return Supervisor(command, os.environ, metastore=metastore, first_pause=0.01, **pauses)


def _until(condition: Callable[[], bool]) -> None:
    """Wait for something that must happen; the time is only to fail instead of hanging."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("did not happen")


def test_a_killed_worker_is_replaced_and_its_job_freed(
    metastore: Metastore, submit: Callable[..., Job]
) -> None:
    job = submit()
    supervisor = _supervisor(metastore, OBEDIENT)
    supervisor.start()
    _until(lambda: supervisor.pid is not None)
    first = supervisor.pid
    assert first is not None
    with metastore.begin() as db:
        assert queue.claim(db, owner_prefix(first) + "x", 600) is not None
    os.kill(first, signal.SIGKILL)
    _until(lambda: supervisor.pid not in (None, first))

    def free() -> bool:
        with metastore.connect() as db:
            return queue.is_due(db, job_id=job.job_id)

    _until(free)
    supervisor.stop()
    assert supervisor.pid is None
    with metastore.connect() as db:
        assert jobs.get(db, job.job_id).attempt == 1


def test_stopping_ends_the_child(metastore: Metastore) -> None:
    supervisor = _supervisor(metastore, OBEDIENT)
    supervisor.start()
    _until(lambda: supervisor.pid is not None)
    pid = supervisor.pid
    assert pid is not None
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stubborn_child_is_killed(metastore: Metastore, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = STUBBORN.replace("print('up', flush=True)", f"open({str(ready)!r}, 'w').close()")
    supervisor = _supervisor(metastore, program, grace=0.1)
    supervisor.start()
    _until(ready.exists)
    supervisor.stop()
    assert supervisor.pid is None


def test_a_child_that_cannot_stay_up_is_started_again_and_again(
    metastore: Metastore, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    program = f"open({str(starts)!r}, 'a').write('x')"
    supervisor = _supervisor(metastore, program, longest_pause=0.02)
    supervisor.start()
    _until(lambda: starts.exists() and len(starts.read_text()) >= 3)
    supervisor.stop()


def test_stopping_before_starting(metastore: Metastore) -> None:
    supervisor = _supervisor(metastore, OBEDIENT)
    supervisor.stop()
    assert supervisor.pid is None
