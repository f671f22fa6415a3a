"""Step 4 of an import: check every row, see what is wrong and where, fetch the rejects."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.check_report import numbers
from app.components.download import download
from app.components.edit_tools import edit_list, edited_banner
from app.components.failures import shown, shown_and_stopped
from app.components.fix_rows import fix_rows
from app.components.import_state import begun, checked, checking, editable, go
from app.components.live import live
from app.components.pace import pace
from app.components.problem_cards import problem_cards
from app.components.profile_view import profile_view
from app.components.visit import Visit, visit
from core.model.check import CheckReport
from core.model.job import Job, JobStatus
from core.model.repair import Edits
from core.usecases import findings, fixing, imports, jobs, profiles


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
        edits = fixing.list_edits(v.ws, v.who, job.job_id)
    numbers(report)
    free = editable(job)
    if free and edited_banner(v, job, edits):
        ask(v, job)
    _views(v, job, report, edits, free=free)
    _report_links(job)
    if begun(job):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if report.groups and st.button("Change the matching", icon=":material/arrow_back:"):
            go("match")
        if not edits.since and st.button("Check again", icon=":material/refresh:"):
            ask(v, job)
        if st.button("Continue", type="primary", icon=":material/arrow_forward:"):
            go("run")


def _views(v: Visit, job: Job, report: CheckReport, edits: Edits, *, free: bool) -> None:
    """Problems, rows, columns, changes: one at a time, the one in the address."""
    titles = {
        "problems": f"Problems {text.number(len(report.groups))}",
        "rows": f"Rows held back {text.number(report.error_rows)}",
        "columns": "Columns",
        "changes": f"Changes {text.number(len(edits.edits))}",
    }
    key = f"check:{job.job_id}:view"
    asked = st.session_state.pop("check:wanted", None)
    if asked:
        st.session_state[key] = asked
    chosen = st.segmented_control(
        "What to look at",
        list(titles),
        format_func=titles.__getitem__,
        default="problems",
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    with shown():
        if chosen == "problems":
            found = problem_cards(v, job, editable=free)
            if found is not None:
                st.session_state["check:wanted"] = "rows"
                st.session_state["check:chosen"] = (job.job_id, found)
                st.rerun()
        elif chosen == "rows":
            fix_rows(v, job, report, editable=free)
        elif chosen == "columns":
            profile_view(profiles.read_profile(v.ws, v.who, job.job_id), key="check:profile")
        else:
            edit_list(v, job, edits, editable=free)


def _report_links(job: Job) -> None:
    """The report that can be sent to whoever made the file."""
    address = f"/api/v1/data/import/{job.job_id}/report?format="
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        download("Report to send", address + "html", key="check:report:html")
        download("as JSON", address + "json", key="check:report:json")


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
