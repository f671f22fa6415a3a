"""One job held by one worker, for as long as it keeps saying so."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from core.errors import WorkersLost
from core.metastore import queue
from core.metastore.engine import Metastore
from core.metastore.jobrows import count_values
from core.metastore.text import storable
from core.model.job import Counts, Job, JobKind, JobStatus

_log = logging.getLogger("tableport.jobs")

#: `report` writes no more often than this, in seconds.
_REPORT_EVERY = 0.25


class LeaseLost(Exception):
    """Another worker has the job, or it was ended: undo the open batch and leave."""


class Cancelled(Exception):
    """Somebody asked to cancel the job."""


class Interrupted(Exception):
    """This worker is asked to stop: the job goes back to the queue."""


class Lease:
    """The right to work on one job.

    `beat` is the fence: inside the transaction of a batch (`db`) it makes the batch and the
    right to it one thing. Between beats a thread prolongs the lease, so that a long step in
    one piece does not lose it; the thread only keeps, it never raises. Used as a context
    manager around the work.
    """

    def __init__(
        self,
        metastore: Metastore,
        job: Job,
        owner: str,
        *,
        lease_seconds: float = 60.0,
        beat_every: float = 20.0,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.job = job
        self.owner = owner
        self.attempt = job.attempt
        self._metastore = metastore
        self._seconds = lease_seconds
        self._every = min(beat_every, lease_seconds / 3)
        self._stop = stop
        self._done = threading.Event()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{job.id}", daemon=True)
        self._reported = float("-inf")

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def beat(
        self,
        *,
        status: JobStatus | None = None,
        phase: str | None = None,
        percent: float | None = None,
        total_rows: int | None = None,
        processed_rows: int | None = None,
        counts: Counts | None = None,
        checkpoint_rows: int | None = None,
        db: sa.Connection | None = None,
    ) -> None:
        """Prolong the lease, note progress, and learn whether to go on: one UPDATE.

        Args:
            status: the state the job is now in, for example IMPORTING.
            phase: what is being done, in a word or two.
            percent: 0…100.
            total_rows: rows there are, as far as known.
            processed_rows: rows done so far; `counts` also sets it.
            counts: so far.
            checkpoint_rows: rows that need not be done again; never falls.
            db: a write transaction of the metastore to join: its first statement should be
                this one. None: a transaction of its own.

        Raises:
            LeaseLost: the job is no longer ours. Roll back and leave.
            Cancelled: roll back and leave; the worker marks the job.
            WorkersLost: the job lost its worker so often that it must not be begun again.
            Interrupted: likewise; the job is queued again.
        """
        values = self._values(status, phase, percent, total_rows, processed_rows, counts)
        if db is not None:
            asked = self._fence(db, values, checkpoint_rows)
        else:
            with self._metastore.begin() as own:
                asked = self._fence(own, values, checkpoint_rows)
        self._heed(asked)
        self.check()

    def report(
        self,
        *,
        phase: str | None = None,
        percent: float | None = None,
        total_rows: int | None = None,
        processed_rows: int | None = None,
        counts: Counts | None = None,
    ) -> None:
        """As `beat`, but writes four times a second at most: for loops without transactions.

        What is reported in between is not kept; raises the same as `beat`, from what the
        thread learnt when nothing is written.
        """
        now = time.monotonic()
        if now - self._reported < _REPORT_EVERY:
            self.check()
            return
        self._reported = now
        self.beat(
            phase=phase,
            percent=percent,
            total_rows=total_rows,
            processed_rows=processed_rows,
            counts=counts,
        )

    def check(self) -> None:
        """Raise what is known without asking the database; see `beat`."""
        if self._lost.is_set():
            raise LeaseLost(self.job.job_id)
        if self._cancelled.is_set():
            raise Cancelled(self.job.job_id)
        if queue.has_lost_too_many(self.job):
            raise WorkersLost(
                f"{WorkersLost.description}: {self.job.lost_attempts} times.",
                job_id=self.job.job_id,
            )
        if self._stop():
            raise Interrupted(self.job.job_id)

    def _values(
        self,
        status: JobStatus | None,
        phase: str | None,
        percent: float | None,
        total_rows: int | None,
        processed_rows: int | None,
        counts: Counts | None,
    ) -> dict[str, Any]:
        values = count_values(self.job.kind, counts) if counts else {}
        total = "total_rows" if self.job.kind is JobKind.IMPORT else "estimated_rows"
        given = {
            "status": status.value if status else None,
            "phase": storable(phase, 100) if phase is not None else None,
            "progress_percent": None if percent is None else min(max(percent, 0.0), 100.0),
            total: total_rows,
            "processed_rows": processed_rows,
        }
        return values | {name: value for name, value in given.items() if value is not None}

    def _fence(
        self, db: sa.Connection, values: dict[str, Any], checkpoint_rows: int | None
    ) -> bool | None:
        return queue.fence(
            db, self.job, self.owner, self._seconds, values, checkpoint_rows=checkpoint_rows
        )

    def _heed(self, asked: bool | None) -> None:
        if asked is None:
            self._lost.set()
        elif asked:
            self._cancelled.set()

    def _keep(self) -> None:
        """The thread: prolong until done. A database that is away may come back in time."""
        while not self._done.wait(self._every) and not self._lost.is_set():
            try:
                with self._metastore.begin() as db:
                    self._heed(self._fence(db, {}, None))
            except sa.exc.SQLAlchemyError as error:
                name = type(error).__name__
                _log.warning("job %s: heartbeat failed: %s", self.job.job_id, name)
