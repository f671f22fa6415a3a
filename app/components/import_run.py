"""Step 5 of an import: what will happen in numbers, the run, and the reconciled result."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.download import download
from app.components.failures import shown_and_stopped
from app.components.fix_rows import rejects_url
from app.components.import_start import again
from app.components.import_state import begun, go
from app.components.job_progress import follow
from app.components.mended_rejects import hand_in
from app.components.visit import Visit
from core.model.job import Counts, Job, JobStatus
from core.model.plan import OnConflict, OnErrors
from core.usecases import imports, jobs, mending, tables

CONFLICTS = {
    OnConflict.ERROR: "Treat it as an error",
    OnConflict.SKIP: "Keep the row in the table, skip the file's",
    OnConflict.UPDATE: "Update the row in the table",
}


def run(v: Visit, job: Job) -> None:
    """Draw the step: the choices before, the progress during, the result after."""
    if not begun(job):
        _choices(v, job)
    elif job.active:
        follow(job.job_id, key="run")
    elif job.status is JobStatus.AWAITING_APPROVAL:
        _waiting(v, job)
    else:
        result(job)
        _afterwards(v, job)


def _choices(v: Visit, job: Job) -> None:
    plan = text.plan_of_import(job)
    with shown_and_stopped():
        table = tables.describe_table(
            v.ws, v.who, plan.table, plan.connection, for_import=True
        ).table
    key = table.conflict_key(tuple(m.target for m in plan.mappings), plan.key)
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**When a row is already in {text.plain(plan.table)}**")
        choice = st.radio(
            "When a row is already there",
            list(CONFLICTS),
            index=list(CONFLICTS).index(plan.on_conflict),
            format_func=CONFLICTS.__getitem__,
            label_visibility="collapsed",
            disabled=not key,
        )
        if key:
            st.caption(f"Rows are told apart by {text.plain(' + '.join(key))}.")
        else:
            st.caption("No key of the table is wholly mapped, so every row is new.")
    with right, st.container(border=True, height="stretch"):
        st.markdown("**What will happen**")
        _prospect(job)
    if choice is not plan.on_conflict:
        _reconsider(v, job, choice)
    _effect(v, job)


def _prospect(job: Job) -> None:
    """The rows that would go in and those that would not, as the last check found them."""
    total, valid = _found(job)
    st.text(f"{text.subject(job)} ({job.connection})")
    first, second, third = st.columns(3)
    first.metric("Rows in the file", text.number(total))
    second.metric("To be loaded", text.number(valid))
    third.metric("Held back", text.number(total - valid))


def _found(job: Job) -> tuple[int, int]:
    found = job.validation_results
    return int(found.get("totalRows") or 0), int(found.get("validRows") or 0)


def _reconsider(v: Visit, job: Job, choice: OnConflict) -> None:
    """Another choice makes other rows valid: check again at once, so that the numbers hold."""
    with shown_and_stopped(), st.spinner("Checking again…"):
        imports.update_import(v.ws, v.who, job.job_id, on_conflict=choice)
        imports.validate_import(v.ws, v.who, job.job_id)
        job = jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=3)
    go("check" if job.active else "run")


def _effect(v: Visit, job: Job) -> None:
    total, valid = _found(job)
    wrong = total - valid
    if job.requires_approval:
        st.caption(
            ":material/approval_delegation: A reviewer must approve before rows are written."
        )
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if not valid:
            st.caption("No row can be loaded as things are.", width="content")
        if wrong and valid:
            st.caption(
                f"{text.counted(wrong, 'row')} held back can be downloaded, mended and dropped "
                "in again.",
                width="content",
            )
        if st.button(
            effect_words(total, valid, approval=job.requires_approval),
            type="primary",
            icon=":material/play_arrow:",
            disabled=not valid,
        ):
            errors = OnErrors.LOAD_VALID if wrong else OnErrors.STOP
            with shown_and_stopped(), st.spinner("Starting…"):
                imports.start_import(v.ws, v.who, job.job_id, on_errors=errors)
                jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
            go("run")


def effect_words(total: int, valid: int, *, approval: bool) -> str:
    """What the button does, with numbers."""
    if valid == total:
        words = f"Load {text.counted(total, 'row')}"
    else:
        words = f"Load {text.number(valid)} valid rows, hold back {text.number(total - valid)}"
    return f"Ask to {words[0].lower()}{words[1:]}" if approval else words


def _waiting(v: Visit, job: Job) -> None:
    with st.container(border=True):
        st.markdown(":orange[:material/approval_delegation:] **Waiting for approval**")
        st.caption(
            "A reviewer sees the checks and the plan under Jobs. Nothing is written before that."
        )
        if st.button("Withdraw", icon=":material/undo:"):
            with shown_and_stopped():
                jobs.cancel_job(v.ws, v.who, job.job_id)
            st.rerun()


def result(job: Job, *, titled: bool = True) -> None:
    """Tiles of what became of the rows, and the line that accounts for every one."""
    counts, icon = job.counts, text.STATES[job.status]
    with st.container(border=True):
        if titled:
            st.markdown(f":{icon[1]}[{icon[0]}] **{text.state(job)}**")
        if job.error_message:
            st.text(job.error_message)
        if counts.rows_read or job.status is JobStatus.COMPLETED:
            _tiles(counts)
            st.text(text.reconciled(job))
            for said in job.import_results.get("notes", ()):
                st.caption(text.plain(said))
        else:
            st.caption("Nothing was written.")


def _tiles(counts: Counts) -> None:
    named = {
        "Inserted": counts.inserted,
        "Updated": counts.updated,
        "Unchanged": counts.unchanged,
        "Skipped": counts.skipped,
        "Rejected": counts.rejected,
        "Lines ignored": counts.ignored,
    }
    with st.container(horizontal=True, gap="small"):
        for name, amount in named.items():
            st.metric(name, text.number(amount), border=True, width=134)


def _afterwards(v: Visit, job: Job) -> None:
    plan = text.plan_of_import(job)
    if job.rejects_file is not None and job.counts.rejected:
        _rejects(v, job)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if job.status is JobStatus.FAILED and st.button(
            "Change and try again", type="primary", icon=":material/tune:"
        ):
            go("match")
        if job.validation_results:
            address = f"/api/v1/data/import/{job.job_id}/report?format=html"
            download("Report to send", address, key="run:report")
        if st.button("Import another file", icon=":material/add:"):
            again(plan.connection, plan.table)
        if st.button("Show the job", icon=":material/list_alt:"):
            st.switch_page(screens.JOBS, query_params={"job": job.job_id})


def _rejects(v: Visit, job: Job) -> None:
    """The rows that were not loaded: fetched, mended elsewhere, handed in."""
    with st.container(border=True, gap="small"):
        rows = text.counted(job.counts.rejected, "row")
        st.markdown(f":orange[:material/healing:] **{rows} held back**")
        if mending.mendable(job):
            rest = (
                "They alone are checked and loaded then."
                if job.status is JobStatus.PARTIALLY_COMPLETED
                else "The whole file is checked and loaded with them then."
            )
            st.caption(f"Download them with their reasons, mend the cells, hand them in. {rest}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            download("Download rejects", rejects_url(job), key="run:rejects", primary=True)
            download("as Excel", rejects_url(job, "xlsx"), key="run:rejects:xlsx")
            if mending.mendable(job):
                hand_in(v, job)
