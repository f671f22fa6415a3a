from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.jobs.signals import stop_signal


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_to_stop(number: signal.Signals) -> None:
    stop = stop_signal()
    assert not stop()
    os.kill(os.getpid(), number)
    assert stop()


def test_a_living_parent_is_no_reason() -> None:
    assert not stop_signal(parent=os.getppid())()


def test_a_parent_that_died_before_we_looked_is_noticed() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert stop_signal(parent=gone.pid)()


def test_a_worker_stops_when_its_parent_is_gone() -> None:
    """A child starts a grandchild and dies at once; the grandchild must notice."""
    grandchild = (
        "import os, time\n"
        "from core.jobs.signals import stop_signal\n"
        "stop = stop_signal(parent=os.getppid())\n"
        "print('watching', flush=True)\n"
        "while not stop(): time.sleep(0.02)\n"
        "print('stopped', flush=True)\n"
    )
    relay = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {grandchild!r}])\n"
        "sys.stdin.readline()\n"
        "os._exit(0)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", relay],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "watching\n"
    process.stdin.write("\n")
    process.stdin.close()
    process.wait()
    assert process.stdout.readline() == "stopped\n"
    process.stdout.close()
