"""Several files as one by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal, count

ARTISTS = "id,name\n1,AC/DC\n2,Accept\n"
ALBUMS = "id,title,artist_id\n10,Let There Be Rock,1\n11,Restless and Wild,2\n12,Lost,9\n"


@pytest.fixture
def music(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'music.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE artists (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        db.exec_driver_sql(
            "CREATE TABLE albums (id INTEGER PRIMARY KEY, title TEXT NOT NULL, "
            "artist_id INTEGER NOT NULL REFERENCES artists (id))"
        )
    engine.dispose()
    return url


def test_a_dry_run_then_the_good_rows(terminal: Terminal, music: str, tmp_path: Path) -> None:
    albums, artists = tmp_path / "albums.csv", tmp_path / "people.csv"
    albums.write_text(ALBUMS, encoding="utf-8")
    artists.write_text(ARTISTS, encoding="utf-8")
    words = ("import-set", albums, artists, "--connection", music)

    assert "people.csv has the name of no table" in terminal.run(*words).output
    words += ("--table", "people.csv=artists")
    shown = terminal.run(*words, "--dry-run")
    assert shown.exit_code == 3
    assert "albums refers to artists (artist_id)" in shown.output
    assert "1 artist_id: '9' is not in artists (id)" in shown.output
    assert count(music, "artists") == 0

    stopped = terminal.json(*words, code=3)
    assert (stopped["status"], stopped["error"]["code"]) == ("FAILED", "IMPORT_004")
    assert count(music, "artists") == 0
    done = terminal.json(*words, "--on-errors", "load_valid", code=3)
    assert (done["inserted"], done["rejected"]) == (4, 1)
    assert [(m["table"], m["inserted"]) for m in done["members"]] == [("artists", 2), ("albums", 2)]
    assert count(music, "albums") == 2


def test_what_is_wrongly_asked(terminal: Terminal, music: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ARTISTS, encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.csv").write_text(ARTISTS, encoding="utf-8")
    same = terminal.run("import-set", tmp_path / "a.csv", tmp_path / "sub" / "a.csv")
    assert (same.exit_code, "the same name" in same.output) == (2, True)
    strange = terminal.run("import-set", tmp_path / "a.csv", "--table", "b.csv=artists")
    assert (strange.exit_code, "none of the files" in strange.output) == (2, True)
