"""The first rows of an import's file, read once per plan and session, not on every click."""

from __future__ import annotations

import streamlit as st

from app.components.visit import Visit
from core.model.job import Job
from core.model.plan import plan_hash
from core.model.preview import FilePreview, ImportPreview
from core.usecases import imports

#: Rows shown of a file before anything is written.
ROWS = 50


def file_preview(v: Visit, job: Job) -> FilePreview:
    """The first rows as the saved dialect reads them. Raises TableportError."""
    key = (job.job_id, hash(job.plan.dialect))
    found: tuple[object, FilePreview] | None = st.session_state.get("preview:file")
    if found is None or found[0] != key:
        found = (key, imports.read_file(v.ws, v.who, job.job_id, rows=ROWS))
        st.session_state["preview:file"] = found
    return found[1]


def forget_preview() -> None:
    """Read the file again next time: what is proposed for it has changed."""
    st.session_state.pop("preview:file", None)


def import_preview(v: Visit, job: Job) -> ImportPreview:
    """The first rows as the saved plan would load them. Raises TableportError."""
    key = (job.job_id, plan_hash(job.plan))
    found: tuple[object, ImportPreview] | None = st.session_state.get("preview:import")
    if found is None or found[0] != key:
        found = (key, imports.preview_import(v.ws, v.who, job.job_id, rows=ROWS))
        st.session_state["preview:import"] = found
    return found[1]
