"""Step 4 of an import: check every row, see what is wrong and where, fetch the rejects."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.check_report import Chosen, numbers, problem_groups
from app.components.download import download
from app.components.failures import shown, shown_and_stopped
from app.components.import_state import begun, checked, checking, go
from app.components.live import live
from app.components.pace import pace
from app.components.rejects_grid import rejects_grid
from app.components.visit import Visit, visit
from core.model.job import Job, JobStatus
from core.usecases import findings, imports, jobs

PAGE_ROWS = 100


def check(v: Visit, job: Job) -> None:
    """Draw the step for whichever state the check is in."""
    if checking(job):
        _progress(job.job_id)
        return
    if not checked(job):
        _invitation(v, job)
        return
    with shown_and_stopped():
        report = findings.read_report(v.ws, v.who, job.job_id)
    numbers(report)
    with st.container(border=True):
        chosen = problem_groups(report, key=f"check:{job.job_id}:groups")
    if report.error_rows:
        _rejected(v, job, chosen)
    if begun(job):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if report.groups and st.button("Change the matching", icon=":material/arrow_back:"):
            go("match")
        if st.button("Check again", icon=":material/refresh:"):
            ask(v, job)
        if st.button("Continue", type="primary", icon=":material/arrow_forward:"):
            go("run")


def ask(v: Visit, job: Job) -> None:
    """Queue a check of the whole file; a small one is done before the page is drawn again."""
    with shown_and_stopped(), st.spinner("Checking…"):
        imports.validate_import(v.ws, v.who, job.job_id)
        jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
    go("check")


def _invitation(v: Visit, job: Job) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if job.status is JobStatus.FAILED:
            st.markdown(":red[:material/error:] **The check did not end well**", width="content")
            st.text(job.error_message or "No reason was given.")
        else:
            st.markdown(":material/fact_check: **Nothing has been checked yet**", width="content")
            st.caption(
                "Every row is read, transformed and held against the table's rules. "
                "Nothing is written.",
                width="content",
            )
        if st.button("Check all rows", type="primary", icon=":material/fact_check:"):
            ask(v, job)


def _progress(job_id: str) -> None:
    def draw() -> bool:
        v = visit()
        with shown():
            job = jobs.get_job(v.ws, v.who, job_id)
            with st.container(border=True):
                st.progress(
                    min(job.progress_percent / 100, 1.0),
                    text=f"{job.phase or text.state(job)} · {text.number(job.processed_rows)} rows "
                    f"{pace(job)}",
                )
                if st.button("Cancel", icon=":material/cancel:", key="check:cancel"):
                    jobs.cancel_job(v.ws, v.who, job_id)
            return job.active
        return False

    live(draw, active=True)


def _rejected(v: Visit, job: Job, chosen: Chosen) -> None:
    with shown(), st.container(border=True):
        first = findings.list_rejected(
            v.ws, v.who, job.job_id, limit=PAGE_ROWS, field=chosen.field, check=chosen.check
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            narrowed = (
                f" :gray[· {text.plain(chosen.field or 'whole row')}]" if chosen.check else ""
            )
            st.markdown(
                f"**{text.counted(first.total, 'row')} with errors**{narrowed}", width="content"
            )
            if job.rejects_file:
                download("Download rejects", rejects_url(job), key="check:rejects")
        pages = max(1, -(-first.total // PAGE_ROWS))
        number = 1
        if pages > 1:
            number = st.pagination(pages, key=f"check:page:{chosen.field}:{chosen.check}")
        shown_page = first
        if number > 1:
            shown_page = findings.list_rejected(
                v.ws,
                v.who,
                job.job_id,
                offset=(number - 1) * PAGE_ROWS,
                limit=PAGE_ROWS,
                field=chosen.field,
                check=chosen.check,
            )
        rejects_grid(shown_page, key=f"check:grid:{chosen.field}:{chosen.check}:{number}")


def rejects_url(job: Job) -> str:
    """Where the rejected rows of a job can be fetched."""
    return f"/api/v1/data/import/{job.job_id}/rejects"
