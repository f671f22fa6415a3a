"""The fix loop: problems with repairs, edits laid over the file, rows judged again at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from core.errors import Conflict, InvalidRequest
from core.formats.base import ROW
from core.metastore import jobs
from core.model.edit import Edit, Ignore
from core.model.job import JobStatus
from core.model.plan import ImportPlan
from core.model.repair import Change, EditPreview, Edits, Problem, Recheck
from core.pipeline.judging import source_columns
from core.pipeline.previewing import first_rows
from core.pipeline.rejudging import as_frame, judge_again
from core.pipeline.repairs import Mender
from core.usecases.edit_rules import LAST_ROW, require_room, require_sound_edit
from core.usecases.findings import rejected_rows
from core.usecases.patches import narrowed
from core.usecases.reading import source_of
from core.usecases.reports import report_of
from core.usecases.rights import import_seen, note, require_owner
from core.usecases.targets import terms_of
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from core.model.access import Identity
    from core.model.job import Job
    from core.pipeline.importing import Source
    from core.pipeline.judging import Terms
    from core.workspace import Workspace

#: Groups that repairs are thought out for; the others are listed without.
_REPAIRED = 50
_CHANGES = 20  #: shown of an edit
MOST_RECHECKED = 1_000
_FIRST_ROWS = 1_000  #: looked at where no row was rejected yet


def list_problems(ws: Workspace, who: Identity, job_id: str) -> tuple[Problem, ...]:
    """The groups of the last check, each with proposed repairs. Nothing is changed."""
    job, plan = import_seen(ws, who, job_id)
    groups = report_of(job.validation_results).groups
    ignored = {(e.field, e.check, e.shape) for e in plan.edits if isinstance(e, Ignore)}
    if not groups:
        return ()
    terms = terms_of(ws, who, plan)
    menders = {m.target: Mender(mapping=m, table=terms.table, circumstances=terms.circumstances)
               for m in plan.mappings}  # fmt: skip
    problems = []
    for at, group in enumerate(groups):
        left = bool({(group.field, group.check, s) for s in (group.shape, None)} & ignored)
        mender = menders.get(group.field or "") if at < _REPAIRED and not left else None
        repairs = mender.propose(group) if mender else ()
        problems.append(Problem(group=group, repairs=repairs, ignored=left))
    return tuple(problems)


def preview_edit(ws: Workspace, who: Identity, job_id: str, edit: Edit) -> EditPreview:
    """What one more edit would change among the rejected rows, or the file's first rows where
    none was rejected. Raises InvalidRequest for an edit that cannot be carried out."""
    job, plan = import_seen(ws, who, job_id)
    _require_sound(ws, who, job, plan, edit)
    terms = terms_of(ws, who, plan)
    since = _since_evidence(job, plan)
    counting = _Counting()
    with rejected_rows(ws, job, plan) as rows:
        if rows is None or since is None:
            frame = first_rows(plan, _source(ws, who, plan), _FIRST_ROWS, terms.table)
            counting.take(terms, plan, frame, edit)
            return counting.preview(rejected=False)
        for frame in rows.frames():
            counting.take(terms, replace(plan, edits=since), frame, edit)
    return counting.preview(rejected=True)


class _Counting:
    """Counts cells that an edit changes."""

    def __init__(self) -> None:
        self._rows = self._cells = self._among = 0
        self._changes: list[Change] = []

    def take(self, terms: Terms, plan: ImportPlan, frame: pl.DataFrame, edit: Edit) -> None:
        before = terms.overlay(plan).apply(frame)
        after = terms.overlay(replace(plan, edits=(edit,))).apply(before)
        touched = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        for name in source_columns(frame):
            changed = before[name].ne_missing(after[name])
            self._cells += int(changed.sum())
            touched |= changed
            for at in changed.arg_true().head(_CHANGES - len(self._changes)):
                self._changes.append(
                    Change(
                        row=frame[ROW][at],
                        column=name,
                        before=before[name][at],
                        after=after[name][at],
                    )
                )
        self._rows += int(touched.sum())
        self._among += frame.height

    def preview(self, *, rejected: bool) -> EditPreview:
        return EditPreview(
            rows=self._rows,
            cells=self._cells,
            changes=tuple(self._changes),
            among=self._among,
            rejected=rejected,
        )


def list_edits(ws: Workspace, who: Identity, job_id: str) -> Edits:
    """The edits of an import in their order, and how many the last check does not know."""
    job, plan = import_seen(ws, who, job_id)
    return _edits(job, plan)


def add_edit(ws: Workspace, who: Identity, job_id: str, edit: Edit) -> Edits:
    """One more edit, after the others. An approval is void; the last report stays, marked stale.

    Raises InvalidRequest for an edit that cannot be carried out, Conflict once the job runs or
    has ended, or when somebody else changes it at the same moment.
    """
    job, plan = _changing(ws, who, job_id)
    _require_sound(ws, who, job, plan, edit)
    require_room((*plan.edits, edit))
    return change_edits(ws, who, job, lambda edits: (*edits, edit), {"kind": edit.kind})


def undo_edit(ws: Workspace, who: Identity, job_id: str) -> Edits:
    """Leave the last edit out. Raises Conflict when there is none, and as `add_edit`."""
    job, plan = _changing(ws, who, job_id)
    if not plan.edits:
        raise Conflict("There is no edit to undo.", job_id=job_id)
    return change_edits(ws, who, job, lambda edits: edits[:-1], {"undone": plan.edits[-1].kind})


def clear_edits(ws: Workspace, who: Identity, job_id: str) -> Edits:
    """Leave every edit out. Raises as `add_edit`."""
    job, plan = _changing(ws, who, job_id)
    return change_edits(ws, who, job, lambda _: (), {"undone": len(plan.edits)})


def change_edits(
    ws: Workspace,
    who: Identity,
    job: Job,
    change: Callable[[tuple[Edit, ...]], tuple[Edit, ...]],
    details: dict[str, Any],
    also: Callable[[sa.Connection], None] | None = None,
) -> Edits:
    """Give the plan other edits; what the last check found stays with the job.

    `also` is done in the same transaction.
    """
    plan = job.plan
    assert isinstance(plan, ImportPlan)
    changed = replace(plan, edits=change(plan.edits))
    with ws.metastore.begin() as db:
        kept = {
            "validation_results": _stale(job, plan, changed),
            "rejects_file": job.rejects_file,
            "violations_file": job.violations_file,
        }
        now = jobs.set_plan(db, job, changed, instead_of=plan)
        jobs.update(db, now, **kept)
        if also is not None:
            also(db)
        note(
            ws, who, "import_edited", table=job.table, job_id=job.job_id, db=db,
            details=details | {"edits": len(changed.edits)},
        )  # fmt: skip
        now = jobs.get(db, job.job_id)
    return _edits(now, changed)


def recheck(ws: Workspace, who: Identity, job_id: str, rows: Sequence[int]) -> Recheck:
    """These rejected rows, judged again with the present edits, at once and without the file.

    What only the whole file tells, that a key repeats in it, is left to the next check. Raises
    InvalidRequest for more than MOST_RECHECKED rows.
    """
    job, plan = import_seen(ws, who, job_id)
    if len(rows) > MOST_RECHECKED:
        raise InvalidRequest(f"rows: at most {MOST_RECHECKED:,} rows can be checked at once.")
    wanted = sorted({row for row in rows if 1 <= row <= LAST_ROW})
    since = _since_evidence(job, plan)
    terms = terms_of(ws, who, plan)
    with rejected_rows(ws, job, plan) as evidence:
        found = evidence.rows(wanted) if evidence and wanted else ()
    if since is None and found:
        # Edits that the rows in the evidence carry were undone: the file has them without.
        numbers = pl.Series([row.row for row in found], dtype=pl.Int64)
        source = replace(_source(ws, who, plan), only=numbers)
        frame = first_rows(plan, source, len(found), terms.table)
        return judge_again(plan, terms, frame, found)
    return judge_again(replace(plan, edits=since or ()), terms, as_frame(found, plan), found)


# ---------------------------------------------------------------- what the last check knew
def _stale(job: Job, plan: ImportPlan, changed: ImportPlan) -> dict[str, Any]:
    """The last report, with how many edits it knew and how many of them are left."""
    if not job.validation_results:
        return {}
    before = job.validation_results.get("edits") or {
        "checked": len(plan.edits),
        "kept": len(plan.edits),
    }
    same = 0
    for one, other in zip(plan.edits, changed.edits, strict=False):
        if one != other:
            break
        same += 1
    edits = {"checked": before["checked"], "kept": min(before["kept"], same)}
    return job.validation_results | {"stale": True, "edits": edits}


def _edits(job: Job, plan: ImportPlan) -> Edits:
    known = job.validation_results.get("edits")
    since = 0
    if known:
        since = len(plan.edits) - known["kept"] + known["checked"] - known["kept"]
    return Edits(edits=plan.edits, since=since, checked=bool(job.validation_results))


def _since_evidence(job: Job, plan: ImportPlan) -> tuple[Edit, ...] | None:
    """The edits that the rows in the evidence lack; None: they carry some that were undone."""
    known = job.validation_results.get("edits")
    if not known:
        return ()
    return plan.edits[known["kept"] :] if known["kept"] == known["checked"] else None


# ---------------------------------------------------------------- the parts of the above
def _changing(ws: Workspace, who: Identity, job_id: str) -> tuple[Job, ImportPlan]:
    job, plan = import_seen(ws, who, job_id)
    require_owner(who, job)
    if job.status is JobStatus.AWAITING_APPROVAL:
        raise Conflict("The import waits for a reviewer: cancel it to change it.", job_id=job_id)
    return job, plan


def _source(ws: Workspace, who: Identity, plan: ImportPlan) -> Source:
    """The rows a plan is about. Raises NotFound or FileExpired."""
    upload = upload_of(ws, who, plan.upload)
    return narrowed(ws, plan, source_of(ws, upload.file_id, upload.size, max_rows=None))


def _require_sound(ws: Workspace, who: Identity, job: Job, plan: ImportPlan, edit: Edit) -> None:
    with rejected_rows(ws, job, plan) as rows:
        columns = rows.columns() if rows else ()
    if getattr(edit, "column", None) not in columns:
        # The evidence leaves columns out that another rejects file brought along.
        source = replace(_source(ws, who, plan), only=None)
        columns = source_columns(first_rows(plan, source, 1))
    require_sound_edit(edit, columns)
