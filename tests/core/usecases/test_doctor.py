from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.keys.master import KEY_FILE
from core.usecases import doctor, users
from core.usecases.doctor import Finding, examine
from core.usecases.local import local_identity
from core.workspace import Workspace, open_workspace

Examine = Callable[[], dict[str, Finding]]


@pytest.fixture
def findings(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """What the doctor says of the home of `ws`, by name."""
    monkeypatch.setenv("TABLEPORT_HOME", str(ws.settings.home))
    monkeypatch.setattr(doctor, "detect_confined", lambda chunks, **_: list(chunks))
    return lambda: {finding.name: finding for finding in examine()}


def test_a_new_home_lacks_an_account_and_a_worker(ws: Workspace, findings: Examine) -> None:
    found = findings()
    assert {name for name, finding in found.items() if not finding.ok} == {"accounts", "worker"}
    assert "tableport serve" in found["worker"].mend
    users.ensure_admin(ws)
    assert findings()["accounts"].ok


def test_a_misspelt_setting_is_named(findings: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEPORT_PROT", "9000")
    told = findings()["settings"]
    assert not told.ok
    assert "TABLEPORT_PROT (did you mean TABLEPORT_PORT?)" in told.words


def test_what_keeps_it_from_starting_is_told(
    findings: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEPORT_PORT", "eighty")
    (told,) = findings().values()
    assert (told.name, told.ok) == ("start", False)
    assert "TABLEPORT_PORT" in told.words
    assert told.mend


def test_another_master_key_is_noticed(
    ws: Workspace, findings: Examine, sqlite_shop: str, tmp_path: Path
) -> None:
    assert findings()["keys"].ok
    key = ws.settings.home / KEY_FILE
    key.unlink()
    (tmp_path / "other").mkdir(mode=0o700)
    with open_workspace(type(ws.settings)(home=tmp_path / "other")):
        key.write_bytes((tmp_path / "other" / KEY_FILE).read_bytes())
    key.chmod(0o600)
    told = findings()["keys"]
    assert not told.ok
    assert sqlite_shop in told.words
    assert told.mend


def test_a_changed_audit_trail_is_noticed(ws: Workspace, findings: Examine) -> None:
    users.create_user(ws, local_identity(), username="ann", role=users.Role.USER)
    assert findings()["audit trail"].ok
    with sqlite3.connect(ws.settings.home / "tableport.db") as db:
        db.execute("DROP TRIGGER IF EXISTS audit_log_no_update")
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE audit_log SET operation = 'login'")
    told = findings()["audit trail"]
    assert not told.ok
    assert "backup" in told.mend


def test_a_connection_whose_file_is_gone(
    ws: Workspace, findings: Examine, sqlite_shop: str
) -> None:
    assert findings()[f"connection {sqlite_shop}"].ok
    Path(ws.connection_url(sqlite_shop).removeprefix("sqlite:///")).unlink()
    told = findings()[f"connection {sqlite_shop}"]
    assert not told.ok
    assert told.mend


def test_the_parser_is_tried_for_real(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEPORT_HOME", str(ws.settings.home))
    assert {f.name: f.ok for f in examine()}["parser"]
