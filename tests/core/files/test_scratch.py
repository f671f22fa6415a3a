from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.files.frames import FRAME
from core.files.scratch import Scratch
from core.files.store import FileStore

PLAIN = random.Random(5).randbytes(2 * FRAME + 77)


def test_what_is_written_is_read_from_the_start(store: FileStore) -> None:
    with store.scratch() as scratch:
        scratch.file.write(PLAIN)
        with scratch.reread() as file:
            assert file.read(10) == PLAIN[:10]
        with scratch.reread() as file:
            assert file.read() == PLAIN
        with pytest.raises(ValueError, match="closed"):
            scratch.file.write(b"more")


def test_it_has_no_name_while_it_is_used(store: FileStore, root: Path) -> None:
    """So nothing is left of it when its process is killed."""
    with store.scratch() as scratch:
        scratch.file.write(PLAIN)
        with scratch.reread():
            assert [path for path in root.rglob("*") if path.is_file()] == []


def test_its_bytes_on_the_disk_are_sealed(store: FileStore) -> None:
    with store.scratch() as scratch:
        scratch.file.write(b"secret cell" * 1000)
        scratch.reread().close()
        on_disk = Path(f"/proc/self/fd/{scratch._raw.fileno()}").read_bytes()
    assert len(on_disk) > 11_000
    assert b"secret cell" not in on_disk


def test_left_in_the_middle_it_is_gone(store: FileStore) -> None:
    with store.scratch() as scratch:
        scratch.file.write(PLAIN)
    assert scratch._raw.closed


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Scratch(tmp_path / "missing", bytes(32))
