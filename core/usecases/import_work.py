"""An import in the worker's hands: check the whole file, then load it in one transaction.

The target's ledger has the last word on whether a job was carried out: an earlier attempt may have
committed and died, or its commit may come through only while we are at work.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.loaders import Limits, Loader, already_committed, open_loader
from core.databases.loaders.faults import refers_to_itself
from core.errors import (
    ApprovalRequired,
    TableportError,
    TargetDatabaseError,
    ValidationFailed,
)
from core.jobs.handler import Ended
from core.jobs.lease import Cancelled, LeaseLost
from core.metastore import files
from core.model.access import Action
from core.model.job import Counts, JobStatus
from core.model.plan import ImportPlan, OnErrors
from core.pipeline.importing import (
    CheckedFile,
    Source,
    check_file,
    load_spool,
    note_failures,
    nothing_written,
    too_many,
)
from core.usecases.job_evidence import CHECK_SHARE, JobEvidence
from core.usecases.limits import limits_of, require_upload_fits
from core.usecases.patches import narrowed
from core.usecases.reading import source_of
from core.usecases.remembering import remember
from core.usecases.rights import note, owner_of
from core.usecases.targets import require_fitting, terms_of
from core.usecases.watch import Watch

if TYPE_CHECKING:
    from core.files.scratch import Scratch
    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.model.table import Table
    from core.pipeline.judging import Terms
    from core.workspace import Workspace


class _Committed(Exception):
    """The target's ledger says that this job was carried out; the counts are its argument."""


