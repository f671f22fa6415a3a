"""A Tableport of its own, and empty databases, for what other people made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy.engine import make_url

from core.settings import Settings
from core.workspace import Workspace, open_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(Settings(home=tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def new_postgresql(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Makes a database out of a whole script and says its address; dropped at the end."""
    made: list[str] = []

    def make(script: str) -> str:
        name = f"tableport_corpus_{uuid.uuid4().hex[:12]}"
        run_postgresql(postgres_url, f"CREATE DATABASE {name}")
        made.append(name)
        url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        run_postgresql(url, script)
        return url

    yield make
    for name in made:
        run_postgresql(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def run_postgresql(url: str, script: str) -> list[tuple[object, ...]]:
    """Any number of statements, as the server itself takes them apart; the rows of the last."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(plain)) as connection:
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as cursor:
            cursor.execute(script)
            return list(cursor) if cursor.description else []
