"""Artists, albums and tracks in files of their own, for the tests of import sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.model.access import Identity
from core.model.import_set import ImportSet, SetFile
from core.model.job import Job
from core.usecases import (
    findings,
    import_sets,
    local,
)
from core.workspace import Workspace
from tests.core.usecases.conftest import LOCAL, table_rows, upload

_DDL = """
CREATE TABLE artists (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE albums (
    id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists (id));
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL,
    album_id INTEGER REFERENCES albums (id), artist_id INTEGER REFERENCES artists (id));
CREATE TABLE hens (id INTEGER PRIMARY KEY, egg INTEGER NOT NULL);
CREATE TABLE eggs (
    id INTEGER PRIMARY KEY, hen INTEGER NOT NULL REFERENCES hens (id) DEFERRABLE INITIALLY DEFERRED)
"""
_TABLES = ("tracks", "albums", "artists", "eggs", "hens")

ARTISTS = "id,name\n1,AC/DC\n2,Accept\n"
ALBUMS = "id,title,artist_id\n10,Let There Be Rock,1\n11,Restless and Wild,2\n12,Rock,1\n"
TRACKS = "id,name,album_id,artist_id\n100,Go Down,10,1\n101,Overdose,10,\n102,Fast,11,2\n"
FILES = {"Tracks.csv": TRACKS, "02 albums.csv": ALBUMS, "artist.csv": ARTISTS}


@pytest.fixture
def music(ws: Workspace, shop: str) -> Iterator[Workspace]:
    """The tables on either backend, all of them empty."""
    _fill(ws)
    yield ws
    if _sqlite(ws):
        return
    with ws.engine(shop).begin() as db:
        db.exec_driver_sql("ALTER TABLE hens DROP CONSTRAINT hens_egg")
        for name in _TABLES:
            db.exec_driver_sql(f"DROP TABLE {name}")


@pytest.fixture
def small(ws: Workspace, sqlite_shop: str) -> Workspace:
    """The same on SQLite alone, where the backend makes no difference."""
    assert sqlite_shop
    _fill(ws)
    return ws


def _fill(ws: Workspace) -> None:
    circle = "REFERENCES eggs (id) DEFERRABLE INITIALLY IMMEDIATE"
    with ws.engine("shop").begin() as db:
        script = _DDL
        if _sqlite(ws):
            script = script.replace("egg INTEGER NOT NULL", f"egg INTEGER NOT NULL {circle}")
        for statement in script.split(";"):
            db.exec_driver_sql(statement)
        if not _sqlite(ws):
            db.exec_driver_sql(
                f"ALTER TABLE hens ADD CONSTRAINT hens_egg FOREIGN KEY (egg) {circle}"
            )


def _sqlite(ws: Workspace) -> bool:
    return ws.engine("shop").dialect.name == "sqlite"


def a_set(
    ws: Workspace, files: dict[str, str] | None = None, who: Identity = LOCAL, **given: Any
) -> ImportSet:
    uploads = [
        SetFile(upload_id=upload(ws, who, text.encode(), name))
        for name, text in (files or FILES).items()
    ]
    return import_sets.draft_set(ws, who, uploads, **given)


def run(ws: Workspace, made: ImportSet, **given: Any) -> Job:
    import_sets.start_set(ws, LOCAL, made.job.job_id, **given)
    ended = local.run_here(ws, made.job.job_id)
    assert ended.counts.reconciled
    return ended


def members(ws: Workspace, made: ImportSet) -> dict[str, Job]:
    found = import_sets.read_set(ws, LOCAL, made.job.job_id).members
    return {member.job.table: member.job for member in found}


def heights(ws: Workspace) -> tuple[int, ...]:
    return tuple(len(table_rows(ws, name)) for name in ("artists", "albums", "tracks"))


def said(ws: Workspace, job: Job) -> list[tuple[int | None, str]]:
    return [(v.row, v.message) for v in findings.list_violations(ws, LOCAL, job.job_id)]
