"""Words for people: numbers, sizes, times, states; and user data made safe for markdown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from core.model.dialect import Dialect
from core.model.job import Job, JobKind, JobStatus
from core.model.plan import ExportPlan, ImportPlan
from core.usecases.formats import format_named

#: Shown where there is no value.
NOTHING = "\u2013"

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@\"'/])")

#: Streamlit sets these pairs as one sign (≥, →) even when both are escaped.
_TYPESET = re.compile(r"([<>~-])(?=[=>-])")
_WORD_JOINER = "\u2060"  #: takes no room and parts such a pair

#: Colours of badges we use, as Streamlit names them.
Colour = Literal["gray", "orange", "blue", "green", "red"]

#: Icon and colour of a badge, per state. A colour never stands without its icon.
STATES: dict[JobStatus, tuple[str, Colour]] = {
    JobStatus.PENDING: (":material/edit_note:", "gray"),
    JobStatus.AWAITING_APPROVAL: (":material/approval_delegation:", "orange"),
    JobStatus.PARSING: (":material/progress_activity:", "blue"),
    JobStatus.VALIDATING: (":material/progress_activity:", "blue"),
    JobStatus.VALIDATED: (":material/fact_check:", "blue"),
    JobStatus.IMPORTING: (":material/progress_activity:", "blue"),
    JobStatus.IN_PROGRESS: (":material/progress_activity:", "blue"),
    JobStatus.COMPLETED: (":material/check_circle:", "green"),
    JobStatus.PARTIALLY_COMPLETED: (":material/rule:", "orange"),
    JobStatus.FAILED: (":material/error:", "red"),
    JobStatus.CANCELLED: (":material/cancel:", "gray"),
    JobStatus.EXPIRED: (":material/timer_off:", "gray"),
}

_STATE_WORDS = {
    JobStatus.AWAITING_APPROVAL: "Waiting for approval",
    JobStatus.PARTIALLY_COMPLETED: "Loaded with rejects",
    JobStatus.VALIDATED: "Checked",
    JobStatus.VALIDATING: "Checking",
    JobStatus.IN_PROGRESS: "Exporting",
}


#: Of a job that takes an import back.
_UNDONE_WORDS = {
    JobStatus.IMPORTING: "Undoing",
    JobStatus.COMPLETED: "Undone",
    JobStatus.PARTIALLY_COMPLETED: "Undone, some kept",
}


def plain(value: object) -> str:
    """User data as markdown that shows exactly that text, on one line."""
    parted = _TYPESET.sub(rf"\1{_WORD_JOINER}", " ".join(str(value).split()))
    return _MARKDOWN.sub(r"\\\1", parted)


def number(value: int | None) -> str:
    """12 345 with thin spaces between thousands; an en dash for None."""
    return NOTHING if value is None else f"{value:,}".replace(",", "\u202f")


def counted(value: int, one: str, many: str | None = None) -> str:
    """`1 row`, `4 990 rows`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def size(value: int | None) -> str:
    """Bytes as B, KB, MB or GB of 1,024, with one decimal below ten."""
    if value is None:
        return NOTHING
    power = min((max(value, 1).bit_length() - 1) // 10, 3)
    amount = value / (1 << 10 * power)
    digits = 1 if power and amount < 10 else 0
    return f"{amount:.{digits}f} {('B', 'KB', 'MB', 'GB')[power]}"


def seconds(value: float) -> str:
    """`0.8 s`, `42 s`, `3 min 05 s`, `2 h 10 min`."""
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago, or how far ahead, in one unit; an en dash for None."""
    if moment is None:
        return NOTHING
    then = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    passed = (now or datetime.now(UTC)) - then
    span = abs(passed)
    words = _span(span)
    if span < timedelta(seconds=45):
        return "just now" if passed >= timedelta(0) else "in a moment"
    return f"{words} ago" if passed > timedelta(0) else f"in {words}"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} h"
    return f"{round(minutes / 1440)} days"


def moment(value: datetime | None) -> str:
    """`2026-01-31 13:45 UTC`; an en dash for None."""
    if value is None:
        return NOTHING
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def state(job: Job) -> str:
    """A job's state in words."""
    if job.cancel_requested and job.active:
        return "Stopping"
    if job.status is JobStatus.PENDING:
        return "Queued" if job.queued else "Draft"
    if isinstance(job.plan, ImportPlan) and job.plan.undoes and job.status in _UNDONE_WORDS:
        return _UNDONE_WORDS[job.status]
    if job.status is JobStatus.FAILED and not job.import_results and job.validation_results:
        return "Failed"
    return _STATE_WORDS.get(job.status, job.status.value.capitalize().replace("_", " "))


def subject(job: Job) -> str:
    """`orders.csv → orders` or `orders → orders.csv`: plain text, not markdown."""
    name = job.filename or (job.format or "file")
    if isinstance(job.plan, ImportPlan) and job.plan.undoes:
        return f"Undo of {name} → {job.table}"
    if job.kind is JobKind.IMPORT:
        return f"{name} → {job.table}"
    return f"{job.table} → {name}"


def short_id(job_id: str) -> str:
    return job_id[:8]


def reconciled(job: Job) -> str:
    """`5 000 rows read = 4 990 inserted + 10 rejected`: every row accounted for."""
    counts = job.counts
    if isinstance(job.plan, ImportPlan) and job.plan.undoes:
        return (
            f"{counted(counts.rows_read, 'row')} written by the import = "
            f"{number(counts.updated)} taken back + {number(counts.skipped)} kept"
        )
    parts = [
        f"{number(amount)} {word}"
        for amount, word in (
            (counts.inserted, "inserted"),
            (counts.updated, "updated"),
            (counts.unchanged, "unchanged"),
            (counts.skipped, "skipped"),
            (counts.rejected, "rejected"),
        )
        if amount
    ]
    line = f"{counted(counts.rows_read, 'row')} read = {' + '.join(parts) or '0 inserted'}"
    if counts.ignored:
        line += f"   ({counted(counts.ignored, 'blank or extra line')} ignored)"
    if counts.deleted:
        line += f"   ({counted(counts.deleted, 'row')} of the table deleted)"
    return line


def plan_of_import(job: Job) -> ImportPlan:
    """The plan of an import job."""
    assert isinstance(job.plan, ImportPlan)
    return job.plan


def plan_of_export(job: Job) -> ExportPlan:
    """The plan of an export job."""
    assert isinstance(job.plan, ExportPlan)
    return job.plan


def read_as(dialect: Dialect) -> str:
    """How a file is read, in two words: its format, and what matters most in that format."""
    options = format_named(dialect.format).read_options
    said = [getattr(dialect, name) for name in ("sheet", "encoding") if name in options]
    return ", ".join([dialect.format, *(word for word in said if word)])
