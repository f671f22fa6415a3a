"""Rejected rows, mended and handed back to their import by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.commands.importing import _offer_patch
from core.model.repair import Recognised
from core.usecases import mending
from tests.terminal import Terminal

LINES = "id,born\n1,2001-02-03\n2,never\n3,2001-02-30\n"


@pytest.fixture
def pets(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'pets.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE pets (id INTEGER, born DATE NOT NULL)")
    engine.dispose()
    return url


def test_patch(terminal: Terminal, pets: str, tmp_path: Path) -> None:
    file, rejects = tmp_path / "pets.csv", tmp_path / "rejects.csv"
    file.write_text(LINES, encoding="utf-8")
    first = terminal.json(
        "import", file, "--connection", pets, "--table", "pets", "--on-errors", "load_valid",
        "--rejects", rejects, code=3,
    )  # fmt: skip
    text = rejects.read_text(encoding="utf-8-sig")
    rejects.write_text(text.replace("never", "2002-02-02"), encoding="utf-8")

    more = tmp_path / "more.csv"
    second = terminal.json("import", rejects, "--patch", first["job_id"], "--rejects", more, code=3)
    assert (second["rows_read"], second["inserted"], second["rejected"]) == (2, 1, 1)
    assert "tableport_job" in more.read_text(encoding="utf-8-sig")
    engine = sa.create_engine(pets)
    with engine.connect() as db:
        found = db.exec_driver_sql("SELECT id, born FROM pets ORDER BY id").all()
    engine.dispose()
    assert found == [(1, "2001-02-03"), (2, "2002-02-02")]


def test_a_file_of_rejected_rows_is_recognised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = Recognised(job_id="job-1", rows=2)
    monkeypatch.setattr(mending, "recognise_rejects", lambda *_: found)
    marked, plain = tmp_path / "rejects.csv", tmp_path / "plain.csv"
    marked.write_text("id,tableport_row,tableport_job\n1,1,job-1\n", encoding="utf-8")
    plain.write_text(LINES, encoding="utf-8")
    for file, hinted in ((marked, True), (plain, False)):
        _offer_patch(None, None, file, "f")  # type: ignore[arg-type]  # not looked at here
        assert ("--patch job-1" in capsys.readouterr().err) is hinted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--patch", "0", "--table", "pets"], "leave out --table"),
        (["--patch", "0", "--option", "delimiter=;"], "leave out --option"),
        ([], "Missing option '--table'"),
    ],
)
def test_wrong_usage(terminal: Terminal, tmp_path: Path, words: list[str], said: str) -> None:
    file = tmp_path / "pets.csv"
    file.write_text(LINES, encoding="utf-8")
    done = terminal.run("import", file, *words)
    assert done.exit_code == 2
    assert said in done.stderr
