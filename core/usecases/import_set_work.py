"""An import set in the worker's hands: check every file, load them all in one transaction.

Each member keeps its own evidence; the set's job holds the lease and the row in the ledger that has
the last word. A member's counts stand in the ledger too, under its own id.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.loaders import Loader, TargetTransaction, already_committed, begin
from core.databases.loaders.deferral import defer
from core.errors import Conflict, TableportError, ValidationFailed
from core.jobs.handler import Ended
from core.jobs.lease import LeaseLost
from core.metastore import jobs
from core.metastore.jobrows import count_values
from core.model.access import Action
from core.model.check import CheckReport
from core.model.job import Counts, JobStatus
from core.model.plan import ImportPlan, OnErrors
from core.pipeline.importing import (
    CheckedFile,
    check_file,
    into_spool,
    note_failures,
    nothing_written,
    too_many,
)
from core.pipeline.loading import load_spool
from core.pipeline.set_circle import orphans
from core.pipeline.set_keys import SetKeys
from core.usecases.import_sets import order_of
from core.usecases.import_work import ImportWork
from core.usecases.job_evidence import CHECK_SHARE, JobEvidence
from core.usecases.ledgered_work import LedgeredWork, limits_on_target, require_none
from core.usecases.reports import report_document
from core.usecases.rights import note
from core.usecases.set_members import digest_of, is_draft, members_of
from core.usecases.undo_journals import with_undo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.databases.undo import UndoJournal
    from core.files.scratch import Scratch
    from core.jobs.lease import Lease
    from core.model.job import Job
    from core.model.table import ForeignKey
    from core.pipeline.importing import Report, Source
    from core.pipeline.judging import Terms
    from core.usecases.watch import Watch
    from core.workspace import Workspace


@dataclass(slots=True)
class _Member:
    """One file of the set on its way."""

    job: Job
    plan: ImportPlan
    work: ImportWork
    watch: Watch
    source: Source
    terms: Terms
    awaited: tuple[ForeignKey, ...] = ()  #: references to files that come later
    counts: Counts = Counts()
    refused: int = 0  #: rows turned away after the first pass


@dataclass(slots=True)
class _Checked:
    """A member whose file is checked."""

    member: _Member
    file: CheckedFile
    kept: JobEvidence
    spool: Scratch | None

    @property
    def stops(self) -> bool:
        """Is too much wrong with it for anything of the set to be written?"""
        plan, rejected = self.member.plan, self.file.rejected + self.member.refused
        return bool(plan.on_errors is OnErrors.STOP and rejected) or too_many(plan, rejected)


class SetWork(LedgeredWork):
    """One import set in the worker's hands."""

    def __init__(self, ws: Workspace, job: Job, lease: Lease) -> None:
        super().__init__(ws, job, lease)
        self._done: dict[str, Counts] = {}  # of the members, once they are committed
        self._journals: dict[str, UndoJournal | None] = {}

    def validate(self) -> Ended:
        """Check every file, each knowing the accepted rows of those before it."""
        members = self._ready(Action.VALIDATE)
        self._note("validation_started", {})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            checked = self._check(members, stack, share=100.0, spooled=False)
            for one in checked:
                one.kept.publish(one.file)
        self._keep_validated(checked)
        results = _summary(checked)
        self._note("import_validated", {"total_rows": results["totalRows"]})
        return Ended(
            status=JobStatus.VALIDATED,
            total_rows=results["totalRows"],
            fields={
                "validation_results": results,
                "processed_rows": results["totalRows"],
                "valid_rows": results["validRows"],
                "error_rows": results["errorRows"],
            },
        )

    def _run(self) -> Ended:
        members = self._ready(Action.IMPORT)
        self._note("import_started", {"filename": self._plan.filename, "files": len(members)})
        self._lease.beat(status=JobStatus.VALIDATING, phase="Checking", percent=0.0)
        with ExitStack() as stack:
            checked = self._check(members, stack, share=CHECK_SHARE, spooled=True)
            if any(one.stops for one in checked):
                return self._unwritten(checked)
            return self._load(checked)

    # ------------------------------------------------------------ the steps
    def _ready(self, action: Action) -> list[_Member]:
        """Every member with its rights asked, in the order of loading."""
        found = members_of(self._ws, self._job)
        if action is Action.IMPORT and digest_of(found) != self._plan.sha256:
            raise Conflict("A file of the set was changed since it was started: start it again.")
        members = [self._member(job, action) for job in found]
        order = order_of(found, [member.terms.table for member in members])
        keys = SetKeys(link.reference for link in order.links)
        for link in order.circle:
            members[link.child].awaited += (link.reference,)
        for member in members:
            member.terms = replace(member.terms, set_keys=keys)
        return [members[place] for place in order.places]

    def _member(self, job: Job, action: Action) -> _Member:
        assert isinstance(job.plan, ImportPlan)
        if job.set_id != self._job.job_id or not is_draft(job):
            raise Conflict(f"{job.filename} is no longer an open import of this set.")
        # What the set was told on errors and what a reviewer agreed to holds for every file.
        plan = replace(job.plan, on_errors=self._plan.on_errors)
        ours = replace(job, plan=plan, approved_at=self._job.approved_at)
        work = ImportWork(self._ws, ours, self._lease)
        watch, source, terms = work.prepare(action)
        return _Member(job=job, plan=plan, work=work, watch=watch, source=source, terms=terms)

    def _check(
        self, members: Sequence[_Member], stack: ExitStack, *, share: float, spooled: bool
    ) -> list[_Checked]:
        """The first pass over every file, parents before children."""
        checked: list[_Checked] = []
        for at, member in enumerate(members):
            kept = member.work.evidence(stack)
            spool = None
            if spooled or member.awaited:
                spool = stack.enter_context(self._ws.uploads.scratch())
            keys = member.terms.set_keys
            assert keys is not None
            keys.await_(member.awaited)
            file = check_file(
                member.plan, member.terms, member.source, kept.evidence,
                into_spool(spool.file) if spool else None,
                _progress(members, at, 0.0, share, sum(c.file.rows_read for c in checked)),
            )  # fmt: skip
            checked.append(_Checked(member=member, file=file, kept=kept, spool=spool))
        for one in checked:
            if one.member.awaited and one.spool is not None:
                _judge_awaited(one, one.spool)
        return checked

    def _load(self, checked: Sequence[_Checked]) -> Ended:
        """The second pass: a loader for each file, one transaction for all."""
        rows = sum(one.file.rows_read for one in checked)
        self._lease.beat(status=JobStatus.IMPORTING, phase="Loading", total_rows=rows)
        with begin(
            self._ws.engine(self._plan.connection),
            run_id=self._job.job_id,
            what=self._plan.table,
            limits=limits_on_target(self._ws),
        ) as transaction:
            if any(one.member.awaited for one in checked):
                defer(transaction.connection)
            loaders = self._load_each(checked, transaction)
            if loaders is None:
                transaction.rollback()
                return self._unwritten(checked)
            require_none(transaction.already_committed())
            for one in checked:
                one.kept.publish(one.file)
            # The last look before what cannot be taken back: still ours, still allowed?
            for one in checked:
                one.member.watch.check_rights()
            self._lease.beat(phase="Committing")
            total = self._commit(checked, loaders, transaction)
        return self._ended(total, transaction.notes)

    def _load_each(
        self, checked: Sequence[_Checked], transaction: TargetTransaction
    ) -> list[Loader] | None:
        """The loaders, every spool in; None when nothing may be committed any more."""
        members = [one.member for one in checked]
        loaders: list[Loader] = []
        done = 0
        for at, one in enumerate(checked):
            member, spool = one.member, one.spool
            assert spool is not None
            member.work.rows_read = one.file.rows_read
            loader = member.work.loader(member.terms.table, one.file.conflict_key, transaction)
            self._journals[member.job.job_id] = member.work.journal
            loaders.append(loader)
            with spool.reread() as rows:
                loaded = load_spool(
                    member.plan, one.file, rows, loader,
                    _progress(members, at, CHECK_SHARE, 100 - CHECK_SHARE, done),
                )  # fmt: skip
            note_failures(
                member.plan, member.terms, member.source, loaded.failures, one.kept.evidence
            )
            member.counts, member.refused = loaded.counts, len(loaded.failures)
            done += one.file.rows_read
            if loaded.stopped:
                return None
        return loaders

    def _commit(
        self,
        checked: Sequence[_Checked],
        loaders: Sequence[Loader],
        transaction: TargetTransaction,
    ) -> Counts:
        for loader in loaders:
            loader.finish()
        for one in checked:
            member = one.member
            transaction.record(member.job.job_id, member.plan.table, member.counts)
        total = _sum(one.member.counts for one in checked)
        transaction.commit(self._plan.table, total)
        self._done = {one.member.job.job_id: one.member.counts for one in checked}
        return total

    # ------------------------------------------------------------ the ends
    def _unwritten(self, checked: Sequence[_Checked]) -> Ended:
        """Nothing is in the target: every member is a draft again, with what was found."""
        self._require_undone()
        for one in checked:
            one.member.counts = nothing_written(one.file, one.member.refused)
            one.kept.publish(one.file)
        self._keep_validated(checked)
        bad = [one.member for one in checked if one.member.counts.rejected]
        words = "; ".join(
            f"{m.plan.filename}: {m.counts.rejected:,} of {m.counts.rows_read:,} rows have errors"
            for m in bad
        )
        counts = _sum(one.member.counts for one in checked)
        return Ended(
            status=JobStatus.FAILED,
            counts=counts,
            total_rows=counts.rows_read,
            error_code=ValidationFailed.code,
            error_message=f"{words}. Nothing of the set was written.",
            fields={
                "validation_results": _summary(checked),
                "import_results": asdict(counts),
            },
        )

    def _keep_validated(self, checked: Sequence[_Checked]) -> None:
        """Every member's row in one transaction that only the holder of the set can make."""
        with self._ws.metastore.begin() as db:
            self._lease.beat(db=db)
            for one in checked:
                report = one.kept.evidence.report.report()
                jobs.update(
                    db, one.member.job, status=JobStatus.VALIDATED.value,
                    counts=asdict(one.member.counts), total_rows=one.file.rows_read,
                    processed_rows=one.file.rows_read, valid_rows=report.valid_rows,
                    error_rows=report.error_rows,
                )  # fmt: skip

    def _ended(self, counts: Counts, notes: Sequence[str] = ()) -> Ended:
        """The set is in, and so is every member."""
        try:
            self._close(notes)
        except (sa.exc.SQLAlchemyError, TableportError) as error:
            # The rows are in: the next attempt finds that in the ledger and closes the members.
            raise LeaseLost(self._job.job_id) from error
        return super()._ended(counts, notes)

    def _close(self, notes: Sequence[str]) -> None:
        """Give every member its own counts. Whoever knows them may: the commit was the last word,
        so nobody is asked for the lease any more."""
        engine = self._ws.engine(self._plan.connection)
        members = members_of(self._ws, self._job)
        counts = {
            m.job_id: self._done.get(m.job_id) or already_committed(engine, m.job_id) or Counts()
            for m in members
        }
        with self._ws.metastore.begin() as db:
            for member in members:
                ended = super()._ended(counts[member.job_id], notes)
                journal = self._journals.get(member.job_id)
                ended = with_undo(self._ws, member, ended, journal, again=self._job.attempt > 1)
                jobs.update(
                    db, member, status=ended.status.value, total_rows=ended.total_rows,
                    progress_percent=100.0, phase="", completed_at=datetime.now(UTC),
                    **count_values(self._job.kind, counts[member.job_id]), **ended.fields,
                )  # fmt: skip
                note(
                    self._ws, self._who, "import_completed", table=member.table,
                    job_id=member.job_id, details=asdict(counts[member.job_id]), db=db,
                )  # fmt: skip