class ImportWork:
    """One import job in the worker's hands."""

    def __init__(self, ws: Workspace, job: Job, lease: Lease) -> None:
        assert isinstance(job.plan, ImportPlan)
        self._ws, self._job, self._lease, self._plan = ws, job, lease, job.plan
        self._who = owner_of(ws, job)
        self._checked: CheckedFile | None = None

    def validate(self) -> Ended:
        """Check the whole file; write nothing to the target."""
        watch, source, terms = self._prepare(Action.VALIDATE)
        self._note("validation_started", {})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            kept = self._evidence(stack)
            self._checked = checked = check_file(
                self._plan,
                terms,
                source,
                kept.evidence,
                None,
                lambda phase, done, rows: watch.batch(phase, 100 * done, rows),
            )
            kept.publish(checked)
        report = kept.evidence.report.report()
        details = {"total_rows": report.total_rows, "error_rows": report.error_rows}
        self._note("import_validated", details)
        return Ended(
            status=JobStatus.VALIDATED,
            total_rows=checked.rows_read,
            fields={
                "validation_results": kept.results(checked),
                "processed_rows": checked.rows_read,
                "valid_rows": report.valid_rows,
                "error_rows": report.error_rows,
            },
        )

    def run(self) -> Ended:
        """Check the whole file into a spool, then load the spool in one transaction."""
        try:
            self._require_undone()
            ended = self._run()
        except _Committed as done:
            ended = self._ended(done.args[0])
        except (TableportError, Cancelled) as error:
            if (before := self._committed_after_all(error)) is None:
                if isinstance(error, TableportError):
                    self._note("import_failed", {"code": error.code})
                raise
            ended = self._ended(before)
        self._note_end(ended)
        self._remember(ended)
        return ended

    def _remember(self, ended: Ended) -> None:
        """Keep the mapping for the next such file; without it there is a proposal less."""
        if self._checked is None or ended.status is JobStatus.FAILED:
            return
        profile = self._checked.profile
        if not profile.left_out:
            columns = [column.name for column in profile.columns]
            with suppress(sa.exc.SQLAlchemyError):
                remember(self._ws, self._who, self._plan, columns)

    def _run(self) -> Ended:
        watch, source, terms = self._prepare(Action.IMPORT)
        self._note("import_started", {"filename": self._plan.filename, "file_size": source.size})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            kept = self._evidence(stack)
            spool = stack.enter_context(self._ws.uploads.scratch())
            self._checked = checked = check_file(
                self._plan, terms, source, kept.evidence, spool.file,
                lambda phase, done, rows: watch.batch(phase, CHECK_SHARE * done, rows),
            )  # fmt: skip
            stop = self._plan.on_errors is OnErrors.STOP and checked.rejected
            if stop or too_many(self._plan, checked.rejected):
                self._require_undone()
                kept.publish(checked)
                return self._stopped(nothing_written(checked), kept.results(checked))
            return self._load(watch, terms, source, checked, spool, kept)

    def _load(
        self,
        watch: Watch,
        terms: Terms,
        source: Source,
        checked: CheckedFile,
        scratch: Scratch,
        kept: JobEvidence,
    ) -> Ended:
        self._lease.beat(status=JobStatus.IMPORTING, phase="Loading", total_rows=checked.rows_read)
        with (
            scratch.reread() as spool,
            self._loader(terms.table, checked.conflict_key) as loader,
        ):
            share = 100 - CHECK_SHARE
            loaded = load_spool(
                self._plan, checked, spool, loader,
                lambda phase, done, rows: watch.batch(phase, CHECK_SHARE + share * done, rows),
            )  # fmt: skip
            note_failures(self._plan, terms, source, loaded.failures, kept.evidence)
            # By the loader's own connection: another may have to wait for its transaction.
            _require_none(loader.already_committed())
            kept.publish(checked)
            if loaded.stopped:
                return self._stopped(loaded.counts, kept.results(checked))
            # The last look before what cannot be taken back: still ours, still allowed?
            watch.check_rights()
            self._lease.beat(phase="Committing")
            loader.commit(loaded.counts)
        return self._ended(loaded.counts, loader.notes)

    # ------------------------------------------------------------ parts
    def _prepare(self, action: Action) -> tuple[Watch, Source, Terms]:
        watch = Watch(self._ws, self._who, self._job, self._lease, action)
        grant = watch.check_rights()
        with self._ws.metastore.connect() as db:
            upload = files.get(db, self._plan.upload)
        limits = limits_of(self._ws, self._who, grant)
        require_upload_fits(
            limits,
            size=upload.size,
            format_name=self._plan.dialect.format,
            table=self._plan.table,
        )
        if action is Action.IMPORT and grant.requires_approval and not self._job.approved_at:
            # Asked for since the job was queued.
            raise ApprovalRequired("Imports into this table now need an approval: start it again.")
        source = source_of(self._ws, upload.file_id, upload.size, max_rows=limits.import_rows)
        source = narrowed(self._ws, self._plan, source)
        terms = terms_of(self._ws, self._who, self._plan)
        require_fitting(self._plan, terms.table)
        return watch, source, terms

    def _loader(self, table: Table, key: tuple[str, ...]) -> Loader:
        return open_loader(
            self._ws.engine(self._plan.connection),
            table,
            tuple(m.target for m in self._plan.mappings),
            key=key,
            on_conflict=self._plan.on_conflict,
            blanks=self._plan.blanks_by_column,
            policies={m.target: m.on_update for m in self._plan.mappings},
            keep_identity=self._plan.keep_identity,
            run_id=self._job.job_id,
            limits=Limits(
                lock_seconds=self._ws.settings.lock_seconds,
                statement_seconds=self._ws.settings.statement_seconds,
            ),
            # Where rows wait for parents that come later, failing is for load_spool to judge.
            on_row_error=OnErrors.LOAD_VALID if refers_to_itself(table) else self._plan.on_errors,
        )

    def _require_undone(self) -> None:
        """Raises _Committed when an earlier attempt carried the job out. Asked before anything is
        done, and again before evidence is published that its rows may have spoilt."""
        if self._job.attempt > 1:
            _require_none(self._committed_before())

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

    def _evidence(self, stack: ExitStack) -> JobEvidence:
        return JobEvidence(self._ws, self._job, self._plan, self._lease, stack)

    def _stopped(self, counts: Counts, results: dict[str, Any]) -> Ended:
        if too_many(self._plan, counts.rejected):
            words = f"More than {self._plan.max_error_count:,} rows were rejected"
        else:
            words = f"{counts.rejected:,} of {counts.rows_read:,} rows have errors"
        return Ended(
            status=JobStatus.FAILED,
            counts=counts,
            total_rows=counts.rows_read,
            error_code=ValidationFailed.code,
            error_message=f"{words}; nothing was written.",
            fields={
                "validation_results": results,
                "import_results": asdict(counts),
            },
        )

    def _ended(self, counts: Counts, notes: Sequence[str] = ()) -> Ended:
        """`notes`: what the loader could not do and did not matter enough to fail."""
        partly = counts.rejected > 0
        return Ended(
            status=JobStatus.PARTIALLY_COMPLETED if partly else JobStatus.COMPLETED,
            counts=counts,
            total_rows=counts.rows_read,
            fields={"import_results": asdict(counts) | {"notes": list(notes)}},
        )

    def _note_end(self, ended: Ended) -> None:
        failed = ended.status is JobStatus.FAILED
        try:
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


def _require_none(before: Counts | None) -> None:
    if before is not None:
        raise _Committed(before)
