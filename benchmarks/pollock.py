"""How well messy CSV files are read: the measure of the Pollock benchmark (VLDB 2023).

The files and the scorer are others' and are not kept here: POLLOCK_DATA names a folder with csv/,
clean/, weights.json and perhaps manifest.json, POLLOCK_SCORER the program that scores a folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted

_CONVERT = "from app.cli import main; main()"
_BEST = 10.0
#: The best published results: nothing told, and told the dialect of each file.
_PUBLISHED = (("best published, automatic", 9.72, 9.45), ("best published, told", 9.96, 9.60))


def run(wanted: Wanted) -> Result:
    named = {name: os.environ.get(name) for name in ("POLLOCK_DATA", "POLLOCK_SCORER")}
    missing = [name for name, value in named.items() if not value]
    if missing:
        return Result(tables=(), notes=(f"Not measured: {' and '.join(missing)} not set.",))
    data, scorer = (Path(str(value)) for value in named.values())
    files = sorted((data / "csv").glob("*.csv"))
    if not files or not scorer.is_file():
        raise BenchmarkFailed(f"there are no files in {data}/csv, or no program {scorer}")
    out = wanted.folder / "read"
    # Files that cannot be read make it fail; the scorer counts them.
    words = ("-c", _CONVERT, "convert", *map(str, files), "--out-dir", str(out), "--to", "csv")
    subprocess.run([sys.executable, *words], check=False, capture_output=True)
    found = _scored(scorer, out, data, wanted.folder / "scores.json")
    rows = [("Tableport, automatic", found["simple"], found["weighted"]), *_PUBLISHED]
    table = Table(
        title=f"Pollock, {found['files']:,} files, of {_BEST:g}",
        columns=("", "simple", "weighted"),
        rows=tuple((name, f"{simple:.3f}", f"{weighted:.3f}") for name, simple, weighted in rows),
    )
    notes = (f"{found['failed']} files could not be read.",)
    return Result(tables=(table,), notes=notes, figures=found)


def _scored(scorer: Path, out: Path, data: Path, scores: Path) -> dict[str, Any]:
    command = [sys.executable, str(scorer), str(out), "--data", str(data), "--suffix", ".csv"]
    command += ["--json", str(scores)]
    if (data / "manifest.json").is_file():
        command += ["--subset", str(data / "manifest.json")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise BenchmarkFailed(f"the scorer failed: {done.stderr.strip()[-500:]}")
    (found,) = json.loads(scores.read_text(encoding="utf-8")).values()
    return {name: found[name] for name in ("files", "failed", "simple", "weighted", "groups")}


BENCHMARK = Benchmark(
    name="pollock",
    about="messy CSV files read without being told anything, and scored",
    run=run,
)
