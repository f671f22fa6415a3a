"""A Tableport of the tests' own, and how to talk to its ASGI apps without a server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from app import serving
from core.model.access import Identity, Role
from core.settings import load
from core.usecases import sessions, users
from core.workspace import Workspace, open_workspace

Call = Callable[..., httpx.Response]
#: `root` is an administrator; the others are granted what a test grants them.
USERS = ("root", "ada", "ann", "ben", "mallory")
PASSWORD = "correct horse battery 9"
BOSS = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)


@pytest.fixture
def call() -> Call:
    """`call(app, method, path, **httpx_arguments)`: one request, the whole response."""

    def ask(app: Any, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as c:
                return await c.request(method, path, **arguments)

        return anyio.run(go)

    return ask


@pytest.fixture(scope="session")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the users the tests speak of; made once, as hashing is slow on purpose."""
    home = tmp_path_factory.mktemp("furnished") / "home"
    with open_workspace(load({"TABLEPORT_HOME": str(home)})) as made:
        for username in USERS:
            role = Role.ADMIN if username == "root" else Role.USER
            users.create_user(made, BOSS, username=username, password=PASSWORD, role=role)
    return home


@pytest.fixture
def environment(tmp_path: Path, furnished_home: Path) -> dict[str, str]:
    """What the workspace of a test is opened with; a test may add to it before it asks for `ws`."""
    shutil.copytree(furnished_home, tmp_path / "home")
    return {
        "TABLEPORT_HOME": str(tmp_path / "home"),
        "TABLEPORT_DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
    }


@pytest.fixture
def ws(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An open workspace that screens and API of this test process use."""
    with open_workspace(load(environment)) as opened:
        monkeypatch.setattr(serving, "_opened", [opened])
        yield opened


@pytest.fixture
def token(ws: Workspace) -> Callable[[str], str]:
    """`token("ada")`: a session token of one of USERS."""

    def of(username: str) -> str:
        return sessions.redeem_ticket(ws, sessions.open_ticket(ws, username))

    return of
