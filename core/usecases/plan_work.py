"""A plan in the worker's hands: what an import would change, and a run that changes just that."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.databases.loaders import begin
from core.databases.loaders.foresight import Foresight
from core.errors import FileExpired, NotFound, StorageDamaged, TableMovedOn
from core.jobs.handler import Ended
from core.metastore import files, jobs
from core.model.access import Action
from core.model.file import FilePurpose
from core.model.job import JobStatus, JobTask
from core.model.plan import OnErrors
from core.pipeline.change_file import ChangeFile, ChangeLog
from core.pipeline.importing import check_file, into_spool, note_failures, nothing_written, too_many
from core.pipeline.loading import Loaded, load_spool
from core.pipeline.moved import moved_on
from core.pipeline.planning import foresee, summed_up, to_document, to_the_end
from core.usecases.import_work import ImportWork
from core.usecases.ledgered_work import limits_on_target
from core.usecases.rights import require_import

if TYPE_CHECKING:
    from core.databases.loaders import Loader, TargetTransaction
    from core.files.scratch import Scratch
    from core.files.store import Draft
    from core.model.changes import Foreseen
    from core.model.file import StoredFile
    from core.pipeline.importing import CheckedFile, Source
    from core.pipeline.judging import Terms
    from core.usecases.job_evidence import JobEvidence
    from core.usecases.watch import Watch

#: Of the progress bar: checking, comparing and, in a run, loading.
_CHECKED, _COMPARED = 50.0, 75.0


class PlanWork(ImportWork):
    """One import job of which is asked what it would change, or which must change just that."""

    def plan(self) -> Ended:
        """Check the whole file and hold it against the table; write nothing to the target."""
        watch, source, terms = self.prepare(Action.VALIDATE)
        require_import(self._ws, self._who, self._plan, self._job.job_id)
        self._note("planning_started", {})
        with ExitStack() as stack:
            kept = self.evidence(stack)
            accepted, clashing = (stack.enter_context(self._ws.uploads.scratch()) for _ in "ab")
            checked = self._check(watch, source, terms, kept, accepted, clashing)
            draft = stack.enter_context(self._ws.uploads.create())
            with self._looking(terms) as transaction:
                loader = self.loader(terms.table, checked.conflict_key, transaction)
                foreseen = self._foresee(watch, checked, accepted, clashing, loader, draft,
                                         noting=(terms, source, kept))  # fmt: skip
            kept.publish(checked)
            self._keep(kept, draft, foreseen)
            results = kept.results(checked)
        self._note("import_planned", asdict(foreseen.counts))
        report = kept.evidence.report.report()
        return Ended(
            status=JobStatus.VALIDATED,
            total_rows=checked.rows_read,
            fields={
                "validation_results": results,
                "processed_rows": checked.rows_read,
                "valid_rows": report.valid_rows,
                "error_rows": report.error_rows,
            },
        )

    def _run(self) -> Ended:
        """Load in the very transaction in which the table is found as it was when planned."""
        watch, source, terms = self.prepare(Action.IMPORT)
        self._note("import_started", {"filename": self._plan.filename, "file_size": source.size})
        with ExitStack() as stack:
            kept = self.evidence(stack)
            accepted, clashing = (stack.enter_context(self._ws.uploads.scratch()) for _ in "ab")
            self._checked = checked = self._check(watch, source, terms, kept, accepted, clashing)
            draft = stack.enter_context(self._ws.uploads.create())
            loader = stack.enter_context(self.loader(terms.table, checked.conflict_key))
            loader.transaction.hold(terms.table)
            foreseen = self._foresee(watch, checked, accepted, clashing, loader, draft)
            if foreseen.digest != self._plan.planned:
                loader.rollback()
                self._require_undone()
                return self._moved_on(checked, kept, draft, foreseen)
            loaded = self._load_planned(watch, checked, accepted, loader)
            if loaded.stopped:
                loader.rollback()
                return self._unwritten(terms, source, checked, loaded, kept)
            return self._commit(watch, terms, source, checked, loaded, loader, kept)

    # ------------------------------------------------------------ parts
    def _looking(self, terms: Terms) -> TargetTransaction:
        """A transaction that leaves nothing behind."""
        return begin(
            terms.engine, run_id=self._job.job_id, what=terms.table.label,
            limits=limits_on_target(self._ws), recorded=False,
        )  # fmt: skip

    def _check(
        self,
        watch: Watch,
        source: Source,
        terms: Terms,
        kept: JobEvidence,
        accepted: Scratch,
        clashing: Scratch,
    ) -> CheckedFile:
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        return check_file(
            to_the_end(self._plan), terms, source, kept.evidence, into_spool(accepted.file),
            lambda phase, done, rows: watch.batch(phase, _CHECKED * done, rows),
            clashes=into_spool(clashing.file),
        )  # fmt: skip

    def _foresee(
        self,
        watch: Watch,
        checked: CheckedFile,
        accepted: Scratch,
        clashing: Scratch,
        loader: Loader,
        draft: Draft,
        *,
        noting: tuple[Terms, Source, JobEvidence] | None = None,
    ) -> Foreseen:
        """`noting`: where rows that the table would refuse are noted too."""
        log = ChangeLog(draft.file)
        share = _COMPARED - _CHECKED
        with accepted.reread() as rows, clashing.reread() as clashes:
            counts, failures = foresee(
                self._plan, checked, rows, clashes, Foresight(loader, log), log,
                lambda phase, done, rows: watch.batch(phase, _CHECKED + share * done, rows),
            )  # fmt: skip
        if noting is not None:
            terms, source, kept = noting
            note_failures(self._plan, terms, source, failures, kept.evidence)
        return summed_up(self._plan, checked, counts, log, datetime.now(UTC))

    def _load_planned(
        self, watch: Watch, checked: CheckedFile, accepted: Scratch, loader: Loader
    ) -> Loaded:
        stop = self._plan.on_errors is OnErrors.STOP and checked.rejected
        if stop or too_many(self._plan, checked.rejected):
            return Loaded(counts=nothing_written(checked), failures=(), stopped=True)
        self._lease.beat(status=JobStatus.IMPORTING, phase="Loading", total_rows=checked.rows_read)
        share = 100 - _COMPARED
        with accepted.reread() as spool:
            return load_spool(
                self._plan, checked, spool, loader,
                lambda phase, done, rows: watch.batch(phase, _COMPARED + share * done, rows),
            )  # fmt: skip

    def _keep(self, kept: JobEvidence, draft: Draft, foreseen: Foreseen) -> StoredFile:
        """Point the job at what was foreseen."""
        stored = kept.keep(draft, FilePurpose.CHANGES, ".changes.jsonl")
        with self._ws.metastore.begin() as db:
            # A worker that lost the job may not point it at its own file.
            self._lease.beat(db=db)
            files.insert(db, stored)
            jobs.update(db, self._job, changes=to_document(foreseen), changes_file=stored.file_id)
        return stored

    def _moved_on(
        self, checked: CheckedFile, kept: JobEvidence, draft: Draft, foreseen: Foreseen
    ) -> Ended:
        """Nothing was written; the job stands with the plan as it would be made now."""
        kept.publish(checked)
        stored = self._keep(kept, draft, foreseen)
        return Ended(
            status=JobStatus.FAILED,
            counts=nothing_written(checked),
            total_rows=checked.rows_read,
            error_code=TableMovedOn.code,
            error_message=f"{self._difference(stored)} Nothing was written.",
            fields={
                "validation_results": kept.results(checked),
                # It is the plan that failed: the job may be planned and started anew.
                "task": JobTask.PLAN.value,
            },
        )

    def _difference(self, now: StoredFile) -> str:
        table, before = self._plan.table, self._job.changes_file
        if before is None:
            return f"{table} has changed since the plan was made."
        try:
            with self._ws.uploads.open(before) as old, self._ws.uploads.open(now.file_id) as new:
                return moved_on(ChangeFile(old), ChangeFile(new), table)
        except (FileExpired, NotFound, StorageDamaged):
            return f"{table} has changed since the plan was made."
