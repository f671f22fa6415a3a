"""A workspace in a temporary folder, with the order tables on either backend."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.databases.connect import normalise_url, open_engine
from core.keys import passwords
from core.model.access import Identity, Role
from core.model.job import Job
from core.model.plan import OnErrors
from core.settings import Settings
from core.usecases import access, connections, imports, local, sessions, uploads, users
from core.workspace import Workspace, open_workspace
from tests.order_lines import TABLE, create_order_tables
from tests.parser_here import detect_and_read_here, read_here

LOCAL = local.local_identity()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as bcrypt makes them, at its least cost."""
    monkeypatch.setattr(users, "hash_password", partial(passwords.hash_password, cost=4))
    monkeypatch.setattr(sessions, "verify_dummy", partial(passwords.verify_dummy, cost=4))


@pytest.fixture(autouse=True)
def parser_at_hand(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same readers in this process; tests that use `real_parser` start the confined one."""
    if "real_parser" in request.fixturenames:
        return
    monkeypatch.setattr("core.usecases.reading.detect_and_read_confined", detect_and_read_here)
    monkeypatch.setattr("core.pipeline.importing.read_confined", read_here)


@pytest.fixture
def real_parser() -> None:
    """Uploads are read as in a running house: in a process of its own."""


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its tables made: making them takes longer than most tests."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    open_workspace(Settings(home=home)).close()
    return home


@pytest.fixture
def ws(tmp_path: Path, fresh_home: Path) -> Iterator[Workspace]:
    home = shutil.copytree(fresh_home, tmp_path / "home")
    with open_workspace(Settings(home=home, batch_rows=1_000)) as opened:
        yield opened


@pytest.fixture
def sqlite_shop(ws: Workspace, tmp_path: Path) -> str:
    """The name of a connection to the order tables on SQLite."""
    return _connect(ws, f"sqlite:///{tmp_path / 'shop.db'}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shop(ws: Workspace, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a connection to the order tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield _connect(ws, f"sqlite:///{tmp_path / 'shop.db'}")
        return
    url = request.getfixturevalue("postgres_database")
    yield _connect(ws, url)
    engine = sa.create_engine(url)
    with engine.begin() as db:
        for name in (TABLE, "orders", "products", "tableport_ledger"):
            db.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    engine.dispose()


def _connect(ws: Workspace, url: str) -> str:
    engine = open_engine(normalise_url(url), create=url.startswith("sqlite"))
    create_order_tables(engine)
    engine.dispose()
    connections.add_connection(ws, LOCAL, name="shop", url=url, default=True)
    return "shop"


@dataclass(frozen=True)
class People:
    """Somebody with every grant on order_lines, somebody with none, a reviewer, an admin."""

    ann: Identity
    eve: Identity
    rex: Identity
    admin: Identity


@pytest.fixture
def people(ws: Workspace, sqlite_shop: str) -> People:
    def person(name: str, role: Role) -> Identity:
        user, _ = users.create_user(
            ws, LOCAL, username=name, role=role, password="long enough 42 " + name
        )
        return Identity(user_id=user.id, username=name, role=role)

    found = People(
        ann=person("ann", Role.USER),
        eve=person("eve", Role.USER),
        rex=person("rex", Role.ADMIN),
        admin=person("root2", Role.ADMIN),
    )
    access.set_grant(
        ws, LOCAL, "ann", table=TABLE, connection="shop", can_import=True, can_export=True
    )
    return found


def upload(ws: Workspace, who: Identity, content: bytes, name: str = "lines.csv") -> str:
    return uploads.receive_upload(ws, who, iter([content]), filename=name).file_id


def draft(ws: Workspace, who: Identity, content: bytes, **given: Any) -> Job:
    file_id = upload(ws, who, content)
    return imports.draft_import(
        ws, who, upload_id=file_id, **{"table": TABLE, "connection": "shop"} | given
    )


def load(ws: Workspace, who: Identity, content: bytes, **given: Any) -> Job:
    """Draft, start and carry out an import."""
    on_errors = given.pop("on_errors", OnErrors.LOAD_VALID)
    job = draft(ws, who, content, **given)
    job = imports.start_import(ws, who, job.job_id, on_errors=on_errors)
    return local.run_here(ws, job.job_id)


def table_rows(ws: Workspace, table: str = TABLE) -> list[dict[str, Any]]:
    with ws.engine("shop").connect() as db:
        return [dict(r) for r in db.execute(sa.text(f"SELECT * FROM {table}")).mappings()]


def caller(who: Identity, **changes: Any) -> Identity:
    return replace(who, **changes)
