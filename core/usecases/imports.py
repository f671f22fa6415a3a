"""A file into a table: draft, look, map, check, start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.databases.deletable import require_deletable
from core.errors import Conflict, InvalidMapping
from core.mapping.document import parse_mappings
from core.mapping.validate import unmapped_required, validate_mappings
from core.metastore import approvals, files, jobs, queue
from core.model.access import Action
from core.model.job import Job, JobStatus, JobTask
from core.model.mapping import FieldMapping
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode, foresees_alike
from core.pipeline.judging import source_columns
from core.pipeline.previewing import first_rows, preview_file
from core.pipeline.previewing import preview_import as preview_rows
from core.usecases.import_options import parse_dialect, parse_import_options
from core.usecases.limits import limits_of, require_upload_fits
from core.usecases.plan_rules import plan_rules
from core.usecases.proposals import drafted, propose, with_date_format
from core.usecases.reading import (
    SAMPLE_ROWS,
    bare_plan,
    is_header,
    look,
    source_of,
)
from core.usecases.rights import (
    connection_name,
    import_of,
    import_seen,
    note,
    require,
    require_import,
    require_owner,
)
from core.usecases.set_members import require_alone
from core.usecases.table_proposals import proposed_anew
from core.usecases.targets import (
    named_table,
    parents_of,
    reflected,
    require_fitting,
    require_own_file,
    require_unmade,
    target_of,
    terms_of,
    writable,
)
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from core.model.access import Grant, Identity
    from core.model.dialect import Dialect
    from core.model.file import StoredFile
    from core.model.new_table import NewTable
    from core.model.preview import FilePreview, ImportPreview
    from core.model.table import Table
    from core.workspace import Workspace

#: States in which a plan may still be changed.
_OPEN = frozenset({JobStatus.PENDING, JobStatus.VALIDATED, JobStatus.FAILED})


def draft_import(
    ws: Workspace,
    who: Identity,
    *,
    upload_id: str,
    table: str,
    connection: str | None = None,
    dialect: Mapping[str, Any] | None = None,
    mappings: Any = None,
    on_conflict: OnConflict | None = None,
    on_errors: OnErrors | None = None,
    requires_approval: bool = False,
    options: Mapping[str, Any] | None = None,
    creates: NewTable | None = None,
) -> Job:
    """A job for this upload and table, with the file's dialect detected and a mapping proposed.

    `mappings` is the guide's list (or None: as proposed); `options` its import_options; `dialect`
    overrides fields of Dialect; `creates` is the table, where it is made with the load. Nothing is
    queued. Raises ImportDenied, NotFound, InvalidFormat, FileTooLarge, InvalidMapping or
    InvalidRequest.
    """
    name = connection_name(ws, connection)
    grant = require(ws, who, Action.PREVIEW_IMPORT, name, table)
    upload = upload_of(ws, who, upload_id)
    asked = parse_import_options(options)
    keep_identity = bool(asked.plan.get("keep_identity"))
    target = writable(named_table(ws, who, name, table, creates), keep_identity=keep_identity)
    overrides = asked.dialect | parse_dialect(dialect)
    detection, frame = look(ws, upload, overrides)
    if "header" not in overrides and is_header(detection, frame, target):
        overrides["header"] = True
        detection, frame = look(ws, upload, overrides)
    _check_limits(ws, who, grant, upload, detection.dialect.format)
    if mappings is None:
        chosen = drafted(propose(ws, who, name, target, frame, detection), target)
    else:
        chosen = parse_mappings(mappings)
    plan = ImportPlan(
        connection=name,
        table=target.label,
        upload=upload.file_id,
        filename=upload.filename,
        sha256=upload.sha256,
        dialect=detection.dialect,
        given=tuple(overrides),
        mappings=with_date_format(chosen, target, asked.date_format),
        batch_rows=ws.settings.batch_rows,
        creates=creates,
    )
    plan = replace(plan, rules=plan_rules(mappings, name, target), **asked.plan)
    plan = _with(plan, on_conflict=on_conflict, on_errors=on_errors)
    _check_mappings(plan.mappings, detection.columns, target)
    parents_of(ws, who, name, target, plan.mappings)
    check_key(plan.key, target)
    asked_for = requires_approval or grant.requires_approval
    return _insert(ws, who, plan, upload, requires_approval=asked_for)


def _insert(
    ws: Workspace, who: Identity, plan: ImportPlan, upload: StoredFile, *, requires_approval: bool
) -> Job:
    with ws.metastore.begin() as db:
        job = jobs.insert_import(
            db,
            plan,
            created_by=who.user_id,
            file_size=upload.size,
            requires_approval=requires_approval,
        )
        files.set_job(db, [upload.file_id], job.job_id)
        note(
            ws, who, "import_parsed", table=plan.table, job_id=job.job_id, db=db,
            details={"filename": upload.filename, "file_size": upload.size},
        )  # fmt: skip
    return job


def read_file(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    rows: int = 50,
    dialect: Mapping[str, Any] | None = None,
) -> FilePreview:
    """The file's first rows as read, what was detected and why, and a mapping proposal.

    `dialect` overrides apply without being saved.
    """
    job, plan = import_seen(ws, who, job_id)
    upload = upload_of(ws, who, plan.upload)
    given = _given(plan, dialect)
    detection, frame = look(ws, upload, given)
    if not dialect and detection.dialect != plan.dialect:
        # An older release found something else: what is shown is what will be imported.
        detection, frame = look(ws, upload, given | _differences(detection.dialect, plan.dialect))
    target = target_of(ws, plan)
    shown = preview_file(detection, frame.head(rows))
    found = propose(ws, who, job.connection, target, frame, detection)
    return replace(shown, suggestions=found.suggestions, remembered=found.remembered)


def parse_upload(
    ws: Workspace,
    who: Identity,
    *,
    upload_id: str,
    options: Mapping[str, Any] | None = None,
    table: str | None = None,
    connection: str | None = None,
) -> tuple[FilePreview, int]:
    """First rows and the number of rows of an upload, without a job (POST /import/parse)."""
    upload = upload_of(ws, who, upload_id)
    asked = parse_import_options(options)
    detection, frame = look(ws, upload, asked.dialect)
    shown = preview_file(detection, frame.head(SAMPLE_ROWS))
    if table is not None:
        name = connection_name(ws, connection)
        require(ws, who, Action.PREVIEW_IMPORT, name, table)
        found = propose(ws, who, name, writable(reflected(ws, name, table)), frame, detection)
        shown = replace(shown, suggestions=found.suggestions)
    plan = bare_plan(upload, detection)
    source = source_of(ws, upload.file_id, upload.size, max_rows=_row_cap(ws, who))
    total = sum(batch.frame.height for batch in source.batches(plan))
    return shown, total


def update_import(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    dialect: Mapping[str, Any] | None = None,
    mappings: Sequence[FieldMapping] | None = None,
    on_conflict: OnConflict | None = None,
    on_errors: OnErrors | None = None,
    key: Sequence[str] | None = None,
    max_error_count: int | None = None,
) -> Job:
    """Change the plan of a job that has not run. An approval of the old plan is void.

    With a new dialect the mapping is proposed anew unless given, and so are the columns of a table
    that is made. Raises Conflict once the job runs or has ended.
    """
    job, plan = import_seen(ws, who, job_id)
    require_open(job)
    upload = upload_of(ws, who, plan.upload)
    target = target_of(ws, plan)
    chosen = plan.mappings if mappings is None else tuple(mappings)
    if dialect:
        given = _given(plan, dialect)
        detection, frame = look(ws, upload, given)
        if plan.edits and detection.dialect != plan.dialect:
            raise Conflict("Undo the edits first: they are of rows as read so far.", job_id=job_id)
        anew = plan.creates is not None and detection.dialect != plan.dialect
        plan = replace(plan, dialect=detection.dialect, given=tuple(given))
        if anew:
            plan = proposed_anew(ws, plan, upload, detection)
            target, chosen = target_of(ws, plan), plan.mappings
        elif mappings is None:
            found = propose(ws, who, job.connection, target, frame, detection)
            chosen = drafted(found, target)
        _check_mappings(chosen, detection.columns, target)
    elif mappings is not None:
        # Every edit of the grid comes by here: read with what is known, detect nothing.
        source = source_of(ws, upload.file_id, upload.size, max_rows=None)
        _check_mappings(chosen, source_columns(first_rows(plan, source, 1)), target)
    parents_of(ws, who, job.connection, target, chosen)
    check_key(tuple(key or ()), target)
    changed = _with(
        replace(plan, mappings=chosen),
        on_conflict=on_conflict,
        on_errors=on_errors,
        key=None if key is None else tuple(key),
        max_error_count=max_error_count,
    )
    with ws.metastore.begin() as db:
        return jobs.set_plan(db, job, changed)


def preview_import(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    rows: int = 200,
    mappings: Sequence[FieldMapping] | None = None,
) -> ImportPreview:
    """The first rows after mapping, transforms and checks. Writes nothing."""
    _, plan = import_seen(ws, who, job_id)
    upload = upload_of(ws, who, plan.upload)
    target = target_of(ws, plan)
    source = source_of(ws, upload.file_id, upload.size, max_rows=None)
    chosen = plan if mappings is None else replace(plan, mappings=tuple(mappings))
    frame = first_rows(chosen, source, rows, target)
    _check_mappings(chosen.mappings, source_columns(frame), target)
    return preview_rows(chosen, terms_of(ws, who, chosen), frame)


def validate_import(ws: Workspace, who: Identity, job_id: str) -> Job:
    """Queue a check of the whole file, which writes nothing. Poll the job until VALIDATED."""
    job, plan = import_of(ws, who, job_id)
    require(ws, who, Action.VALIDATE, job.connection, job.table, job_id=job_id)
    require_owner(who, job)
    require_open(job)
    require_alone(ws, job)
    upload_of(ws, who, plan.upload)
    require_mapping(ws, who, plan)
    with ws.metastore.begin() as db:
        queued = queue.enqueue(db, job, JobTask.VALIDATE)
        note(ws, who, "import_validation_requested", table=job.table, job_id=job_id, db=db)
    return queued


def start_import(
    ws: Workspace,
    who: Identity,
    job_id: str,
    *,
    on_errors: OnErrors | None = None,
    on_conflict: OnConflict | None = None,
    as_planned: bool = True,
) -> Job:
    """Queue the run, or put the job before a reviewer when it needs approval (ruling A34).

    Where what the plan would change has been foreseen, only that is done, unless not `as_planned`.
    """
    job, plan = import_of(ws, who, job_id)
    plan = _with(plan, on_errors=on_errors, on_conflict=on_conflict)
    plan = replace(plan, planned=_foreseen(job, plan) if as_planned else None)
    grant = require_import(ws, who, plan, job_id)
    require_open(job)
    require_alone(ws, job)
    require_own_file(ws, plan.connection)
    require_mapping(ws, who, plan)
    upload = upload_of(ws, who, plan.upload)
    _check_limits(ws, who, grant, upload, plan.dialect.format)
    with ws.metastore.begin() as db:
        if plan != job.plan:
            job = jobs.set_plan(db, job, plan)
        if grant.requires_approval and not job.requires_approval:
            # A grant that has come to ask for approval since the draft was made asks for it now.
            approvals.require(db, job)
        queued = queue.enqueue(db, job, JobTask.RUN)
        waits = queued.status is JobStatus.AWAITING_APPROVAL
        note(
            ws, who, "approval_requested" if waits else "import_requested",
            table=job.table, job_id=job_id, db=db,
            details={"filename": plan.filename, "file_size": upload.size},
        )  # fmt: skip
    return queued


# ---------------------------------------------------------------- the parts of the above
def _check_mappings(
    mappings: tuple[FieldMapping, ...], columns: Sequence[str], table: Table
) -> None:
    """What is mapped must fit; nothing mapped yet is a draft like any other."""
    if mappings:
        validate_mappings(mappings, columns, table)


def _with(plan: ImportPlan, **changes: Any) -> ImportPlan:
    return replace(plan, **{name: value for name, value in changes.items() if value is not None})


def _given(plan: ImportPlan, dialect: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a person sets of the dialect, and set before."""
    return {name: getattr(plan.dialect, name) for name in plan.given} | parse_dialect(dialect)


