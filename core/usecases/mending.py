"""A mended file of rejected rows, dropped back in: it patches those rows of that import."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import Conflict, InvalidRequest, TableportError, ValidationFailed
from core.metastore import files, jobs
from core.model.access import Action
from core.model.edit import PatchRows
from core.model.file import FilePurpose, StoredFile
from core.model.job import ENDED, JobStatus, JobTask
from core.model.repair import Recognised
from core.pipeline.evidence import REJECT_JOB, REJECT_ROW
from core.pipeline.mended import MendedRows, compare, mended_rows
from core.pipeline.patches import MOST_ROWS, write_patch
from core.usecases.edit_rules import require_room
from core.usecases.findings import rejected_rows
from core.usecases.fixing import change_edits
from core.usecases.patches import rows_read
from core.usecases.reading import bare_plan, look, source_of
from core.usecases.rights import import_of, note, require, require_owner
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from core.model.access import Grant, Identity
    from core.model.job import Job
    from core.model.plan import ImportPlan
    from core.pipeline.patches import Patch
    from core.workspace import Workspace

#: How a mended file is read whatever it looks like: every row of it has a number.
_GIVEN = {"header": True, "skip_footer": 0}
#: Bytes in which a text names its columns, and what no text has.
_HEAD, _NO_TEXT = 1 << 16, re.compile(rb"[\x00-\x08]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Patched:
    """What became of a mended file."""

    job: Job  #: the import itself, or the one that follows it
    rows: int  #: in the mended file
    cells: int  #: that differ from what was rejected


def patch_import(ws: Workspace, who: Identity, job_id: str, upload_id: str) -> Patched:
    """Take a mended file of rejected rows, in any format that can be read.

    An import that has not run gets one more edit. For one that has, a new import is drafted: of
    the mended rows alone where the others are loaded, of the whole file with the mended rows where
    nothing was. Cells that were not touched stay what they are. Raises InvalidRequest for rows or
    columns that are not those of the import, Conflict when nothing can be mended in it, or another
    import has taken the rows up.
    """
    job, plan = import_of(ws, who, job_id)
    grant = require(ws, who, Action.PREVIEW_IMPORT, job.connection, job.table, job_id=job_id)
    require_owner(who, job)
    _require_mendable(job)
    upload_of(ws, who, plan.upload)
    mended = _read(ws, who, upload_id, plan, job_id)
    with rejected_rows(ws, job, plan) as rejected:
        if rejected is None:
            raise Conflict("No row of this import was rejected.", job_id=job_id)
        patch = compare(mended, rejected)
    if job.status in ENDED and not _only_checked(job):
        now = _follow(ws, who, grant, job, plan, patch)
    else:
        now = _patch(ws, who, job, plan, patch)
    return Patched(job=now, rows=len(patch.rows), cells=patch.changes.height)


def recognise_rejects(ws: Workspace, who: Identity, upload_id: str) -> Recognised | None:
    """Whether an upload holds rejected rows of an import of one's own that can be mended."""
    upload = upload_of(ws, who, upload_id)
    if not _may_be_rejects(ws, upload):
        return None
    detection, frame = look(ws, upload, {})
    if REJECT_JOB not in detection.columns or REJECT_ROW not in detection.columns:
        return None
    named = frame[REJECT_JOB].drop_nulls().unique()
    if len(named) != 1:
        return None
    try:
        job, _ = import_of(ws, who, named[0])
        require_owner(who, job)
        _require_mendable(job)
    except TableportError:
        # Somebody else's, gone, or past mending: a file like any other.
        return None
    if job.rejects_file is None:
        return None
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    rows = sum(batch.frame.height for batch in source.batches(bare_plan(upload, detection)))
    return Recognised(job_id=job.job_id, rows=rows)


def mendable(job: Job) -> bool:
    """Whether a mended file of its rejected rows can be handed in to this import."""
    stopped = job.status is JobStatus.FAILED and job.error_code == ValidationFailed.code
    partly = job.status is JobStatus.PARTIALLY_COMPLETED
    still_open = job.status in {JobStatus.PENDING, JobStatus.VALIDATED} or _only_checked(job)
    return not job.active and (stopped or partly or still_open)


def _may_be_rejects(ws: Workspace, upload: StoredFile) -> bool:
    """No, for a text that does not begin with the name of our column.

    Every file that is dropped is asked this, and a parser takes its time to start.
    """
    head = next(ws.uploads.chunks(upload.file_id, _HEAD), b"")
    return REJECT_JOB.encode() in head or _NO_TEXT.search(head) is not None


def _read(
    ws: Workspace, who: Identity, upload_id: str, plan: ImportPlan, job_id: str
) -> MendedRows:
    upload = upload_of(ws, who, upload_id)
    detection, _ = look(ws, upload, _GIVEN)
    reading = bare_plan(upload, detection)
    if detection.dialect.format == "csv":
        nulls = replace(detection.dialect, null_values=plan.dialect.null_values)
        reading = replace(reading, dialect=nulls)
    source = source_of(ws, upload.file_id, upload.size, max_rows=MOST_ROWS)
    return mended_rows((batch.frame for batch in source.batches(reading)), job_id)


