"""What a journal notes where the database has a hand in it, and where it cannot be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.databases.connect import open_engine
from core.databases.loaders import begin
from core.databases.reflect import list_tables, reflect_table
from core.databases.undo import TakingBack, Tally, drop_journal, has_journal
from core.databases.undo.images import name_of
from core.errors import Conflict, TargetDatabaseError
from core.model.job import Counts
from core.model.plan import OnConflict
from tests.core.databases.loading import rows
from tests.core.databases.typed_frames import typed
from tests.core.databases.undo.undoing import JOB, imported, undone

Run = Callable[[str], list[Any]]

STAMPED = "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20), note TEXT)"
#: A trigger that fills `note` once the row is written.
STAMPS = {
    "sqlite": """
CREATE TRIGGER stamp_new AFTER INSERT ON things
BEGIN UPDATE things SET note = 'made ' || NEW.name WHERE id = NEW.id; END;
CREATE TRIGGER stamp_old AFTER UPDATE OF name ON things
BEGIN UPDATE things SET note = 'changed ' || NEW.name WHERE id = NEW.id; END""",
    "postgresql": """
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE things SET note = TG_ARGV[0] || NEW.name WHERE id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER stamp_new AFTER INSERT ON things
FOR EACH ROW EXECUTE FUNCTION stamp('made ');
CREATE TRIGGER stamp_old AFTER UPDATE OF name ON things
FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION stamp('changed ')""",
}
KEEPER = {
    "sqlite": """
