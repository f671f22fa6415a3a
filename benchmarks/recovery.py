"""What is lost when the processes that carry out an import are killed: nothing, it must say.

    python -m benchmarks.recovery [--rows N] [--kills N] [--seed N] [--target …] [--victim …]

Serves a Tableport with one import in its queue and kills -9 the worker that holds it, the server,
or both at moments drawn from a seed, spread over the phases of the job. What died is started again
where nothing else does that. In the end the table must hold exactly the rows of the file. It has no
key: nothing but the ledger keeps a row from being there twice.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.benchmark import BenchmarkFailed, Result, Table
from benchmarks.machine import load, this_machine
from benchmarks.orders import DDL, TABLE, contents, write_orders
from benchmarks.report import as_text, machine_words
from benchmarks.served import Served, Watched
from benchmarks.targets import DATABASES, Target, opened
from core.databases.connect import normalise_url, open_engine
from core.databases.loaders import already_committed
from core.metastore.queue import MOST_LOST
from core.model.job import JobStatus
from core.usecases import connections, imports, local, uploads

VICTIMS = ("worker", "serve", "both")
#: A job that is killed and begun again so often has had time enough.
_PATIENCE = 1_800.0
_COLUMNS = (
    "target",
    "victim",
    "killed while",
    "attempts",
    "seconds",
    "rows",
    "lost",
    "doubled",
    "left over",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When to kill: so many seconds after the job was first seen in that phase so far on."""

    phase: str
    percent: float  #: of the job's own progress bar
    delay: float

    def __str__(self) -> str:
        return f"{self.phase} {self.percent:.0f} %"


