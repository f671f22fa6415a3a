"""Where an import stands: which job the address names, and which steps are open."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.step_rail import Step
from app.components.visit import Visit
from core.model.job import Job, JobKind, JobStatus, JobTask
from core.usecases import jobs

STEPS = ("start", "understand", "match", "check", "run")


def current_job(v: Visit) -> Job | None:
    """The import job named in the address. Raises NotFound when it is not the visitor's."""
    job_id = st.query_params.get("job")
    if not job_id:
        return None
    job = jobs.get_job(v.ws, v.who, job_id)
    if job.kind is not JobKind.IMPORT or text.plan_of_import(job).undoes:
        return None
    return job


def editable(job: Job) -> bool:
    """May the plan still be changed? Until it runs, and again after a failure."""
    drafts = (JobStatus.PENDING, JobStatus.VALIDATED, JobStatus.FAILED)
    return not job.active and job.status in drafts


def begun(job: Job) -> bool:
    """Has writing been asked for?"""
    drafts = (JobStatus.PENDING, JobStatus.VALIDATED)
    return job.task is JobTask.RUN and (job.active or job.status not in drafts)


def checked(job: Job) -> bool:
    """Has the whole file been checked with the plan as it is?"""
    return bool(job.validation_results) and not checking(job)


def checking(job: Job) -> bool:
    return job.active and job.task is JobTask.VALIDATE


def planning(job: Job) -> bool:
    """Is what the import would change being found out?"""
    return job.active and job.task is JobTask.PLAN


def current_step(job: Job | None) -> str:
    """The step of the address where it is open, else the one that fits the job."""
    asked = st.query_params.get("step", "")
    opened = {step.name for step in steps(job) if step.open}
    if asked in opened:
        return asked
    if job is None:
        return "start"
    if begun(job) or planning(job):
        return "run"
    return "check" if checking(job) or checked(job) else "understand"


def go(step: str) -> None:
    """Show another step."""
    st.query_params["step"] = step
    st.rerun()


def steps(job: Job | None) -> list[Step]:
    """The rail: titles with what each step holds so far."""
    if job is None:
        first = Step(name="start", title="Start", note="Table and file")
        titles = ("Understand", "Match", "Check", "Plan")
        rest = zip(STEPS[1:], titles, strict=True)
        return [first, *(Step(name=name, title=title, open=False) for name, title in rest)]
    plan = text.plan_of_import(job)
    free = editable(job)
    looked = bool(plan.mappings)
    return [
        Step(name="start", title="Start", note=text.subject(job), open=not job.active, done=True),
        Step(
            name="understand",
            title="Understand",
            note=text.read_as(plan.dialect),
            open=free,
            done=looked,
        ),
        Step(
            name="match",
            title="Match",
            note=text.counted(len(plan.mappings), "column") + " mapped",
            open=free,
            done=checking(job) or checked(job) or begun(job),
        ),
        Step(
            name="check",
            title="Check",
            note=_check_note(job),
            open=looked,
            done=checked(job) and bool(job.validation_results.get("isValid")),
        ),
        Step(
            name="run",
            title="Run" if begun(job) else "Plan",
            note=text.state(job) if begun(job) else _plan_note(job),
            open=checked(job) or begun(job) or planning(job),
            done=job.status in (JobStatus.COMPLETED, JobStatus.PARTIALLY_COMPLETED),
        ),
    ]


def _plan_note(job: Job) -> str:
    if planning(job):
        return "Comparing"
    kinds = job.changes.get("kinds", {})
    parts = [f"{text.number(kinds[k])} {k}" for k in ("new", "changed", "deleted") if kinds.get(k)]
    return ", ".join(parts)


def _check_note(job: Job) -> str:
    if checking(job):
        return "Checking"
    if not checked(job):
        return ""
    wrong = int(job.validation_results.get("errorRows") or 0)
    total = int(job.validation_results.get("totalRows") or 0)
    if wrong:
        return f"{text.number(wrong)} of {text.counted(total, 'row')} wrong"
    return f"{text.counted(total, 'row')} fine"
