"""Opening a Tableport: what is made, what is refused, what engines are shared."""

from __future__ import annotations

import base64
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import ConfigurationError, NotFound, StorageDamaged, TargetDatabaseError
from core.metastore import connections
from core.model.access import ConnectionInfo
from core.model.file import FilePurpose
from core.settings import Settings, load
from core.workspace import EngineCache, Workspace, open_workspace

KEYS = [
    base64.b64encode(bytes.fromhex(text)).decode()
    for text in (
        "8f3a5cd01b7e92f4a6c811e0d95b3724fe60ab49c7128d53e40f9d36b1587ca2",
        "1b7e92f4a6c811e0d95b3724fe60ab49c7128d53e40f9d36b1587ca28f3a5cd0",
    )
]


def database(path: Path, name: str) -> str:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE named (name TEXT)")
        db.execute("INSERT INTO named VALUES (?)", [name])
    db.close()
    return f"sqlite:///{path}"


def name_in(engine: sa.Engine) -> str:
    with engine.connect() as db:
        return str(db.execute(sa.text("SELECT name FROM named")).scalar_one())


def add(ws: Workspace, name: str, url: str) -> None:
    info = ConnectionInfo(name=name, backend="sqlite", address=url)
    with ws.metastore.begin() as db:
        connections.put(db, info, ws.seal_url(name, url))


def test_a_first_start_makes_a_private_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_workspace(Settings(home=home)) as ws:
        assert ws.settings.home == home
        assert len({ws.audit_key, ws.link_key, ws.keys.secret}) == 3
    for path in (home, *home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert {path.name for path in home.iterdir()} >= {
        "artifacts", "master.key", "tableport.db", "uploads"
    }  # fmt: skip


def test_what_was_kept_is_there_when_opened_again(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        upload = ws.store(FilePurpose.UPLOAD).receive([b"rows"], limit=10)
        artifact = ws.store(FilePurpose.ARTIFACT).receive([b"made"], limit=10)
        add(ws, "shop", database(tmp_path / "shop.db", "shop"))
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        assert list(ws.uploads.chunks(upload.file_id)) == [b"rows"]
        assert list(ws.artifacts.chunks(artifact.file_id)) == [b"made"]
        assert name_in(ws.engine("shop")) == "shop"


def test_files_go_where_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "home",
        import_temp_dir=tmp_path / "shared",
        export_temp_dir=tmp_path / "shared",
    )
    with open_workspace(settings) as ws:
        for purpose in FilePurpose:
            ws.store(purpose).receive([b"x"], limit=1)
    kept = {folder: len(list((tmp_path / "shared" / folder).glob("??/*")))
            for folder in ("uploads", "artifacts")}  # fmt: skip
    assert kept == {"uploads": len(FilePurpose) - 1, "artifacts": 1}


def test_without_arguments_the_environment_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEPORT_HOME", str(tmp_path / "home"))
    with open_workspace() as ws:
        assert ws.settings.home == tmp_path / "home"


def test_the_address_of_a_connection_is_sealed(tmp_path: Path) -> None:
    url = "postgresql+psycopg2://ann:hunter2@db/shop"
    with open_workspace(Settings(home=tmp_path, database_url=url)) as ws:
        assert ws.connection_url("default") == url
        with ws.metastore.connect() as db:
            assert connections.get(db, "default") == ConnectionInfo(
                name="default",
                backend="postgresql",
                address="postgresql+psycopg2://ann:***@db/shop",
                default=True,
            )
            assert "hunter2" not in connections.sealed_url(db, "default")
        with ws.metastore.begin() as db:
            sealed = connections.sealed_url(db, "default")
            connections.put(db, ConnectionInfo(name="mine", backend="x", address=""), sealed)
        with pytest.raises(StorageDamaged):
            ws.connection_url("mine")


def test_the_default_connection_follows_its_setting(tmp_path: Path) -> None:
    first, second = (database(tmp_path / f"{name}.db", name) for name in ("first", "second"))
    home = tmp_path / "home"
    for url, name in ((first, "first"), (second, "second"), (second, "second")):
        with open_workspace(Settings(home=home, database_url=url)) as ws:
            assert name_in(ws.engine("default")) == name
    with open_workspace(Settings(home=home)) as ws:
        assert name_in(ws.engine("default")) == "second"
        add(ws, "other", first)
        with ws.metastore.begin() as db:
            connections.set_default(db, "other")
    with (
        open_workspace(Settings(home=home, database_url=first)) as ws,
        ws.metastore.connect() as db,
    ):
        meant = connections.default(db)
        assert meant is not None
        assert meant.name == "other", "the setting must not take an administrator's choice back"


def test_an_unchanged_setting_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=database(tmp_path / "shop.db", "shop"))
    seals = []
    for _ in range(2):
        with open_workspace(settings) as ws, ws.metastore.connect() as db:
            seals.append(connections.sealed_url(db, "default"))
    assert seals[0] == seals[1]


