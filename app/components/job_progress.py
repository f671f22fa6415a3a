"""How far a running job is."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.failures import shown
from app.components.live import live
from app.components.pace import pace
from app.components.visit import visit
from core.model.job import Job
from core.usecases import jobs


def follow(job_id: str, *, key: str) -> None:
    """Draw a running job, with a button to cancel it, until it ends; `key` names the button."""

    def draw() -> bool:
        v = visit()
        with shown():
            job = jobs.get_job(v.ws, v.who, job_id)
            with st.container(border=True):
                progress(job)
                if st.button(
                    "Cancel",
                    icon=":material/cancel:",
                    key=f"{key}:cancel",
                    disabled=job.cancel_requested,
                ):
                    jobs.cancel_job(v.ws, v.who, job_id)
            return job.active
        return False

    live(draw, active=True)


def progress(job: Job) -> None:
    """One job's progress in a bar and a line."""
    parts = [job.phase or text.state(job)]
    if job.total_rows:
        parts.append(f"{text.number(job.processed_rows)} of {text.counted(job.total_rows, 'row')}")
    elif job.processed_rows:
        parts.append(text.counted(job.processed_rows, "row"))
    if speed := pace(job):
        parts.append(speed)
    line = " · ".join(text.plain(part) for part in parts)
    st.progress(min(max(job.progress_percent / 100, 0.0), 1.0), text=line)
