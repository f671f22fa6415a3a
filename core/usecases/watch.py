"""What a running job looks at after every batch: its lease, and its owner's rights."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.model.access import Action
from core.model.plan import ExportPlan, ImportPlan
from core.usecases.exports import named_columns
from core.usecases.rights import require, require_import

if TYPE_CHECKING:
    from core.jobs.lease import Lease
    from core.model.access import Grant, Identity
    from core.model.job import Job
    from core.workspace import Workspace

#: How often a running job asks whether its owner still may, in seconds.
_RIGHTS_EVERY = 2.0


class Watch:
    """Beats the lease as batches pass, and stops when the owner's rights are gone."""

    def __init__(
        self, ws: Workspace, who: Identity, job: Job, lease: Lease, action: Action
    ) -> None:
        self._ws, self._who, self._job, self._lease = ws, who, job, lease
        self._action = action
        self._asked = time.monotonic()

    def check_rights(self) -> Grant:
        self._asked = time.monotonic()
        plan = self._job.plan
        job_id = self._job.job_id
        if self._action is Action.IMPORT and isinstance(plan, ImportPlan):
            return require_import(self._ws, self._who, plan, job_id)
        columns = named_columns(plan) if isinstance(plan, ExportPlan) else None
        return require(
            self._ws, self._who, self._action, plan.connection, plan.table,
            columns=columns, job_id=job_id,
        )  # fmt: skip

    def batch(self, phase: str, percent: float, rows: int) -> None:
        self._lease.report(phase=phase, percent=percent, processed_rows=rows)
        if time.monotonic() - self._asked > _RIGHTS_EVERY:
            self.check_rights()
