"""Several files into several tables as one: draft, look, check, start.

A set is a job whose plan names its members, which are imports like any other: each has its own
file, mapping, edits and evidence, and is changed by its own steps. The set is checked and carried
out as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.databases.loaders.deferral import may_defer
from core.errors import Conflict, ImportDenied, InputError, InvalidRequest, TableportError
from core.metastore import approvals, jobs, queue
from core.model.access import Action
from core.model.import_set import ImportSet, SetFile, SetMember
from core.model.job import Job, JobStatus, JobTask
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode
from core.pipeline.set_order import Entry, Order, ordered
from core.usecases.imports import draft_import, require_mapping
from core.usecases.limits import limits_of, require_upload_fits
from core.usecases.rights import (
    connection_name,
    import_of,
    note,
    require,
    require_import,
    require_owner,
    set_of,
)
from core.usecases.set_members import digest_of, is_draft, members_of, open_set_of
from core.usecases.set_tables import match_tables
from core.usecases.targets import target_of
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.table import Table
    from core.workspace import Workspace

#: More files than this are not loaded as one.
MOST_FILES = 50
_LABEL = 255  #: characters of a job's table


def draft_set(
    ws: Workspace,
    who: Identity,
    given: Sequence[SetFile],
    connection: str | None = None,
    *,
    on_conflict: OnConflict | None = None,
    on_errors: OnErrors = OnErrors.STOP,
) -> ImportSet:
    """A set of these files, each drafted with a proposed mapping. Nothing is queued.

    A file without a table goes into the one its name tells. Raises InvalidRequest naming every file
    whose table is not plain, and what `draft_import` raises, with the file's name before it.
    """
    name = connection_name(ws, connection)
    uploads = [upload_of(ws, who, one.upload_id) for one in given]
    _require_number(len(uploads))
    tables = _tables(ws, who, given, [u.filename for u in uploads], name)
    members: list[Job] = []
    for upload, table in zip(uploads, tables, strict=True):
        try:
            member = draft_import(
                ws, who, upload_id=upload.file_id, table=table, connection=name,
                on_conflict=on_conflict, on_errors=on_errors,
            )  # fmt: skip
        except TableportError as error:
            _forget(ws, members)
            if isinstance(error, InputError | ImportDenied):
                raise type(error)(f"{upload.filename}: {error.detail}") from error
            raise
        members.append(member)
    return read_set(ws, who, _insert(ws, who, members, name, on_errors).job_id)


def set_of_imports(
    ws: Workspace, who: Identity, job_ids: Sequence[str], *, on_errors: OnErrors = OnErrors.STOP
) -> ImportSet:
    """A set of imports that are drafted already, such as those of a set that was not loaded.

    Raises NotFound, Conflict for one that is at work, has run or is in another set, InvalidRequest.
    """
    _require_number(len(job_ids))
    if len(set(job_ids)) < len(job_ids):
        raise InvalidRequest("members: an import can be in a set only once.")
    members = [import_of(ws, who, job_id)[0] for job_id in job_ids]
    for member in members:
        require_owner(who, member)
        _require_draft(member)
        if (other := open_set_of(ws, member)) is not None:
            raise Conflict(
                f"{member.filename} is part of the set {other.job_id}: cancel that set first.",
                job_id=member.job_id,
            )
    if len({member.connection for member in members}) > 1:
        raise InvalidRequest("members: the files of a set go into one database.")
    return read_set(ws, who, _insert(ws, who, members, members[0].connection, on_errors).job_id)


def read_set(ws: Workspace, who: Identity, set_id: str) -> ImportSet:
    """The set with its members in the order of loading, and why they come in that order.

    Raises NotFound or ImportDenied.
    """
    job = set_of(ws, who, set_id)
    members = members_of(ws, job)
    for member in members:
        require(ws, who, Action.PREVIEW_IMPORT, member.connection, member.table, job_id=set_id)
    try:
        targets = [target_of(ws, _plan(member)) for member in members]
    except TableportError:
        if job.status.ended:  # its tables may be gone since
            return ImportSet(job=job, members=tuple(SetMember(job=m) for m in members))
        raise
    order = order_of(members, targets)
    return ImportSet(
        job=job,
        members=tuple(
            SetMember(job=members[at], reasons=_reasons(order, at, members, targets))
            for at in order.places
        ),
        circle=_circle_words(order, targets),
        refused=_refusal(ws, job, members, order, targets),
    )


def check_set(ws: Workspace, who: Identity, set_id: str) -> Job:
    """Queue a check of every file, each knowing the rows of those before it; writes nothing."""
    job, members = _to_ask(ws, who, set_id)
    for member in members:
        require(ws, who, Action.VALIDATE, member.connection, member.table, job_id=set_id)
    _require_loadable(ws, who, job, members)
    with ws.metastore.begin() as db:
        queued = queue.enqueue(db, job, JobTask.VALIDATE)
        note(ws, who, "import_validation_requested", table=job.table, job_id=set_id, db=db)
    return queued


def start_set(
    ws: Workspace, who: Identity, set_id: str, *, on_errors: OnErrors | None = None
) -> Job:
    """Queue the run, or put the set before a reviewer when one of its members needs approval.

    Raises what `start_import` raises for each member.
    """
    job, members = _to_ask(ws, who, set_id)
    plan = _plan(job) if on_errors is None else replace(_plan(job), on_errors=on_errors)
    asks = [_require_startable(ws, who, member) for member in members]
    _require_loadable(ws, who, job, members, plan)
    with ws.metastore.begin() as db:
        for member, needs in zip(members, asks, strict=True):
            if needs and not member.requires_approval:
                approvals.require(db, member)
        bound = replace(plan, sha256=digest_of(members))
        if bound != job.plan:
            job = jobs.set_plan(db, job, bound)
        if any(asks) and not job.requires_approval:
            approvals.require(db, job)
        queued = queue.enqueue(db, job, JobTask.RUN)
        waits = queued.status is JobStatus.AWAITING_APPROVAL
        note(
            ws, who, "approval_requested" if waits else "import_requested",
            table=job.table, job_id=set_id, db=db,
            details={"filename": plan.filename, "file_size": job.file_size},
        )  # fmt: skip
    return queued


def order_of(members: Sequence[Job], targets: Sequence[Table]) -> Order:
    """The order of loading; `targets` are the members' tables."""
    return ordered(
        [
            Entry(table=table, mapped=frozenset(m.target for m in _plan(member).mappings))
            for member, table in zip(members, targets, strict=True)
        ]
    )


