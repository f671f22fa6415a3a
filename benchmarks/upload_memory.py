"""How much memory the server needs while a large file goes up in parts and comes down by ranges.

Starts a server of its own. The file goes up in parts of 8 MiB; then it is handed down as an
exported file, range by range. Its bytes are random letters, which nothing can make smaller.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import Memory
from benchmarks.report import megabytes
from core.metastore import files, jobs
from core.model.access import Role
from core.model.file import FilePurpose, StoredFile
from core.model.job import JobStatus
from core.model.plan import ExportPlan
from core.settings import load
from core.usecases import sessions, users
from core.usecases.local import local_identity
from core.workspace import Workspace, open_workspace

MIB = 1 << 20
PART = 8 * MIB
#: Told every byte that passes.
Hear = Callable[[bytes], object]
UPLOADS = "/api/v1/data/uploads"
_SERVE = "from app.cli import main; main()"


def run(wanted: Wanted) -> Result:
    size = wanted.megabytes * MIB
    environment = os.environ | {
        "TABLEPORT_HOME": str(wanted.folder / "home"),
        "IMPORT_MAX_FILE_SIZE": f"{wanted.megabytes + 1}MB",
        "TABLEPORT_LOG_LEVEL": "WARNING",
    }
    with open_workspace(load(environment)) as ws:
        users.create_user(
            ws,
            local_identity(),
            username="ada",
            password=secrets.token_hex(16),
            role=Role.ADMIN,
        )
        token = sessions.redeem_ticket(ws, sessions.open_ticket(ws, "ada"))
        with served(environment) as (url, pid), Memory(pid) as memory:
            headers = {"authorization": f"Bearer {token}"}
            with httpx.Client(base_url=url, headers=headers, timeout=600) as client:
                steps = [*_steps(ws, client, memory, size)]
    table = Table(
        title=f"Memory of the server, a file of {wanted.megabytes:,} MB",
        columns=("", "server", "server and workers", "MB/s"),
        rows=tuple(step.row() for step in steps),
    )
    notes = (
        "Server: the most its own process ever had until then. Server and workers: the most of "
        "all its processes during the step.",
        "The server, the disk and the sender share the machine: MB/s says little by itself.",
    )
    return Result(tables=(table,), notes=notes, figures={"steps": [asdict(s) for s in steps]})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step and its memory, in bytes."""

    name: str
    own_memory: int | None
    memory: int | None
    megabytes_per_second: float | None

    def row(self) -> tuple[str, ...]:
        speed = self.megabytes_per_second
        shown = "–" if speed is None else f"{speed:,.0f}"
        return (self.name, megabytes(self.own_memory), megabytes(self.memory), shown)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", _SERVE, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}"
        while server.poll() is None:
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        try:
            yield url, server.pid
        finally:
            server.terminate()


def _steps(ws: Workspace, client: httpx.Client, memory: Memory, size: int) -> Iterator[Step]:
    """Each step when it is done. Raises BenchmarkFailed when a byte was lost or bent."""
    yield _step("at rest", memory)
    sent = hashlib.sha256()
    begun = client.post(UPLOADS, json={"filename": "big.csv", "size": size}).json()
    upload_id = str(begun["upload_id"])
    yield from _go_up(client, memory, upload_id, size, sent.update)
    with ws.metastore.connect() as db:
        stored = files.get(db, upload_id)
    _require(stored.sha256 == sent.hexdigest(), "The file kept is not the file sent")
    path = f"/api/v1/data/export/{as_export(ws, stored)}/download"
    received = hashlib.sha256()
    yield from _come_down(client, memory, path, size, received.update)
    _require(received.digest() == sent.digest(), "The file received is not the file sent")
    since = time.perf_counter()
    with client.stream("GET", path) as whole:
        length = sum(len(piece) for piece in whole.iter_bytes(MIB))
    _require(length == size, f"{length:,} of {size:,} bytes came in one piece")
    yield _step("down, in one piece", memory, size, since)


def _step(name: str, memory: Memory, size: int = 0, since: float = 0.0) -> Step:
    speed = size / MIB / (time.perf_counter() - since) if size else None
    peak = memory.peak()
    return Step(name=name, own_memory=memory.own_peak, memory=peak, megabytes_per_second=speed)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BenchmarkFailed(otherwise)


def _go_up(
    client: httpx.Client, memory: Memory, upload_id: str, size: int, hear: Hear
) -> Iterator[Step]:
    path = f"{UPLOADS}/{upload_id}"
    since = time.perf_counter()
    for first in range(0, size, PART):
        part = secrets.token_hex(PART // 2).encode()[: size - first]
        hear(part)
        last = first + len(part) - 1
        if last == size - 1 and first:
            yield _step("up, all but the last part", memory, first, since)
            since = time.perf_counter()
        headers = {"content-range": f"bytes {first}-{last}/{size}"}
        answer = client.put(path, content=part, headers=headers)
        answer.raise_for_status()
    yield _step("the last part: put together", memory, size, since)
    _require(answer.json()["done"], "The upload did not end with its last part")


def as_export(ws: Workspace, upload: StoredFile) -> str:
    """A finished export whose file has the upload's bytes; the id of its job."""
    plan = ExportPlan(connection="default", table="big", columns=("text",))
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    stored = ws.artifacts.receive(ws.uploads.chunks(upload.file_id), limit=upload.size)
    with ws.metastore.begin() as db:
        job = jobs.insert_export(db, plan, created_by=upload.owner_id)
        file = replace(
            upload,
            file_id=stored.file_id,
            purpose=FilePurpose.ARTIFACT,
            job_id=job.job_id,
            expires_at=expires_at,
        )
        files.insert(db, file)
        jobs.update(
            db,
            job,
            status=JobStatus.COMPLETED.value,
            artifact_file=stored.file_id,
            filename=file.filename,
            file_size=file.size,
            expires_at=expires_at,
        )
    return job.job_id


def _come_down(
    client: httpx.Client, memory: Memory, path: str, size: int, hear: Hear
) -> Iterator[Step]:
    since = time.perf_counter()
    for first in range(0, size, PART):
        answer = client.get(path, headers={"range": f"bytes={first}-{first + PART - 1}"})
        _require(answer.status_code == 206, f"A range was answered with {answer.status_code}")
        hear(answer.content)
    yield _step("down, by ranges", memory, size, since)


BENCHMARK = Benchmark(
    name="upload_memory",
    about="the server's memory while a large file goes up in parts and comes down by ranges",
    run=run,
)
