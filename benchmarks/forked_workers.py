"""Workers that start within milliseconds, to be killed: forked by a process that has all imported.

    python -m benchmarks.forked_workers

Reads lines of JSON, the environment of a worker each, and answers with its process id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import NoReturn, Self

from core.usecases import working
from core.workspace import open_workspace


class ForkedWorkers:
    """The other end of that process."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.forked_workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def start(self, environment: dict[str, str]) -> int:
        """A worker with these variables beside its own; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(environment) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    """Fork until there is nobody left to fork for."""
    # The dead are buried by the system: nobody waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _work(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _work(environment: dict[str, str]) -> NoReturn:
    # A worker waits for its parsers itself, and its words are not the answers to our caller.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ |= environment
    with open_workspace() as ws:
        working.work(ws, stop=lambda: False)
    os._exit(1)


if __name__ == "__main__":
    main()
