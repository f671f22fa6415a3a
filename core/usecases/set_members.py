"""An import set and its members, as their rows in the job tables tie them together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import Conflict, NotFound
from core.metastore import jobs
from core.model.job import JobStatus, JobTask
from core.model.plan import ImportPlan, plan_hash

if TYPE_CHECKING:
    from core.model.job import Job
    from core.workspace import Workspace


def members_of(ws: Workspace, job: Job) -> list[Job]:
    """The imports of a set, as given."""
    assert isinstance(job.plan, ImportPlan)
    with ws.metastore.connect() as db:
        return [jobs.get(db, member) for member in job.plan.members]


def digest_of(members: Iterable[Job]) -> str:
    """What an approval of a set binds to: every plan it carries out."""
    return hashlib.sha256("\n".join(plan_hash(m.plan) for m in members).encode()).hexdigest()


def is_draft(member: Job) -> bool:
    """May it still be checked and carried out? A failed check wrote nothing."""
    failed_check = member.status is JobStatus.FAILED and member.task is JobTask.VALIDATE
    drafts = (JobStatus.PENDING, JobStatus.VALIDATED)
    return not member.active and (failed_check or member.status in drafts)


def open_set_of(ws: Workspace, job: Job) -> Job | None:
    """The set that will carry this import out, while it has not ended."""
    if job.set_id is None:
        return None
    try:
        with ws.metastore.connect() as db:
            whole = jobs.get(db, job.set_id)
    except NotFound:
        return None
    return None if whole.status.ended else whole


def require_alone(ws: Workspace, job: Job) -> None:
    """Raises Conflict while the import belongs to a set: that is checked and started as one."""
    if (whole := open_set_of(ws, job)) is not None:
        raise Conflict(
            f"This import is part of the set {whole.job_id}: check or start the set, or cancel "
            "it to go on with this import alone.",
            job_id=job.job_id,
        )
