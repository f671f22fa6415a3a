"""A whole command's time, processor time and memory: its own and that of every process it starts.

Memory is read from /proc ten times a second, because what the system tells of a process that has
ended (ru_maxrss) counts what it inherited from whoever started it, and leaves out that two
processes were large at the same time. Where there is no /proc it is not known.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.benchmark import BenchmarkFailed

_EVERY = 0.1  # seconds between two looks at the memory; oftener slows down what is measured
_PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of a command."""

    seconds: float  #: from its start to its end
    cpu_seconds: float  #: user and system, of the process and all it waited for
    own_memory: int | None  #: most bytes resident in the process itself
    memory: int | None  #: most bytes resident at one moment in all its processes


class Memory:
    """The resident memory of a process and its descendants, watched by a thread.

    Pages that processes share count for each of them.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._own = self._all = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def own_peak(self) -> int | None:
        """Most bytes of the process itself, as the system remembers them; None: not known."""
        return self._own or None

    def peak(self) -> int | None:
        """Most bytes of the whole family at one moment since this was asked last."""
        self._look()
        found, self._all = self._all, 0
        return found or None

    def _watch(self) -> None:
        self._look()
        while not self._stop.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        sizes = [_status(pid) for pid in _family(self._pid)]
        self._own = max(self._own, next((high for high, _ in sizes), 0))
        self._all = max(self._all, sum(now for _, now in sizes))


def _family(pid: int) -> Iterator[int]:
    """The process, then its descendants; whoever ends meanwhile is left out."""
    yield pid
    for child in _children(pid):
        # Between fork and exec a child is its parent once more, memory and all.
        if _command_line(child) != _command_line(pid):
            yield from _family(child)


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                yield from map(int, (task / "children").read_text().split())


def _command_line(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def _status(pid: int) -> tuple[int, int]:
    """Most bytes ever resident, bytes resident now; zeros when it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = dict(line.split(":", 1) for line in lines if line.startswith(("VmHWM", "VmRSS")))
    high, now = (int(found.get(name, "0").split()[0]) * 1024 for name in ("VmHWM", "VmRSS"))
    return high, now


def run_whole(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Run:
    """Run the command to its end. Raises BenchmarkFailed, with what it said, when it fails."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as said, (output or Path(os.devnull)).open("wb") as out:
        since = time.perf_counter()
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=said, env=environment
        )
        with Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - since
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            words_said = said.read().decode("utf-8", "replace").strip()[-2000:]
            raise BenchmarkFailed(f"{words[0]} ended with {process.returncode}: {words_said}")
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        own_memory=memory.own_peak,
        memory=memory.peak(),
    )


def ratios(ours: Sequence[Run], baseline: Sequence[Run]) -> list[float]:
    """Round by round: the machine was alike for the two of a round."""
    return [a.seconds / b.seconds for a, b in zip(ours, baseline, strict=True)]


def median_seconds(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def spread(runs: Sequence[Run]) -> float:
    """Slowest minus fastest, as a share of the median."""
    times = [run.seconds for run in runs]
    return (max(times) - min(times)) / statistics.median(times)


def most_memory(runs: Sequence[Run]) -> int | None:
    return max((run.memory for run in runs if run.memory is not None), default=None)
