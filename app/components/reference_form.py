"""References given by name: how names are looked up, and a decision for each that is not plain."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.failures import shown
from app.components.stacked_bar import stacked_bar
from app.components.visit import Visit, visit
from core.model.job import Job
from core.model.mapping import Answer, Decision, FieldMapping
from core.model.reference import Finding, ParentKeys, ReferenceReport, ReferenceValue
from core.model.table import Table
from core.usecases import imports, jobs, references

_IDS = ""  #: the choice that the cells hold keys, not names
_LATER = "later"
_SHOWN = 12  #: values that ask for a decision, to a page


def referring(mappings: tuple[FieldMapping, ...], table: Table) -> list[FieldMapping]:
    """The mappings whose target refers to a table by itself."""
    alone = {key.columns[0] for key in table.foreign_keys if len(key.columns) == 1}
    return [m for m in mappings if m.target in alone]


@st.dialog("References", width="large")
def edit_references(job_id: str, target: str, version_key: str) -> None:
    """Say what the cells of a reference hold, and decide what is not found or not plain."""
    v = visit()
    with shown():
        job = jobs.get_job(v.ws, v.who, job_id)
        plan = text.plan_of_import(job)
        mapping = next(m for m in plan.mappings if m.target == target)
        keys = references.list_natural_keys(v.ws, v.who, plan.table, target, plan.connection)
        chosen = _by(mapping, keys)
        if chosen != (mapping.lookup.by if mapping.lookup else _IDS):
            _save_by(v, job, mapping, chosen)
            st.session_state[version_key] = int(st.session_state.get(version_key, 0)) + 1
            st.rerun(scope="fragment")
        if mapping.lookup is not None:
            report = references.list_references(v.ws, v.who, job_id, target)
            _numbers(report)
            _decisions(v, report)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Done", type="primary", key="refs:done"):
            st.rerun()


def _by(mapping: FieldMapping, keys: ParentKeys) -> str:
    """What the cells hold: keys, or one of the parent's names."""
    now = mapping.lookup.by if mapping.lookup else _IDS
    evidence = {key.column: key.evidence for key in keys.natural_keys}
    choices = list(dict.fromkeys((_IDS, *evidence, *keys.others, now)))
    chosen = st.selectbox(
        f"The cells of {text.plain(mapping.source or mapping.target)} hold",
        choices,
        index=choices.index(now),
        format_func=lambda by: (
            f"{by} of {keys.parent}" if by else f"the key itself ({keys.key} of {keys.parent})"
        ),
        key=f"refs:by:{mapping.target}",
    )
    if said := evidence.get(chosen):
        st.caption(text.plain(said))
    elif chosen:
        st.caption("Several rows may share a value: each of those values wants a decision.")
    elif not evidence:
        st.caption(f"No other column of {text.plain(keys.parent)} tells its rows apart.")
    return chosen


def _save_by(v: Visit, job: Job, mapping: FieldMapping, by: str) -> None:
    if by:
        references.decide_references(v.ws, v.who, job.job_id, mapping.target, (), by=by)
        return
    bare = FieldMapping(
        source=mapping.source,
        target=mapping.target,
        steps=mapping.steps,
        skip_empty=mapping.skip_empty,
    )
    plan = text.plan_of_import(job)
    changed = tuple(bare if m.target == mapping.target else m for m in plan.mappings)
    imports.update_import(v.ws, v.who, job.job_id, mappings=changed)


def _numbers(report: ReferenceReport) -> None:
    parts = [
        ("green", "found", report.found),
        ("blue", "decided", report.decided),
        ("orange", "ambiguous", report.ambiguous),
        ("red", "missing", report.missing),
    ]
    words = ", ".join(f"{text.number(share.rows)} {word}" for _, word, share in parts if share.rows)
    stacked_bar([(colour, share.rows) for colour, _, share in parts], words=words, key="refs:bar")
    read = "" if report.whole else f" · of the first {text.counted(report.rows, 'row')}"
    st.caption(
        " · ".join(
            f"{text.counted(share.values, 'value')} {word} ({text.counted(share.rows, 'row')})"
            for _, word, share in parts
            if share.values
        )
        + read
    )


def _decisions(v: Visit, report: ReferenceReport) -> None:
    open_ = [value for value in report.values if value.match.key is None or value.decision]
    if not open_:
        st.markdown(":green[:material/check_circle:] **Every value names one row**")
        return
    pages = -(-len(open_) // _SHOWN)
    page = st.pagination(pages, key="refs:page") if pages > 1 else 1
    for at, value in enumerate(open_[(page - 1) * _SHOWN : page * _SHOWN]):
        _decide(v, report, value, key=f"refs:{report.column}:{page}:{at}:{value.value}")


def _decide(v: Visit, report: ReferenceReport, value: ReferenceValue, *, key: str) -> None:
    decided = value.decision
    now = _LATER if decided is None else f"{decided.answer.value}:{decided.use or ''}"
    choices = {_LATER: "Decide later: the row is rejected"}
    for near in value.match.near:
        choices[f"use:{near.key}"] = f"{near.value} ({report.key} {near.key})"
    for found in value.match.rows.keys:
        choices[f"use:{found}"] = f"{report.key} {found}"
    choices |= {"blank:": "Leave it blank", "reject:": "Reject the row"}
    if now not in choices:
        choices[now] = f"{report.key} {decided.use}" if decided else now
    left, middle, right = st.columns([3, 2, 4], vertical_alignment="center")
    with left.container(gap=None):
        st.text(value.value)
        st.caption(f"in {text.counted(value.count, 'row')}")
    middle.markdown(_said(value))
    chosen = right.selectbox(
        f"What becomes of {value.value}",
        list(choices),
        index=list(choices).index(now),
        format_func=choices.__getitem__,
        label_visibility="collapsed",
        key=key,
    )
    if chosen == now:
        return
    with shown():
        _keep(v, report, value.value, chosen)
        st.rerun(scope="fragment")


def _keep(v: Visit, report: ReferenceReport, value: str, chosen: str) -> None:
    if chosen == _LATER:
        references.decide_references(v.ws, v.who, report.job_id, report.column, (), forget=(value,))
        return
    answer, _, use = chosen.partition(":")
    decision = Decision(value=value, answer=Answer(answer), use=use or None)
    references.decide_references(v.ws, v.who, report.job_id, report.column, (decision,))


def _said(value: ReferenceValue) -> str:
    if value.decision is not None:
        return ":blue[:material/check: decided]"
    if value.match.finding is Finding.AMBIGUOUS:
        rows = text.counted(value.match.rows.count, "row")
        return f":orange[:material/help: {rows} have it]"
    return ":red[:material/search_off: not found]"
