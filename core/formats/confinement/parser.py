"""Parsing uploads in a child process that has limits of memory, CPU time and open files.

A hostile file can make a parser run for ever, fill the memory or crash the process it runs
in. So the bytes go through a pipe to a process of their own (never through the disk), and
batches come back; whatever happens there is at worst a ParserStopped here.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

import core
from core.errors import ParserStopped
from core.formats.base import Batch, ReadLimits
from core.formats.confinement.frames import (
    PREFIX_BYTES,
    BrokenMessage,
    batch_from,
    both_header,
    detect_header,
    detection_from,
    error_from,
    pack,
    read_header,
    unpack_header,
    unpack_prefix,
)
from core.formats.confinement.process import BOOTSTRAP
from core.model.dialect import NOTHING_GIVEN, Detection, Dialect, Given

_OPEN_FILES = 64
_STDERR_KEPT = 1 << 16  # bytes
_PIPE_READ = 1 << 20
_DYING_SECONDS = 5
_NONSENSE = (
    BrokenMessage,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    KeyError,
    TypeError,
    ValueError,
    OSError,
)
#: The last two are what Polars says where it gets no room, and the loader of libraries.
_MEMORY_SIGNS = (
    b"MemoryError",
    b"memory allocation of",
    b"Cannot allocate memory",
    b"called `Result::unwrap()` on an `Err` value: ()",
    b"failed to map segment",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParserLimits:
    memory_mb: int = 2048  #: address space of the parser
    seconds: int = 3600  #: of CPU, and of waiting for the parser; our own work is not counted


def detect_confined(
    chunks: Iterator[bytes],
    *,
    filename: str,
    given: Given = NOTHING_GIVEN,
    limits: ParserLimits,
) -> Detection:
    """`core.formats.detect_file` in a confined process, which takes as many chunks as it needs.

    Raises what that and `chunks` raise, and ParserStopped. `chunks` is consumed and closed in
    another thread.
    """
    task = detect_header(filename=filename, given=given)
    with _Parser(task, chunks, limits) as parser:
        for header, _ in parser.answers():
            if header["kind"] == "detection":
                with parser.judging():
                    return detection_from(header["detection"])
        raise parser.stopped("ended without an answer")


def read_confined(
    chunks: Iterator[bytes],
    dialect: Dialect,
    *,
    rows: int,
    limits: ReadLimits,
    parser: ParserLimits,
) -> Generator[Batch, None, None]:
    """Batches of the file whose plain bytes `chunks` yields, read in a confined process.

    Raises what the format's reader and `chunks` raise, and ParserStopped. Closing the
    generator early kills the process. `chunks` is consumed and closed in another thread.
    """
    with _Parser(read_header(dialect, rows, limits), chunks, parser) as process:
        for header, body in process.answers():
            with process.judging():
                batch = batch_from(header, body)
            yield batch


def detect_and_read_confined(
    chunks: Iterator[bytes],
    *,
    filename: str,
    given: Given = NOTHING_GIVEN,
    detected: Callable[[Detection], None],
    rows: int,
    limits: ReadLimits,
    parser: ParserLimits,
) -> Generator[Batch, None, None]:
    """Both in one process, which holds what detection looks at until it is read again.

    The file is read as detected under what is `given`; `detected` is told before the first batch
    comes. Raises what the two alone raise.
    """
    task = both_header(filename=filename, given=given, rows=rows, limits=limits)
    told = read = False
    with _Parser(task, chunks, parser) as process:
        for header, body in process.answers():
            if not told:
                with process.judging():
                    found = detection_from(header["detection"])
                detected(found)
                told = True
                continue
            with process.judging():
                batch = batch_from(header, body)
            read = True
            yield batch
        if not read:
            raise process.stopped("ended without an answer")


class _Parser:
    """The process, the thread that feeds it, and the pipes between."""

    def __init__(self, task: dict[str, Any], chunks: Iterable[bytes], limits: ParserLimits) -> None:
        self._limits = limits
        self._waited = 0.0
        self._errors = bytearray()
        self._buffer = bytearray()
        self._process = subprocess.Popen(
            _command(limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._out = self._process.stdout.fileno()
        self._err = self._process.stderr.fileno()
        self._poll = select.poll()
        for descriptor in (self._out, self._err):
            self._poll.register(descriptor, select.POLLIN)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parser-feeder")
        self._fed = self._thread.submit(self._feed, pack(task), chunks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process if it still runs, and leave no thread, pipe or zombie."""
        self._process.kill()
        self._process.wait()
        self._thread.shutdown()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def answers(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """The messages of the process until it says it has ended."""
        while True:
            header, body = self._message()
            if header.get("kind") == "error":
                with self.judging():
                    raised = error_from(header)
                raise raised
            if header.get("kind") == "end":
                self._fed.result()  # a file that could not be fed to its end has not ended
                return
            yield header, body

    @contextlib.contextmanager
    def judging(self) -> Iterator[None]:
        """What the process sent is not to be trusted: any failure to read it is its fault."""
        try:
            yield
        except _NONSENSE as error:
            raise self.stopped("gave an answer that makes no sense") from error

    def stopped(self, what: str) -> ParserStopped:
        """The failure in words; where in the code it happened goes into a note, no cell does."""
        error = ParserStopped(f"The parser {what}.")
        places = [line.strip() for line in _decoded(self._errors) if line.startswith("  File ")]
        if places:
            error.add_note("in the parser: " + "; ".join(places[-3:]))
        return error

    def _message(self) -> tuple[dict[str, Any], bytes]:
        longest = self._limits.memory_mb << 20
        with self.judging():
            header_bytes, body_bytes = unpack_prefix(self._take(PREFIX_BYTES), longest_body=longest)
            return unpack_header(self._take(header_bytes)), self._take(body_bytes)

    def _take(self, count: int) -> bytes:
        """Exactly so many bytes of what the process says."""
        while len(self._buffer) < count:
            self._wait()
        with memoryview(self._buffer) as view:
            taken = bytes(view[:count])
        del self._buffer[:count]
        return taken

    def _wait(self) -> None:
        """Read what comes next. Raises ParserStopped when nothing does in time, or ever."""
        started = time.monotonic()
        ready = self._poll.poll(max(0.0, self._limits.seconds - self._waited) * 1000)
        self._waited += time.monotonic() - started
        if not ready:
            raise self.stopped(f"did not finish within {self._limits.seconds} seconds")
        for descriptor, _ in ready:
            data = os.read(descriptor, _PIPE_READ)
            if descriptor == self._out:
                self._buffer += data
                if not data:
                    self._raise_why()
            else:
                self._errors += data
                del self._errors[:-_STDERR_KEPT]
                if not data:
                    self._poll.unregister(descriptor)

    def _raise_why(self) -> None:
        """The process ended without saying so: say why."""
        try:
            code = self._process.wait(_DYING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        assert self._process.stderr is not None
        self._errors += self._process.stderr.read() or b""
        if self._fed.done():
            self._fed.result()
        if code == -signal.SIGXCPU:
            raise self.stopped(f"used more than {self._limits.seconds} seconds of processor time")
        if any(sign in self._errors for sign in _MEMORY_SIGNS):
            raise self.stopped(f"needed more than {self._limits.memory_mb} MB of memory")
        if code == -signal.SIGKILL:
            raise self.stopped("was killed, by the system or by an administrator")
        raise self.stopped("broke down on this file")

    def _feed(self, task: bytes, chunks: Iterable[bytes]) -> None:
        """Write the task and the file to the process. Runs in a thread of its own."""
        pipe = self._process.stdin
        assert pipe is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it has heard enough
                _write_all(pipe.fileno(), task)
                for chunk in chunks:
                    _write_all(pipe.fileno(), chunk)
        finally:
            pipe.close()
            close = getattr(chunks, "close", None)
            if close is not None:
                close()


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _command(limits: ParserLimits) -> list[str]:
    numbers = (limits.memory_mb << 20, limits.seconds, _OPEN_FILES, 0)
    return [sys.executable, "-P", "-s", "-c", BOOTSTRAP, *(str(number) for number in numbers)]


def _environment() -> dict[str, str]:
    """Only what Python and Polars need: no secrets of ours, and few threads."""
    home = str(Path(core.__file__).parents[1])
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": home,
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "POLARS_MAX_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena takes 64 MB of address space
    }


def _decoded(errors: bytearray) -> list[str]:
    return bytes(errors).decode("utf-8", "replace").splitlines()
