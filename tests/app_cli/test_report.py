"""`tableport report`: the report of a check as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.terminal import Terminal


@pytest.fixture
def job_id(terminal: Terminal, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with sa.create_engine(url).begin() as db:
        db.exec_driver_sql("CREATE TABLE things (id INTEGER PRIMARY KEY, size INTEGER)")
    file = tmp_path / "things.csv"
    file.write_text("id,size\n1,5\n2,large\n", encoding="utf-8")
    into = ("--connection", url, "--table", "things", "--on-errors", "load_valid")
    found: str = terminal.json("import", file, *into, code=3)["job_id"]
    return found


def test_a_page_and_the_same_as_data(
    terminal: Terminal, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = terminal.json("report", job_id)
    assert said["report"] == "things.report.html"
    page = (tmp_path / "things.report.html").read_bytes()
    assert said["bytes"] == len(page)
    assert b"1 of 2 rows have errors" in page
    target = tmp_path / "other.json"
    done = terminal.run("report", job_id, "--format", "json", "-o", target)
    assert done.exit_code == 0
    assert str(target) in done.stdout
    assert json.loads(target.read_text("utf-8"))["counts"]["rejected"] == 1


def test_an_unknown_job_is_told(terminal: Terminal) -> None:
    assert terminal.json("report", "none", code=1)["error"]["code"] == "DATA_404"
