"""The store: published whole or not at all, private, never a path from outside."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import (
    ConfigurationError,
    Conflict,
    FileExpired,
    FileTooLarge,
    NotFound,
    StorageDamaged,
)
from core.files.frames import FRAME
from core.files.store import FileStore

KEY = bytes(range(32))
PLAIN = random.Random(2).randbytes(FRAME + 5_000)


def everything_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_received_comes_back(store: FileStore, root: Path) -> None:
    stored = store.receive((PLAIN[i : i + 999] for i in range(0, len(PLAIN), 999)), limit=1 << 30)
    assert stored.size == len(PLAIN)
    assert stored.sha256 == hashlib.sha256(PLAIN).hexdigest()
    assert b"".join(store.chunks(stored.file_id, 70_000)) == PLAIN
    with store.open(stored.file_id) as file:
        assert file.seek(FRAME - 10) == FRAME - 10
        assert file.read(20) == PLAIN[FRAME - 10 : FRAME + 10]
    assert everything_in(root) == [root / stored.file_id[:2] / stored.file_id]


def test_an_empty_file_is_a_file(store: FileStore) -> None:
    stored = store.receive([], limit=10)
    assert (stored.size, list(store.chunks(stored.file_id))) == (0, [])


@pytest.mark.parametrize("pieces", [[10], [9, 1], [1] * 10])
def test_exactly_the_limit_is_taken(store: FileStore, pieces: list[int]) -> None:
    assert store.receive((b"x" * size for size in pieces), limit=10).size == 10


@pytest.mark.parametrize("pieces", [[11], [10, 1], [1] * 11, [10**6]])
def test_one_byte_more_is_refused_and_leaves_nothing(
    store: FileStore, root: Path, pieces: list[int]
) -> None:
    with pytest.raises(FileTooLarge, match="limit of 10 bytes"):
        store.receive((b"x" * size for size in pieces), limit=10)
    assert everything_in(root) == []


def test_an_endless_upload_is_stopped_at_the_limit(store: FileStore, root: Path) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1 << 20)

    with pytest.raises(FileTooLarge, match="limit of 3 MB"):
        store.receive(endless(), limit=3 << 20)
    assert taken == 4
    assert everything_in(root) == []


def test_a_sender_that_hangs_up_leaves_nothing(store: FileStore, root: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield PLAIN
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        store.receive(broken(), limit=1 << 30)
    assert everything_in(root) == []


def test_folders_and_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        root = tmp_path / "uploads"
        stored = FileStore(root, KEY).receive([PLAIN], limit=1 << 30)
    finally:
        os.umask(before)
    for folder in (root, root / "incoming", root / stored.file_id[:2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((root / stored.file_id[:2] / stored.file_id).stat().st_mode) == 0o600


def test_a_draft_is_private_while_it_is_written(store: FileStore, root: Path) -> None:
    with store.create():
        (part,) = everything_in(root)
        assert stat.S_IMODE(part.stat().st_mode) == 0o600


def test_a_loose_folder_of_ours_is_tightened(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir(mode=0o755)
    FileStore(tmp_path / "uploads", KEY)
    assert stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700


def test_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ConfigurationError, match="another user"):
        FileStore(tmp_path / "uploads", KEY)


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        FileStore(tmp_path / "uploads", KEY)


def test_a_draft_is_published_by_commit_only(store: FileStore, root: Path) -> None:
    with store.create() as draft:
        draft.file.write(PLAIN)
        with pytest.raises(FileExpired):
            store.open(draft.file_id)
    assert everything_in(root) == []
    assert draft.file.closed
    with store.create() as draft:
        draft.file.write(b"kept")
        stored = draft.commit()
        draft.discard()
    assert b"".join(store.chunks(stored.file_id)) == b"kept"
    with pytest.raises(ValueError, match="committed"):
        draft.commit()


def test_an_error_while_writing_discards_the_draft(store: FileStore, root: Path) -> None:
    draft = store.create()
    with pytest.raises(ZeroDivisionError), draft:
        draft.file.write(b"half" * (1 // 0))
    assert everything_in(root) == []
    assert draft.file.closed


def test_a_disk_that_fails_at_the_end_publishes_nothing(
    store: FileStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        store.receive([b"data"], limit=10)
    assert everything_in(root) == []


def test_formats_can_write_archives_straight_into_a_draft(store: FileStore) -> None:
    with store.create() as draft:
        with zipfile.ZipFile(draft.file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.csv", "a,b\r\n" * 1000)
        stored = draft.commit()
    with store.open(stored.file_id) as file, zipfile.ZipFile(file) as archive:
        assert archive.read("data.csv") == b"a,b\r\n" * 1000


KILLED = """
import os, signal, sys
from pathlib import Path
from core.files import store
def killed(self, target):
    os.kill(os.getpid(), signal.SIGKILL)
