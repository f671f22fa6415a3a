"""The worker: carries out what the other use cases queued.

`work` is the loop of one worker process; `supervise` starts and watches such processes;
`python -m core.usecases.working` is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta

from core.jobs.handler import Ended, Handlers
from core.jobs.housekeeping import Tick, standard_ticks
from core.jobs.lease import Lease
from core.jobs.signals import stop_signal
from core.jobs.supervisor import Supervisor
from core.jobs.worker import run_worker
from core.metastore import files, parts
from core.model.job import Job, JobKind, JobTask
from core.model.plan import ImportPlan, WriteMode
from core.usecases.chunked_uploads import expire_partial_uploads
from core.usecases.clearing import clear_ended
from core.usecases.export_work import export_work
from core.usecases.import_set_work import SetWork
from core.usecases.import_work import ImportWork
from core.usecases.kept_work import KeptWork
from core.usecases.plan_work import PlanWork
from core.usecases.undo_journals import expire_journals
from core.usecases.undo_work import UndoWork
from core.workspace import Workspace, open_workspace


def handlers(ws: Workspace) -> Handlers:
    """What a worker can be asked to do."""
    return {
        (JobKind.IMPORT, JobTask.VALIDATE): lambda job, lease: _work_of(ws, job, lease).validate(),
        (JobKind.IMPORT, JobTask.PLAN): lambda job, lease: PlanWork(ws, job, lease).plan(),
        (JobKind.IMPORT, JobTask.RUN): lambda job, lease: _run_of(ws, job, lease),
        (JobKind.EXPORT, JobTask.RUN): lambda job, lease: export_work(ws, job, lease),
    }


def _run_of(ws: Workspace, job: Job, lease: Lease) -> Ended:
    assert isinstance(job.plan, ImportPlan)
    if job.plan.undoes is not None:
        return UndoWork(ws, job, lease).run()
    return _work_of(ws, job, lease).run()


def _work_of(ws: Workspace, job: Job, lease: Lease) -> ImportWork | SetWork:
    assert isinstance(job.plan, ImportPlan)
    if job.plan.members:
        return SetWork(ws, job, lease)
    if job.plan.planned is not None:
        # Bound to what was foreseen, however it is written: held against the table in the
        # transaction that writes.
        return PlanWork(ws, job, lease)
    work = ImportWork if job.plan.mode is WriteMode.DIRECT else KeptWork
    return work(ws, job, lease)


def work(ws: Workspace, *, stop: Callable[[], bool]) -> None:
    """Work until `stop()`; a job at hand then goes back to the queue."""
    run_worker(
        ws.metastore,
        handlers(ws),
        stop=stop,
        ticks=(*standard_ticks(ws.metastore), *_file_ticks(ws)),
        lease_seconds=ws.settings.lease_seconds,
        beat_every=ws.settings.lease_seconds / 3,
    )


class Workers:
    """The worker processes of this server."""

    def __init__(self, supervisors: list[Supervisor]) -> None:
        self._supervisors = supervisors

    @property
    def pids(self) -> list[int]:
        """Process ids of those that live."""
        return [s.pid for s in self._supervisors if s.pid is not None]

    def stop(self) -> None:
        """End them; what they were doing goes back to the queue."""
        for supervisor in self._supervisors:
            supervisor.stop()


def supervise(ws: Workspace) -> Workers:
    """Start and watch as many workers as TABLEPORT_WORKERS says."""
    # A worker lives in the server's environment: its settings are the server's own.
    environment = dict(os.environ) | {
        "TABLEPORT_HOME": str(ws.settings.home),
        "TABLEPORT_METASTORE_URL": ws.settings.metastore_address,
    }
    command = [sys.executable, "-m", "core.usecases.working", str(os.getpid())]
    supervisors = [
        Supervisor(command, environment, metastore=ws.metastore) for _ in range(ws.settings.workers)
    ]
    for supervisor in supervisors:
        supervisor.start()
    return Workers(supervisors)


def _file_ticks(ws: Workspace) -> tuple[Tick, ...]:
    """Files whose time is over, files nobody finishes, and files nobody knows."""

    def expire() -> None:
        with ws.metastore.connect() as db:
            expired = files.list_expired(db)
        for file in expired:
            ws.store(file.purpose).remove(file.file_id)
        if expired:
            with ws.metastore.begin() as db:
                files.mark_deleted(db, [f.file_id for f in expired])
        expire_partial_uploads(ws)
        for store in (ws.uploads, ws.artifacts):
            store.sweep_unfinished(timedelta(minutes=1))

    def sweep() -> None:
        with ws.metastore.connect() as db:
            known = files.live_ids(db) | parts.live_ids(db)
        for store in (ws.uploads, ws.artifacts):
            store.sweep_orphans(known, timedelta(hours=1))

    return (
        Tick(name="expire files", every=60.0, run=expire),
        Tick(name="forget what undo needs", every=600.0, run=lambda: expire_journals(ws)),
        Tick(name="clear up behind imports", every=60.0, run=lambda: clear_ended(ws)),
        Tick(name="sweep orphans", every=3600.0, run=sweep),
    )


def main() -> None:
    """One worker process of the server whose process id is the argument: works until SIGTERM,
    SIGINT or the server's end."""
    stop = stop_signal(parent=int(sys.argv[1]) if len(sys.argv) > 1 else None)
    with open_workspace() as ws:
        work(ws, stop=stop)


if __name__ == "__main__":
    main()
