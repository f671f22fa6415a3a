from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict

import polars as pl
import pytest

from core.errors import InvalidFormat, ParserStopped, StorageDamaged, TooManyRowsToImport
from core.formats import detect_file
from core.formats.base import Batch, ReadLimits
from core.formats.confinement import parser
from core.formats.confinement.frames import pack
from core.formats.confinement.parser import (
    ParserLimits,
    detect_and_read_confined,
    detect_confined,
    read_confined,
)
from core.model.dialect import Detection, Dialect

LIMITS = ParserLimits(memory_mb=1024, seconds=60)
DATA = b'a,b\r\n1,"x\r\ny"\r\n2,\r\n3,""\r\n'


def chunks(data: bytes = DATA, size: int = 5) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def endless() -> Iterator[bytes]:
    yield b"a,b\n"
    while True:
        yield b"1,2\n" * 10_000


def read(
    source: Iterator[bytes], *, rows: int = 100, parser: ParserLimits = LIMITS, **limits: int
) -> Iterator[Batch]:
    return read_confined(
        source,
        Dialect(),
        rows=rows,
        limits=ReadLimits(**limits),
        parser=parser,
    )


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No process, thread or open file outlives its reader."""
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before
    assert not [t for t in threading.enumerate() if t.name.startswith("parser-feeder")]
    with contextlib.suppress(ChildProcessError):
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every process started, in order."""
    processes: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*args: object, **options: object) -> subprocess.Popen[bytes]:
        processes.append(real(*args, **options))  # type: ignore[call-overload]
        return processes[-1]

    monkeypatch.setattr(parser.subprocess, "Popen", start)
    return processes


