"""Files that appear whole or not at all; of several makers the first wins."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def make_once(path: Path, make: Callable[[Path], None]) -> None:
    """Let `make` write the file at `path`, readable by its owner alone, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}.{path.name}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        make(draft)
        # A hard link fails where the name exists; a rename would replace what another made, and
        # may have been working on since.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