Path.rename = killed
draft = store.FileStore(Path(sys.argv[1]), bytes(range(32))).create()
print(draft.file_id, flush=True)
draft.file.write(b"half" * 100_000)
draft.commit()
"""


def test_a_kill_between_writing_and_publishing_leaves_nothing_openable(
    store: FileStore, root: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(root)], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL
    with pytest.raises(FileExpired):
        store.open(run.stdout.strip())
    assert [path.suffix for path in everything_in(root)] == [".part"]
    assert store.sweep_unfinished(timedelta(0)) == 1
    assert everything_in(root) == []


@pytest.mark.parametrize(
    "file_id",
    ["", "..", "../../etc/passwd", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "ab/" + "a" * 29,
     "a" * 32 + "\n", "a" * 31 + "\0", "incoming", "٣" * 32],
)  # fmt: skip
def test_only_file_ids_are_looked_for(store: FileStore, file_id: str) -> None:
    for ask in (store.open, store.remove, lambda name: next(store.chunks(name))):
        with pytest.raises(NotFound):
            ask(file_id)


def test_a_link_in_place_of_a_file_is_not_followed(store: FileStore, root: Path) -> None:
    stored = store.receive([b"data"], limit=10)
    path = root / stored.file_id[:2] / stored.file_id
    elsewhere = root.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(ConfigurationError):
        store.open(stored.file_id)


def test_a_damaged_file_is_reported_and_closed(store: FileStore, root: Path) -> None:
    stored = store.receive([PLAIN], limit=1 << 30)
    path = root / stored.file_id[:2] / stored.file_id
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(StorageDamaged):
        store.open(stored.file_id)


def test_a_file_put_under_another_id_is_damaged(store: FileStore, root: Path) -> None:
    one, two = store.receive([b"one"], limit=10), store.receive([b"two"], limit=10)
    paths = [root / stored.file_id[:2] / stored.file_id for stored in (one, two)]
    shutil.copy(*paths)
    with pytest.raises(StorageDamaged):
        store.open(two.file_id)


def test_removed_files_are_gone_and_their_blocks_are_noise(store: FileStore, root: Path) -> None:
    stored = store.receive([PLAIN], limit=1 << 30)
    path = root / stored.file_id[:2] / stored.file_id
    os.link(path, root.parent / "blocks")
    with store.open(stored.file_id) as reading:
        assert store.remove(stored.file_id)
        assert reading.read() == PLAIN
    assert not store.remove(stored.file_id)
    with pytest.raises(FileExpired):
        store.open(stored.file_id)
    shutil.copy(root.parent / "blocks", path)
    with pytest.raises(StorageDamaged):
        store.open(stored.file_id)


def test_sweeping_takes_old_unknown_files_only(store: FileStore, root: Path) -> None:
    known, old, fresh = (store.receive([b"data"], limit=10) for _ in range(3))
    long_ago = time.time() - 7200
    for file_id in (known.file_id, old.file_id):
        os.utime(root / file_id[:2] / file_id, (long_ago, long_ago))
    (root / "README").write_text("somebody's note")
    assert store.sweep_orphans({known.file_id}, timedelta(hours=1)) == 1
    names = {path.name for path in everything_in(root)}
    assert names == {known.file_id, fresh.file_id, "README"}


def test_sweeping_leaves_what_somebody_still_writes(store: FileStore, root: Path) -> None:
    with store.create() as resting:
        resting.file.write(b"data")
        part = root / "incoming" / f"{resting.file_id}.part"
        os.utime(part, (0, 0))
        (root / "incoming" / f"{'a' * 32}.part").write_bytes(b"fresh")
        assert store.sweep_unfinished(timedelta(hours=1)) == 0
        assert store.sweep_unfinished(timedelta(seconds=-5)) == 1
        assert everything_in(root) == [part]
        resting.commit()
    assert b"".join(store.chunks(resting.file_id)) == b"data"


def test_the_store_survives_a_sweep_of_a_vanished_file(
    store: FileStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = store.receive([b"data"], limit=10)
    assert isinstance(store.open(stored.file_id), io.BufferedReader)
    monkeypatch.setattr(store, "remove", lambda _file_id: False)
    assert store.sweep_orphans(set(), timedelta(seconds=-5)) == 0


class TestAGivenId:
    ID = "a1" * 16

    def test_is_the_name_it_is_published_under(self, store: FileStore) -> None:
        assert store.receive([PLAIN], limit=1 << 30, file_id=self.ID).file_id == self.ID
        assert b"".join(store.chunks(self.ID)) == PLAIN

    @pytest.mark.parametrize("name", ["", "../x", "A1" * 16, "a1" * 15])
    def test_is_never_anything_else(self, store: FileStore, root: Path, name: str) -> None:
        with pytest.raises(NotFound):
            store.create(name)
        assert everything_in(root) == []

    def test_is_written_by_one_at_a_time(self, store: FileStore) -> None:
        with store.create(self.ID) as draft:
            draft.file.write(PLAIN)
            with pytest.raises(Conflict):
                store.create(self.ID)
            draft.commit()
        assert b"".join(store.chunks(self.ID)) == PLAIN
        with store.create(self.ID):
            pass  # discarded: what is published stays
        assert b"".join(store.chunks(self.ID)) == PLAIN
        store.receive([b"new"], limit=3, file_id=self.ID)
        assert b"".join(store.chunks(self.ID)) == b"new"

    def test_what_a_killed_writer_left_is_overwritten(self, store: FileStore, root: Path) -> None:
        left = root / "incoming" / f"{self.ID}.part"
        left.write_bytes(bytes(3 * FRAME))
        store.receive([b"new"], limit=3, file_id=self.ID)
        assert b"".join(store.chunks(self.ID)) == b"new"
        assert not left.exists()

    def test_published_while_another_waits_for_it_it_is_not_emptied(
        self, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other has opened the file that is renamed before it holds the lock."""
        draft = store.create(self.ID)
        draft.file.write(PLAIN)
        lock = fcntl.flock

        def too_late(descriptor: int, how: int) -> None:
            draft.commit()
            lock(descriptor, how)

        monkeypatch.setattr(fcntl, "flock", too_late)
        with pytest.raises(Conflict):
            store.create(self.ID)
        assert b"".join(store.chunks(self.ID)) == PLAIN
