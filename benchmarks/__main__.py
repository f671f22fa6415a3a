"""The runner: python -m benchmarks [NAME …]."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    checking,
    formats,
    large_files,
    loading,
    mapping,
    phases,
    pipeline,
    pollock,
    upload_memory,
    warm,
)
from benchmarks.benchmark import Benchmark, BenchmarkFailed, Measured, Wanted
from benchmarks.machine import Machine, load, this_machine
from benchmarks.report import (
    as_document,
    as_markdown,
    as_text,
    listed,
    load_words,
    machine_words,
    on_page,
)
from benchmarks.targets import DATABASES

#: In the order they are run in.
BENCHMARKS = (
    pipeline.BENCHMARK,
    warm.BENCHMARK,
    loading.BENCHMARK,
    phases.BENCHMARK,
    checking.BENCHMARK,
    formats.BENCHMARK,
    large_files.BENCHMARK,
    upload_memory.BENCHMARK,
    pollock.BENCHMARK,
    mapping.BENCHMARK,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0, or 1 when a benchmark failed. Wrong usage is a SystemExit."""
    given = _parser().parse_args(arguments)
    if given.list:
        print(listed(BENCHMARKS))
        return 0
    machine = this_machine()
    print(machine_words(machine))
    measured: dict[str, Measured] = {}
    chosen = [b for b in BENCHMARKS if not given.names or b.name in given.names]
    for benchmark in chosen:
        print(f"\n== {benchmark.name}: {benchmark.about}\n", flush=True)
        try:
            done = _measured(benchmark, given)
        except BenchmarkFailed as error:
            print(f"{benchmark.name} failed: {error}", file=sys.stderr)
            continue
        measured[benchmark.name] = done
        print(f"{as_text(done.result)}\n* {load_words(done)}", flush=True)
    if given.json:
        document = as_document(machine, measured)
        given.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if given.page:
        _refresh(given.page, machine, measured)
    return 0 if len(measured) == len(chosen) else 1


def _measured(benchmark: Benchmark, given: argparse.Namespace) -> Measured:
    before = load()
    with tempfile.TemporaryDirectory(prefix="tableport-benchmark-") as folder:
        wanted = Wanted(
            rows=given.rows,
            rounds=given.rounds,
            databases=tuple(given.on or DATABASES),
            megabytes=given.megabytes,
            folder=Path(folder),
        )
        result = benchmark.run(wanted)
    return Measured(result=result, load_before=before, load_after=load())


def _refresh(page: Path, machine: Machine, measured: Mapping[str, Measured]) -> None:
    text = page.read_text(encoding="utf-8")
    for name, done in measured.items():
        about = f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine_words(machine)}."
        text = on_page(text, name, as_markdown(done, about))
    page.write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument(
        "names",
        nargs="*",
        type=_among(names),
        metavar="NAME",
        help=f"{', '.join(names)}; default: all",
    )
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    parser.add_argument("--rows", type=_count, default=100_000, help="rows of the file to load")
    parser.add_argument("--rounds", type=_count, default=3, help="how often to repeat")
    parser.add_argument("--megabytes", type=_count, default=256, help="size of large files")
    parser.add_argument(
        "--on", action="append", choices=DATABASES, help="a database, repeatable; default: all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to save the figures")
    parser.add_argument("--page", type=Path, metavar="FILE", help="a page of Markdown to refresh")
    return parser


def _among(names: Sequence[str]) -> Callable[[str], str]:
    def name(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text}: there are {', '.join(names)}")
        return text

    return name


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