def says(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put a process in the parser's place that says something of its own."""
    code = f"import sys; sys.stdout.buffer.write({data!r})"
    command = [parser.sys.executable, "-c", code]
    monkeypatch.setattr(parser, "_command", lambda _: command)


def test_detects_and_reads_in_one_process() -> None:
    told: list[Detection] = []
    batches = detect_and_read_confined(
        iter([DATA]),
        filename="x.csv",
        given={"header": False, "null_values": ("", "NA")},
        detected=told.append,
        rows=1000,
        limits=ReadLimits(),
        parser=LIMITS,
    )
    read = pl.concat(batch.frame for batch in batches)
    given = {"header": False, "null_values": ("", "NA")}
    detected = detect_confined(iter([DATA]), filename="x.csv", given=given, limits=LIMITS)
    assert told == [detected]
    assert detected.dialect == Dialect(header=False, null_values=("", "NA"))
    apart = read_confined(
        iter([DATA]),
        detected.dialect,
        rows=1000,
        limits=ReadLimits(),
        parser=LIMITS,
    )
    assert read.equals(pl.concat(batch.frame for batch in apart))


def test_detects_and_reads_a_file_without_end() -> None:
    told: list[Detection] = []
    batches = detect_and_read_confined(
        endless(),
        filename="x.csv",
        detected=told.append,
        rows=1_000,
        limits=ReadLimits(),
        parser=LIMITS,
    )
    assert [next(batches).frame.height, next(batches).frame.height] == [1_000, 1_000]
    assert told[0].columns == ("a", "b")
    batches.close()


def test_detects() -> None:
    found = detect_confined(iter([DATA]), filename="x.csv", limits=LIMITS)
    assert found.columns == ("a", "b")
    assert found.dialect == Dialect()
    assert found.findings[0].name == "encoding"


def test_reads() -> None:
    (batch,) = read(chunks())
    assert batch.frame.rows() == [
        (1, 2, None, "1", "x\r\ny"),
        (2, 4, None, "2", None),
        (3, 5, None, "3", ""),
    ]
    assert batch.bytes_read == len(DATA)


def test_errors_come_back_as_themselves() -> None:
    with pytest.raises(InvalidFormat, match="PDF"):
        detect_confined(iter([b"%PDF-1.4"]), filename="x.csv", limits=LIMITS)
    with pytest.raises(TooManyRowsToImport, match="more than 2 rows"):
        list(read(chunks(), max_rows=2))


def test_a_failing_source_is_no_end_of_file() -> None:
    def damaged() -> Iterator[bytes]:
        yield DATA
        raise StorageDamaged("frame 2")

    with pytest.raises(StorageDamaged, match="frame 2"):
        list(read(damaged()))


def test_closing_early_ends_everything() -> None:
    source = endless()
    batches = read(source, rows=1000)
    assert next(batches).frame.height == 1000
    batches.close()  # type: ignore[attr-defined]
    assert next(source, None) is None  # closed as well


def test_works_from_a_thread() -> None:
    heights: list[int] = []
    thread = threading.Thread(
        target=lambda: heights.extend(batch.frame.height for batch in read(chunks()))
    )
    thread.start()
    thread.join()
    assert heights == [3]


def test_killed_midway(started: list[subprocess.Popen[bytes]]) -> None:
    batches = read(endless(), rows=1000)
    next(batches)
    os.kill(started[0].pid, signal.SIGKILL)
    with pytest.raises(ParserStopped, match="killed"):
        for _ in batches:
            pass


def test_out_of_memory() -> None:
    with pytest.raises(ParserStopped, match="memory"):
        list(read(endless(), rows=1 << 40, parser=ParserLimits(memory_mb=800, seconds=60)))


def test_out_of_time() -> None:
    def stalled() -> Iterator[bytes]:
        yield b"a,b\n"
        stop.wait(20)

    stop = threading.Event()
    timer = threading.Timer(1.5, stop.set)  # ends the wait of the feeder, not of the reader
    timer.start()
    with pytest.raises(ParserStopped, match="within 1 seconds"):
        list(read(stalled(), parser=ParserLimits(memory_mb=1024, seconds=1)))
    timer.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage that is no message at all",
        pack({"kind": "batch"})[:-2],
        pack({"kind": "batch", "ignored": 0, "bytes_read": 0}, b"no arrow"),
        pack({"kind": "batch", "ignored": 0, "bytes_read": 0}, b"ARROW1" + b"\xff" * 64),
        pack({"kind": "error", "code": "NONE_999"}),
        pack({"kind": "batch"}),
        b"",
    ],
)
def test_nonsense_on_the_pipe(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    says(monkeypatch, answer)
    with pytest.raises(ParserStopped):
        list(read(chunks()))


@pytest.mark.parametrize(
    "answer",
    [pack({"kind": "end"}), pack({"kind": "detection"}), pack({"kind": "batch"}, b"x")],
)
def test_nonsense_while_detecting(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    says(monkeypatch, answer)
    with pytest.raises(ParserStopped):
        detect_confined(iter([DATA]), filename="x", limits=LIMITS)
    both = detect_and_read_confined(
        iter([DATA]),
        filename="x",
        detected=lambda _: None,
        rows=9,
        limits=ReadLimits(),
        parser=LIMITS,
    )
    with pytest.raises(ParserStopped):
        list(both)


def test_a_detection_without_rows_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = detect_file(io.BytesIO(DATA), filename="x.csv")
    answer = pack({"kind": "detection", "detection": asdict(found)})
    says(monkeypatch, answer + pack({"kind": "end"}))
    told: list[Detection] = []
    both = detect_and_read_confined(
        iter([DATA]), filename="x", detected=told.append, rows=9, limits=ReadLimits(), parser=LIMITS
    )
    with pytest.raises(ParserStopped, match="without an answer"):
        list(both)
    assert told == [found]


def test_a_crash_shows_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "raise RuntimeError('a secret cell')"
    monkeypatch.setattr(parser, "_command", lambda _: [parser.sys.executable, "-c", code])
    with pytest.raises(ParserStopped) as caught:
        list(read(chunks()))
    words = caught.value.detail + "".join(getattr(caught.value, "__notes__", ()))
    assert "secret" not in words
    assert "File" in words


def test_the_process_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEPORT_MASTER_KEY", "hush")
    assert "hush" not in parser._environment().values()


def test_limits_hold_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    show = (
        "import json,sys\n"
        "names = ('AS', 'CPU', 'NOFILE', 'CORE')\n"
        "limits = [resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[1] for n in names]\n"
        "print(json.dumps([limits, 'polars' in sys.modules]))\n"
    )
    head = parser.BOOTSTRAP.split("from core")[0]
    monkeypatch.setattr(parser, "BOOTSTRAP", head + show)
    done = subprocess.run(parser._command(LIMITS), capture_output=True, check=True)
    assert done.stdout.strip() == b"[[1073741824, 60, 64, 0], false]"
