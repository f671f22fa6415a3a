"""An undo in the worker's hands: all in one transaction, with its row in the ledger."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from core.databases.loaders import begin
from core.databases.undo import TakingBack, Tally, drop_journal
from core.errors import ApprovalRequired, Conflict, TargetDatabaseError
from core.jobs.handler import Ended
from core.model.access import Action
from core.model.job import Counts, JobStatus
from core.model.undo import WHY_KEPT
from core.pipeline.evidence import VIOLATION_SCHEMA
from core.usecases.job_evidence import JobEvidence
from core.usecases.ledgered_work import LedgeredWork, limits_on_target, require_none
from core.usecases.reports import report_document
from core.usecases.rights import grant_for
from core.usecases.targets import reflected, shown_columns
from core.usecases.undo_journals import forget_until
from core.usecases.undoing import require_undo
from core.usecases.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.databases.undo import KeptRow
    from core.model.table import Table

_OPERATIONS = {"import_completed": "import_undone", "import_failed": "import_undo_failed"}


class UndoWork(LedgeredWork):
    """One undo in the worker's hands."""

    def run(self) -> Ended:
        """Take the import back, unless the ledger says that this was done."""
        ended = super().run()
        if ended.status is JobStatus.FAILED:
            return ended
        engine = self._ws.engine(self._plan.connection)
        # Where a table cannot be dropped in a transaction it is still there; the next turn of
        # housekeeping drops it if this does not.
        with suppress(TargetDatabaseError):
            drop_journal(engine, self._undoes)
            forget_until(self._ws, self._original()[0])
        return ended

    @property
    def _undoes(self) -> str:
        assert self._plan.undoes is not None
        return self._plan.undoes

    def _run(self) -> Ended:
        watch = Watch(self._ws, self._who, self._job, self._lease, Action.UNDO)
        self._original()
        self._note("import_undo_started", {"undoes": self._undoes})
        table = reflected(self._ws, self._plan.connection, self._plan.table)
        self._lease.beat(status=JobStatus.IMPORTING, phase="Undoing", percent=0.0)
        with (
            ExitStack() as stack,
            begin(
                self._ws.engine(self._plan.connection),
                run_id=self._job.job_id,
                what=table.label,
                limits=limits_on_target(self._ws),
            ) as transaction,
        ):
            # By the same connection: another may have to wait for its transaction.
            require_none(transaction.already_committed())
            work = TakingBack(transaction, table, self._undoes)
            self._take_back(work, watch)
            tally = work.tally()
            counts = _counts(tally)
            kept = JobEvidence(self._ws, self._job, self._plan, self._lease, stack)
            self._list_kept(work, table, kept)
            kept.evidence.report.count(rows=tally.rows, ignored=0)
            results = _results(tally) | {"notes": list(transaction.notes)}
            # Told before the commit: should we die behind it, what was kept is not lost with us.
            kept.publish_found(
                report_document(kept.evidence.report.report()), import_results=results
            )
            if tally.rows and not tally.taken_back:
                # What it takes is kept: when later imports are undone, this one may be.
                return _nothing_taken(tally, counts)
            work.forget()
            # The last look before what cannot be taken back: still ours, still allowed?
            self._original()
            self._lease.beat(phase="Committing", total_rows=tally.rows)
            transaction.commit(table.label, counts)
        return self._ended(counts)

    def _original(self) -> Any:
        """The import, which our owner may still undo.

        Raises NotFound, ImportDenied, ApprovalRequired when that is asked for since.
        """
        grant = grant_for(self._ws, self._who, self._plan.connection, self._plan.table)
        if grant.requires_approval and not self._job.approved_at:
            raise ApprovalRequired("Undoing an import of this table now needs an approval.")
        return require_undo(self._ws, self._who, self._undoes)

    def _take_back(self, work: TakingBack, watch: Watch) -> None:
        rows = 0
        for at, (step, kind) in enumerate(work.steps):
            rows += work.take_back(step, kind)
            watch.batch("Undoing", 95 * (at + 1) / len(work.steps), rows)

    def _list_kept(self, work: TakingBack, table: Table, kept: JobEvidence) -> None:
        """One warning for each row that stays as it is."""
        shown = shown_columns(self._ws, self._who, self._plan.connection, table)
        number = 0
        for page in work.listed(kept=True):
            found = [_warning(number + n, row, shown) for n, row in enumerate(page, start=1)]
            number += len(page)
            kept.evidence.add(pl.DataFrame(), pl.DataFrame(found, schema=VIOLATION_SCHEMA))

    def _ended(self, counts: Counts, notes: Sequence[str] = ()) -> Ended:
        """What became of the rows was told before the commit, and stays as it was told."""
        partly = counts.skipped > 0
        return Ended(
            status=JobStatus.PARTIALLY_COMPLETED if partly else JobStatus.COMPLETED,
            counts=counts,
            total_rows=counts.rows_read,
        )

    def _note(self, operation: str, details: dict[str, Any]) -> None:
        super()._note(_OPERATIONS.get(operation, operation), details)


def _counts(tally: Tally) -> Counts:
    return Counts(
        rows_read=tally.rows,
        updated=tally.taken_back,
        skipped=tally.kept,
        deleted=tally.removed,
    )


def _nothing_taken(tally: Tally, counts: Counts) -> Ended:
    return Ended(
        status=JobStatus.FAILED,
        counts=counts,
        total_rows=counts.rows_read,
        error_code=Conflict.code,
        error_message=(
            f"None of the {tally.rows:,} rows is as the import left it: nothing was taken back. "
            "Undo what changed them since, then try again."
        ),
    )


def _results(tally: Tally) -> dict[str, Any]:
    return {
        "removed": tally.removed,
        "restored": tally.restored,
        "put_back": tally.put_back,
        "kept": tally.kept,
    }


def _warning(number: int, row: KeptRow, shown: frozenset[str]) -> dict[str, Any]:
    """As a violation: the key in the place of the cell, where it may be seen."""
    code, _, words = (row.why or "").partition(":")
    visible = bool(row.key) and set(row.key) <= shown
    said = f"the row {row.kind} by the import {WHY_KEPT[code]}"
    return {
        "row": number,
        "line": number,
        "column": None,
        "field": " + ".join(row.key) if visible else None,
        "check": f"undo_{code}",
        "message": f"{said} ({words})" if words else said,
        "value": " + ".join("" if v is None else v for v in row.key.values()) if visible else None,
        "severity": "warning",
    }
