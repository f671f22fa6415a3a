"""What is running, what was done last, how the service is, and the two ways in."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.failures import shown
from app.components.job_card import job_card
from app.components.live import live
from app.components.visit import visit
from core.model.health import Health
from core.usecases import approvals, health, jobs

LAST = 8


def _health_line(found: Health) -> str:
    fine = {found.import_service_status, found.export_service_status} == {"healthy"}
    active = found.active_import_jobs + found.active_export_jobs
    mark = ":green[:material/check_circle:]" if fine else ":orange[:material/warning:]"
    words = "All services are healthy" if fine else "A service is degraded"
    return (
        f"{mark} {words} · {text.counted(active, 'job')} active · {found.queue_size} waiting · "
        f"load {found.system_load:.2f} · {found.available_storage_gb:,.0f} GB free"
    )


def _jobs() -> bool:
    v = visit()
    with shown():
        mine = jobs.list_jobs(v.ws, v.who, mine=True, limit=LAST)
        waiting = [j for j in approvals.list_waiting(v.ws, v.who) if j.created_by != v.who.user_id]
        if waiting:
            st.markdown("**Waiting for your decision**")
            for job in waiting:
                job_card(job)
        st.markdown("**Your last jobs**")
        if not mine:
            with st.container(border=True):
                st.caption(
                    ":material/inbox: Nothing yet. Your imports and exports will be listed here, "
                    "each with a link that keeps working."
                )
        for job in mine:
            job_card(job)
        return any(job.active for job in mine)
    return False


v = visit()
st.title(f"Good to see you, {text.plain(v.who.name or v.who.username)}", anchor=False)
with shown():
    st.caption(_health_line(health.health(v.ws)))
left, right = st.columns(2)
with left, st.container(border=True, height="stretch"):
    st.markdown("**Import a file**")
    st.caption("Drop a file, match its columns, check every row, load what is right.")
    if st.button("Start an import", type="primary", icon=":material/upload:"):
        st.switch_page(screens.IMPORT)
with right, st.container(border=True, height="stretch"):
    st.markdown("**Export a table**")
    st.caption("Choose a table, its columns and rows, look at them, take them home as a file.")
    if st.button("Start an export", type="primary", icon=":material/download:"):
        st.switch_page(screens.EXPORT)
with shown():
    active = any(job.active for job in jobs.list_jobs(v.ws, v.who, mine=True, limit=LAST))
    live(_jobs, active=active)
