"""An import in the worker's hands: check the whole file, load it in one transaction."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.deletable import require_deletable
from core.databases.loaders import (
    Loader,
    TargetTransaction,
    begin,
    open_loader,
)
from core.databases.loaders.faults import refers_to_itself
from core.databases.making.tables import make_table
from core.databases.undo import UndoJournal
from core.errors import (
    ApprovalRequired,
    TableportError,
    ValidationFailed,
)
from core.jobs.handler import Ended
from core.metastore import files
from core.model.access import Action
from core.model.job import Counts, JobStatus
from core.model.plan import OnErrors
from core.pipeline.flowing import Flow, HeldBack, may_flow
from core.pipeline.importing import (
    CheckedFile,
    Report,
    Source,
    check_file,
    note_failures,
    nothing_written,
    too_many,
)
from core.pipeline.loading import Loaded, load_spool
from core.usecases.job_evidence import CHECK_SHARE, JobEvidence
from core.usecases.ledgered_work import LedgeredWork, limits_on_target, require_none
from core.usecases.limits import limits_of, require_upload_fits
from core.usecases.patches import narrowed
from core.usecases.reading import source_of
from core.usecases.remembering import remember
from core.usecases.targets import require_fitting, require_unmade, terms_of
from core.usecases.undo_journals import wants_journal, with_undo
from core.usecases.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.model.new_table import NewTable
    from core.model.table import Table
    from core.pipeline.judging import Terms
    from core.pipeline.spool import Rereadable
    from core.workspace import Workspace


_FLOWING = "Checking and loading"


class ImportWork(LedgeredWork):
    """One import job in the worker's hands."""

    _loaded_from = CHECK_SHARE  #: so far the progress bar is when loading begins, in percent

    def __init__(self, ws: Workspace, job: Job, lease: Lease) -> None:
        super().__init__(ws, job, lease)
        self._checked: CheckedFile | None = None
        self.rows_read: int | None = None  #: of the file, where others have checked it
        self.journal: UndoJournal | None = None  #: of the loader made last

    def validate(self) -> Ended:
        """Check the whole file; write nothing to the target."""
        watch, source, terms = self.prepare(Action.VALIDATE)
        self._note("validation_started", {})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            kept = self.evidence(stack)
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
        """Check the whole file and load it in one transaction, beside the check or after it."""
        ended = super().run()
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
        watch, source, terms = self.prepare(Action.IMPORT)
        self._note("import_started", {"filename": self._plan.filename, "file_size": source.size})
        with ExitStack() as stack:
            kept = self.evidence(stack)
            self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
            spool = stack.enter_context(self._ws.uploads.scratch())
            flow = stack.enter_context(self._flow_into(terms.table))
            held = HeldBack(spool, flow, self._most_held(terms))
            self._checked = checked = check_file(
                self._plan, terms, source, kept.evidence, held.take, self._report(watch, held)
            )
            stop = self._plan.on_errors is OnErrors.STOP and checked.rejected
            if stop or too_many(self._plan, checked.rejected):
                flow.give_up()
                loaded = Loaded(counts=nothing_written(checked), failures=(), stopped=True)
                return self._unwritten(terms, source, checked, loaded, kept)
            if not held.flows:
                return self._load(watch, terms, source, checked, spool, kept)
            loaded = flow.finish(checked)
            if loaded.stopped:
                return self._unwritten(terms, source, checked, loaded, kept)
            return self._commit(watch, terms, source, checked, loaded, flow.loader, kept)

    def _flow_into(self, table: Table) -> Flow:
        key = table.conflict_key(tuple(m.target for m in self._plan.mappings), self._plan.key)
        return Flow(self._plan, lambda: self.loader(table, key))

    def _most_held(self, terms: Terms) -> int | None:
        """The rows up to which nothing is loaded before all is checked; None: never before.

        What undoing takes is kept of so many, and how many there are is known only at the end.
        """
        asked = self._plan.undoable
        if asked or not may_flow(self._plan, terms):
            return None
        return self._ws.settings.undo_rows if asked is None else 0

    def _report(self, watch: Watch, held: HeldBack) -> Report:
        """Rows that flow are loaded as far as they are checked."""
        loading = False

        def report(phase: str, done: float, rows: int) -> None:
            nonlocal loading
            if held.flows and not loading:
                self._lease.beat(status=JobStatus.IMPORTING, phase=_FLOWING)
                loading = True
            share = 100 if loading else CHECK_SHARE
            watch.batch(_FLOWING if loading else phase, share * done, rows)

        return report

    def _load(
        self,
        watch: Watch,
        terms: Terms,
        source: Source,
        checked: CheckedFile,
        scratch: Rereadable,
        kept: JobEvidence,
    ) -> Ended:
        self._lease.beat(status=JobStatus.IMPORTING, phase="Loading", total_rows=checked.rows_read)
        with (
            scratch.reread() as spool,
            self.loader(terms.table, checked.conflict_key) as loader,
        ):
            start, share = self._loaded_from, 100 - self._loaded_from
            loaded = load_spool(
                self._plan, checked, spool, loader,
                lambda phase, done, rows: watch.batch(phase, start + share * done, rows),
            )  # fmt: skip
            if loaded.stopped:
                loader.rollback()
                return self._unwritten(terms, source, checked, loaded, kept)
            return self._commit(watch, terms, source, checked, loaded, loader, kept)

    def _unwritten(
        self, terms: Terms, source: Source, checked: CheckedFile, loaded: Loaded, kept: JobEvidence
    ) -> Ended:
        """What was loaded has been rolled back; what was found is kept."""
        self._require_undone()
        note_failures(self._plan, terms, source, loaded.failures, kept.evidence)
        kept.publish(checked)
        return self._stopped(loaded.counts, kept.results(checked))

    def _commit(
        self,
        watch: Watch,
        terms: Terms,
        source: Source,
        checked: CheckedFile,
        loaded: Loaded,
        loader: Loader,
        kept: JobEvidence,
    ) -> Ended:
        """Publish what was found, then commit."""
        note_failures(self._plan, terms, source, loaded.failures, kept.evidence)
        # By the loader's own connection: another may have to wait for its transaction.
        require_none(loader.already_committed())
        kept.publish(checked)
        # The last look before what cannot be taken back: still ours, still allowed?
        watch.check_rights()
        self._lease.beat(phase="Committing", total_rows=checked.rows_read)
        loader.commit(loaded.counts)
        return self._ended(loaded.counts, loader.notes)

    # ------------------------------------------------------------ parts
    def prepare(self, action: Action) -> tuple[Watch, Source, Terms]:
        """The owner's rights asked, and what the file is read from and held against.

        Raises ApprovalRequired, or as rights, limits and table demand.
        """
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
        require_unmade(self._ws, self._plan)
        terms = terms_of(self._ws, self._who, self._plan)
        require_fitting(self._plan, terms.table)
        if self._plan.on_conflict.deletes:
            require_deletable(terms.engine, terms.table)
        return watch, source, terms

    def loader(
        self, table: Table, key: tuple[str, ...], into: TargetTransaction | None = None
    ) -> Loader:
        """The loader of the plan, in a transaction that others load into too or in its own."""
        if self._plan.creates is not None:
            into, table = self._with_table(self._plan.creates, into)
        return open_loader(
            into or self._ws.engine(self._plan.connection),
            table,
            tuple(m.target for m in self._plan.mappings),
            key=key,
            on_conflict=self._plan.on_conflict,
            blanks=self._plan.blanks_by_column,
            policies={m.target: m.on_update for m in self._plan.mappings},
            run_id=self._job.job_id,
            limits=limits_on_target(self._ws),
            # Where rows wait for parents that come later, failing is for load_spool to judge.
            on_row_error=OnErrors.LOAD_VALID if refers_to_itself(table) else self._plan.on_errors,
            journal=self._new_journal(table),
        )

    def _new_journal(self, table: Table) -> UndoJournal | None:
        """What undoing takes, where it is wanted: once it is known how many rows there are."""
        rows = self.rows_read if self._checked is None else self._checked.rows_read
        wanted = wants_journal(self._plan, undo_rows=self._ws.settings.undo_rows, rows=rows)
        self.journal = UndoJournal(table, self._job.job_id) if wanted and rows is not None else None
        return self.journal

    def _ended(self, counts: Counts, notes: Sequence[str] = ()) -> Ended:
        ended = super()._ended(counts, notes)
        again = self._job.attempt > 1
        return with_undo(self._ws, self._job, ended, self.journal, again=again)

    def _with_table(
        self, spec: NewTable, into: TargetTransaction | None
    ) -> tuple[TargetTransaction, Table]:
        """The transaction with the new table made in it. Raises Conflict, TargetDatabaseError."""
        into = into or begin(
            self._ws.engine(self._plan.connection),
            run_id=self._job.job_id,
            what=spec.label,
            limits=limits_on_target(self._ws),
        )
        try:
            return into, make_table(into.connection, spec)
        except TableportError:
            into.rollback()
            raise

    def evidence(self, stack: ExitStack) -> JobEvidence:
        """Where what is found out is kept, open as long as the stack is."""
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
