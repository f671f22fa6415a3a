"""Work on a target that is carried out once, however many attempts it takes.

The target's ledger has the last word on whether a job was carried out: an earlier attempt may have
committed and died, or its commit may come through only while we are at work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.loaders import Limits, already_committed
from core.errors import TableportError, TargetDatabaseError
from core.jobs.handler import Ended
from core.jobs.lease import Cancelled, LeaseLost
from core.model.job import Counts, JobStatus
from core.model.plan import ImportPlan
from core.usecases.rights import note, owner_of

if TYPE_CHECKING:
    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.workspace import Workspace


class Committed(Exception):
    """The target's ledger says that this job was carried out; the counts are its argument."""


class LedgeredWork(ABC):
    """A job that writes to a target in one transaction, with its row in the ledger there."""

    def __init__(self, ws: Workspace, job: Job, lease: Lease) -> None:
        assert isinstance(job.plan, ImportPlan)
        self._ws, self._job, self._lease, self._plan = ws, job, lease, job.plan
        self._who = owner_of(ws, job)

    def run(self) -> Ended:
        """Carry the job out, unless the ledger says that this was done."""
        try:
            self._require_undone()
            ended = self._run()
        except Committed as done:
            ended = self._ended(done.args[0])
        except (TableportError, Cancelled) as error:
            if (before := self._committed_after_all(error)) is None:
                if isinstance(error, TableportError):
                    self._note("import_failed", {"code": error.code})
                raise
            ended = self._ended(before)
        self._note_end(ended)
        return ended

    @abstractmethod
    def _run(self) -> Ended:
        """One attempt; what it raises says nothing of what is in the target."""

    def _ended(self, counts: Counts, notes: Sequence[str] = ()) -> Ended:
        """`notes`: what the loader could not do and did not matter enough to fail."""
        partly = counts.rejected > 0
        return Ended(
            status=JobStatus.PARTIALLY_COMPLETED if partly else JobStatus.COMPLETED,
            counts=counts,
            total_rows=counts.rows_read,
            fields={"import_results": asdict(counts) | {"notes": list(notes)}},
        )

    def _require_undone(self) -> None:
        """Raises Committed when an earlier attempt carried the job out. Asked before anything is
        done, and again before evidence is published that its rows may have spoilt."""
        if self._job.attempt > 1:
            require_none(self._committed_before())

    def _committed_after_all(self, error: Exception) -> Counts | None:
        """Asked when we failed: did an earlier attempt carry the job out, or we ourselves, and only
        the answer to our commit was lost? None too when the target cannot be asked."""
        if self._job.attempt == 1 and not isinstance(error, TargetDatabaseError):
            return None
        try:
            return self._committed_before()
        except TableportError:
            return None

    def _committed_before(self) -> Counts | None:
        return already_committed(self._ws.engine(self._plan.connection), self._job.job_id)

    def _note_end(self, ended: Ended) -> None:
        failed = ended.status is JobStatus.FAILED
        try:
            if self._plan.creates is not None and not failed:
                self._note("table_created", {"columns": len(self._plan.creates.columns)})
            self._note(
                "import_failed" if failed else "import_completed",
                asdict(ended.counts) if ended.counts else {},
            )
        except sa.exc.SQLAlchemyError as error:
            # Rows that are in would be called FAILED once the tries are used up. The next attempt
            # finds the ledger's row and says how it went.
            raise LeaseLost(self._job.job_id) from error

    def _note(self, operation: str, details: dict[str, Any]) -> None:
        note(
            self._ws, self._who, operation, table=self._plan.table, job_id=self._job.job_id,
            details=details,
        )  # fmt: skip


def limits_on_target(ws: Workspace) -> Limits:
    """How long a target database may keep a job waiting."""
    return Limits(
        lock_seconds=ws.settings.lock_seconds, statement_seconds=ws.settings.statement_seconds
    )


def require_none(before: Counts | None) -> None:
    """Raises Committed when there are counts of an earlier attempt."""
    if before is not None:
        raise Committed(before)