CREATE TRIGGER keeper BEFORE DELETE ON things WHEN OLD.id = 3
BEGIN SELECT RAISE(ABORT, 'three stays'); END;
CREATE TRIGGER silent BEFORE DELETE ON things WHEN OLD.id = 4
BEGIN SELECT RAISE(IGNORE); END""",
    "postgresql": """
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.id = 3 THEN RAISE EXCEPTION 'three stays'; END IF;
IF OLD.id = 4 THEN RETURN NULL; END IF; RETURN OLD; END $$;
CREATE TRIGGER keeper BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION keep()""",
}


def script(run: Run, empty: Engine, text: str) -> None:
    """Statements with semicolons inside, one after an empty beginning of a line CREATE."""
    with empty.begin() as db:
        for part in text.strip().split("\nCREATE "):
            statement = part if part.startswith("CREATE ") else f"CREATE {part}"
            db.exec_driver_sql(statement.removesuffix(";").replace("%", "%%"))


def without_mysql(backend: str) -> None:
    if backend == "mysql":
        pytest.skip("The triggers of this test are those of SQLite and PostgreSQL")


def test_what_triggers_make_of_a_row_is_noted(empty: Engine, run: Run, backend: str) -> None:
    without_mysql(backend)
    run(f"{STAMPED};\nINSERT INTO things VALUES (1, 'a', 'old'), (2, 'b', 'older')")
    script(run, empty, STAMPS[backend])
    frame = typed(id=[1, 3, 4], name=["A", "c", "d"])
    imported(empty, "things", frame, on_conflict=OnConflict.UPDATE, key=("id",))
    assert [row[2] for row in rows(empty, "things", "id", "name", "note")] == [
        "changed A", "older", "made c", "made d",
    ]  # fmt: skip
    tally, kept = undone(empty, "things")
    assert (tally, kept) == (Tally(removed=2, restored=1), [])
    assert [row[:2] for row in rows(empty, "things", "id", "name")] == [("1", "a"), ("2", "b")]


def test_rows_the_database_does_not_let_go(empty: Engine, run: Run, backend: str) -> None:
    without_mysql(backend)
    run(STAMPED)
    imported(empty, "things", typed(id=[1, 2, 3, 4, 5], name=["a", "b", "c", "d", "e"]))
    script(run, empty, KEEPER[backend])
    tally, kept = undone(empty, "things")
    assert tally == Tally(removed=3, kept=2)
    assert sorted((row.key["id"], row.why) for row in kept) == [
        ("3", "refused:a trigger refused the row: three stays"),
        ("4", "refused:the database left it as it is"),
    ]
    assert rows(empty, "things", "id") == [("3",), ("4",)]


def test_a_row_comes_back_without_its_parent(empty: Engine, run: Run) -> None:
    run(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE things (id INTEGER PRIMARY KEY, parent_id INTEGER,\n"
        "FOREIGN KEY (parent_id) REFERENCES parents (id));\n"
        "INSERT INTO parents VALUES (1), (2);\nINSERT INTO things VALUES (1, 1), (2, 2)"
    )
    imported(empty, "things", typed(id=[3]), on_conflict=OnConflict.REPLACE)
    run("DELETE FROM parents WHERE id = 2")
    tally, (kept,) = undone(empty, "things")
    assert tally == Tally(removed=1, put_back=1, kept=1)
    assert (kept.kind, kept.key) == ("deleted", {"id": "2"})
    assert str(kept.why).startswith("refused:")
    assert rows(empty, "things", "id") == [("1",)]


@pytest.mark.postgres
def test_identity_domains_and_partitions(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as db:
        db.exec_driver_sql("CREATE DOMAIN name_text AS varchar(20) NOT NULL")
        db.exec_driver_sql(
            "CREATE TABLE things (id INT GENERATED ALWAYS AS IDENTITY, name name_text, "
            "PRIMARY KEY (id, name)) PARTITION BY LIST (name)"
        )
        db.exec_driver_sql("CREATE TABLE a PARTITION OF things FOR VALUES IN ('a', 'b')")
        db.exec_driver_sql("CREATE TABLE rest PARTITION OF things DEFAULT")
        db.exec_driver_sql("INSERT INTO things (name) VALUES ('a'), ('c'), ('d')")
    before = rows(postgres_engine, "things", "id", "name")
    imported(postgres_engine, "things", typed(name=["b", "z"]), on_conflict=OnConflict.REPLACE)
    assert undone(postgres_engine, "things") == (Tally(removed=2, put_back=3), [])
    assert rows(postgres_engine, "things", "id", "name") == before


def test_where_no_table_may_be_made(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as db:
        db.exec_driver_sql(STAMPED)
        db.exec_driver_sql("DROP ROLE IF EXISTS tableport_guest")
        db.exec_driver_sql("CREATE ROLE tableport_guest LOGIN PASSWORD 'guest'")
        db.exec_driver_sql("GRANT USAGE ON SCHEMA public TO tableport_guest")
        db.exec_driver_sql("GRANT ALL ON things TO tableport_guest")
    url = postgres_engine.url.set(username="tableport_guest", password="guest")
    guest = open_engine(url.render_as_string(hide_password=False))
    try:
        journal = imported(guest, "things", typed(id=[1], name=["a"]))
        assert not journal.kept
        assert journal.notes == [
            "This import cannot be undone: the database user may not create tables"
        ]
        assert not has_journal(guest, JOB)
        assert len(rows(guest, "things", "id")) == 1
    finally:
        guest.dispose()
        with postgres_engine.begin() as db:
            db.exec_driver_sql("DROP OWNED BY tableport_guest")
            db.exec_driver_sql("DROP ROLE tableport_guest")


@pytest.mark.parametrize(("key", "kept"), [("id", True), ("id, name", False)])
def test_keys_made_by_the_database_where_rows_have_no_address(
    sqlite_engine: Engine, key: str, kept: bool
) -> None:
    with sqlite_engine.begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE things (id TEXT NOT NULL DEFAULT (hex(randomblob(8))), "
            f"name TEXT NOT NULL, PRIMARY KEY ({key})) WITHOUT ROWID"
        )
    journal = imported(sqlite_engine, "things", typed(name=["a", "b"]))
    assert len(rows(sqlite_engine, "things", "name")) == 2
    assert (journal.kept, has_journal(sqlite_engine, JOB)) == (kept, kept)
    if kept:
        assert undone(sqlite_engine, "things") == (Tally(removed=2), [])
    else:
        assert "has no key of which every column is mapped" in journal.notes[0]


def test_batches_committed_one_by_one_have_one_journal(empty: Engine, run: Run) -> None:
    run(STAMPED)
    frames: list[pl.DataFrame] = [typed(id=[1, 2], name=["a", "b"]), typed(id=[2], name=["B"])]
    for number, frame in enumerate(frames):
        reflected = reflect_table(empty, "things")
        imported_part(empty, frame, f"part {number}")
        assert reflected.column_names == ("id", "name", "note")
    assert undone(empty, "things")[0] == Tally(removed=2, restored=1)
    assert rows(empty, "things") == []


def imported_part(engine: Engine, frame: pl.DataFrame, run_id: str) -> None:
    from core.databases.loaders import open_loader
    from core.databases.undo import UndoJournal

    reflected = reflect_table(engine, "things")
    with open_loader(
        engine, reflected, ("id", "name"), key=("id",), on_conflict=OnConflict.UPDATE,
        run_id=run_id, journal=UndoJournal(reflected, JOB),
    ) as loader:  # fmt: skip
        loader.load(frame)
        loader.commit(Counts())


def test_an_import_that_is_rolled_back_leaves_no_row_noted(empty: Engine, run: Run) -> None:
    run(STAMPED)
    with pytest.raises(AssertionError):  # the last row is refused: nothing is committed
        imported(empty, "things", typed(id=[1, 1], name=["a", "b"]))
    assert rows(empty, "things") == []
    drop_journal(empty, JOB)
    with begin(empty, run_id="undo", what="things") as transaction, pytest.raises(Conflict):
        TakingBack(transaction, reflect_table(empty, "things"), JOB)


def test_a_table_with_other_columns_is_left_alone(empty: Engine, run: Run) -> None:
    run(STAMPED)
    imported(empty, "things", typed(id=[1], name=["a"]))
    run("ALTER TABLE things ADD COLUMN extra INTEGER")
    with pytest.raises(TargetDatabaseError, match=r"other columns .*extra"):
        undone(empty, "things")
    assert len(rows(empty, "things")) == 1


def test_journals_are_never_listed(empty: Engine, run: Run) -> None:
    run(STAMPED)
    imported(empty, "things", typed(id=[1], name=["a"]))
    assert sa.inspect(empty).has_table(name_of(JOB))
    assert [ref.name for ref in list_tables(empty)] == ["things"]
