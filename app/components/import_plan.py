"""Step 5 of an import before it runs: the choices, what would change, and the button."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from app.components import text
from app.components.failures import shown_and_stopped
from app.components.import_state import go
from app.components.job_progress import follow
from app.components.new_table import to_be_made
from app.components.plan_choices import Choices, choices
from app.components.plan_view import plan_view
from app.components.visit import Visit
from core.errors import TableMovedOn
from core.model.changes import ChangeKind, Foreseen
from core.model.job import Job
from core.model.plan import ImportPlan, OnConflict, OnErrors, WriteMode, foresees_alike
from core.usecases import imports, jobs, planning, tables


def plan_step(v: Visit, job: Job) -> None:
    """Draw the step."""
    if job.active:
        follow(job.job_id, key="plan")
        return
    plan = text.plan_of_import(job)
    with shown_and_stopped():
        foreseen = planning.read_plan(v.ws, v.who, job.job_id)
    if job.error_code == TableMovedOn.code and job.error_message:
        st.warning(text.plain(job.error_message), icon=":material/sync_problem:")
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        if plan.creates is None:
            _choose(v, job, plan)
        else:
            to_be_made(plan.creates)
    with right, st.container(border=True, height="stretch"):
        st.markdown("**What will happen**")
        _prospect(job, foreseen)
        if plan.creates is None:
            _ask(v, job, foreseen)
    if foreseen is not None:
        with st.container(border=True):
            plan_view(v, job, foreseen)
    _effect(v, job, foreseen)


def _choose(v: Visit, job: Job, plan: ImportPlan) -> None:
    with shown_and_stopped():
        found = tables.describe_target(v.ws, v.who, job.job_id)
    chosen = choices(plan, found.table, found.grant)
    if chosen != Choices.of(plan):
        _reconsider(v, job, plan, chosen)


def _reconsider(v: Visit, job: Job, plan: ImportPlan, chosen: Choices) -> None:
    """Other choices make other rows valid: check or plan again at once, so that the numbers
    hold."""
    with shown_and_stopped(), st.spinner("Checking again…"):
        changed = planning.choose_writing(v.ws, v.who, job.job_id, **asdict(chosen))
        if not foresees_alike(plan, text.plan_of_import(changed)):
            ask = planning.plan_import if job.changes else imports.validate_import
            ask(v.ws, v.who, job.job_id)
            jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=3)
    go("run")


def _prospect(job: Job, foreseen: Foreseen | None) -> None:
    """The rows that would go in and those that would not, as the last check found them."""
    total, valid = found_rows(job)
    st.text(f"{text.subject(job)} ({job.connection})")
    first, second, third = st.columns(3)
    first.metric("Rows in the file", text.number(total))
    second.metric("To be loaded", text.number(valid))
    third.metric("Held back", text.number(total - valid))
    if foreseen is not None and (gone := foreseen.amount(ChangeKind.DELETED)):
        st.warning(
            f"**{text.counted(gone, 'row')} of {text.plain(job.table)} will be deleted.**",
            icon=":material/delete:",
        )


def _ask(v: Visit, job: Job, foreseen: Foreseen | None) -> None:
    """Have the plan made, or made anew."""
    if foreseen is None:
        said, asks = "Compare every row with the table; nothing is written.", "See what will change"
    else:
        said, asks = f"Compared with the table {text.ago(foreseen.made_at)}.", "Compare again"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(asks, icon=":material/difference:"):
            with shown_and_stopped(), st.spinner("Comparing…"):
                planning.plan_import(v.ws, v.who, job.job_id)
                jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=3)
            go("run")
        st.caption(said, width="content")


def found_rows(job: Job) -> tuple[int, int]:
    """Rows of the file, and those of them that the last check found nothing wrong with."""
    found = job.validation_results
    return int(found.get("totalRows") or 0), int(found.get("validRows") or 0)


def _effect(v: Visit, job: Job, foreseen: Foreseen | None) -> None:
    total, valid = found_rows(job)
    wrong, plan = total - valid, text.plan_of_import(job)
    if job.requires_approval:
        st.caption(
            ":material/approval_delegation: A reviewer must approve before rows are written."
        )
    hopeless = _hopeless(plan, wrong, valid, foreseen)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if hopeless:
            st.caption(hopeless, width="content")
        elif wrong:
            st.caption(
                f"{text.counted(wrong, 'row')} held back can be downloaded, mended and dropped "
                "in again.",
                width="content",
            )
        if st.button(
            _words(job, foreseen, total, valid),
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(hopeless),
        ):
            errors = OnErrors.STOP if plan.on_conflict.deletes or not wrong else OnErrors.LOAD_VALID
            with shown_and_stopped(), st.spinner("Starting…"):
                imports.start_import(v.ws, v.who, job.job_id, on_errors=errors)
                jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
            go("run")


def _hopeless(plan: ImportPlan, wrong: int, valid: int, foreseen: Foreseen | None) -> str:
    """Why nothing can be written as things are; empty when something can."""
    if not valid and not plan.on_conflict.deletes:
        return "No row can be loaded as things are."
    held = foreseen.counts.rejected if foreseen else wrong
    if plan.on_conflict.deletes and (wrong or held):
        return "Where rows are deleted, every row of the file must be valid: mend them first."
    if plan.on_conflict is OnConflict.REPLACE and not valid:
        return "The file has no rows: the table would be emptied."
    return ""


def _words(job: Job, foreseen: Foreseen | None, total: int, valid: int) -> str:
    bound = text.plan_of_import(job).mode is not WriteMode.RESUME
    if foreseen is not None and bound:
        return planned_words(foreseen, approval=job.requires_approval)
    return effect_words(total, valid, approval=job.requires_approval)


def planned_words(foreseen: Foreseen, *, approval: bool) -> str:
    """`Write 100 new, 8 changed`: what the button does where that was foreseen."""
    kinds = ((ChangeKind.NEW, "new"), (ChangeKind.CHANGED, "changed"))
    parts = [f"{text.number(foreseen.amount(k))} {word}" for k, word in kinds if foreseen.amount(k)]
    words = f"Write {', '.join(parts)}" if parts else "Write nothing new"
    if gone := foreseen.amount(ChangeKind.DELETED):
        words = f"{words if parts else ''}{', ' if parts else ''}delete {text.number(gone)}"
        words = words[0].upper() + words[1:]
    if held := foreseen.kinds.get(ChangeKind.REJECTED, 0) + _refused(foreseen):
        words += f", hold back {text.number(held)}"
    return f"Ask to {words[0].lower()}{words[1:]}" if approval else words


def _refused(foreseen: Foreseen) -> int:
    """Conflicts that are rejected, not skipped."""
    rejected = foreseen.amount(ChangeKind.REJECTED)
    return max(0, foreseen.counts.rejected - rejected)


def effect_words(total: int, valid: int, *, approval: bool) -> str:
    """What the button does, with numbers."""
    if valid == total:
        words = f"Load {text.counted(total, 'row')}"
    else:
        words = f"Load {text.number(valid)} valid rows, hold back {text.number(total - valid)}"
    return f"Ask to {words[0].lower()}{words[1:]}" if approval else words
