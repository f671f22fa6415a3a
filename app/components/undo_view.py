"""Undo of an import: who can until when, what it would do, what it did."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import frames, screens, text
from app.components.failures import shown
from app.components.visit import Visit, visit
from core.model.job import Job
from core.model.undo import UNDOING, WHY_KEPT, UndoneRow, UndoProspect
from core.usecases import jobs, undo_journals, undoing

_TILES = {"Removed": "removed", "Restored": "restored", "Put back": "put_back", "Kept": "kept"}


def undo_button(v: Visit, job: Job) -> None:
    """Opens the preview, for those who may undo the import."""
    if undoing.may_undo(v.ws, v.who, job) and st.button(
        "Undo…", icon=":material/undo:", key="job:undo"
    ):
        ask(job.job_id)


def undo_lines(job: Job) -> None:
    """What the job has to do with undoing, if anything: one line, with a way to the other job."""
    plan = text.plan_of_import(job)
    other = plan.undoes or job.undone_by
    until = undo_journals.undoable_until(job)
    if other is None:
        if until is not None:
            st.caption(f":material/undo: Can be undone until {text.moment(until)}.")
        return
    words = "This job undoes an import." if plan.undoes else "An undo of this import was asked for."
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/undo: {words}", width="content")
        st.page_link(
            screens.JOBS,
            label="The import" if plan.undoes else "The undo",
            icon=":material/chevron_right:",
            icon_position="right",
            query_params={"job": other},
        )


def undo_result(job: Job) -> None:
    """What became of the rows that the import wrote."""
    with st.container(border=True):
        if job.error_message:
            st.text(job.error_message)
        if not job.import_results:
            st.caption("Nothing was undone.")
            return
        _tiles({name: int(job.import_results.get(key, 0)) for name, key in _TILES.items()})
        st.text(text.reconciled(job))


@st.dialog("Undo this import", width="large")
def ask(job_id: str) -> None:
    """What undoing the import would do, and the button that does it."""
    v = visit()
    with shown():
        seen = undoing.preview_undo(v.ws, v.who, job_id)
        _prospect(seen)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Leave it", key="undo:leave"):
                st.rerun()
            if st.button(
                _effect(seen),
                type="primary",
                icon=":material/undo:",
                key="undo:do",
                disabled=not seen.taken_back,
            ):
                undo = undoing.start_undo(v.ws, v.who, job_id)
                jobs.wait_for_job(v.ws, v.who, undo.job_id, seconds=1.5)
                st.query_params["job"] = undo.job_id
                st.rerun()


def _prospect(seen: UndoProspect) -> None:
    _tiles({name: int(getattr(seen, key)) for name, key in _TILES.items()})
    for why, rows in seen.reasons.items():
        subject = "row" if rows == 1 else "rows: each"
        st.caption(
            f":orange[:material/lock:] {text.number(rows)} {subject} {text.plain(WHY_KEPT[why])}."
        )
    if seen.rows:
        st.dataframe(
            pl.DataFrame(
                {
                    "Row": [_named(row) for row in seen.rows],
                    "Undo would": [
                        "keep it" if row.why else f"{UNDOING[row.did]} it" for row in seen.rows
                    ],
                    "Because it": [WHY_KEPT[row.why] if row.why else "" for row in seen.rows],
                }
            ),
            hide_index=True,
            row_height=32,
            height=frames.height(len(seen.rows), most=8),
            alt="The first rows that undo would touch or keep",
        )
    if seen.until is not None:
        st.caption(f"Can be undone until {text.moment(seen.until)}. An undo cannot be undone.")


def _named(row: UndoneRow) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.key.items()) or text.NOTHING


def _effect(seen: UndoProspect) -> str:
    parts = [
        f"{verb} {text.number(rows)}"
        for verb, rows in (
            ("remove", seen.removed),
            ("restore", seen.restored),
            ("put back", seen.put_back),
        )
        if rows
    ]
    words = ", ".join(parts)
    return f"{words[0].upper()}{words[1:]}" if words else "Nothing to undo"


def _tiles(named: dict[str, int]) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, amount in named.items():
            st.metric(name, text.number(amount), border=True, width=134)
