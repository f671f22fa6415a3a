"""Claim, carry out, finish."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import getpid
from typing import Any

import sqlalchemy as sa

from core.errors import ApprovalRequired, ConfigurationError, Conflict, TableportError
from core.jobs.handler import Ended, Handlers
from core.jobs.housekeeping import Tick, Ticker, sweep_tick
from core.jobs.lease import Cancelled, Interrupted, Lease, LeaseLost
from core.jobs.passing import is_passing
from core.metastore import jobs, queue, workers
from core.metastore.engine import Metastore
from core.metastore.jobrows import count_values
from core.metastore.text import storable, storable_or_none
from core.model.job import Job, JobKind, JobStatus

_log = logging.getLogger("tableport.jobs")

_HEARTBEAT_EVERY = 10.0
_DATABASE_AWAY = 5.0  #: seconds between tries while our own database cannot be reached
_DONE = frozenset({JobStatus.COMPLETED, JobStatus.PARTIALLY_COMPLETED, JobStatus.VALIDATED})


def retry_delay(attempt: int) -> float:
    """Seconds to wait after the attempt of that number failed in passing: 2, 4, 8 … 60."""
    return float(min(60, 2 ** min(attempt, 6)))


def owner_prefix(pid: int | None = None) -> str:
    """`host:pid:`, how the owner of every lease of a process on this host begins."""
    return f"{socket.gethostname()}:{getpid() if pid is None else pid}:"


def new_owner() -> str:
    """A name no other worker has or ever had."""
    return owner_prefix() + secrets.token_hex(6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """One worker: its name, what it can do, and its habits."""

    metastore: Metastore
    handlers: Handlers
    owner: str
    stop: Callable[[], bool]
    lease_seconds: float
    beat_every: float
    delay: Callable[[int], float]


def run_worker(
    metastore: Metastore,
    handlers: Handlers,
    *,
    stop: Callable[[], bool],
    ticks: Sequence[Tick] = (),
    poll: float = 0.05,
    max_poll: float = 0.5,
    lease_seconds: float = 60.0,
    beat_every: float = 20.0,
    delay: Callable[[int], float] = retry_delay,
) -> None:
    """Work until `stop()`; a job at hand is then given back to the queue within its batch.

    Looks for work every `poll` seconds at first and every `max_poll` when idle; runs each
    tick when it is due, between jobs. While our own database is away it waits for it.
    """
    worker = Worker(
        metastore=metastore,
        handlers=handlers,
        owner=new_owner(),
        stop=stop,
        lease_seconds=lease_seconds,
        beat_every=beat_every,
        delay=delay,
    )
    ticker = Ticker(ticks)
    idle = poll
    with _Pulse(metastore, worker.owner):
        while not stop():
            try:
                ticker.run_due()
                worked = _work_once(worker)
            except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
                _log.warning("our own database is away: %s", type(error.orig).__name__)
                _sleep(_DATABASE_AWAY, stop)
                continue
            idle = poll if worked else min(idle * 1.5, max_poll)
            if not worked:
                _sleep(idle, stop)


def run_job(
    metastore: Metastore,
    job_id: str,
    handlers: Handlers,
    *,
    lease_seconds: float = 60.0,
    beat_every: float = 20.0,
    poll: float = 0.05,
    delay: Callable[[int], float] = retry_delay,
) -> Job:
    """Carry out one queued job here and now, and return it as it ended (for the command line).

    Should a worker have taken it first, waits for that one. Ctrl-C cancels the job. Raises
    NotFound; ApprovalRequired; Conflict when nothing was asked of the job.
    """
    worker = Worker(
        metastore=metastore,
        handlers=handlers,
        owner=new_owner(),
        stop=lambda: False,
        lease_seconds=lease_seconds,
        beat_every=beat_every,
        delay=delay,
    )
    with metastore.connect() as db:
        _refuse_resting(jobs.get(db, job_id))
    ticker = Ticker([sweep_tick(metastore)])
    while True:
        ticker.run_due()
        with metastore.connect() as db:
            now = jobs.get(db, job_id)
            due = queue.is_due(db, job_id=job_id)
        if not now.active:
            return now
        if due:
            _claim_and_carry_out(worker, job_id)
        else:
            time.sleep(poll)


def _refuse_resting(job: Job) -> None:
    if job.status is JobStatus.AWAITING_APPROVAL:
        raise ApprovalRequired("This import waits for a reviewer.", job_id=job.job_id)
    if not job.active:
        raise Conflict(f"The job is {job.status} and nothing is asked of it.", job_id=job.job_id)


def _claim_and_carry_out(worker: Worker, job_id: str) -> None:
    with worker.metastore.begin() as db:
        job = queue.claim(db, worker.owner, worker.lease_seconds, job_id=job_id)
    if job is None:
        return
    try:
        _carry_out(worker, job)
    except KeyboardInterrupt:
        # _carry_out has given the job back; whoever pressed Ctrl-C does not want it done later.
        with worker.metastore.begin() as db:
            if not jobs.get(db, job.job_id).status.ended:
                queue.cancel(db, job)
        raise


def _work_once(worker: Worker) -> bool:
    """Claim one job and carry it out; False when there was none."""
    with worker.metastore.connect() as db:
        if not queue.is_due(db):  # to ask needs no lock, to claim does
            return False
    with worker.metastore.begin() as db:
        job = queue.claim(db, worker.owner, worker.lease_seconds)
    if job is None:
        return False
    _carry_out(worker, job)
    return True


def _carry_out(worker: Worker, job: Job) -> None:
    """Run the job's handler and write the outcome, whatever happens."""
    _log.info("job %s: %s %s, attempt %d", job.job_id, job.kind, job.task, job.attempt)
    lease = Lease(
        worker.metastore,
        job,
        worker.owner,
        lease_seconds=worker.lease_seconds,
        beat_every=worker.beat_every,
        stop=worker.stop,
    )
    try:
        with lease:
            ended = _handle(worker, job, lease)
    except LeaseLost:
        _log.warning("job %s: the lease was lost; left to its new owner", job.job_id)
    except Cancelled:
        _finish(worker, job, Ended(status=JobStatus.CANCELLED))
    except Interrupted:
        _give_back(worker, job)
    except TableportError as error:
        _fail(worker, job, error, error.code, error.detail)
    except Exception as error:  # noqa: BLE001  the job's boundary: no defect may stop the worker
        _log_frames(job, error)
        _fail(worker, job, error, TableportError.code, _unexpected(error))
    except BaseException:
        _give_back(worker, job)
        raise
    else:
        _conclude(worker, job, ended)


