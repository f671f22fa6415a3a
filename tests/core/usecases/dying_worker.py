"""A worker that kills itself, as kill -9 would, at a named step of the job it takes.

    python -m tests.core.usecases.dying_worker STEP

Prints the process ids of its own children first: nobody is left to end them.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.usecases import working
from core.workspace import open_workspace


@dataclass(frozen=True, slots=True)
class Step:
    """Before or after the call of that number (from 1) of a function or method."""

    module: str
    name: str
    before: bool = False
    call: int = 1


IMPORT_STEPS = {
    "while the file is checked": Step("core.usecases.watch", "Watch.batch", call=2),
    "when the file is checked": Step("core.usecases.import_work", "check_file"),
    "while rows are loaded": Step("core.databases.loaders.base", "Loader.load", call=2),
    "when the evidence is published": Step("core.usecases.import_work", "ImportWork._publish"),
    "when the ledger is written": Step("core.databases.loaders.ledger", "record"),
    "when the target is committed": Step("core.databases.loaders.base", "Loader.commit"),
    "before the job is closed": Step("core.jobs.worker", "_conclude", before=True),
}
EXPORT_STEPS = {
    "while rows are written": Step("core.usecases.watch", "Watch.batch", call=2),
    "when the file is named": Step("core.files.store", "Draft.commit"),
    "before the job is closed": Step("core.jobs.worker", "_conclude", before=True),
}


def main() -> None:
    step = (IMPORT_STEPS | EXPORT_STEPS)[sys.argv[1]]
    *owner, name = step.name.split(".")
    holder: Any = importlib.import_module(step.module)
    for part in owner:
        holder = getattr(holder, part)
    setattr(holder, name, _deadly(getattr(holder, name), step))
    with open_workspace() as ws:
        working.work(ws, stop=lambda: False)


def _deadly(function: Callable[..., Any], step: Step) -> Callable[..., Any]:
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == step.call and step.before:
            _die()
        answer = function(*args, **kwargs)
        if calls == step.call:
            _die()
        return answer

    return wrapped


def _die() -> None:
    children = Path("/proc/self/task").glob("*/children")
    sys.stdout.write(" ".join(file.read_text() for file in children))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
