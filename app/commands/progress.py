"""A progress bar on stderr, for people at a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model.job import Job


@contextmanager
def shown_progress(title: str, *, quiet: bool) -> Iterator[Callable[[Job], None] | None]:
    """A callback that draws a job's progress; None where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=100, rows="")

        def draw(job: Job) -> None:
            words = f"{job.phase} {job.processed_rows:,} rows".strip()
            bar.update(task, completed=job.progress_percent, rows=words)

        yield draw
