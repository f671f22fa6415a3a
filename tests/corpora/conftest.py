"""Where the corpora are: files nobody here wrote, kept beside the project and not in it."""

from __future__ import annotations

import os
import tarfile
import tempfile
from pathlib import Path

import pytest

ARCHIVE = "corpora.tar.xz"


@pytest.fixture(scope="session")
def corpora(request: pytest.FixtureRequest) -> Path:
    """The unpacked corpora: TABLEPORT_CORPORA, else beside the project, else a clear skip."""
    beside = Path(__file__).parents[3] / "shared" / "corpora"
    given = os.environ.get("TABLEPORT_CORPORA")
    folder = Path(given) if given else beside / "corpora"
    if folder.is_dir():
        return folder
    archive = beside / ARCHIVE
    if given or not archive.is_file():
        pytest.skip(f"No corpora: set TABLEPORT_CORPORA to the unpacked {ARCHIVE}")
    return _unpacked(archive, request.config.cache)


def _unpacked(archive: Path, cache: pytest.Cache | None) -> Path:
    assert cache is not None
    unpacked = cache.mkdir("corpora") / str(archive.stat().st_size)
    if not unpacked.is_dir():
        # Unpacked elsewhere first: two test processes may do this at the same time.
        with tempfile.TemporaryDirectory(dir=unpacked.parent) as draft:
            with tarfile.open(archive) as tar:
                tar.extractall(draft, filter="data")
            if not unpacked.is_dir():
                (Path(draft) / "corpora").rename(unpacked)
    return unpacked
