"""Workers that kill themselves, as kill -9 would, at a named step of the job they take.

    python -m tests.core.usecases.dying_worker

Reads lines of "HOME<tab>METASTORE<tab>STEP" and forks a worker for each, since to import everything
anew takes longer than to die. Answers each with JSON: the worker's process id, what it ended with,
and the ids of its own children, whom nobody is left to end.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from core.pipeline import importing
from core.usecases import working
from core.workspace import open_workspace
from tests.parser_here import read_here


@dataclass(frozen=True, slots=True)
class Step:
    """Before or after the call of that number (from 1) of a function or method."""

    module: str
    name: str
    before: bool = False
    call: int = 1
    real_parser: bool = False  #: else the file is read in the worker, which is faster


IMPORT_STEPS = {
    "while the file is checked": Step(
        "core.usecases.watch", "Watch.batch", call=2, real_parser=True
    ),
    "when the file is checked": Step("core.usecases.import_work", "check_file"),
    "while rows are loaded": Step("core.databases.loaders.base", "Loader.load", call=2),
    "when the evidence is published": Step("core.usecases.job_evidence", "JobEvidence.publish"),
    "when the ledger is written": Step("core.databases.loaders.ledger", "record"),
    "when the target is committed": Step("core.databases.loaders.base", "Loader.commit"),
    "before the job is closed": Step("core.jobs.worker", "_conclude", before=True),
}
_PART = ("core.databases.loaders.transaction", "TargetTransaction.commit_part")
#: The steps that staged and resume have besides: the first part committed is the fence.
KEPT_STEPS = {
    "before the check is kept": Step("core.usecases.kept_work", "write_check", before=True),
    "when the check is kept": Step("core.usecases.kept_work", "KeptWork._check"),
    "before the target is taken": Step(*_PART, before=True),
    "when the target is taken": Step(*_PART),
    "before a part is committed": Step(*_PART, before=True, call=3),
    "when a part is committed": Step(*_PART, call=3),
    "before it is cleared up behind": Step("core.usecases.kept_work", "clear", before=True),
    "while it is cleared up behind": Step("core.usecases.clearing", "_cleared_target"),
}
EXPORT_STEPS = {
    "while rows are written": Step("core.usecases.watch", "Watch.batch", call=2),
    "when the file is named": Step("core.files.store", "Draft.commit"),
    "before the job is closed": Step("core.jobs.worker", "_conclude", before=True),
}


def main() -> None:
    for line in sys.stdin:
        home, metastore, step = line.rstrip("\n").split("\t")
        read, write = os.pipe()
        worker = os.fork()
        if not worker:
            os.close(read)
            os.environ |= {"TABLEPORT_HOME": home, "TABLEPORT_METASTORE_URL": metastore}
            _work((IMPORT_STEPS | KEPT_STEPS | EXPORT_STEPS)[step], write)
        os.close(write)
        with os.fdopen(read) as pipe:
            children = [int(pid) for pid in pipe.read().split()]
        _, status = os.waitpid(worker, 0)
        answer = {
            "pid": worker,
            "ended": os.waitstatus_to_exitcode(status),
            "children": children,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _work(step: Step, pipe: int) -> NoReturn:
    os.environ["TABLEPORT_BATCH_ROWS"] = "1000"
    *owner, name = step.name.split(".")
    holder: Any = importlib.import_module(step.module)
    for part in owner:
        holder = getattr(holder, part)
    setattr(holder, name, _deadly(getattr(holder, name), step, pipe))
    if not step.real_parser:
        importing.read_confined = read_here
    with open_workspace() as ws:
        working.work(ws, stop=lambda: False)
    os._exit(1)


def _deadly(function: Callable[..., Any], step: Step, pipe: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == step.call and step.before:
            _die(pipe)
        answer = function(*args, **kwargs)
        if calls == step.call:
            _die(pipe)
        return answer

    return wrapped


def _die(pipe: int) -> NoReturn:
    for file in Path("/proc/self/task").glob("*/children"):
        os.write(pipe, file.read_bytes())
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
    raise AssertionError("still alive")


if __name__ == "__main__":
    main()
