"""The workspace of whoever runs the command, as its local administrator (ruling A36)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.workspace import Workspace


@contextmanager
def opened() -> Iterator[tuple[Workspace, Identity]]:
    """The workspace the environment names, and who we are in it."""
    from core.usecases.local import local_identity
    from core.workspace import open_workspace

    with open_workspace() as workspace:
        yield workspace, local_identity()
