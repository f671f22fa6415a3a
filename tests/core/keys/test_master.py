"""The master key: made once, private, never weak."""

from __future__ import annotations

import base64
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.keys.master import KeyPurpose, MasterKey, load_master_key

RANDOM = bytes.fromhex("8f3a5cd01b7e92f4a6c811e0d95b3724fe60ab49c7128d53e40f9d36b1587ca2")


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = load_master_key(None, home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["master.key"]
    assert load_master_key(None, home) == first


def _load(home: str) -> bytes:
    return load_master_key(None, Path(home)).secret


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        keys = set(pool.map(_load, [str(tmp_path / "home")] * 8, chunksize=1))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["master.key"]


def test_the_second_of_two_writers_keeps_the_first_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_master_key(None, tmp_path)
    # As seen by a process that looked just before the other one wrote.
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    assert load_master_key(None, tmp_path) == first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_master_key(None, tmp_path)
    (tmp_path / "master.key").chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_master_key(None, tmp_path)


def test_a_lost_key_is_not_replaced_where_data_depends_on_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="restore it from a backup"):
        load_master_key(None, tmp_path, may_create=False)
    assert not (tmp_path / "master.key").exists()


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    load_master_key(None, tmp_path)
    (tmp_path / "master.key").write_bytes(b"\xff\xfe half a key")
    with pytest.raises(ConfigurationError, match="not base64"):
        load_master_key(None, tmp_path)


def test_a_home_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        load_master_key(None, tmp_path / "file" / "home")


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(RANDOM).decode(),
        base64.urlsafe_b64encode(RANDOM).decode().rstrip("="),
    ],
)
def test_the_setting_wins_over_the_file(tmp_path: Path, encoded: str) -> None:
    assert load_master_key(encoded, tmp_path) == MasterKey(secret=RANDOM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("secret!", "not base64"),
        (base64.b64encode(RANDOM[:16]).decode(), "holds 16 bytes"),
        (base64.b64encode(RANDOM * 2).decode(), "holds 64 bytes"),
        (base64.b64encode(bytes(32)).decode(), "could be guessed"),
        (base64.b64encode(b"\xff" * 32).decode(), "could be guessed"),
        (base64.b64encode(bytes(range(32))).decode(), "could be guessed"),
        (base64.b64encode(bytes(range(0, 224, 7))).decode(), "could be guessed"),
        (base64.b64encode(RANDOM[:8] * 4).decode(), "could be guessed"),
        (base64.b64encode(b"my-secret-key-for-the-production").decode(), "could be guessed"),
        ("changeme" * 5 + "cha=", "could be guessed"),
    ],
)
def test_weak_keys_refuse_to_start(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as refused:
        load_master_key(text, tmp_path)
    assert text not in refused.value.detail
    assert "TABLEPORT_SECRET_KEY" in refused.value.detail


def test_made_keys_are_never_taken_for_weak_ones(tmp_path: Path) -> None:
    for _ in range(500):
        load_master_key(base64.b64encode(os.urandom(32)).decode(), tmp_path)


def test_each_purpose_has_a_key_of_its_own() -> None:
    key = MasterKey(secret=RANDOM)
    derived = {key.derived(purpose) for purpose in KeyPurpose}
    assert len(derived) == len(KeyPurpose)
    assert {len(one) for one in derived} == {32}
    assert RANDOM not in derived
    # Pinned: a change here would make everything kept so far unreadable.
    assert key.derived(KeyPurpose.FILES).hex() == PINNED_FILES_KEY
    assert RANDOM.hex() not in repr(key)
    assert repr(RANDOM) not in repr(key)


PINNED_FILES_KEY = "9aad889a6e1e2c381ab01312580a98d8a5ae02f2b8a9acdbdc35afdaff152975"
