"""The real server, as `tableport serve` starts it from some other folder."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.model.access import Identity, Role
from core.settings import load
from core.usecases import audit
from core.workspace import open_workspace

_START = "from app.cli import main; main()"


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def start(
    folder: Path, port: int, environment: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-c", _START, "serve", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("elsewhere")
    db = sqlite3.connect(folder / "shop.db")
    db.execute("CREATE TABLE items (sku VARCHAR(20) PRIMARY KEY, price NUMERIC(10, 2))")
    db.close()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TABLEPORT", "STREAMLIT"))}
    environment = kept | {
        "TABLEPORT_HOME": str(folder / "home"),
        "TABLEPORT_DATABASE_URL": f"sqlite:///{folder / 'shop.db'}",
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log"
    process = start(folder, port, environment, log)
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200)
        said = log.read_text()
        assert f"Tableport is at http://127.0.0.1:{port}\n" in said
        password = said.split(" with the password ")[1].split()[0]
        yield Server(process, environment, folder, port, password)
    finally:
        process.terminate()
        process.wait(30)


def until(holds: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    """An administrator with a bearer token."""
    with httpx.Client(base_url=server.url) as made:
        body = {"username": "admin", "password": server.password}
        token = made.post("/api/v1/auth/login", json=body).json()["access_token"]
        made.headers["authorization"] = f"Bearer {token}"
        yield made


def test_screens_are_served_with_their_policy_and_theme(server: Server) -> None:
    page = httpx.get(f"{server.url}/")
    assert page.status_code == 200
    assert "sha256-" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    # Served only because the options of our config file are in force here.
    font = httpx.get(f"{server.url}/app/static/inter-latin-wght-normal.woff2")
    assert font.status_code == 200
    assert font.content.startswith(b"wOF2")


@pytest.mark.parametrize("screen", ["data-import", "data-export"])
def test_the_guides_addresses_lead_to_the_screens(server: Server, screen: str) -> None:
    answer = httpx.get(f"{server.url}/settings/{screen}?job=7")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/{screen}?job=7"


def test_the_docs_are_served(server: Server) -> None:
    assert "swagger-ui" in httpx.get(f"{server.url}/docs").text
    assert httpx.get(f"{server.url}/docs/assets/swagger-ui-bundle.js").status_code == 200


def test_a_file_goes_in_and_out_through_the_worker(client: httpx.Client) -> None:
    text = "sku,price\n" + "".join(f"A{n:05},{n}.50\n" for n in range(20_000))
    job = client.post(
        "/api/v1/data/import/upload",
        files={"file": ("items.csv", text, "text/csv")},
        data={"table_name": "items"},
    ).json()
    client.post(f"/api/v1/data/import/{job['job_id']}/start").raise_for_status()
    status = f"/api/v1/data/import/{job['job_id']}/status"
    until(lambda: client.get(status).json()["completed_at"] is not None)
    assert client.get(status).json()["counts"]["inserted"] == 20_000
    assert client.get("/health").json()["import_service_status"] == "healthy"

    body = {"table_name": "items", "export_format": "csv", "sort": [{"column": "sku"}]}
    job = client.post("/api/v1/data/export/create", json=body).json()
    status = f"/api/v1/data/export/{job['job_id']}/status"
    until(lambda: client.get(status).json()["download_url"] is not None)
    link = client.get(status).json()["download_url"]
    whole = client.get(link, headers={"accept-encoding": "gzip"})
    assert whole.text.splitlines() == text.splitlines()
    assert whole.headers["content-encoding"] == "identity"
    headers = {"range": "bytes=100000-", "if-range": whole.headers["etag"]}
    rest = client.get(link, headers=headers | {"accept-encoding": "gzip"})
    assert rest.status_code == 206
    assert rest.content == whole.content[100_000:]


def test_an_upload_that_breaks_off_leaves_nothing(client: httpx.Client, server: Server) -> None:
    kept = sum(1 for p in (server.folder / "home" / "uploads").rglob("*") if p.is_file())
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        head = (
            "POST /api/v1/data/uploads?filename=a.csv HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: {client.headers['authorization']}\r\nContent-Length: 9000000\r\n\r\n"
        )
        line.sendall(head.encode() + b"a,b\n" * 500_000)
    until(
        lambda: (
            sum(1 for p in (server.folder / "home" / "uploads").rglob("*") if p.is_file()) == kept
        )
    )
    assert client.get("/api/v1/auth/me").status_code == 200


def test_a_forwarded_address_is_not_believed(client: httpx.Client, server: Server) -> None:
    wrong = {"username": "admin", "password": "x"}
    client.post("/api/v1/auth/login", json=wrong, headers={"x-forwarded-for": "6.6.6.6"})
    boss = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
    with open_workspace(load(server.environment)) as ws:
        [failure] = audit.list_events(ws, boss, operation="login_failed")
    assert failure.ip_address == "127.0.0.1"


def test_a_second_server_on_the_port_says_so(server: Server) -> None:
    log = server.folder / "second"
    second = start(server.folder, server.port, server.environment, log)
    assert second.wait(60) == 1
    said = log.read_text()
    assert f"Cannot listen on 127.0.0.1:{server.port}" in said
    assert "Traceback" not in said


def test_sigterm_ends_server_and_worker(server: Server) -> None:
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    workers = {int(pid) for file in children for pid in file.read_text().split()}
    assert workers
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