def _judge_awaited(checked: _Checked, spool: Scratch) -> None:
    """The references back to files that came later, now that their keys are known."""
    member = checked.member
    with spool.reread() as rows:
        failures = orphans(rows, member.terms, member.awaited, checked.file.superseded)
    member.refused = len({failure.row for failure in failures})
    note_failures(member.plan, member.terms, member.source, failures, checked.kept.evidence)


def _progress(members: Sequence[_Member], at: int, start: float, share: float, rows: int) -> Report:
    """Tells of one file as of a part of the whole, by its size: `2 of 3: order_items`."""
    sizes = [max(1, member.source.size) for member in members]
    before, whole = sum(sizes[:at]), sum(sizes)
    words = f"{at + 1} of {len(members)}: {members[at].plan.table}"

    def report(phase: str, done: float, so_far: int) -> None:
        percent = start + share * (before + sizes[at] * done) / whole
        members[at].watch.batch(f"{phase} {words}", percent, rows + so_far)

    return report


def _sum(counts: Iterable[Counts]) -> Counts:
    """The counts of all members as one."""
    total = dict.fromkeys(asdict(Counts()), 0)
    for one in counts:
        for name, count in asdict(one).items():
            total[name] += count
    return Counts(**total)


def _summary(checked: Sequence[_Checked]) -> dict[str, Any]:
    """What the set keeps of its members' checks: the sums."""
    found = [one.kept.evidence.report.report() for one in checked]
    return report_document(
        CheckReport(
            total_rows=sum(report.total_rows for report in found),
            valid_rows=sum(report.valid_rows for report in found),
            error_rows=sum(report.error_rows for report in found),
            warning_rows=sum(report.warning_rows for report in found),
            ignored=sum(report.ignored for report in found),
            error_count=sum(report.error_count for report in found),
            warning_count=sum(report.warning_count for report in found),
        )
    )
