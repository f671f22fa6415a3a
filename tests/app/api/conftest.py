"""The whole API over a small shop, carried out by a worker in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from app import docs
from app.api.application import api
from app.api.health import health_at_root
from app.headers import SecurityHeadersMiddleware
from app.session import SessionMiddleware
from core.model.access import Identity, Role
from core.usecases import access
from core.usecases.working import work
from core.workspace import Workspace

SHELL = Starlette(
    routes=[Mount("/api/v1", app=api), *docs.routes, Route("/health", health_at_root)],
    middleware=[Middleware(SecurityHeadersMiddleware), Middleware(SessionMiddleware)],
)
BOSS = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
DDL = """
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  email VARCHAR(60) NOT NULL UNIQUE,
  name VARCHAR(40) NOT NULL,
  credit NUMERIC(20, 2),
  active BOOLEAN DEFAULT 1,
  secret VARCHAR(20)
);
CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id)
);
INSERT INTO customers VALUES (1, 'ann@example.com', 'Ann', 12.5, 1, 'canary-1');
INSERT INTO customers VALUES (2, 'bob@example.com', 'Bob', NULL, 0, 'canary-2');
"""


@pytest.fixture
def shop(ws: Workspace, tmp_path: Path) -> Iterator[sa.Engine]:
    """The database behind the default connection."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.begin() as db:
        for statement in DDL.split(";"):
            if statement.strip():
                db.exec_driver_sql(statement)
    yield engine
    engine.dispose()


@pytest.fixture
def worker(ws: Workspace, shop: sa.Engine) -> Iterator[None]:
    """Jobs are carried out while the test runs."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(ws,), kwargs={"stop": stop.is_set})
    thread.start()
    yield
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@dataclass(frozen=True)
class Client:
    """Requests of one user, by bearer token; `headers` of a call come on top."""

    call: Callable[..., httpx.Response]
    token: str | None

    def __call__(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = dict(arguments.pop("headers", {}))
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return self.call(SHELL, method, path, headers=headers, **arguments)

    def json(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON of a request that must succeed."""
        answer = self(method, f"/api/v1/data{path}", **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def nobody(shop: sa.Engine, call: Callable[..., httpx.Response]) -> Client:
    """Not signed in."""
    return Client(call, None)


@pytest.fixture
def admin(
    shop: sa.Engine, call: Callable[..., httpx.Response], token: Callable[..., str]
) -> Client:
    return Client(call, token("root"))


@pytest.fixture
def ann(
    ws: Workspace,
    shop: sa.Engine,
    call: Callable[..., httpx.Response],
    token: Callable[..., str],
) -> Client:
    """May import into and export from customers, without ever seeing `secret`."""
    made = Client(call, token("ann"))
    access.set_grant(
        ws,
        BOSS,
        "ann",
        table="customers",
        can_import=True,
        can_validate=True,
        can_preview_import=True,
        can_export=True,
        can_preview_export=True,
        allowed_columns=["id", "email", "name", "credit", "active"],
    )
    return made


@pytest.fixture
def ben(shop: sa.Engine, call: Callable[..., httpx.Response], token: Callable[..., str]) -> Client:
    """Signed in, and granted nothing."""
    return Client(call, token("ben"))
