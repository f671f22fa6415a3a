"""The command line in a process of its own that notes how long each part of the work took.

    python -m benchmarks.stopwatch FILE import … --table …

FILE becomes JSON: seconds, processor seconds and calls by part. The times of parts within parts
are taken out of the outer ones, so that all of them add up to the whole; what no part accounts
for is `the rest`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

#: Where a part is looked up when it is called, and what it is called here. A part that is a
#: generator is timed while it is asked for its next value.
PARTS = {
    "core.usecases.uploads:receive_upload": "receive, screen and encrypt the file",
    "core.usecases.imports:draft_import": "detect the dialect, propose a mapping",
    "core.checks.run:build_schema": "prepare the checks (Pandera and pandas are loaded)",
    "core.pipeline.importing:read_confined": "wait for the parser",
    "core.pipeline.judging:apply_mappings": "map",
    "core.checks.run:cast_column": "cast cells to values",
    "core.checks.run:text_faults": "check texts",
    "core.checks.run:_failures": "check rules (Pandera)",
    "core.checks.run:Checker.check": "the rest of checking rows",
    "core.pipeline.across:existing_keys": "look keys up in the table",
    "core.pipeline.across:missing_references": "look references up in the table",
    "core.pipeline.across:AcrossRows.check": "compare keys within the file",
    "core.pipeline.judging:as_violations": "word violations",
    "core.pipeline.profiling:Profiling._settle": "wait for the profile, made on another thread",
    "core.pipeline.evidence:Evidence.add": "keep evidence",
    "core.pipeline.importing:write_batch": "write the spool",
    "core.pipeline.loading:read_batches": "read the spool",
    "core.databases.loaders.sqlite:sqlite_values": "turn values into the driver's",
    "core.databases.loaders.postgresql:PostgresqlLoader._encoded": "encode for COPY",
    "core.pipeline.flowing:Flow._wait": "wait for the loader, which works on another thread",
    "core.databases.loaders.base:Loader.load": "load",
    "core.databases.loaders.base:Loader.commit": "commit",
    "core.usecases.exports:create_export": "draft the export",
    "core.pipeline.exporting:stream_rows": "query",
    "core.databases.select:_frame": "turn rows into canonical text",
    "core.files.frames:EncryptedWriter.write": "encrypt and write",
    "core.usecases.export_work:run_export": "write the format",
    "core.usecases.local:save_download": "decrypt and save the file",
}
LOADING = "load the program"
REST = "the rest"


class Stopwatch:
    """Seconds, processor seconds and calls by part, of the calls of the thread that made it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self.seconds: dict[str, float] = defaultdict(float)
        self.cpu_seconds: dict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._parts: list[str] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        clock, cpu = time.perf_counter(), time.process_time()
        self._parts.append(name)
        try:
            yield
        finally:
            self._parts.pop()
            clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
            self.calls[name] += 1
            self._add(name, clock, cpu)
            if self._parts:
                self._add(self._parts[-1], -clock, -cpu)

    def _add(self, name: str, seconds: float, cpu_seconds: float) -> None:
        self.seconds[name] += seconds
        self.cpu_seconds[name] += cpu_seconds

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            with self.part(name):
                found = function(*args, **kwargs)
            return self._each(name, found) if isinstance(found, Iterator) else found

        return call

    def _each(self, name: str, values: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self.part(name):
                try:
                    value = next(values)
                except StopIteration:
                    return
            yield value


def watch(stopwatch: Stopwatch) -> None:
    """Put the stopwatch around every part. AttributeError when one has gone."""
    for place, name in PARTS.items():
        owner, attribute = located(place)
        setattr(owner, attribute, stopwatch.timed(name, getattr(owner, attribute)))


def located(place: str) -> tuple[Any, str]:
    """The module or class that `module:Class.attribute` names the attribute of."""
    module, _, path = place.partition(":")
    *owners, attribute = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    return owner, attribute


def main() -> None:
    report, *words = sys.argv[1:]
    stopwatch = Stopwatch()
    try:
        with stopwatch.part(REST):
            with stopwatch.part(LOADING):
                from app.cli import main as tableport

                watch(stopwatch)
            tableport(words)
    finally:
        found = {
            "seconds": stopwatch.seconds,
            "cpu_seconds": stopwatch.cpu_seconds,
            "calls": stopwatch.calls,
        }
        Path(report).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
