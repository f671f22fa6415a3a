"""Wrong usage, wrong input and Ctrl-C end in words, JSON and the right exit code."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import Terminal

TABLEPORT = Path(sys.executable).with_name("tableport")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1,Ann\n")
    return path


@pytest.mark.parametrize(
    "words",
    [
        ("import", "nowhere.csv", "--table", "t"),
        ("export", "--table", "t"),
        ("convert", __file__, "--to", "csv"),
        ("nonsense",),
        ("export", "--table", "t", "-o", "x", "--filter", "quantity"),
        ("export", "--table", "t", "-o", "x", "--filter", "quantity resembles 5"),
        ("export", "--table", "t", "-o", "x", "--option", "delimiter"),
        ("export", "--table", "t", "-o", "-"),
    ],
)
def test_wrong_usage_is_exit_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    document = terminal.json(*words, code=2)
    assert document["error"]["code"] == "USAGE"
    assert document["error"]["detail"]


def test_wrong_usage_in_words(terminal: Terminal) -> None:
    done = terminal.run("export", "--table", "t")
    assert done.exit_code == 2
    assert "--output" in done.stderr


def test_a_mapping_that_is_not_json(terminal: Terminal, file: Path, shop: str) -> None:
    document = terminal.json(
        "import", file, "--connection", shop, "--table", "orders", "--mapping", file, code=2
    )
    assert "not JSON" in document["error"]["detail"]


def test_an_unknown_table(terminal: Terminal, file: Path, shop: str) -> None:
    words = ("import", file, "--connection", shop, "--table", "ordrs")
    document = terminal.json(*words, code=1)
    assert document["error"]["code"] == "DATA_404"
    done = terminal.run(*words)
    assert done.exit_code == 1
    assert "ordrs" in done.stderr
    assert "DATA_404" in done.stderr


def test_a_mapping_to_a_column_that_is_not_there(
    terminal: Terminal, file: Path, shop: str, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('[{"sourceColumn": "id", "targetColumn": "nope", "transform": null}]')
    document = terminal.json(
        "import", file, "--connection", shop, "--table", "orders", "--mapping", mapping, code=1
    )
    assert document["error"]["code"] == "DATA_422"
    assert "nope" in document["error"]["detail"]


def test_no_connection_yet(terminal: Terminal, file: Path) -> None:
    document = terminal.json("import", file, "--table", "t", code=1)
    assert document["error"]["code"] == "DATA_404"


def test_a_wrong_setting(tmp_path: Path) -> None:
    done = subprocess.run(
        [TABLEPORT, "user", "list", "--json"],
        env=os.environ | {"TABLEPORT_HOME": str(tmp_path), "TABLEPORT_PORT": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TABLEPORT_PORT" in json.loads(done.stdout)["error"]["detail"]


def test_ctrl_c_ends_a_worker_cleanly(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [TABLEPORT, "worker", "--json"],
        env=os.environ | {"TABLEPORT_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert "Waiting" in worker.stdout.readline()
    worker.send_signal(signal.SIGINT)
    out, errors = worker.communicate(timeout=60)
    assert (worker.returncode, json.loads(out)) == (0, {"status": "stopped"})
    assert "Traceback" not in errors


def test_ctrl_c_ends_an_import_and_nothing_is_written(tmp_path: Path) -> None:
    file, database, home = tmp_path / "long.csv", tmp_path / "long.db", tmp_path / "home"
    file.write_text("id,name\n" + "".join(f"{n},name {n}\n" for n in range(400_000)))
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE long (id INTEGER NOT NULL PRIMARY KEY, name TEXT)")
    words = ("import", file, "--connection", database, "--table", "long", "--json")
    running = subprocess.Popen(
        [TABLEPORT, *words],
        env=os.environ | {"TABLEPORT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while running.poll() is None and status_of_the_only_job(home) in (None, "PENDING"):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert (running.returncode, json.loads(out)["error"]["code"]) == (130, "INTERRUPTED")
    assert "Traceback" not in errors
    assert status_of_the_only_job(home) == "CANCELLED"
    assert connection.execute("SELECT count(*) FROM long").fetchone() == (0,)
    connection.close()


def status_of_the_only_job(home: Path) -> str | None:
    """The state of the job in a home another process works in; None while there is none."""
    metastore = home / "tableport.db"
    if not metastore.exists():
        return None
    connection = sqlite3.connect(f"file:{metastore}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT status FROM import_jobs").fetchone()
    except sqlite3.OperationalError:  # the tables are still being made
        return None
    finally:
        connection.close()
    return found[0] if found else None
