"""The walls between the rooms hold, and no room grows too big to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 400  # lines


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["core.usecases.imports", "core.usecases.working"])
def test_core_loads_no_screen_and_no_server(module: str) -> None:
    # pandera brings pandas; it is for the worker's checks only, inside functions.
    foreign = "('streamlit', 'fastapi', 'starlette', 'uvicorn', 'pandas', 'pandera')"
    code = f"import sys, {module}; print([m for m in {foreign} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_heavy() -> None:
    heavy = "('streamlit', 'fastapi', 'polars', 'sqlalchemy', 'pandas', 'cryptography')"
    code = f"import sys, app.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_files_stay_readable() -> None:
    files = [
        file for room in ("app", "core", "pages", "tests") for file in ROOT.glob(f"{room}/**/*.py")
    ]
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert len(files) > 50
    assert {str(file): n for file, n in lengths.items() if n > LONGEST} == {}
