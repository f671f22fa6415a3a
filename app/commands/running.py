"""Carrying a job out in this process, with progress for people and a clean end on Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from app.commands.progress import shown_progress
from core.errors import Conflict

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job
    from core.workspace import Workspace


def run_to_its_end(
    workspace: Workspace, who: Identity, job_id: str, *, title: str, quiet: bool
) -> Job:
    """The job, ended. On Ctrl-C it is cancelled: no worker shall finish what was just stopped."""
    from core.usecases.jobs import cancel_job
    from core.usecases.local import run_here

    try:
        with shown_progress(title, quiet=quiet) as progress:
            return run_here(workspace, job_id, progress)
    except KeyboardInterrupt:
        with suppress(Conflict):  # it has ended already
            cancel_job(workspace, who, job_id)
        raise
