"""An import that goes on where its last worker died (modes staged and resume).

What the check found and accepted is kept as a file of ours, and rows go to the target part by
part; the target itself knows how far they got. So the truth is in one place, whether our own
tables lie in that database or in another.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

import polars as pl
import sqlalchemy as sa

from core.databases.loaders import Outcome, RowFailure, begin, open_loader
from core.databases.loaders import progress as parts
from core.databases.loaders.faults import refers_to_itself
from core.databases.loaders.progress import Overtaken, Progress
from core.databases.loaders.staged import shelf_name
from core.databases.refusals import translated
from core.errors import (
    FileExpired,
    InvalidRequest,
    StorageDamaged,
    TableportError,
    TargetDatabaseError,
)
from core.formats.base import ROW
from core.jobs.handler import Ended
from core.jobs.lease import Cancelled, LeaseLost
from core.jobs.passing import is_passing
from core.metastore import files, jobs
from core.model.access import Action
from core.model.file import FilePurpose
from core.model.job import Counts, JobStatus
from core.model.plan import OnErrors, WriteMode
from core.pipeline.importing import CheckedFile, check_file, into_spool, nothing_written, too_many
from core.pipeline.kept_check import read_check, write_check
from core.pipeline.loading import Loaded, counts_of, load_batch
from core.pipeline.spool import read_batches
from core.usecases.clearing import clear, midway, midway_words
from core.usecases.import_work import ImportWork
from core.usecases.job_evidence import CHECK_SHARE
from core.usecases.ledgered_work import limits_on_target
from core.usecases.undo_journals import with_undo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.engine import Engine

    from core.databases.loaders import Loader, TargetTransaction
    from core.model.table import Table
    from core.pipeline.importing import Source
    from core.pipeline.judging import Terms
    from core.usecases.job_evidence import JobEvidence
    from core.usecases.watch import Watch
    from core.workspace import Workspace

#: So far the progress bar is once every row is on the shelf, in percent.
_SHELVED = 85.0


class KeptSpool:
    """The rows a check accepted, in a file that outlives the worker."""

    def __init__(self, ws: Workspace, file_id: str) -> None:
        self._ws, self._file_id = ws, file_id

    def reread(self) -> BinaryIO:
        """From the start. Raises FileExpired, StorageDamaged."""
        return self._ws.uploads.open(self._file_id)

    def batches(self) -> Iterator[pl.DataFrame]:
        """The accepted rows, batch by batch in the file's order."""
        with self.reread() as file:
            yield from read_batches(file)

    def rows(self, numbers: Collection[int]) -> pl.DataFrame:
        """Of the accepted rows those with these numbers."""
        if not numbers:
            return pl.DataFrame()
        wanted = list(numbers)
        found = [batch.filter(pl.col(ROW).is_in(wanted)) for batch in self.batches()]
        return pl.concat(found) if found else pl.DataFrame()


