"""Templates and rejected rows, saved by the command line."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from tests.terminal import Terminal, count


@pytest.fixture
def pets(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'pets.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE pets (id INTEGER NOT NULL, born DATE NOT NULL)")
    engine.dispose()
    return url


def test_template(
    terminal: Terminal, pets: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "blank.xlsx"
    made = terminal.json("template", "pets", "--connection", pets, "-o", target)
    assert made == {"table": "pets", "template": str(target), "bytes": target.stat().st_size}
    assert [c.value for c in openpyxl.load_workbook(target).active[1]] == ["id", "born"]
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = terminal.run("template", "pets", "--connection", pets)
    assert done.stdout == "Template: pets.template.xlsx\n"
    assert [file.name for file in folder.iterdir()] == ["pets.template.xlsx"]
    failed = terminal.json("template", "nowhere", "--connection", pets, code=1)
    assert failed["error"]["code"] == "DATA_404"


def test_rejects_in_both_formats_and_back(terminal: Terminal, pets: str, tmp_path: Path) -> None:
    file = tmp_path / "pets.csv"
    file.write_text("id,born\n1,2001-02-03\n2,never\n", encoding="utf-8")
    job_id = terminal.json(
        "import", file, "--connection", pets, "--table", "pets", "--on-errors", "load_valid", code=3
    )["job_id"]
    plain, book = tmp_path / "r.csv", tmp_path / "r.xlsx"
    terminal.run("rejects", job_id, "-o", plain)
    assert plain.read_text(encoding="utf-8-sig").startswith("id,born,tableport_row")
    made = terminal.json("rejects", job_id, "--format", "xlsx", "-o", book)
    assert made == {
        "job_id": job_id, "rejects": str(book), "format": "xlsx", "bytes": book.stat().st_size,
    }  # fmt: skip
    workbook = openpyxl.load_workbook(book)
    workbook.active["B2"].value = "2002-02-02"
    workbook.save(book)
    patched = terminal.json("import", book, "--patch", job_id)
    assert (patched["rows_read"], patched["inserted"]) == (1, 1)
    assert count(pets, "pets") == 2
