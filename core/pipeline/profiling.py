"""The profile of a file, made on a thread of its own while the next batch is judged.

Polars works outside of Python's lock, and judging leaves cores idle.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from core.checks.profile import ProfileBuilder
from core.pipeline.judging import source_columns

if TYPE_CHECKING:
    import polars as pl

    from core.model.profile import Profile


class Profiling:
    """Profiles batches in their order, at most one behind; leaving it waits for that one."""

    def __init__(self) -> None:
        self._builder = ProfileBuilder()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="profile")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True)

    def add(self, rows: pl.DataFrame) -> None:
        """Take a batch as read, with its edits. What went wrong with the one before is raised."""
        self._settle()
        self._last = self._thread.submit(self._builder.add, rows, source_columns(rows))

    def profile(self) -> Profile:
        """Of all batches so far."""
        self._settle()
        return self._builder.profile()

    def _settle(self) -> None:
        if self._last is not None:
            self._last.result()
