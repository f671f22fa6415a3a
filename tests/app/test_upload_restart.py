"""Parts of an upload outlive cut connections and a killed server."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.model.access import Role
from core.settings import load
from core.usecases import sessions, users
from core.usecases.local import local_identity
from core.workspace import open_workspace
from tests.app.test_server import start, until

UPLOADS = "/api/v1/data/uploads"
CONTENT = b"sku,price\n" + b"".join(b"A%06d,%d.50\n" % (n, n) for n in range(250_000))
SIZE = len(CONTENT)
PART = 1 << 20

DIE_WHILE_FINISHING = r"""
import os, signal, sys
from core.usecases import chunked_uploads, sessions
from core.workspace import open_workspace

upload_id, token, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole = chunked_uploads._pieces

def torn(ws, upload):
    for number, piece in enumerate(whole(ws, upload)):
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield piece

chunked_uploads._pieces = torn
ws = open_workspace()
who = sessions.resolve(ws, token, ip_address=None, user_agent=None)
chunked_uploads.receive_part(
    ws, who, upload_id, offset=size - 1, total=size, chunks=[b"\n"]
)
"""


class Service:
    """A server that can be killed and started again over the same home."""

    def __init__(self, folder: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TABLEPORT", "STREAMLIT"))}
        self.environment = kept | {"TABLEPORT_HOME": str(folder / "home")}
        with open_workspace(load(self.environment)) as ws:
            users.create_user(
                ws, local_identity(), username="ada", password="correct horse 9", role=Role.ADMIN
            )
            self.token = sessions.redeem_ticket(ws, sessions.open_ticket(ws, "ada"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.folder = folder
        self.uploads = folder / "home" / "uploads"
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=60,
        )

    def start(self) -> None:
        self.process = start(self.folder, self.port, self.environment, self.folder / "log")
        until(lambda: self.client.get("/health").status_code == 200)

    def kill(self) -> None:
        """As a power cut would: nothing gets to clean up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def offset(self, upload_id: str) -> int:
        return int(self.client.head(f"{UPLOADS}/{upload_id}").headers["upload-offset"])

    def begin(self) -> str:
        body = {"filename": "items.csv", "size": SIZE}
        return str(self.client.post(UPLOADS, json=body).json()["upload_id"])

    def put(self, upload_id: str, first: int, end: int) -> httpx.Response:
        headers = {"content-range": f"bytes {first}-{end - 1}/{SIZE}"}
        return self.client.put(
            f"{UPLOADS}/{upload_id}", content=CONTENT[first:end], headers=headers
        )

    def put_and_hang_up(self, upload_id: str, first: int, end: int, sent: int) -> socket.socket:
        """Promise a part, send `sent` bytes of it; closing what is returned cuts the connection."""
        line = socket.create_connection(("127.0.0.1", self.port))
        head = (
            f"PUT {UPLOADS}/{upload_id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}"
            f"\r\nContent-Range: bytes {first}-{end - 1}/{SIZE}\r\n"
            f"Content-Length: {end - first}\r\n\r\n"
        )
        line.sendall(head.encode() + CONTENT[first : first + sent])
        return line

    def files(self) -> list[Path]:
        return [path for path in self.uploads.rglob("*") if path.is_file()]

    def content(self, upload_id: str) -> bytes:
        with open_workspace(load(self.environment)) as ws:
            return b"".join(ws.uploads.chunks(upload_id))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    made = Service(tmp_path_factory.mktemp("restarted"))
    made.start()
    try:
        yield made
    finally:
        assert made.process is not None
        made.process.terminate()
        made.process.wait(30)
        made.client.close()
        assert "Traceback" not in (made.folder / "log").read_text()


def test_cut_in_the_middle_of_parts_it_goes_on(service: Service) -> None:
    chance = random.Random(11)
    upload_id = service.begin()
    here = 0
    for _ in range(4):
        end = min(SIZE - 1, here + PART)
        cut = chance.randint(600_000, end - here - 1)
        service.put_and_hang_up(upload_id, here, end, cut).close()
        before = here
        # What came of the part counts, once the server has seen the connection end.
        until(lambda before=before: service.offset(upload_id) > before)
        here = service.offset(upload_id)
        assert here - before <= cut
    while here < SIZE:
        answer = service.put(upload_id, here, min(SIZE, here + PART))
        here = answer.json()["received"]
    assert answer.status_code == 201
    assert service.content(upload_id) == CONTENT


def test_a_connection_that_hangs_does_not_hold_up_its_successor(service: Service) -> None:
    upload_id = service.begin()
    hanging = service.put_and_hang_up(upload_id, 0, PART, 700_000)
    assert service.put(upload_id, 0, PART).json()["received"] == PART
    hanging.close()
    answer = service.put(upload_id, PART, SIZE)
    assert answer.status_code == 201
    assert service.content(upload_id) == CONTENT


def test_killed_between_and_within_parts_it_goes_on(service: Service) -> None:
    before = len(service.files())
    upload_id = service.begin()
    service.put(upload_id, 0, PART)
    service.kill()
    service.start()
    assert service.offset(upload_id) == PART
    service.put(upload_id, PART, 2 * PART)
    line = service.put_and_hang_up(upload_id, 2 * PART, 3 * PART, 700_000)
    until(lambda: any(path.suffix == ".part" for path in service.files()))
    service.kill()
    line.close()
    service.start()
    assert service.offset(upload_id) == 2 * PART
    answer = service.put(upload_id, 2 * PART, SIZE)
    assert answer.status_code == 201
    assert service.content(upload_id) == CONTENT
    left = [path for path in service.files() if path.suffix == ".part"]
    # The torn part is noise without a name: the sweep of orphans takes it after a day.
    assert len(service.files()) - before == 1 + len(left)


def test_killed_while_it_is_put_together_it_is_finished_later(service: Service) -> None:
    upload_id = service.begin()
    service.put(upload_id, 0, SIZE - 1)
    service.kill()
    # As it stands when the power goes during the last request: all parts are here, and half a
    # file under the upload's name.
    torn = subprocess.run(
        [sys.executable, "-c", DIE_WHILE_FINISHING, upload_id, service.token, str(SIZE)],
        env=service.environment,
        check=False,
    )
    assert torn.returncode == -signal.SIGKILL
    service.start()
    assert service.offset(upload_id) == SIZE
    headers = {"content-range": f"bytes */{SIZE}"}
    answer = service.client.put(f"{UPLOADS}/{upload_id}", headers=headers)
    assert answer.status_code == 201
    assert service.content(upload_id) == CONTENT