# ---------------------------------------------------------------- the parts of the above
def _plan(job: Job) -> ImportPlan:
    assert isinstance(job.plan, ImportPlan)
    return job.plan


def _require_number(files: int) -> None:
    if not 2 <= files <= MOST_FILES:
        raise InvalidRequest(f"A set has 2 to {MOST_FILES} files; {files} were given.")


def _tables(
    ws: Workspace, who: Identity, given: Sequence[SetFile], filenames: Sequence[str], name: str
) -> list[str]:
    """The table of each file. Raises InvalidRequest for those whose names tell none."""
    matches = match_tables(ws, who, filenames, name)
    tables = [one.table or match.table for one, match in zip(given, matches, strict=True)]
    unclear = [
        f"{match.filename} could be for {' or '.join(match.candidates)}"
        if match.candidates
        else f"{match.filename} has the name of no table that you may import into"
        for match, table in zip(matches, tables, strict=True)
        if table is None
    ]
    if unclear:
        raise InvalidRequest(f"{'; '.join(unclear)}. Name the table of each such file.")
    return [table for table in tables if table is not None]


def _insert(
    ws: Workspace, who: Identity, members: Sequence[Job], connection: str, on_errors: OnErrors
) -> Job:
    tables = list(dict.fromkeys(member.table for member in members))
    label = ", ".join(tables)
    plan = ImportPlan(
        connection=connection,
        table=label if len(label) <= _LABEL else f"{len(tables)} tables",
        upload="",
        filename=f"{len(members)} files",
        sha256=digest_of(members),
        on_errors=on_errors,
        members=tuple(member.job_id for member in members),
    )
    with ws.metastore.begin() as db:
        job = jobs.insert_import(
            db,
            plan,
            created_by=members[0].created_by,
            file_size=sum(member.file_size or 0 for member in members),
            requires_approval=any(member.requires_approval for member in members),
        )
        for member in members:
            jobs.update(db, member, set_id=job.job_id)
        note(
            ws, who, "import_parsed", table=job.table, job_id=job.job_id, db=db,
            details={"filename": plan.filename, "file_size": job.file_size},
        )  # fmt: skip
    return job


def _forget(ws: Workspace, drafts: Sequence[Job]) -> None:
    """Drafts of a set that could not be made whole."""
    with ws.metastore.begin() as db:
        for draft in drafts:
            queue.cancel(db, draft)


