"""A file into a table in five steps. The job in the address is the whole state."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.failures import shown_and_stopped
from app.components.import_check import check
from app.components.import_match import forget_grid, match
from app.components.import_run import run
from app.components.import_start import again, start
from app.components.import_state import current_job, current_step, go, steps
from app.components.import_understand import understand
from app.components.mended_rejects import lineage
from app.components.set_start import SEVERAL, gather
from app.components.set_view import banner, set_view
from app.components.step_rail import step_rail
from app.components.visit import visit

v = visit()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Data import", anchor=False, width="content")
    with st.container(horizontal=True, gap="small", width="content"):
        restart = st.button("New import", icon=":material/add:", type="tertiary")
        several = st.button("Several files", icon=":material/stacks:", type="tertiary")
if restart:
    again("", None)
if several:
    st.query_params.from_dict({SEVERAL: "files"})
    st.rerun()

with shown_and_stopped():
    job = current_job(v)
if job is not None and text.plan_of_import(job).members:
    set_view(v, job)
    st.stop()
if job is None and SEVERAL in st.query_params:
    gather(v)
    st.stop()
step = current_step(job)
if job is not None and banner(v, job) and step == "run":
    st.stop()
if chosen := step_rail(steps(job), current=step, key="import:rail"):
    go(chosen)
if job is not None and step != "start" and (made_of := lineage(text.plan_of_import(job))):
    st.caption(f":material/healing: {text.plain(made_of)}")
if job is not None and step != "match":
    forget_grid(job)

if job is None or step == "start":
    start(v, job)
elif step == "understand":
    understand(v, job)
elif step == "match":
    match(v, job)
elif step == "check":
    check(v, job)
else:
    run(v, job)
