"""A furnished home, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from core.workspace import Workspace, open_workspace
from tests.core.usecases.chunked.sending_parts import furnish
from tests.core.usecases.conftest import People


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, People]:
    folder = tmp_path_factory.mktemp("furnished")
    return folder / "home", furnish(folder)


@pytest.fixture
def ws(furnished: tuple[Path, People], tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(furnished[0], tmp_path / "home")
    with open_workspace(Settings(home=tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def people(furnished: tuple[Path, People]) -> People:
    return furnished[1]
