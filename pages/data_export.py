"""A table into a file: choose, look, export, download."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.export_plan import export_plan
from app.components.export_run import export_run
from app.components.failures import shown_and_stopped
from app.components.visit import visit
from core.model.job import JobKind
from core.usecases import jobs

v = visit()
st.title("Data export", anchor=False)
job_id = st.query_params.get("job")
if not job_id:
    export_plan(v)
    st.stop()

with shown_and_stopped():
    job = jobs.get_job(v.ws, v.who, job_id)
if job.kind is not JobKind.EXPORT:
    st.switch_page(screens.IMPORT, query_params={"job": job_id})
st.caption(text.plain(text.subject(job)))
export_run(v, job)
with st.container(horizontal=True):
    if st.button("Change the selection", icon=":material/tune:"):
        st.query_params.from_dict({"connection": job.connection, "table": job.table})
        st.rerun()
    if st.button("Show the job", icon=":material/list_alt:"):
        st.switch_page(screens.JOBS, query_params={"job": job_id})
