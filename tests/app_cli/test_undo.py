"""An import taken back by the command line."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.terminal import Terminal


def test_undo(terminal: Terminal, tmp_path: Path) -> None:
    file, url = tmp_path / "pets.csv", f"sqlite:///{tmp_path / 'pets.db'}"
    file.write_text("id,name\n1,Rex\n2,Tom\n3,Ada\n", encoding="utf-8")
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT)")
    job = terminal.json("import", file, "--connection", url, "--table", "pets")["job_id"]
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE pets SET name = 'mine' WHERE id = 3")
    seen = terminal.json("undo", job, "--dry-run")
    assert (seen["removed"], seen["kept"], seen["reasons"]) == (2, 1, {"changed": 1})
    assert seen["rows"][0] == {"did": "inserted", "key": {"id": "3"}, "why": "changed"}
    said = terminal.run("undo", job, "--dry-run").output
    assert "was changed after the import" in said
    done = terminal.json("undo", job)
    assert (done["undoes"], done["removed"], done["kept"]) == (job, 2, 1)
    with engine.connect() as db:
        assert db.exec_driver_sql("SELECT id, name FROM pets").all() == [(3, "mine")]
    engine.dispose()
    again = terminal.json("undo", job, code=1)
    assert "has been undone" in again["error"]["detail"]
