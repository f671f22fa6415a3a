"""A job in full: state, times, plan, counts, first problems, files, and what can be done."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import screens, text
from app.components.download import download
from app.components.export_run import finished
from app.components.failures import shown
from app.components.fix_rows import rejects_url
from app.components.import_run import result
from app.components.job_card import badge
from app.components.job_progress import progress
from app.components.mended_rejects import lineage
from app.components.plan_view import plan_view
from app.components.transform_words import in_words
from app.components.undo_view import undo_button, undo_lines, undo_result
from app.components.visit import Visit
from core.model.job import Job, JobKind, JobStatus
from core.model.plan import ExportPlan, ImportPlan
from core.usecases import approvals, findings, formats, jobs, planning


def job_detail(v: Visit, job: Job) -> None:
    """Draw everything about one job."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(job)
        st.text(text.subject(job))
        st.caption(f"`{text.short_id(job.job_id)}`", help=job.job_id, width="content")
    if job.active:
        progress(job)
    elif job.kind is JobKind.EXPORT:
        finished(v, job, titled=False)
    elif job.status.ended:
        undo_result(job) if _is_undo(job) else result(job, titled=False)
    if job.kind is JobKind.IMPORT:
        undo_lines(job)
    if job.status is JobStatus.AWAITING_APPROVAL:
        _decision(v, job)
    _actions(v, job)
    _facts(job)
    if isinstance(job.plan, ImportPlan):
        if not _is_undo(job):
            _mapping(job.plan)
        if job.validation_results:
            _problems(v, job)
        if job.changes:
            _plan(v, job)


def _actions(v: Visit, job: Job) -> None:
    with st.container(horizontal=True, gap="small"):
        if job.kind is JobKind.EXPORT:
            if st.button("Open in Data Export", icon=":material/open_in_new:"):
                st.switch_page(screens.EXPORT, query_params={"job": job.job_id})
        elif not _is_undo(job):
            undo_button(v, job)
            if st.button("Open in Data Import", icon=":material/open_in_new:"):
                st.switch_page(screens.IMPORT, query_params={"job": job.job_id})
            if job.rejects_file:
                download("Download rejects", rejects_url(job), key="job:rejects")
        if (job.active or job.status is JobStatus.AWAITING_APPROVAL) and st.button(
            "Cancel", icon=":material/cancel:", disabled=job.cancel_requested, key="job:cancel"
        ):
            with shown():
                jobs.cancel_job(v.ws, v.who, job.job_id)
                st.rerun(scope="app")


def _is_undo(job: Job) -> bool:
    return isinstance(job.plan, ImportPlan) and job.plan.undoes is not None


def _decision(v: Visit, job: Job) -> None:
    if v.who.user_id is not None and job.created_by == v.who.user_id:
        st.caption(":orange[:material/approval_delegation:] Waiting for a reviewer.")
        return
    if job not in approvals.list_waiting(v.ws, v.who):
        return
    with st.container(border=True):
        st.markdown("**Your decision**")
        found = job.validation_results
        if found:
            st.caption(
                f"{text.counted(int(found.get('validRows') or 0), 'valid row')} and "
                f"{text.number(int(found.get('errorRows') or 0))} with errors were found."
            )
        notes = st.text_input("Note", placeholder="A word for the person who asked", key="job:note")
        with st.container(horizontal=True):
            yes = st.button("Approve and load", type="primary", icon=":material/check:")
            no = st.button("Reject", icon=":material/close:")
        with shown():
            if yes:
                approvals.approve(v.ws, v.who, job.job_id, notes)
            if no:
                approvals.reject(v.ws, v.who, job.job_id, notes)
            if yes or no:
                st.rerun(scope="app")


def _facts(job: Job) -> None:
    facts = {
        "Connection": job.connection,
        "Table": job.table,
        "File": job.filename,
        "Format": job.format or None,
        "Size": text.size(job.file_size) if job.file_size is not None else None,
        "Asked by": job.created_by_name or None,
        "Asked": text.moment(job.created_at),
        "Started": text.moment(job.started_at) if job.started_at else None,
        "Ended": text.moment(job.completed_at) if job.completed_at else None,
        "Took": _took(job),
        "Attempts": str(job.attempt) if job.attempt > 1 else None,
        "Error code": job.error_code,
        "Job id": job.job_id,
        **_facts_of_plan(job.plan),
    }
    kept = {name: value for name, value in facts.items() if value}
    with st.container(border=True):
        st.markdown("**Facts**")
        with st.container(horizontal=True, gap="medium"):
            for name, value in kept.items():
                with st.container(width=210, gap=None):
                    st.caption(name)
                    st.text(value)


def _took(job: Job) -> str | None:
    if job.started_at is None or job.completed_at is None:
        return None
    return text.seconds((job.completed_at - job.started_at).total_seconds())


def _facts_of_plan(plan: ImportPlan | ExportPlan) -> dict[str, str | None]:
    if isinstance(plan, ExportPlan):
        return _export_facts(plan)
    return {"Undoes": plan.undoes} if plan.undoes else _import_facts(plan)


def _import_facts(plan: ImportPlan) -> dict[str, str | None]:
    return {
        "Read as": text.read_as(plan.dialect),
        "Rows already there": plan.on_conflict.value,
        "Rows with errors": "stop"
        if plan.on_errors.value == "stop"
        else "hold back, load the rest",
        "Key": " + ".join(plan.key) or None,
        "Made of": lineage(plan) or None,
    }


def _export_facts(plan: ExportPlan) -> dict[str, str | None]:
    conditions = [f"{f.column} {f.operator.value} {f.value or ''}".strip() for f in plan.filters]
    return {
        "Columns": ", ".join(plan.columns) or "all",
        "Conditions": " and ".join(conditions) or None,
        "Search": plan.search,
    }


def _mapping(plan: ImportPlan) -> None:
    with st.expander(
        f"Mapping · {text.counted(len(plan.mappings), 'column')}", icon=":material/conversion_path:"
    ):
        infos = formats.transform_infos()
        st.dataframe(
            pl.DataFrame(
                {
                    "File column": [m.source for m in plan.mappings],
                    "Table column": [m.target for m in plan.mappings],
                    "Transform": [in_words(m.steps, infos) for m in plan.mappings],
                    "Skip empty": [m.skip_empty for m in plan.mappings],
                }
            ),
            hide_index=True,
            row_height=30,
        )


def _plan(v: Visit, job: Job) -> None:
    """What it would change, for a reviewer to see; afterwards what it was to change."""
    with shown(), st.expander("What it changes, as planned", icon=":material/difference:"):
        foreseen = planning.read_plan(v.ws, v.who, job.job_id)
        if foreseen is not None:
            plan_view(v, job, foreseen)


def _problems(v: Visit, job: Job) -> None:
    with shown():
        found = findings.list_violations(v.ws, v.who, job.job_id, limit=50)
        if not found:
            return
        title = "kept rows" if _is_undo(job) else "problems"
        with st.expander(f"First {len(found)} {title}", icon=":material/error:"):
            st.dataframe(
                pl.DataFrame(
                    {
                        "Line": [x.line for x in found],
                        "Column": [x.column for x in found],
                        "Field": [x.field for x in found],
                        "Problem": [x.message for x in found],
                        "Value": [x.value for x in found],
                    }
                ),
                hide_index=True,
                row_height=30,
                placeholder="",
            )
