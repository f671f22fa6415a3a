"""A Tableport with the demo shop, and screens run as whoever a test says."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import serving, session
from core.model.access import Identity, Role
from core.model.job import Job
from core.model.mapping import FieldMapping, Step
from core.pipeline import importing
from core.settings import load
from core.usecases import access, imports, jobs, local, reading, users
from core.usecases.demo import prepare_shop
from core.usecases.local import local_identity
from core.usecases.uploads import receive_upload
from core.workspace import Workspace, open_workspace
from tests.parser_here import detect_and_read_here, read_here

UI = str(Path(__file__).parents[2] / "app" / "ui.py")
PASSWORD = "correct horse battery 9"
ROLES = {"root": Role.ADMIN, "mia": Role.MANAGER, "ulla": Role.USER, "vic": Role.VIEWER}

#: Five rows; the third has no number and the fourth no such customer.
ORDERS = """Nr,Mail,Article,Pieces,Day,Sum
9001,ada.lovelace@example.com,SKU-0001,1,14/06/2026,75.84
9002,alan.turing@example.com,SKU-0002,2,15/06/2026,10.00
9003,grace.hopper@example.com,SKU-0003,two,16/06/2026,20.00
9004,nobody@example.com,SKU-0004,4,17/06/2026,30.00
9005,tony.hoare@example.com,SKU-0005,5,18/06/2026,40.00
"""
MAPPINGS = (
    FieldMapping(source="Nr", target="order_id"),
    FieldMapping(source="Mail", target="customer_email"),
    FieldMapping(source="Article", target="product_sku"),
    FieldMapping(source="Pieces", target="quantity"),
    FieldMapping(
        source="Day",
        target="order_date",
        steps=(Step(transform="date", options={"order": "dmy"}),),
    ),
    FieldMapping(source="Sum", target="total"),
)

Screen = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo shop and one user per role; made once."""
    home = tmp_path_factory.mktemp("pages") / "home"
    with open_workspace(load({"TABLEPORT_HOME": str(home)})) as made:
        boss = local_identity()
        prepare_shop(made)
        for username, role in ROLES.items():
            users.create_user(made, boss, username=username, password=PASSWORD, role=role)
        for username in ("mia", "ulla"):
            access.set_grant(
                made,
                boss,
                username,
                table="orders",
                can_import=True,
                can_validate=True,
                can_preview_import=True,
                can_export=True,
                can_preview_export=True,
                max_file_size_mb=10,
                max_rows_per_import=10_000,
                requires_approval=username == "ulla",
            )
        access.set_grant(made, boss, "vic", table="orders", can_import=False, can_export=False,
                         can_preview_export=True)  # fmt: skip
    return home


@pytest.fixture
def ws(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace that the screens of a test use: the demo shop as it was made.

    A connection is kept by its address, so the folder is put back where it was made.
    """
    kept = demo_home.with_name("kept")
    if not kept.exists():
        shutil.copytree(demo_home, kept)
    else:
        shutil.rmtree(demo_home)
        shutil.copytree(kept, demo_home)
    with open_workspace(load({"TABLEPORT_HOME": str(demo_home)})) as opened:
        monkeypatch.setattr(serving, "_opened", [opened])
        # No worker runs beside a test: a screen that waits for a job carries it out instead.
        monkeypatch.setattr(jobs, "wait_for_job", _carry_out)
        # The processes that confine parsers have tests of their own; here they would be the
        # slowest part.
        monkeypatch.setattr(reading, "detect_and_read_confined", detect_and_read_here)
        monkeypatch.setattr(importing, "read_confined", read_here)
        yield opened


def _carry_out(ws: Workspace, who: Identity, job_id: str, *, seconds: float) -> Job:
    job = jobs.get_job(ws, who, job_id)
    return local.run_here(ws, job_id) if job.queued else job


def identity(ws: Workspace, username: str) -> Identity:
    found = next(u for u in users.list_users(ws, local_identity()) if u.username == username)
    return Identity(user_id=found.id, username=username, role=found.role, name=found.name)


@pytest.fixture
def screen(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """`screen("ulla", "data_import", table="orders")`: that page as that user, already run.

    No user name: nobody is signed in.
    """

    def show(username: str | None, page: str = "home", **query: str) -> AppTest:
        who = identity(ws, username) if username else None
        monkeypatch.setattr(session, "current_identity", lambda: who)
        test = AppTest.from_file(UI, default_timeout=30)
        for name, value in query.items():
            test.query_params[name] = value
        test.run()
        if page != "home":
            test.switch_page(f"../pages/{page}.py")
            for name, value in query.items():
                test.query_params[name] = value
            test.run()
        return test

    return show


@pytest.fixture
def drafted(ws: Workspace) -> Callable[..., Job]:
    """`drafted("ulla")`: an import of ORDERS into orders, mapped, not yet checked."""

    def draft(username: str, text: str = ORDERS) -> Job:
        who = identity(ws, username)
        stored = receive_upload(ws, who, iter([text.encode()]), filename="orders_of_june.csv")
        job = imports.draft_import(ws, who, upload_id=stored.file_id, table="orders")
        return imports.update_import(ws, who, job.job_id, mappings=MAPPINGS)

    return draft


@pytest.fixture
def checked(ws: Workspace, drafted: Callable[..., Job]) -> Callable[..., Job]:
    """`checked("ulla")`: the same, checked by this process."""

    def check(username: str, text: str = ORDERS) -> Job:
        who = identity(ws, username)
        job = imports.validate_import(ws, who, drafted(username, text).job_id)
        return local.run_here(ws, job.job_id)

    return check