def moments(chance: random.Random, kills: int) -> list[Moment]:
    """Spread over the phases. The commit comes last: little is left to be killed after it."""
    checking, loading = (0.0, 58.0), (60.0, 98.0)
    spans = [("Parsing", (0.0, 0.0)), ("Checking", checking), ("Loading", loading)]
    last = ("Committing", (60.0, 60.0))
    drawn = [spans[n % len(spans)] for n in range(kills - 1)]
    chance.shuffle(drawn)
    return [
        Moment(
            phase=phase,
            percent=chance.uniform(*span),
            delay=chance.uniform(0.0, 0.3 if phase == "Parsing" else 0.03),
        )
        for phase, span in [*drawn, last]
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0, or 1 when anything was lost."""
    given = _parser().parse_args(arguments)
    seed = secrets.randbelow(1 << 32) if given.seed is None else given.seed
    print(machine_words(this_machine()))
    print(f"{given.rows:,} rows, seed {seed}, lease {given.lease} s, load {load():.2f}", flush=True)
    found: list[tuple[str, ...]] = []
    failed = False
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "orders.csv"
        write_orders(file, given.rows)
        for target in given.target or DATABASES:
            for victim in given.victim or VICTIMS:
                folder = Path(name) / f"{target}-{victim}"
                folder.mkdir()
                try:
                    chance = random.Random(f"{seed} {target} {victim}")
                    row = _run(target, victim, moments(chance, given.kills), file, folder, given)
                except BenchmarkFailed as error:
                    print(f"{target}, {victim}: {error}", file=sys.stderr, flush=True)
                    failed = True
                    continue
                found.append(row)
                print("  ".join(row), flush=True)
    table = Table(title="Killed and recovered", columns=_COLUMNS, rows=tuple(found))
    print(as_text(Result(tables=(table,))))
    print(f"load afterwards {load():.2f}")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recovery", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--kills", type=int, default=5, choices=range(1, MOST_LOST + 1), help="in one import"
    )
    parser.add_argument("--seed", type=int, help="of the moments; drawn and printed if not given")
    parser.add_argument("--lease", type=int, default=10, help="seconds")
    parser.add_argument("--target", choices=DATABASES, action="append")
    parser.add_argument("--victim", choices=VICTIMS, action="append")
    return parser


def _run(
    name: str,
    victim: str,
    when: list[Moment],
    file: Path,
    folder: Path,
    given: argparse.Namespace,
) -> tuple[str, ...]:
    """One import and what became of it, in words. Raises BenchmarkFailed when that is wrong."""
    with opened(name, folder) as target, _prepared(target, file, folder, given.lease) as served:
        since = time.monotonic()
        served.start()
        killed = [words for moment in when if (words := _kill(served, moment, victim))]
        job = served.until_ended(_PATIENCE)
        seconds = time.monotonic() - since
        left = served.stop()
        if job.status is not JobStatus.COMPLETED:
            raise BenchmarkFailed(f"{job.status}: {job.error_code} {job.error_message}")
        engine = open_engine(normalise_url(_url(target)))
        ledger = already_committed(engine, job.job_id)
        engine.dispose()
        if ledger != job.counts or job.counts.inserted != given.rows:
            raise BenchmarkFailed(f"the ledger says {ledger}, the job {job.counts}")
        rows, lost, doubled = compared(target, file, folder / "dump.csv")
    return (
        name,
        victim,
        ", ".join(killed),
        f"{job.attempt}",
        f"{seconds:.0f}",
        f"{rows:,}",
        f"{lost}",
        f"{doubled}",
        left,
    )


@contextmanager
def _prepared(target: Target, file: Path, folder: Path, lease: int) -> Iterator[Served]:
    """A home with the import in its queue."""
    engine = open_engine(normalise_url(_url(target)), create=target.name == "sqlite")
    ddl = DDL.format(key="BIGINT").replace(" PRIMARY KEY", "").replace(" UNIQUE", "")
    with engine.begin() as db:
        db.exec_driver_sql(ddl)
    engine.dispose()
    with Served(folder, lease=lease) as served:
        who = local.local_identity()
        ws = served.ws
        connections.add_connection(ws, who, name="target", url=_url(target), default=True)
        with file.open("rb") as content:
            pieces = iter(lambda: content.read(1 << 20), b"")
            upload = uploads.receive_upload(ws, who, pieces, filename=file.name)
        job = imports.draft_import(
            ws, who, upload_id=upload.file_id, table=TABLE, connection="target"
        )
        imports.start_import(ws, who, job.job_id)
        served.job_id = job.job_id
        yield served


def _url(target: Target) -> str:
    return f"sqlite:///{target.address}" if target.name == "sqlite" else target.address


def _kill(served: Served, moment: Moment, victim: str) -> str | None:
    """Kill at that moment; what the job was doing then, or None when it had ended before."""
    seen = served.until(lambda job: _reached(job, moment), _PATIENCE)
    if seen is None:
        return None
    time.sleep(moment.delay)
    now = served.look()
    if now.job.status.ended:
        return None
    if victim in ("worker", "both"):
        served.kill_worker(now)
    if victim in ("serve", "both"):
        served.kill_server()
        served.start()
    served.until(lambda job: job.attempt != now.attempt or job.owner is None, _PATIENCE)
    percent = f" {now.job.progress_percent:.0f} %" if now.job.progress_percent else ""
    return f"{now.job.phase or 'Parsing'}{percent}"


def _reached(watched: Watched, moment: Moment) -> bool:
    if watched.owner is None:
        return False
    return watched.phase == moment.phase and watched.job.progress_percent >= moment.percent


def compared(target: Target, file: Path, dump: Path) -> tuple[int, int, int]:
    """(rows, how many of the file's are missing, how many are there more than once).

    Raises BenchmarkFailed when a single cell of any row is another than the file's.
    """
    target.dump(dump)
    ids = [pl.scan_csv(f, infer_schema=False).select("id").collect() for f in (file, dump)]
    lost = ids[0].join(ids[1], on="id", how="anti").height
    doubled = ids[1].height - ids[1]["id"].n_unique()
    if lost or doubled or contents(file) != contents(dump):
        raise BenchmarkFailed(f"{lost:,} rows lost, {doubled:,} doubled, or cells differ")
    dump.unlink()
    return ids[1].height, lost, doubled


if __name__ == "__main__":
    sys.exit(main())