def _to_ask(ws: Workspace, who: Identity, set_id: str) -> tuple[Job, list[Job]]:
    """The set and its members, when something may be asked of them."""
    job = set_of(ws, who, set_id)
    require_owner(who, job)
    if not is_draft(job):
        raise Conflict(f"The set is {job.status.value}.", job_id=set_id)
    members = members_of(ws, job)
    for member in members:
        _require_draft(member)
        if member.set_id != set_id:
            raise Conflict(f"{member.filename} is in another set now.", job_id=set_id)
    return job, members


def _require_draft(member: Job) -> None:
    if not is_draft(member):
        raise Conflict(
            f"The import of {member.filename} is {member.status.value}.", job_id=member.job_id
        )


def _require_startable(ws: Workspace, who: Identity, member: Job) -> bool:
    """May the member be carried out, by its plan and its grant? Whether it needs approval."""
    plan = _plan(member)
    grant = require_import(ws, who, plan, member.job_id)
    upload = upload_of(ws, who, plan.upload)
    require_upload_fits(
        limits_of(ws, who, grant),
        size=upload.size,
        format_name=plan.dialect.format,
        table=plan.table,
    )
    return grant.requires_approval or member.requires_approval


def _require_loadable(
    ws: Workspace, who: Identity, job: Job, members: Sequence[Job], plan: ImportPlan | None = None
) -> None:
    """Raises InvalidMapping for a member that is not ready, InvalidRequest for what no set can."""
    for member in members:
        require_mapping(ws, who, _plan(member))
    targets = [target_of(ws, _plan(member)) for member in members]
    asked = replace(job, plan=plan) if plan else job
    if refused := _refusal(ws, asked, members, order_of(members, targets), targets):
        raise InvalidRequest(refused, job_id=job.job_id)


def _refusal(
    ws: Workspace, job: Job, members: Sequence[Job], order: Order, targets: Sequence[Table]
) -> str | None:
    """Why these cannot be loaded as one, and what to do about it."""
    for member in members:
        if alone := _only_alone(_plan(member)):
            return f"{member.filename}: {alone}"
    if not order.circle:
        return None
    circle = _circle_words(order, targets)
    if not may_defer(ws.engine(job.connection), (link.reference for link in order.circle)):
        return (
            f"{circle}: each of them would have to be there first. Leave one of these columns out "
            "of its mapping and fill it by a second import, or declare its foreign key DEFERRABLE."
        )
    if _plan(job).on_errors is not OnErrors.STOP:
        return f"{circle}: such tables are loaded wholly or not at all, so stop on errors."
    return None


def _only_alone(plan: ImportPlan) -> str | None:
    """What of the plan only an import by itself can do."""
    if plan.on_conflict.deletes:
        return (
            f"a set adds and changes rows; to {plan.on_conflict} those of {plan.table}, import "
            "that file by itself."
        )
    if plan.mode is WriteMode.RESUME:
        return f"a set is loaded all at once; choose another mode than {plan.mode} for it."
    if plan.creates is not None:
        return f"a set makes no tables; import that file by itself to make {plan.table}."
    if plan.planned is not None:
        return "it is bound to changes foreseen for it alone; import that file by itself."
    return None


def _circle_words(order: Order, targets: Sequence[Table]) -> str | None:
    if not order.circle:
        return None
    between = {place for link in order.circle for place in (link.child, link.parent)}
    words = [
        link.words(targets[link.child])
        for link in order.links
        if {link.child, link.parent} <= between
    ]
    return " and ".join(dict.fromkeys(words))


def _reasons(
    order: Order, at: int, members: Sequence[Job], targets: Sequence[Table]
) -> tuple[str, ...]:
    """Why a member comes where it does, and which of its references cannot lead into the set."""
    found: list[str] = []
    for link in order.links:
        if link.child != at:
            continue
        given = {m.target for m in _plan(members[link.parent]).mappings}
        found.append(link.words(targets[at]))
        if missing := [c for c in link.reference.target_columns if c not in given]:
            found.append(
                f"{members[link.parent].filename} does not give {', '.join(missing)}: only rows "
                f"that are in {targets[link.parent].label} already can be referred to"
            )
    looked_up = {m.target for m in _plan(members[at]).mappings if m.lookup is not None}
    for link in order.links:
        if link.child == at and looked_up & set(link.reference.columns):
            found.append(
                f"{', '.join(link.reference.columns)} is looked up by name: only rows that are in "
                f"{targets[link.parent].label} already are found"
            )
    return tuple(dict.fromkeys(found))