def _differences(found: Dialect, wanted: Dialect) -> dict[str, Any]:
    """The fields of the dialect wanted that were found otherwise."""
    fields = {name: getattr(wanted, name) for name in wanted.__slots__}
    return {name: value for name, value in fields.items() if getattr(found, name) != value}


def _check_limits(
    ws: Workspace, who: Identity, grant: Grant, upload: StoredFile, format_name: str
) -> None:
    limits = limits_of(ws, who, grant)
    require_upload_fits(limits, size=upload.size, format_name=format_name, table=grant.table)


def _row_cap(ws: Workspace, who: Identity) -> int | None:
    return None if who.local else ws.settings.import_max_rows


def _foreseen(job: Job, plan: ImportPlan) -> str | None:
    """The digest of what the job's plan would change, if this one would change the same."""
    assert isinstance(job.plan, ImportPlan)
    # In batches that are committed one by one there is no moment to hold the table against.
    if plan.mode is WriteMode.RESUME or not foresees_alike(plan, job.plan):
        return None
    return job.changes.get("digest")


def check_key(key: tuple[str, ...], table: Table) -> None:
    """Raises InvalidMapping when the table has no such column."""
    unknown = [c for c in key if c not in table.column_names]
    if unknown:
        raise InvalidMapping(f"The key names {unknown[0]!r}, which is not in {table.label}.")


def require_open(job: Job) -> None:
    """Raises Conflict when a job is at work, or has been carried out."""
    harmless = (JobTask.VALIDATE, JobTask.PLAN)
    failed_run = job.status is JobStatus.FAILED and job.task not in harmless
    if job.active or failed_run or job.status not in _OPEN:
        raise Conflict(f"The job is {job.status.value}.", job_id=job.job_id)


def require_mapping(ws: Workspace, who: Identity, plan: ImportPlan) -> None:
    """Something must be mapped, and every required column must be (R10)."""
    require_unmade(ws, plan)
    table = target_of(ws, plan)
    if not plan.mappings:
        raise InvalidMapping("No column of the file is mapped to a column of the table.")
    require_fitting(plan, table)
    if plan.on_conflict.deletes:
        require_deletable(ws.engine(plan.connection), table)
    parents_of(ws, who, plan.connection, table, plan.mappings)
    if missing := unmapped_required(plan.mappings, table):
        raise InvalidMapping(f"Required and not mapped: {', '.join(missing)}.")
