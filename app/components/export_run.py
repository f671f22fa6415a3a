"""An export that has been asked for: progress, then the file."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.download import download
from app.components.failures import shown
from app.components.job_progress import follow
from app.components.visit import Visit
from core.model.job import Job, JobStatus
from core.usecases import exports


def export_run(v: Visit, job: Job) -> None:
    """Draw whichever state the export is in."""
    if job.active:
        follow(job.job_id, key="export")
    else:
        finished(v, job)


def finished(v: Visit, job: Job, *, titled: bool = True) -> None:
    """The file with its size and how long it is kept, or why there is none."""
    icon, colour = text.STATES[job.status]
    with st.container(border=True):
        if titled:
            st.markdown(f":{colour}[{icon}] **{text.state(job)}**")
        if job.error_message:
            st.text(job.error_message)
        if job.status is JobStatus.COMPLETED:
            st.text(job.filename or "")
            st.caption(
                f"{text.counted(job.processed_rows, 'row')} · {text.size(job.file_size)} · "
                f"kept until {text.moment(job.expires_at)} ({text.ago(job.expires_at)})"
            )
            with shown():
                url = exports.download_url(v.ws, v.who, job)
                if url is not None:
                    download("Download", url, key=f"export:{job.job_id}", primary=True)
        elif job.status is JobStatus.EXPIRED:
            st.caption("The file was removed after its time. Run the export again for a new one.")