class KeptWork(ImportWork):
    """One such import in the worker's hands."""

    def run(self) -> Ended:
        """Check the whole file, or find what an earlier attempt kept of its check; then go on
        behind the last part that is committed."""
        try:
            ended = super().run()
        except Overtaken as error:
            raise LeaseLost(self._job.job_id) from error
        except (Cancelled, TableportError) as error:
            return self._ended_midway(error)
        if ended.status is not JobStatus.FAILED:
            # What is left now is cleared up once the database answers again.
            with suppress(TargetDatabaseError, sa.exc.SQLAlchemyError):
                clear(self._ws, self._job)
        return ended

    def _run(self) -> Ended:
        watch, source, terms = self.prepare(Action.IMPORT)
        self._note("import_started", {"filename": self._plan.filename, "file_size": source.size})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            kept = self.evidence(stack)
            spool = self._found(kept)
            if spool is None:
                spool = self._check(watch, source, terms, kept, stack)
            checked = self._checked
            assert checked is not None
            if spool is None:
                loaded = Loaded(counts=nothing_written(checked), failures=(), stopped=True)
                return self._unwritten(terms, source, checked, loaded, kept)
            self._lease.beat(status=JobStatus.IMPORTING, total_rows=checked.rows_read)
            if self._plan.mode is WriteMode.STAGED:
                self._fill_shelf(watch, terms, checked, spool)
                return self._load(watch, terms, source, checked, spool, kept)
            return self._load_parts(watch, terms, source, checked, spool, kept)

    # ------------------------------------------------------------ the check
    def _found(self, kept: JobEvidence) -> KeptSpool | None:
        """What an earlier attempt kept of its check. Raises FileExpired when rows are in the
        table for which it would be needed."""
        with self._ws.metastore.connect() as db:
            file_id = jobs.details(db, self._job)["spool_file"]
        if file_id is None:
            return None
        spool = KeptSpool(self._ws, file_id)
        try:
            with spool.reread() as file:
                self._checked = read_check(file, kept.evidence)
        except (FileExpired, StorageDamaged) as error:
            before = parts.so_far(self._engine, self._job.job_id)
            if self._plan.mode is WriteMode.RESUME and before.parts:
                raise FileExpired("What was kept of the check is gone.") from error
            return None
        return spool

    def _check(
        self, watch: Watch, source: Source, terms: Terms, kept: JobEvidence, stack: ExitStack
    ) -> KeptSpool | None:
        """Check the file and keep what comes of it; None where nothing is to be loaded."""
        draft = stack.enter_context(self._ws.uploads.create())
        findings = stack.enter_context(self._ws.uploads.scratch())
        kept.evidence.notes = findings.file
        self._checked = checked = check_file(
            self._plan, terms, source, kept.evidence, into_spool(draft.file),
            lambda phase, done, rows: watch.batch(phase, CHECK_SHARE * done, rows),
        )  # fmt: skip
        kept.evidence.notes = None
        stop = self._plan.on_errors is OnErrors.STOP and checked.rejected
        if stop or too_many(self._plan, checked.rejected):
            return None
        with findings.reread() as found:
            write_check(draft.file, checked, found)
        stored = kept.keep(draft, FilePurpose.SPOOL, ".spool")
        with self._ws.metastore.begin() as db:
            # A worker that lost the job may not point it at its own files.
            self._lease.beat(db=db)
            files.insert(db, stored)
            jobs.update(db, self._job, spool_file=stored.file_id)
        return KeptSpool(self._ws, stored.file_id)

    # ------------------------------------------------------------ the target
    def _take(self, table: Table, checked: CheckedFile) -> Progress:
        """The target is this attempt's from here on; what is committed so far.

        Raises InvalidRequest where the database keeps no tables of ours.
        """
        kept = parts.prepare(self._engine)
        with self._begin(table) as transaction:
            if not (kept and transaction.ledger):
                raise InvalidRequest(
                    f"mode: {self._plan.mode} keeps its progress in the database, whose user may "
                    "not create tables there. Choose direct, or grant that right."
                )
            with translated("The progress of the import cannot be kept"):
                progress = parts.take(
                    transaction.connection,
                    self._job.job_id,
                    self._job.attempt,
                    Counts(
                        rows_read=checked.rows_read,
                        rejected=checked.rejected,
                        ignored=checked.ignored,
                    ),
                )
            if self._plan.mode is WriteMode.STAGED and not progress.parts:
                self._shelver(transaction, table).make_shelf()
            transaction.commit_part(table.label)
        return progress

    @property
    def _engine(self) -> Engine:
        return self._ws.engine(self._plan.connection)

    def _begin(self, table: Table) -> TargetTransaction:
        limits = limits_on_target(self._ws)
        return begin(self._engine, run_id=self._job.job_id, what=table.label, limits=limits)

    def _fenced(self, table: Table) -> TargetTransaction:
        """A transaction in which no later attempt can begin. Raises Overtaken when one has."""
        transaction = self._begin(table)
        try:
            with translated(f"{table.label} cannot be written to"):
                parts.require_latest(transaction.connection, self._job.job_id, self._job.attempt)
        except BaseException:
            transaction.rollback()
            raise
        return transaction

    def loader(
        self, table: Table, key: tuple[str, ...], into: TargetTransaction | None = None
    ) -> Loader:
        """The loader of the plan in a transaction in which no later attempt can begin.

        Raises Overtaken when one has.
        """
        loader = super().loader(table, key, into or self._fenced(table))
        if self._plan.mode is WriteMode.STAGED:
            loader.draw_on(shelf_name(self._job.job_id))
        return loader

    def _shelver(self, transaction: TargetTransaction, table: Table) -> Loader:
        """A loader that fills the shelf."""
        loader = open_loader(transaction, table, tuple(m.target for m in self._plan.mappings))
        loader.draw_on(shelf_name(self._job.job_id))
        return loader

    def _commit_part(self, loader: Loader, progress: Progress, part: Outcome) -> None:
        label = loader.target.table.label
        with translated(f"Nothing was written to {label}"):
            parts.note(loader.connection, self._job.job_id, self._job.attempt, progress, part)
        loader.transaction.commit_part(label)

    # ------------------------------------------------------------ staged
    def _fill_shelf(
        self, watch: Watch, terms: Terms, checked: CheckedFile, spool: KeptSpool
    ) -> None:
        """Send the accepted rows to the target, for one short transaction to bring across."""
        progress, done = self._take(terms.table, checked), 0
        self._loaded_from = _SHELVED
        for frame in spool.batches():
            upto = _last(frame)
            if upto > progress.upto:
                with self._shelver(self._fenced(terms.table), terms.table) as loader:
                    loader.shelve(_standing(checked, frame))
                    progress = progress.with_part(upto, Outcome())
                    self._commit_part(loader, progress, Outcome())
            done += frame.height
            share = (_SHELVED - CHECK_SHARE) * done / _accepted(checked)
            watch.batch("Staging", CHECK_SHARE + share, done)

    # ------------------------------------------------------------ resume
    def _load_parts(
        self,
        watch: Watch,
        terms: Terms,
        source: Source,
        checked: CheckedFile,
        spool: KeptSpool,
        kept: JobEvidence,
    ) -> Ended:
        """Commit batch after batch; then try once more what the database refused before."""
        progress, done = self._take(terms.table, checked), 0
        again, failures = progress.refused, list[RowFailure]()
        for frame in spool.batches():
            if _last(frame) > progress.upto:
                progress, failed = self._load_part(terms.table, checked, frame, progress)
                failures += failed
                self._lease.beat(counts=progress.counts)
            if too_many(self._plan, progress.counts.rejected):
                loaded = Loaded(counts=progress.counts, failures=tuple(failures), stopped=True)
                ended = self._unwritten(terms, source, checked, loaded, kept)
                words = f"More than {self._plan.max_error_count:,} rows were rejected. "
                told = replace(ended, error_message=words + midway_words(progress))
                return with_undo(self._ws, self._job, told, None, again=True)
            done += frame.height
            share = (100 - CHECK_SHARE) * done / _accepted(checked)
            watch.batch("Loading batch by batch", CHECK_SHARE + share, done)
        if refers_to_itself(terms.table):
            again |= {failure.row for failure in failures if failure.check == "foreign_key"}
        with self.loader(terms.table, checked.conflict_key) as loader:
            outcome = self._retry(loader, spool.rows(again)) + progress.done
            outcome += Outcome(failures=tuple(f for f in failures if f.row not in again))
            counts = counts_of(checked, outcome, deleted=0)
            loaded = Loaded(counts=counts, failures=outcome.failures, stopped=False)
            return self._commit(watch, terms, source, checked, loaded, loader, kept)

    def _load_part(
        self, table: Table, checked: CheckedFile, frame: pl.DataFrame, before: Progress
    ) -> tuple[Progress, tuple[RowFailure, ...]]:
        """One batch, committed together with the progress it makes."""
        standing = _standing(checked, frame)
        with self.loader(table, checked.conflict_key) as loader:
            part = load_batch(self._plan, loader, standing)
            part += Outcome(skipped=frame.height - standing.height)
            loader.finish()
            progress = before.with_part(_last(frame), part)
            self._commit_part(loader, progress, part)
        return progress, part.failures

    def _retry(self, loader: Loader, waiting: pl.DataFrame) -> Outcome:
        """Load what was refused before. In a table that refers to itself that goes on as long as
        more of it goes in: parents may have come after their children."""
        done, waits = Outcome(), refers_to_itself(loader.target.table)
        while waiting.height:
            outcome = load_batch(self._plan, loader, waiting)
            left = [failure.row for failure in outcome.failures]
            if not waits or len(left) in (0, waiting.height):
                return done + outcome
            done += replace(outcome, failures=())
            waiting = waiting.filter(pl.col(ROW).is_in(left))
        return done

    def _ended_midway(self, error: Cancelled | TableportError) -> Ended:
        """Cancelled, or failed for good: parts that are committed stay, and are told of.

        Raises the error where nothing is committed, or where the next attempt may go on.
        """
        if self._plan.mode is not WriteMode.RESUME or is_passing(error):
            raise error
        progress = parts.so_far(self._engine, self._job.job_id)
        if not progress.parts:
            raise error
        told = Ended(status=JobStatus.CANCELLED, counts=progress.counts, fields=midway(progress))
        told = with_undo(self._ws, self._job, told, None, again=True)
        if isinstance(error, Cancelled):
            return told
        return replace(
            told,
            status=JobStatus.FAILED,
            error_code=error.code,
            error_message=f"{error.detail} {midway_words(progress)}",
        )


def _standing(checked: CheckedFile, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that no later row of the file replaces."""
    return frame.filter(~pl.col(ROW).is_in(checked.superseded.implode()))


def _last(frame: pl.DataFrame) -> int:
    return int(frame[ROW][-1])


def _accepted(checked: CheckedFile) -> int:
    return max(1, checked.rows_read - checked.rejected)
