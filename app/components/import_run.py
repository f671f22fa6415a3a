"""Step 5 of an import: the plan, the run, and the reconciled result."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.download import download
from app.components.failures import shown_and_stopped
from app.components.fix_rows import rejects_url
from app.components.import_plan import plan_step
from app.components.import_start import again
from app.components.import_state import begun, go
from app.components.job_progress import follow
from app.components.mended_rejects import hand_in
from app.components.visit import Visit
from core.model.job import Counts, Job, JobStatus
from core.usecases import jobs, mending


def run(v: Visit, job: Job) -> None:
    """Draw the step: the choices before, the progress during, the result after."""
    if not begun(job):
        plan_step(v, job)
    elif job.active:
        follow(job.job_id, key="run")
    elif job.status is JobStatus.AWAITING_APPROVAL:
        waiting(v, job)
    else:
        result(job)
        _afterwards(v, job)


def waiting(v: Visit, job: Job) -> None:
    """That a reviewer has to agree, and how to withdraw."""
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
    if counts.deleted:
        named["Deleted"] = counts.deleted
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