def _conclude(worker: Worker, job: Job, ended: Ended) -> None:
    """Write the outcome of what is done.

    When our own database is away just then, the lease runs out and the next attempt finds what
    was done: neither a retry nor FAILED would be true.
    """
    try:
        _finish(worker, job, ended)
    except Exception as error:  # noqa: BLE001  the job's boundary, as above
        if is_passing(error):
            _log.warning("job %s: done, but that could not be written yet", job.job_id)
            return
        _log_frames(job, error)
        _fail(worker, job, error, TableportError.code, _unexpected(error))


def _handle(worker: Worker, job: Job, lease: Lease) -> Ended:
    handler = worker.handlers.get((job.kind, job.task))
    if handler is None:
        raise ConfigurationError(f"This worker has no handler for {job.kind} {job.task}.")
    return handler(job, lease)


def _finish(worker: Worker, job: Job, ended: Ended) -> None:
    values: dict[str, Any] = dict(ended.fields)
    if ended.counts is not None:
        values |= count_values(job.kind, ended.counts)
    if ended.total_rows is not None:
        total = "total_rows" if job.kind is JobKind.IMPORT else "estimated_rows"
        values[total] = ended.total_rows
    if ended.status in _DONE:
        values["progress_percent"] = 100.0
    values |= {
        "phase": storable(ended.phase, 100),
        "error_code": ended.error_code,
        "error_message": storable_or_none(ended.error_message, 10_000),
    }
    with worker.metastore.begin() as db:
        ours = queue.finish(db, job, worker.owner, ended.status, values)
    if ours:
        _log.info("job %s: %s", job.job_id, ended.status)
    else:
        _log.warning("job %s: finished too late; left to its new owner", job.job_id)


def _fail(worker: Worker, job: Job, error: Exception, code: str, message: str) -> None:
    """FAILED with code and words; or queued again, when the trouble may pass by itself."""
    if is_passing(error):
        values = {"error_code": code, "error_message": storable(message, 10_000)}
        with worker.metastore.begin() as db:
            again = queue.retry_later(db, job, worker.owner, worker.delay(job.attempt), values)
        if again:
            _log.warning("job %s: will be tried again: %s", job.job_id, code)
            return
    _finish(worker, job, Ended(status=JobStatus.FAILED, error_code=code, error_message=message))


def _give_back(worker: Worker, job: Job) -> None:
    with worker.metastore.begin() as db:
        queue.give_back(db, job, worker.owner)
    _log.info("job %s: given back, this worker stops", job.job_id)


def _unexpected(error: Exception) -> str:
    """Words without the error's own, which may quote cells or SQL (SECURITY 25)."""
    if is_passing(error):
        return "A database could not be reached or was too busy, again and again."
    return f"{TableportError.description}. The worker's log says where it happened."


def _log_frames(job: Job, error: BaseException) -> None:
    """Where it happened; not what was said, which may quote cells."""
    where = "".join(traceback.format_tb(error.__traceback__))
    causes: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(causes) < 10:
        causes.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    _log.error("job %s: %s\n%s", job.job_id, " from ".join(causes), where)


def _sleep(seconds: float, stop: Callable[[], bool]) -> None:
    """Sleep, but wake soon after `stop()` says so."""
    end = time.monotonic() + seconds
    while not stop() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))


class _Pulse:
    """A thread that writes this worker's heartbeat, also while a long job runs."""

    def __init__(self, metastore: Metastore, owner: str) -> None:
        self._metastore = metastore
        self._owner = owner
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-pulse", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._write(workers.beat)
            if self._done.wait(_HEARTBEAT_EVERY):
                break
        self._write(workers.leave)

    def _write(self, statement: Callable[[sa.Connection, str], None]) -> None:
        try:
            with self._metastore.begin() as db:
                statement(db, self._owner)
        except sa.exc.SQLAlchemyError as error:
            _log.warning("heartbeat of the worker failed: %s", type(error).__name__)
