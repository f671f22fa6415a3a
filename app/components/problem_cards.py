"""The problems of a check, each with the repairs that may be taken, or left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from app.components import text
from app.components.failures import shown
from app.components.reference_form import edit_references
from app.components.visit import Visit
from core.model.check import ProblemGroup, Severity
from core.model.edit import Edit, Ignore, ReplaceValues
from core.model.job import Job
from core.model.repair import Problem, Repair
from core.usecases import fixing

_PAGE = 8
_SAMPLES = 4
_NAMES = "reference"  #: the check of values that are names of another table's rows
_MARKS = {Severity.ERROR: ("red", "error"), Severity.WARNING: ("orange", "warning")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The problem group whose rows are asked for."""

    field: str | None = None
    check: str | None = None


def problem_cards(v: Visit, job: Job, *, editable: bool) -> Chosen | None:
    """Draw a page of problems; the group whose rows were asked for just now, if any."""
    problems = fixing.list_problems(v.ws, v.who, job.job_id)
    left = [p for p in problems if p.ignored]
    open_ = [p for p in problems if not p.ignored]
    if not problems:
        total = int(job.validation_results.get("totalRows") or 0)
        st.markdown(
            f":green[:material/check_circle:] **0 problems in {text.counted(total, 'row')}**"
        )
        return None
    if not open_:
        st.markdown(":gray[:material/visibility_off:] **Every problem was looked at and left**")
    pages = -(-len(open_) // _PAGE)
    page = st.pagination(pages, key=f"problems:{job.job_id}:page") if pages > 1 else 1
    asked = None
    for at, problem in enumerate(open_[(page - 1) * _PAGE : page * _PAGE]):
        key = f"problems:{job.job_id}:{page}:{at}"
        if _card(v, job, problem, editable=editable, key=key):
            asked = Chosen(field=problem.group.field, check=problem.group.check)
    if left:
        st.caption(
            f":material/visibility_off: {text.counted(len(left), 'problem')} looked at and left"
        )
    return asked


def _card(v: Visit, job: Job, problem: Problem, *, editable: bool, key: str) -> bool:
    group = problem.group
    colour, icon = _MARKS[group.severity]
    with st.container(border=True, gap="small"):
        left, right = st.columns([5, 4], vertical_alignment="center")
        with left.container(gap="xsmall"):
            st.markdown(
                f":{colour}[:material/{icon}:] **{text.counted(group.count, 'cell')}** · "
                f"{text.plain(group.field or 'whole row')} :gray[· {text.plain(group.check)}]"
            )
            st.text(group.message)
            if len(group.values) > 1 or group.count > 1:
                st.markdown(_samples(group))
        with right:
            if editable and problem.repairs:
                _first(v, job, problem.repairs[0], key=key)
            with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
                rows = st.button("Show rows", icon=":material/table_rows:", key=f"{key}:rows")
                if editable:
                    if group.check == _NAMES and group.field is not None:
                        _decide(job, group.field, key=key)
                    _others(v, job, problem, key=key)
    return rows


def _decide(job: Job, field: str, *, key: str) -> None:
    """Names that stand for no row or for several are decided on, not edited."""
    mapped = {m.target: m for m in text.plan_of_import(job).mappings}
    if field not in mapped or mapped[field].lookup is None:
        return
    if st.button("Decide", icon=":material/link:", key=f"{key}:decide", type="primary"):
        edit_references(job.job_id, field, f"match:{job.job_id}:version")


def _samples(group: ProblemGroup) -> str:
    """The most frequent values, with how many cells have them."""
    said = [f"`{_code(v.value)}` :gray[× {text.number(v.count)}]" for v in group.values[:_SAMPLES]]
    more = len(group.values) - _SAMPLES
    return " · ".join(said) + (f" :gray[and {more} more]" if more > 0 else "")


def _first(v: Visit, job: Job, repair: Repair, *, key: str) -> None:
    """The repair that mends most, said by an example."""
    if repair.asks:
        return
    _words(repair)
    if st.button(
        f"Apply to {text.counted(repair.of, 'value') if repair.of < 20 else 'all of them'}",
        type="primary" if not repair.lossy else "secondary",
        icon=":material/auto_fix_high:",
        key=f"{key}:apply",
        help=repair.title,
    ):
        take(v, job, repair.edit)


def _words(repair: Repair) -> None:
    if repair.changes:
        change = repair.changes[0]
        after = "blank" if change.after is None else change.after
        st.markdown(f"`{_code(change.before)}` → `{_code(after)}`")
    lossy = ":orange[:material/content_cut: throws something away] · " if repair.lossy else ""
    st.caption(
        f"{lossy}{text.plain(repair.title)} Mends {repair.mends} of {repair.of} values shown."
        + (f" {text.plain(repair.note)}" if repair.note else "")
    )


def _code(value: str | None) -> str:
    """Cell text between backticks: none of its own, on one line."""
    return " ".join(str(value or "").split()).replace("`", "'") or " "


def _others(v: Visit, job: Job, problem: Problem, *, key: str) -> None:
    with st.popover("More", icon=":material/more_horiz:"):
        for at, repair in enumerate(problem.repairs):
            if at == 0 and not repair.asks:
                continue
            _words(repair)
            edit = _asked(repair, key=f"{key}:{at}") if repair.asks else repair.edit
            if st.button("Apply", key=f"{key}:{at}:apply", disabled=edit is None):
                assert edit is not None
                take(v, job, edit)
        _by_hand(v, job, problem.group, key=key)
        if st.button(
            "Leave it", icon=":material/visibility_off:", key=f"{key}:ignore",
            help="It stays as it is: rows with errors are held back",
        ):  # fmt: skip
            group = problem.group
            take(v, job, Ignore(field=group.field, check=group.check, shape=group.shape))


def _asked(repair: Repair, *, key: str) -> Edit | None:
    """The repair's edit with the value that the person gives."""
    value = st.text_input(repair.asks, key=f"{key}:value")
    if not value or not isinstance(repair.edit, ReplaceValues):
        return None
    return replace(repair.edit, values=dict.fromkeys(repair.edit.values, value))


def _by_hand(v: Visit, job: Job, group: ProblemGroup, *, key: str) -> None:
    """One value of the group, and what to put instead of it wherever it stands."""
    if group.column is None or not group.values:
        return
    st.markdown("**Put another value instead**")
    old = st.selectbox("Value", [x.value for x in group.values], key=f"{key}:old")
    new = st.text_input("Instead, nothing for blank", key=f"{key}:new")
    if st.button("Replace everywhere", key=f"{key}:replace"):
        take(v, job, ReplaceValues(column=group.column, values={old: new or None}))


def take(v: Visit, job: Job, edit: Edit) -> None:
    """Keep one more edit and draw the page anew."""
    with shown():
        fixing.add_edit(v.ws, v.who, job.job_id, edit)
        st.rerun()
