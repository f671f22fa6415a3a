"""What an import would change: its checked rows held against the table as it is at this moment."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from core.model.changes import ChangeKind, Foreseen
from core.model.job import Counts
from core.model.plan import OnErrors
from core.pipeline.importing import nothing_written
from core.pipeline.loading import load_spool
from core.pipeline.spool import read_batches

if TYPE_CHECKING:
    from core.databases.loaders import RowFailure
    from core.databases.loaders.foresight import Foresight
    from core.model.plan import ImportPlan
    from core.pipeline.change_file import ChangeLog
    from core.pipeline.importing import CheckedFile, Report


def foresee(
    plan: ImportPlan,
    checked: CheckedFile,
    accepted: BinaryIO,
    clashing: BinaryIO,
    foresight: Foresight,
    log: ChangeLog,
    report: Report,
) -> tuple[Counts, tuple[RowFailure, ...]]:
    """Note every row's kind in the log; what loading all that can be loaded would come to.

    `clashing`: rows that the check has rejected for no more than a key that is in the table.
    """
    whole = to_the_end(plan)
    loaded = load_spool(
        whole, checked, accepted, foresight, lambda _, done, rows: report("Comparing", done, rows)
    )
    log.note(ChangeKind.REPEATED, checked.superseded.to_list())
    for frame in read_batches(clashing):
        foresight.clash(frame)
    return loaded.counts, loaded.failures


def to_the_end(plan: ImportPlan) -> ImportPlan:
    """The plan that gives up for no number of wrong rows: a plan in numbers is of all of them."""
    return replace(plan, on_errors=OnErrors.LOAD_VALID, max_error_count=None)


def summed_up(
    plan: ImportPlan, checked: CheckedFile, counts: Counts, log: ChangeLog, now: datetime
) -> Foreseen:
    """End the log; the plan in numbers."""
    summary = log.finish()
    wrong, most = counts.rejected, plan.max_error_count
    stopped = ""
    if wrong and plan.on_errors is OnErrors.STOP:
        stopped = f"{wrong:,} of {counts.rows_read:,} rows cannot be written"
    elif most is not None and wrong > most:
        stopped = f"More than {most:,} rows cannot be written"
    of_the_file = (kind for kind in summary.kinds if kind is not ChangeKind.DELETED)
    noted = sum(summary.kinds[kind] for kind in of_the_file)
    rejected = {ChangeKind.REJECTED: checked.rows_read - noted}
    return Foreseen(
        digest=summary.digest,
        made_at=now,
        kinds=summary.kinds | {kind: amount for kind, amount in rejected.items() if amount},
        columns=summary.columns,
        counts=nothing_written(checked, wrong - checked.rejected) if stopped else counts,
        stopped=stopped,
        listed_new=summary.listed_new,
    )


def to_document(foreseen: Foreseen) -> dict[str, Any]:
    """As JSON, to be kept with the job."""
    return asdict(foreseen) | {"made_at": foreseen.made_at.isoformat()}


def from_document(document: dict[str, Any]) -> Foreseen | None:
    """What `to_document` made; None where nothing was foreseen."""
    if not document:
        return None
    given = document | {
        "made_at": datetime.fromisoformat(document["made_at"]),
        "kinds": {ChangeKind(kind): amount for kind, amount in document["kinds"].items()},
        "counts": Counts(**document["counts"]),
    }
    return Foreseen(**given)
