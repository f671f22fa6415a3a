"""Every job one may see, live while any is active; one of them in full."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import frames, text
from app.components.failures import shown, shown_and_stopped
from app.components.job_detail import job_detail
from app.components.live import live
from app.components.visit import visit
from core.model.job import Job, JobKind, JobStatus
from core.usecases import jobs

PAGE_ROWS = 50


def _filters() -> dict[str, object]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            "Kind", list(JobKind), format_func=lambda k: f"{k.value.capitalize()}s", key="jobs:kind"
        )
        status = st.selectbox(
            "State", list(JobStatus), index=None, placeholder="Any", key="jobs:status", width=210,
            format_func=lambda s: s.value.capitalize().replace("_", " "),
        )  # fmt: skip
        table = st.text_input("Table", placeholder="Any", key="jobs:table", width=180)
        mine = st.toggle("Only mine", key="jobs:mine")
    return {"kind": kind, "status": status, "table": table.strip() or None, "mine": mine}


def _frame(found: list[Job]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "State": [text.state(j) for j in found],
            "What": [text.subject(j) for j in found],
            "Kind": [j.kind.value for j in found],
            "Done": [j.progress_percent for j in found],
            "Rows": [j.counts.rows_read or j.processed_rows for j in found],
            "Rejected": [j.counts.rejected for j in found],
            "Asked by": [j.created_by_name for j in found],
            "Asked": [text.ago(j.created_at) for j in found],
            "Job": [text.short_id(j.job_id) for j in found],
        }
    )


def _list(chosen: dict[str, object]) -> bool:
    v = visit()
    with shown():
        found = jobs.list_jobs(v.ws, v.who, limit=PAGE_ROWS, **chosen)  # type: ignore[arg-type]
        if not found:
            with st.container(border=True):
                none = (
                    "No job matches." if any(chosen.values()) else "No job has been asked for yet."
                )
                st.caption(f":material/inbox: {none}")
            return False
        event = st.dataframe(
            _frame(found),
            key="jobs:list",
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            height=frames.height(len(found), most=12),
            row_height=32,
            placeholder="",
            column_config={
                "Done": st.column_config.ProgressColumn(
                    format="%.0f %%", min_value=0, max_value=100, width=105
                ),
                "Rows": st.column_config.NumberColumn(format="localized"),
                "Rejected": st.column_config.NumberColumn(format="localized"),
                "State": st.column_config.TextColumn(width=138),
                "What": st.column_config.TextColumn(width=250),
                "Kind": st.column_config.TextColumn(width=62),
                "Asked": st.column_config.TextColumn(width=92),
            },
            alt="Jobs",
        )
        rows = event.selection.rows
        # Only a click counts: new jobs push others to other rows while the list is refreshed.
        if rows != st.session_state.get("jobs:rows"):
            st.session_state["jobs:rows"] = rows
            if rows and rows[0] < len(found):
                st.query_params["job"] = found[rows[0]].job_id
                st.rerun(scope="app")
        return any(job.active for job in found)
    return False


def _detail() -> bool:
    v = visit()
    with shown():
        job = jobs.get_job(v.ws, v.who, st.query_params["job"])
        job_detail(v, job)
        return job.active
    return False


v = visit()
st.title("Jobs", anchor=False)
chosen = _filters()
with shown_and_stopped():
    busy = any(j.active for j in jobs.list_jobs(v.ws, v.who, limit=PAGE_ROWS, **chosen))  # type: ignore[arg-type]
live(lambda: _list(chosen), active=busy)
if st.query_params.get("job"):
    with st.container(border=True):
        with shown_and_stopped():
            active = jobs.get_job(v.ws, v.who, st.query_params["job"]).active
        live(_detail, active=active)
