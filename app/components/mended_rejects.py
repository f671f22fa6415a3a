"""Mended rejects: recognised among dropped files, handed in to their import, checked at once."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from app.components import text
from app.components.failures import show, shown
from app.components.uploader import uploader
from app.components.visit import Visit
from core.errors import TableportError
from core.model.edit import PatchRows
from core.model.job import Job
from core.model.plan import ImportPlan
from core.model.repair import Recognised
from core.usecases import imports, jobs, mending

#: Files of rejects are made as the first two; programs save them as the others.
_FILES = (".csv", ".xlsx", ".tsv", ".xls", ".ods", ".json", ".jsonl")


def hand_in(v: Visit, job: Job) -> None:
    """Draw the drop zone for the mended rejects of an import, behind a button.

    A file that is refused leaves a fresh drop zone and the reason.
    """
    place = f"mended:{job.job_id}:refused"
    refusals, refused = st.session_state.get(place, (0, None))
    with (
        st.popover("Hand in the mended rejects", icon=":material/upload_file:"),
        # As wide as a phone: a popover stretches with its words.
        st.container(width=320),
    ):
        st.caption(
            "The rejects file with its cells mended. Leave tableport\\_row and tableport\\_job "
            "as they are: they tell which rows these are."
        )
        received = uploader(
            title="Drop the mended file here",
            hint="CSV, Excel or JSON",
            extensions=_FILES,
            most=None,
            key=f"mended:{job.job_id}:{refusals}",
        )
        if refused is not None:
            show(refused)
        if received is None:
            return
        try:
            hand_over(v, job.job_id, received.upload_id)
        except TableportError as error:
            st.session_state[place] = (refusals + 1, error)
            st.rerun()


def hand_over(v: Visit, job_id: str, upload_id: str) -> None:
    """Patch the import with the mended file, check what comes of it, and go there.

    Raises TableportError when the file cannot be taken.
    """
    with st.spinner("Checking the mended rows…"):
        patched = mending.patch_import(v.ws, v.who, job_id, upload_id).job
        # The rows are handed in, whatever hinders the check: its step says so when asked again.
        with suppress(TableportError):
            imports.validate_import(v.ws, v.who, patched.job_id)
            jobs.wait_for_job(v.ws, v.who, patched.job_id, seconds=1.5)
    st.session_state.pop(f"mended:{job_id}:refused", None)
    st.query_params.from_dict({"job": patched.job_id, "step": "check"})
    st.rerun()


def recognised_card(v: Visit, found: Recognised, upload_id: str, filename: str) -> str | None:
    """Say whose rejected rows a dropped file holds; what was chosen instead of handing them in.

    Handing them in leads to that import. Else the answer is "new": they are a file like any
    other, or "other": another file shall be dropped.
    """
    with st.container(border=True):
        these = "This is" if found.rows == 1 else "These are"
        st.markdown(
            f":blue[:material/healing:] **{these} {text.counted(found.rows, 'rejected row')} "
            f"of import `{text.short_id(found.job_id)}`**"
        )
        with shown():
            st.text(text.subject(jobs.get_job(v.ws, v.who, found.job_id)))
        st.caption(
            f"{text.plain(filename)} holds rows that this import did not take. Hand them in there: "
            "their mended cells take the place of the rejected ones, and no row is loaded twice."
        )
        with st.container(horizontal=True, gap="small"):
            if st.button(
                "Hand them in there",
                type="primary",
                icon=":material/upload_file:",
                key="recognised:hand-in",
            ):
                with shown():
                    hand_over(v, found.job_id, upload_id)
            if st.button("Import it as a new file", icon=":material/add:", key="recognised:new"):
                return "new"
            if st.button("Use another file", type="tertiary", key="recognised:other"):
                return "other"
    return None


def lineage(plan: ImportPlan) -> str:
    """What else than its file an import is made of, as a sentence; empty for most."""
    patches = [edit for edit in plan.edits if isinstance(edit, PatchRows)]
    own = [patch for patch in patches if patch.file_id == plan.rows_of]
    if plan.follows is None:
        rows = " + ".join(text.number(patch.rows) for patch in patches)
        return (
            f"{text.counted(len(patches), 'mended file')} handed in, rows: {rows}" if rows else ""
        )
    before = f"Follows import {text.short_id(plan.follows)}"
    if own:
        return f"{before}: {text.counted(own[0].rows, 'row')} that it rejected, mended"
    return f"{before}, which loaded nothing: the whole file, with mended rows"
