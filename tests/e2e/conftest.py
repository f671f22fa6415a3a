"""One real server and one real Chromium for all tests in the browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.house import House, Visitor
from tests.order_lines import create_order_tables

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A served Tableport with an administrator; its home is gone afterwards."""
    folder = tmp_path_factory.mktemp("served")
    port = _free_port()
    environment = os.environ | {
        "TABLEPORT_HOME": str(folder / "home"),
        "TABLEPORT_LOG_LEVEL": "WARNING",
    }
    program = Path(sys.executable).with_name("tableport")
    house = House(
        url=f"http://127.0.0.1:{port}", folder=folder, program=program, environment=environment
    )
    house.add_user("ada", role="admin")
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [program, "serve", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_answers(server, house.url, log)
            yield house
        finally:
            server.terminate()
            ended = server.wait(timeout=60)
    text = log.read_text(encoding="utf-8")
    assert "Traceback" not in text, text[-4000:]
    assert ended in (0, -15, 143), text[-4000:]


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A headless Chromium; without one the browser tests are skipped and counted."""
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visitor(house: House, chromium: object, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window of its own: `visitor("ada", scheme="dark")`."""
    opened: list[Visitor] = []

    def open_window(username: str, *, scheme: str = "light", width: int = 1360) -> Visitor:
        someone = Visitor(chromium, house, username, scheme=scheme, width=width, downloads=tmp_path)
        opened.append(someone)
        return someone

    yield open_window
    complaints = [line for someone in opened for line in someone.complaints]
    for someone in opened:
        someone.close()
    assert complaints == []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shop(request: pytest.FixtureRequest, house: House) -> Iterator[str]:
    """The name of a connection to a database with the order tables, order_lines empty."""
    name = f"shop on {request.param}"
    if request.param == "sqlite":
        path = house.folder / f"{request.node.name.replace('[', '-').rstrip(']')}.db"
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_database")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in ("order_lines", "orders", "products"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    create_order_tables(engine)
    address = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    house.tableport("connection", "add", name, address, "--default")
    yield name
    house.tableport("connection", "remove", name)