def _only_checked(job: Job) -> bool:
    """A check that failed wrote nothing, and may be asked for again."""
    return job.status is JobStatus.FAILED and job.task is JobTask.VALIDATE


def _require_mendable(job: Job) -> None:
    if not mendable(job):
        raise Conflict(
            f"The import is {job.status.value}: it has no rows to mend.", job_id=job.job_id
        )


def _require_free(ws: Workspace, db: sa.Connection, job: Job, patch: Patch) -> None:
    """A row is loaded once, however often its mended file is handed in."""
    # Whoever hands in rows of the same import waits here until this transaction ends.
    jobs.update(db, job)
    for other in jobs.follow_ups(db, job.job_id):
        if other.status in {JobStatus.FAILED, JobStatus.CANCELLED} and not _only_checked(other):
            continue
        taken = rows_read(ws, other.plan)
        if taken is None or taken.is_in(patch.rows.implode()).any():
            raise Conflict(
                f"Import {other.job_id} ({other.status.value}) has taken up rows of this one: "
                "mend the rows it rejects, or cancel it.",
                job_id=job.job_id,
            )


def _patch(ws: Workspace, who: Identity, job: Job, plan: ImportPlan, patch: Patch) -> Job:
    if not patch.changes.height:
        raise InvalidRequest("The file changes no cell of the rejected rows.")
    with ws.metastore.connect() as db:
        upload = files.get(db, plan.upload)
    with _stored(ws, who, patch, upload.expires_at, upload.filename) as stored:
        edit = PatchRows(file_id=stored.file_id, sha256=stored.sha256, rows=len(patch.rows))
        require_room((*plan.edits, edit))
        change_edits(
            ws, who, job, lambda edits: (*edits, edit),
            {"kind": edit.kind, "rows": edit.rows},
            also=lambda db: files.insert(db, replace(stored, job_id=job.job_id)),
        )  # fmt: skip
    with ws.metastore.connect() as db:
        return jobs.get(db, job.job_id)


def _follow(
    ws: Workspace, who: Identity, grant: Grant, job: Job, plan: ImportPlan, patch: Patch
) -> Job:
    """A draft of the rows that are not loaded yet, with the mended cells."""
    until = datetime.now(UTC) + timedelta(hours=ws.settings.upload_retention_hours)
    with ws.metastore.connect() as db:
        upload = files.get(db, plan.upload)
    with (
        _stored(ws, who, patch, until, upload.filename) as stored,
        ws.metastore.begin() as db,
    ):
        _require_free(ws, db, job, patch)
        following = _following(job, plan, patch, stored)
        draft = jobs.insert_import(
            db,
            following,
            created_by=who.user_id,
            file_size=upload.size,
            requires_approval=job.requires_approval or grant.requires_approval,
        )
        files.insert(db, replace(stored, job_id=draft.job_id))
        # What the draft reads lives as long as an upload of today.
        named = [e.file_id for e in plan.edits if isinstance(e, PatchRows)]
        kept = [plan.upload, *named, *([plan.rows_of] if plan.rows_of else [])]
        files.set_expiry(db, kept, until)
        note(
            ws, who, "import_followed", table=job.table, job_id=draft.job_id, db=db,
            details={"follows": job.job_id, "rows": len(patch.rows)},
        )  # fmt: skip
    return draft


def _following(job: Job, plan: ImportPlan, patch: Patch, stored: StoredFile) -> ImportPlan:
    edit = PatchRows(file_id=stored.file_id, sha256=stored.sha256, rows=len(patch.rows))
    partly = job.status is JobStatus.PARTIALLY_COMPLETED
    return replace(
        plan,
        edits=(*plan.edits, edit),
        follows=job.job_id,
        # Where the import stopped nothing was loaded, the good rows neither.
        rows_of=stored.file_id if partly else plan.rows_of,
        # A new table has been made with the rows that went in.
        creates=None if partly else plan.creates,
    )


@contextmanager
def _stored(
    ws: Workspace, who: Identity, patch: Patch, expires_at: datetime | None, filename: str
) -> Iterator[StoredFile]:
    """The patch in the store; gone again when the block fails."""
    with ws.uploads.create() as draft:
        write_patch(draft.file, patch)
        kept = draft.commit()
    stored = StoredFile(
        file_id=kept.file_id,
        purpose=FilePurpose.PATCH,
        owner_id=who.user_id,
        filename=filename[:200] + ".patch",
        size=kept.size,
        sha256=kept.sha256,
        created_at=datetime.now(UTC),
        expires_at=expires_at,
    )
    try:
        yield stored
    except BaseException:
        ws.uploads.remove(stored.file_id)
        raise
