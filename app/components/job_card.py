"""A job in one line: what, how far, where to go."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.pace import pace
from core.model.job import Job


def badge(job: Job) -> None:
    """The state, with its icon and colour."""
    icon, colour = text.STATES[job.status]
    if job.active:
        icon, colour = ":material/progress_activity:", "blue"
    st.badge(text.state(job), icon=icon, color=colour)


def job_card(job: Job) -> None:
    """Draw one job with a link to its details; a bar while it is active."""
    with st.container(border=True, gap="xsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(
                horizontal=True, gap="small", vertical_alignment="center", width="content"
            ):
                badge(job)
                st.text(text.subject(job))
            st.page_link(
                screens.JOBS,
                label="Details",
                icon=":material/chevron_right:",
                icon_position="right",
                query_params={"job": job.job_id},
            )
        if job.active:
            st.progress(min(max(job.progress_percent / 100, 0.0), 1.0))
        st.caption(_line(job))


def _line(job: Job) -> str:
    parts = []
    if job.active:
        parts.append(text.plain(job.phase or "waiting for a worker"))
        if job.processed_rows:
            parts.append(text.counted(job.processed_rows, "row"))
        if speed := pace(job):
            parts.append(speed)
    elif job.counts.rows_read:
        parts.append(text.plain(text.reconciled(job)))
    elif job.processed_rows:
        parts.append(text.counted(job.processed_rows, "row"))
    parts.append(text.plain(job.created_by_name) if job.created_by_name else "")
    parts.append(text.ago(job.completed_at or job.created_at))
    return " · ".join(part for part in parts if part)
