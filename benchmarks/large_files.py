"""Large XML and JSON Lines through the parser: how long it takes and how much memory it needs.

    python -m benchmarks.large_files FILE

reads one file as a job does, in a confined parser with its usual limits, and prints JSON: rows,
and the seconds from the start of the parser on. The rows are orders of `benchmarks.orders`,
repeated until the file has its size.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import Run, run_whole
from benchmarks.one_format import write_ours
from benchmarks.report import megabytes
from core.formats.base import ReadLimits
from core.formats.confinement.parser import ParserLimits, detect_confined, read_confined

_MIB = 1 << 20
_CHUNK = _MIB  # as uploads are read
_BATCH = 20_000  # rows
_ONCE = 20_000  # rows that are repeated
_SMALLER = 10
#: What stands before the first row of a format, and behind the last one.
_EDGES = {"xml": (b"<row>", b"</row>\n"), "jsonl": (b"{", b"}\n")}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done:
    rows: int
    seconds: float
    size: int
    run: Run  #: of the whole process and its parser


def run(wanted: Wanted) -> Result:
    lines: list[tuple[str, ...]] = []
    figures: dict[str, object] = {}
    for name in _EDGES:
        small = _measured(wanted.folder, name, max(_MIB, wanted.megabytes * _MIB // _SMALLER))
        large = _measured(wanted.folder, name, wanted.megabytes * _MIB)
        lines.append(
            (
                name,
                megabytes(large.size),
                f"{large.rows:,}",
                f"{large.seconds:.1f}",
                f"{large.run.cpu_seconds:.1f}",
                f"{large.size / _MIB / large.seconds:.0f}",
                megabytes(large.run.memory),
                megabytes(small.run.memory),
            )
        )
        figures[name] = {"large": asdict(large), "small": asdict(small)}
    columns = ("", "size", "rows", "seconds", "processor s", "MB/s", "memory", "memory at 1/10")
    return Result(
        tables=(Table(title="Reading large files", columns=columns, rows=tuple(lines)),),
        notes=(
            "12 columns; one run each. Memory: the most of the parser and of the process that "
            "takes its batches together. Processor s: of both, from the start of the interpreter "
            "on.",
        ),
        figures=figures,
    )


def _measured(folder: Path, name: str, size: int) -> _Done:
    file = folder / f"large.{name}"
    rows = write_large(name, file, size)
    said = folder / "said.json"
    try:
        command = (sys.executable, "-m", "benchmarks.large_files", file)
        done = run_whole(command, output=said)
        found = json.loads(said.read_text(encoding="utf-8"))
        if found["rows"] != rows:
            raise BenchmarkFailed(f"{name}: {found['rows']:,} of {rows:,} rows were read")
        size = file.stat().st_size
        return _Done(rows=rows, seconds=found["seconds"], size=size, run=done)
    finally:
        file.unlink(missing_ok=True)


def write_large(name: str, file: Path, size: int) -> int:
    """A file of at least `size` bytes; how many rows it has."""
    once = file.with_name(f"once.{name}")
    write_ours(name, once, _ONCE)()
    begin, end = _EDGES[name]
    data = once.read_bytes()
    first, behind = data.index(begin), data.rindex(end) + len(end)
    times = -(-size // (behind - first))
    with file.open("wb") as out:
        out.write(data[:first])
        for _ in range(times):
            out.write(memoryview(data)[first:behind])
        out.write(data[behind:])
    once.unlink()
    return times * _ONCE


def read_large(file: Path) -> int:
    """All rows, through a confined parser."""
    confined = ParserLimits()
    dialect = detect_confined(_chunks(file), filename=file.name, limits=confined).dialect
    batches = read_confined(
        _chunks(file), dialect, rows=_BATCH, limits=ReadLimits(), parser=confined
    )
    return sum(batch.frame.height for batch in batches)


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


BENCHMARK = Benchmark(
    name="large_files",
    about="XML and JSON Lines of --megabytes and of a tenth, read as a job reads them",
    run=run,
)


if __name__ == "__main__":
    since = time.perf_counter()
    count = read_large(Path(sys.argv[1]))
    print(json.dumps({"rows": count, "seconds": time.perf_counter() - since}))
