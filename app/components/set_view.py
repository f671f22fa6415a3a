"""An import set: its files in the order of loading, what is wrong with them, the one button."""

from __future__ import annotations

import streamlit as st

from app.components import screens, text
from app.components.failures import shown_and_stopped
from app.components.import_run import result, waiting
from app.components.import_state import begun
from app.components.job_card import badge
from app.components.job_progress import follow
from app.components.visit import Visit
from core.model.import_set import ImportSet, SetMember
from core.model.job import Job, JobStatus
from core.model.plan import OnErrors
from core.usecases import import_sets, jobs, set_members


def set_view(v: Visit, job: Job) -> None:
    """Draw the set: before the run its order and problems, then how it went."""
    with shown_and_stopped():
        found = import_sets.read_set(v.ws, v.who, job.job_id)
    job = found.job
    if job.active:
        follow(job.job_id, key="set")
    elif job.status is JobStatus.AWAITING_APPROVAL:
        waiting(v, job)
    elif begun(job):
        result(job)
    elif found.refused is not None:
        st.error(text.plain(found.refused), icon=":material/sync_problem:")
    for at, member in enumerate(found.members, start=1):
        _member(at, member)
    if not job.active:
        _actions(v, found)


def banner(v: Visit, job: Job) -> bool:
    """On the screens of one import that belongs to a set: the way back. Is the set still open?"""
    whole = set_members.open_set_of(v.ws, job)
    if job.set_id is None:
        return False
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(
            ":material/stacks: One file of a set"
            + (": it is checked and loaded together with the others." if whole else "."),
            width="content",
        )
        if st.button("Back to the set", icon=":material/arrow_back:"):
            st.query_params.from_dict({"job": job.set_id})
            st.rerun()
    return whole is not None


def _member(at: int, member: SetMember) -> None:
    job = member.job
    with st.container(border=True, gap="xsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(
                horizontal=True, gap="small", vertical_alignment="center", width="content"
            ):
                st.markdown(f"**{at}**", width="content")
                st.text(text.subject(job))
                badge(job)
            if st.button(
                "Open its steps", key=f"set:open:{job.job_id}", type="tertiary",
                icon=":material/chevron_right:", icon_position="right",
            ):  # fmt: skip
                st.query_params.from_dict({"job": job.job_id})
                st.rerun()
        st.caption(_facts(job))
        if member.reasons:
            st.caption(f":material/arrow_upward: {text.plain(' · '.join(member.reasons))}")


def _facts(job: Job) -> str:
    """What is known of one file, in a line."""
    plan = text.plan_of_import(job)
    if job.status in (JobStatus.COMPLETED, JobStatus.PARTIALLY_COMPLETED):
        return text.plain(text.reconciled(job))
    mapped = f"{text.counted(len(plan.mappings), 'column')} mapped"
    found = job.validation_results
    if not found:
        return f"{text.size(job.file_size)} · {mapped} · not checked yet"
    wrong, total = int(found.get("errorRows") or 0), int(found.get("totalRows") or 0)
    said = f":orange[{text.number(wrong)} with errors]" if wrong else "no errors"
    return f"{text.counted(total, 'row')} · {said} · {mapped}"


def _actions(v: Visit, found: ImportSet) -> None:
    """The one button, and the check before it."""
    job = found.job
    if begun(job):
        _afterwards(v, found)
        return
    total, wrong = _figures(found)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if total is None:
            st.caption("Nothing is written by a check.", width="content")
        check = st.button(
            "Check all files" if total is None else "Check again",
            icon=":material/fact_check:", disabled=found.refused is not None,
        )  # fmt: skip
        start = st.button(
            _button(found, total, wrong),
            type="primary", icon=":material/play_arrow:", disabled=found.refused is not None,
        )  # fmt: skip
    if check or start:
        with shown_and_stopped(), st.spinner("Starting…"):
            if start:
                errors = OnErrors.LOAD_VALID if wrong else OnErrors.STOP
                import_sets.start_set(v.ws, v.who, job.job_id, on_errors=errors)
            else:
                import_sets.check_set(v.ws, v.who, job.job_id)
            jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
        st.rerun()


def _figures(found: ImportSet) -> tuple[int | None, int]:
    """Rows of the files, None while not checked, and how many of them have errors."""
    results = found.job.validation_results
    if not results:
        return None, 0
    return int(results["totalRows"]), int(results["errorRows"])


def _button(found: ImportSet, total: int | None, wrong: int) -> str:
    """What the button does, with numbers."""
    files = text.counted(len(found.members), "file")
    words = f"Load {files} as one"
    if wrong and total is not None:
        words = (
            f"Load {text.counted(total - wrong, 'valid row')} of {files}, hold back "
            f"{text.number(wrong)}"
        )
    return f"Ask to {words[0].lower()}{words[1:]}" if found.job.requires_approval else words


def _afterwards(v: Visit, found: ImportSet) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        unwritten = found.job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
        if unwritten and st.button("Change and try again", type="primary", icon=":material/tune:"):
            ids = [member.job.job_id for member in found.members]
            with shown_and_stopped():
                again = import_sets.set_of_imports(v.ws, v.who, ids)
            st.query_params.from_dict({"job": again.job.job_id})
            st.rerun()
        if st.button("Show the job", icon=":material/list_alt:"):
            st.switch_page(screens.JOBS, query_params={"job": found.job.job_id})
