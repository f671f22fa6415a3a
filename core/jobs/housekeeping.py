"""What is done every so often, between jobs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.errors import TableportError
from core.metastore import jobs, queue, sessions, workers
from core.metastore.engine import Metastore

_log = logging.getLogger("tableport.jobs")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """Something to do every `every` seconds. Every worker does it: it must bear that."""

    name: str
    every: float
    run: Callable[[], object]


class Ticker:
    """Runs ticks when they are due; the first time at once."""

    def __init__(self, ticks: Sequence[Tick], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = {tick: float("-inf") for tick in ticks}

    def run_due(self) -> None:
        """Run what is due. A tick that fails is logged and waits for its next turn."""
        for tick, due in self._due.items():
            if self._clock() < due:
                continue
            self._due[tick] = self._clock() + tick.every
            try:
                tick.run()
            except (TableportError, sa.exc.SQLAlchemyError, OSError) as error:
                _log.warning("housekeeping %s failed: %s", tick.name, type(error).__name__)


def sweep_tick(metastore: Metastore) -> Tick:
    """End jobs whose worker is gone and which nobody will take over."""

    def sweep() -> None:
        with metastore.begin() as db:
            ended = queue.sweep(db)
        for job_id in ended:
            _log.warning("job %s: ended, its worker is gone", job_id)

    return Tick(name="sweep", every=10.0, run=sweep)


def standard_ticks(metastore: Metastore) -> tuple[Tick, ...]:
    """The ticks that need nothing but the metastore; files expire by a tick from above."""

    def purge() -> None:
        with metastore.begin() as db:
            sessions.purge(db)
            workers.purge(db)
            jobs.mark_expired(db)

    return (sweep_tick(metastore), Tick(name="purge", every=60.0, run=purge))
