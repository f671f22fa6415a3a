"""What an import found out about its file: collected while it runs, kept when it has ended."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.metastore import files, jobs
from core.model.file import FilePurpose, StoredFile
from core.pipeline.evidence import Evidence
from core.usecases.profiles import analysis_document
from core.usecases.reports import report_document

if TYPE_CHECKING:
    from core.files.store import Draft
    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.pipeline.importing import CheckedFile
    from core.workspace import Workspace

#: Checking takes this share of an import's progress bar, in percent.
CHECK_SHARE = 60.0


class JobEvidence:
    """The evidence of one import, in two files that the job points at once it is published."""

    def __init__(
        self, ws: Workspace, job: Job, plan: ImportPlan, lease: Lease, stack: ExitStack
    ) -> None:
        self._ws, self._job, self._plan, self._lease = ws, job, plan, lease
        self._violations: Draft = stack.enter_context(ws.uploads.create())
        self._rejects: Draft = stack.enter_context(ws.uploads.create())
        drafts = (self._violations.file, self._rejects.file)
        self.evidence = Evidence(*drafts, plan.dialect, job.job_id)

    def publish(self, checked: CheckedFile) -> None:
        """Keep the evidence and point the job at it, before the target is committed: should we
        die in between, what was rejected is not lost with us.

        Raises LeaseLost.
        """
        self.publish_found(self.results(checked))

    def publish_found(self, results: dict[str, Any], **more: Any) -> None:
        """The same of anything that was found; `more` columns of the job's row. LeaseLost."""
        self.evidence.finish()
        found: dict[str, str | None] = {"violations_file": None, "rejects_file": None}
        kept: list[StoredFile] = []
        report = self.evidence.report.report()
        if report.error_count or report.warning_count:
            kept.append(self.keep(self._violations, FilePurpose.VIOLATIONS, ".violations.jsonl"))
            found["violations_file"] = kept[-1].file_id
        if self.evidence.rejected_rows:
            kept.append(self.keep(self._rejects, FilePurpose.REJECTS, ".rejects.csv"))
            found["rejects_file"] = kept[-1].file_id
        with self._ws.metastore.begin() as db:
            # A worker that lost the job may not point it at its own files.
            self._lease.beat(db=db)
            for file in kept:
                files.insert(db, file)
            jobs.update(db, self._job, validation_results=results, **found, **more)

    def results(self, checked: CheckedFile) -> dict[str, Any]:
        """What the job keeps of the check: what it found, and what the columns are like."""
        report = self.evidence.report.report()
        # An import checks the file again, then loads it.
        estimate = checked.seconds * 100 / CHECK_SHARE
        return report_document(report) | analysis_document(
            checked.profile, report, seconds=checked.seconds, estimate=estimate
        )

    def keep(self, draft: Draft, purpose: FilePurpose, suffix: str) -> StoredFile:
        """Name a file of the job's, and let it expire with its upload; not yet in the metastore."""
        stored = draft.commit()
        now = datetime.now(UTC)
        stem = self._plan.filename.rpartition(".")[0] or self._plan.filename
        return StoredFile(
            file_id=stored.file_id,
            purpose=purpose,
            owner_id=self._job.created_by,
            filename=(stem[:200] or "rows") + suffix,
            size=stored.size,
            sha256=stored.sha256,
            created_at=now,
            expires_at=now + timedelta(hours=self._ws.settings.upload_retention_hours),
            job_id=self._job.job_id,
        )
