"""What is lost or doubled when workers are killed at random moments: nothing, it must say.

    python -m benchmarks.faults [--kills N] [--rows N] [--seed N] [--case CASE]…

Many small imports one after the other, in every mode, with our own tables in the target's database
and in another. The worker that holds the job is killed -9 at moments drawn from the seed, up to
five times in one import; then the import is left to end. Its table has no key: nothing but the
ledger and the progress kept beside it keeps a row from being there twice. Every cell is compared.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from benchmarks.benchmark import BenchmarkFailed, Result, Table
from benchmarks.forked_workers import ForkedWorkers
from benchmarks.machine import load, this_machine
from benchmarks.orders import DDL, TABLE, contents, write_orders
from benchmarks.report import as_text, machine_words
from benchmarks.targets import Target, opened
from core.databases.connect import normalise_url, open_engine
from core.databases.loaders import already_committed
from core.databases.loaders.progress import so_far
from core.databases.loaders.staged import shelf_name
from core.jobs.worker import owner_prefix
from core.metastore import files, jobs, parts, queue
from core.metastore.schema import import_jobs
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors, WriteMode
from core.settings import load as load_settings
from core.usecases import connections, imports, local, uploads
from core.workspace import Workspace, open_workspace

#: Where the target lies, and whether our own tables lie in the same database.
PLACES = {
    "sqlite, two databases": ("sqlite", False),
    "postgresql, two databases": ("postgresql", False),
    "postgresql, one database": ("postgresql", True),
}
CASES = {
    f"{mode}, {place}": (mode, *where) for place, where in PLACES.items() for mode in WriteMode
}
_COLUMNS = (
    "case", "kills", "on the holder", "imports", "attempts", "rows", "lost", "doubled", "seconds",
)  # fmt: skip
_PATIENCE = 300.0
_MOST_OF = 0.8  # of the time an import takes: later a kill would mostly find it ended
_LOOK_EVERY = 0.003


@dataclass(slots=True)
class Tally:
    """What was done and found in one case."""

    kills: int = 0
    on_holder: int = 0
    imports: int = 0
    attempts: int = 0
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    since: float = field(default_factory=time.monotonic)

    def row(self, case: str) -> tuple[str, ...]:
        """As a line of the table."""
        counted = (self.kills, self.on_holder, self.imports, self.attempts, self.rows)
        seconds = f"{time.monotonic() - self.since:.0f}"
        return (case, *(f"{n:,}" for n in (*counted, self.lost, self.doubled)), seconds)


def shares(kills: int, cases: Sequence[str]) -> dict[str, int]:
    """The kills, dealt out as evenly as can be."""
    each, more = divmod(kills, len(cases))
    return {case: each + (at < more) for at, case in enumerate(cases)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0, or 1 when anything was lost, doubled or left over."""
    given = _parser().parse_args(arguments)
    seed = secrets.randbelow(1 << 32) if given.seed is None else given.seed
    print(machine_words(this_machine()))
    print(f"{given.kills} kills, {given.rows:,} rows, seed {seed}, load {load():.2f}", flush=True)
    found: list[tuple[str, ...]] = []
    failed = False
    with tempfile.TemporaryDirectory() as name, ForkedWorkers() as workers:
        file = Path(name) / "orders.csv"
        write_orders(file, given.rows)
        for case, kills in shares(given.kills, given.case or list(CASES)).items():
            folder = Path(name) / case.replace(", ", "-").replace(" ", "-")
            folder.mkdir()
            tally = Tally()
            try:
                with _house(case, folder) as house:
                    _Killing(house, workers, file, tally, random.Random(f"{seed} {case}")).run(
                        kills
                    )
            except BenchmarkFailed as error:
                print(f"{case}: {error}", file=sys.stderr, flush=True)
                failed = True
            found.append(tally.row(case))
            print("  ".join(found[-1]), flush=True)
    print(as_text(Result(tables=(Table(title="Killed", columns=_COLUMNS, rows=tuple(found)),))))
    print(f"load afterwards {load():.2f}")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=320, help="in all")
    parser.add_argument("--rows", type=int, default=20_000, help="of every import")
    parser.add_argument("--seed", type=int, help="of the moments; drawn and printed if not given")
    parser.add_argument("--case", choices=list(CASES), action="append")
    return parser


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """A home of ours and a database to load into."""

    ws: Workspace
    mode: WriteMode
    target: Target
    folder: Path
    environment: dict[str, str]

    def queued(self, file: Path) -> Job:
        """An import of the file that waits for a worker; its table is empty."""
        with self.ws.engine("target").begin() as db:
            db.exec_driver_sql(f"DELETE FROM {TABLE}")
        who = local.local_identity()
        with file.open("rb") as content:
            pieces = iter(lambda: content.read(1 << 20), b"")
            upload = uploads.receive_upload(self.ws, who, pieces, filename=file.name)
        options = {"mode": self.mode.value, "undo": False, "batch_size": 2_000}
        job = imports.draft_import(
            self.ws, who, upload_id=upload.file_id, table=TABLE, connection="target",
            options=options, on_errors=OnErrors.LOAD_VALID,
        )  # fmt: skip
        return imports.start_import(self.ws, who, job.job_id)

    def look(self, job: Job) -> tuple[Job, str]:
        """The job as it is now, and who holds it."""
        with self.ws.metastore.connect() as db:
            owner = sa.select(import_jobs.c.lease_owner).where(import_jobs.c.id == job.id)
            return jobs.get(db, job.job_id), db.execute(owner).scalar_one() or ""


