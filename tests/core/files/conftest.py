"""A store in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files.store import FileStore

KEY = bytes(range(32))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def store(root: Path) -> FileStore:
    return FileStore(root, KEY)
