"""How much memory the server needs while a large file goes up in parts and comes down by ranges.

    python benchmarks/upload_memory.py [megabytes]

Starts a server of its own in a temporary folder and watches its resident memory (VmRSS of
/proc). The file goes up in parts of 8 MiB; then it is handed down as an exported file, range by
range. The times stand beside the load of the machine, because that decides how much to believe.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

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
UPLOADS = "/api/v1/data/uploads"
_SERVE = "from app.cli import main; main()"


class Memory:
    """The resident memory of one process, sampled twenty times a second."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._peak = 0
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def now(self) -> int:
        """Bytes."""
        line = next(s for s in self._status.read_text().splitlines() if s.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def peak(self) -> int:
        """Most bytes since it was asked last."""
        found, self._peak = max(self._peak, self.now()), 0
        return found

    def stop(self) -> None:
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self._peak = max(self._peak, self.now())


def main() -> None:
    size = (int(sys.argv[1]) if len(sys.argv) > 1 else 1024) * MIB
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "TABLEPORT_HOME": str(Path(folder) / "home"),
            "IMPORT_MAX_FILE_SIZE": "2GB",
            "TABLEPORT_LOG_LEVEL": "WARNING",
        }
        with open_workspace(load(environment)) as ws:
            boss = local_identity()
            users.create_user(
                ws, boss, username="ada", password=secrets.token_hex(16), role=Role.ADMIN
            )
            token = sessions.redeem_ticket(ws, sessions.open_ticket(ws, "ada"))
            with served(environment) as (url, pid):
                headers = {"authorization": f"Bearer {token}"}
                with httpx.Client(base_url=url, headers=headers, timeout=600) as client:
                    measure(ws, client, pid, size)


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


def measure(ws: Workspace, client: httpx.Client, pid: int, size: int) -> None:
    memory = Memory(pid)
    print(f"{size / MIB:,.0f} MB, load {os.getloadavg()[0]:.2f}")
    print(f"{'at rest':28} {memory.peak() / MIB:6.0f} MB resident")
    upload_id, digest = go_up(client, memory, size)
    with ws.metastore.connect() as db:
        stored = files.get(db, upload_id)
    assert stored.sha256 == digest
    assert come_down(client, memory, as_export(ws, stored), size) == digest
    memory.stop()
    print(f"load afterwards {os.getloadavg()[0]:.2f}")


def report(title: str, memory: Memory, size: int, since: float) -> None:
    rate = size / MIB / (time.perf_counter() - since)
    print(f"{title:28} {memory.peak() / MIB:6.0f} MB resident at most, {rate:5.0f} MB/s")


def go_up(client: httpx.Client, memory: Memory, size: int) -> tuple[str, str]:
    """The id of the upload and the hash of what was sent."""
    begun = client.post(UPLOADS, json={"filename": "big.csv", "size": size}).json()
    path = f"{UPLOADS}/{begun['upload_id']}"
    digest = hashlib.sha256()
    since = time.perf_counter()
    for first in range(0, size, PART):
        # Random letters: neither the disk nor the connection can make them smaller.
        part = secrets.token_hex(PART // 2).encode()[: size - first]
        digest.update(part)
        last = first + len(part) - 1
        if last == size - 1:
            report("up, all but the last part", memory, first, since)
            since = time.perf_counter()
        headers = {"content-range": f"bytes {first}-{last}/{size}"}
        answer = client.put(path, content=part, headers=headers)
        answer.raise_for_status()
    report("the last part: put together", memory, size, since)
    assert answer.json()["done"]
    return str(begun["upload_id"]), digest.hexdigest()


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


def come_down(client: httpx.Client, memory: Memory, job_id: str, size: int) -> str:
    """The hash of what came range by range; and once more in one piece, at full speed."""
    path = f"/api/v1/data/export/{job_id}/download"
    digest = hashlib.sha256()
    memory.peak()
    since = time.perf_counter()
    for first in range(0, size, PART):
        answer = client.get(path, headers={"range": f"bytes={first}-{first + PART - 1}"})
        assert answer.status_code == 206, answer.text
        digest.update(answer.content)
    report("down, by ranges", memory, size, since)
    since = time.perf_counter()
    with client.stream("GET", path) as whole:
        received = sum(len(piece) for piece in whole.iter_bytes(MIB))
    assert received == size
    report("down, in one piece", memory, size, since)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