@contextmanager
def _house(case: str, folder: Path) -> Iterator[House]:
    mode, backend, same = CASES[case]
    with opened(backend, folder) as target:
        url = normalise_url(
            f"sqlite:///{target.address}" if backend == "sqlite" else target.address
        )
        engine = open_engine(url, create=backend == "sqlite")
        ddl = DDL.format(key="BIGINT").replace(" PRIMARY KEY", "").replace(" UNIQUE", "")
        with engine.begin() as db:
            db.exec_driver_sql(ddl)
        engine.dispose()
        environment = {"TABLEPORT_HOME": str(folder / "home")}
        if same:
            environment["TABLEPORT_METASTORE_URL"] = url
        with open_workspace(load_settings(environment)) as ws:
            who = local.local_identity()
            connections.add_connection(ws, who, name="target", url=url, default=True)
            yield House(ws=ws, mode=mode, target=target, folder=folder, environment=environment)


class _Killing:
    """Imports in one house, whose workers are killed."""

    def __init__(
        self, house: House, workers: ForkedWorkers, file: Path, tally: Tally, chance: random.Random
    ) -> None:
        self._house, self._workers, self._file = house, workers, file
        self._tally, self._chance = tally, chance
        self._rows = pl.scan_csv(file, infer_schema=False).select(pl.len()).collect().item()

    def run(self, kills: int) -> None:
        """Raises BenchmarkFailed when a row is lost, doubled or other, or anything is left over."""
        seconds = self._undisturbed()
        while self._tally.kills < kills:
            job = self._house.queued(self._file)
            most = min(self._chance.randint(1, queue.MOST_LOST), kills - self._tally.kills)
            for _ in range(most):
                if not self._killed(job, self._chance.uniform(0.0, _MOST_OF * seconds)):
                    break
            self._ended(job)
        self._require_tidy()

    def _undisturbed(self) -> float:
        """How long one import takes that nobody disturbs."""
        job = self._house.queued(self._file)
        since = time.monotonic()
        self._ended(job)
        return time.monotonic() - since

    def _killed(self, job: Job, delay: float) -> bool:
        """Kill a worker so long after it took the job; False when the job had ended before."""
        pid = self._workers.start(self._house.environment)
        held = self._until(job, lambda now, owner: owner.startswith(owner_prefix(pid)))
        if held:
            time.sleep(delay)
        _, owner = self._house.look(job)
        self._end(pid)
        self._tally.kills += 1
        self._tally.on_holder += owner.startswith(owner_prefix(pid))
        return not self._house.look(job)[0].status.ended

    def _ended(self, job: Job) -> None:
        pid = self._workers.start(self._house.environment)
        try:
            self._until(job, lambda now, _: now.status.ended)
        finally:
            self._end(pid)
        ended, _ = self._house.look(job)
        self._tally.imports += 1
        self._tally.attempts += ended.attempt
        if ended.status is not JobStatus.COMPLETED:
            raise BenchmarkFailed(f"{ended.status}: {ended.error_code} {ended.error_message}")
        self._compare()
        engine = self._house.ws.engine("target")
        ledger = already_committed(engine, job.job_id)
        if ledger != ended.counts or ended.counts.inserted != self._rows:
            raise BenchmarkFailed(f"the ledger says {ledger}, the job {ended.counts}")
        names = sa.inspect(engine).get_table_names()
        if shelf_name(job.job_id) in names or so_far(engine, job.job_id).parts:
            raise BenchmarkFailed("what the import kept to go on with is left in the database")

    def _until(self, job: Job, holds: Callable[[Job, str], bool]) -> bool:
        """Wait until that holds; False when the job has ended without."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            now, owner = self._house.look(job)
            if holds(now, owner):
                return True
            if now.status.ended:
                return False
            time.sleep(_LOOK_EVERY)
        raise BenchmarkFailed(f"nothing came of it in {_PATIENCE:.0f} s")

    def _end(self, pid: int) -> None:
        """Kill -9, and what its supervisor would do then."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(_LOOK_EVERY)
        with self._house.ws.metastore.begin() as db:
            queue.release_dead(db, owner_prefix(pid))

    def _compare(self) -> None:
        rows, lost, doubled, other = compared(
            self._house.target, self._file, self._house.folder / "dump.csv"
        )
        self._tally.rows += rows
        self._tally.lost += lost
        self._tally.doubled += doubled
        if lost or doubled or other:
            raise BenchmarkFailed(f"{lost:,} rows lost, {doubled:,} doubled, or cells differ")

    def _require_tidy(self) -> None:
        """Of files that have a name somebody must know."""
        ws = self._house.ws
        with ws.metastore.connect() as db:
            known = files.live_ids(db) | parts.live_ids(db)
        found = sum(
            store.sweep_orphans(known, timedelta(seconds=-5))
            for store in (ws.uploads, ws.artifacts)
        )
        # A kill between naming a file and telling of it leaves one, which the sweep takes.
        if found > self._tally.on_holder:
            raise BenchmarkFailed(f"{found} files are left that nobody knows")


def compared(target: Target, file: Path, dump: Path) -> tuple[int, int, int, bool]:
    """(rows, how many of the file's are missing, how many are there more than once, does any cell
    differ)."""
    target.dump(dump)
    ids = [pl.scan_csv(f, infer_schema=False).select("id").collect() for f in (file, dump)]
    lost = ids[0].join(ids[1], on="id", how="anti").height
    doubled = ids[1].height - ids[1]["id"].n_unique()
    other = contents(file) != contents(dump)
    dump.unlink()
    return ids[1].height, lost, doubled, other


if __name__ == "__main__":
    sys.exit(main())