def test_a_database_that_is_not_supported_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = load(
        {"TABLEPORT_HOME": str(tmp_path), "TABLEPORT_DATABASE_URL": "oracle://a:pw@b/c"}
    )
    with pytest.raises(ConfigurationError, match="TABLEPORT_DATABASE_URL") as refused:
        open_workspace(settings)
    assert "pw@" not in refused.value.detail


def test_a_changed_connection_is_followed_at_once(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        add(ws, "shop", database(tmp_path / "one.db", "one"))
        assert ws.engine("shop") is ws.engine("shop")
        assert name_in(ws.engine("shop")) == "one"
        add(ws, "shop", database(tmp_path / "two.db", "two"))
        assert name_in(ws.engine("shop")) == "two"


def test_a_read_only_engine_is_another_one(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        add(ws, "shop", database(tmp_path / "shop.db", "shop"))
        reading = ws.engine("shop", read_only=True)
        assert reading is not ws.engine("shop")
        with reading.connect() as db, pytest.raises(sa.exc.OperationalError):
            db.execute(sa.text("DELETE FROM named"))


def test_unknown_connections_and_missing_files_are_said(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        with pytest.raises(NotFound):
            ws.engine("nowhere")
        add(ws, "gone", f"sqlite:///{tmp_path / 'gone.db'}")
        with pytest.raises(TargetDatabaseError):
            ws.engine("gone")


def test_the_least_recently_used_engine_gives_way(tmp_path: Path) -> None:
    urls = [database(tmp_path / f"{number}.db", str(number)) for number in range(3)]
    cache = EngineCache(most=2)
    zero, one = (cache.engine(url, read_only=False) for url in urls[:2])
    assert cache.engine(urls[0], read_only=False) is zero
    with one.connect() as running:
        cache.engine(urls[2], read_only=False)
        assert running.execute(sa.text("SELECT name FROM named")).scalar_one() == "1"
    assert cache.engine(urls[0], read_only=False) is zero
    assert cache.engine(urls[1], read_only=False) is not one
    cache.close()


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_home_others_can_write_in_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        open_workspace(Settings(home=tmp_path / "home"))
    assert list((tmp_path / "home").iterdir()) == []


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="TABLEPORT_HOME"):
        open_workspace(Settings(home=tmp_path / "file" / "home"))


def test_a_lost_key_is_not_replaced_behind_the_owners_back(tmp_path: Path) -> None:
    open_workspace(Settings(home=tmp_path)).close()
    (tmp_path / "master.key").unlink()
    with pytest.raises(ConfigurationError, match="restore it from a backup"):
        open_workspace(Settings(home=tmp_path))


def test_another_key_opens_nothing_but_what_the_settings_hold(tmp_path: Path) -> None:
    url = database(tmp_path / "shop.db", "shop")
    settings = Settings(home=tmp_path / "home", secret_key=KEYS[0], database_url=url)
    with open_workspace(settings) as ws:
        add(ws, "shop", url)
        stored = ws.uploads.receive([b"rows"], limit=10)
    settings = Settings(home=tmp_path / "home", secret_key=KEYS[1], database_url=url)
    with open_workspace(settings) as ws:
        with pytest.raises(StorageDamaged):
            ws.uploads.open(stored.file_id)
        with pytest.raises(StorageDamaged):
            ws.engine("shop")
        assert name_in(ws.engine("default")) == "shop"


def test_a_failed_start_leaves_nothing_open(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, metastore_url="sqlite:////proc/nowhere/own.db")
    with pytest.raises(ConfigurationError):
        open_workspace(settings)
