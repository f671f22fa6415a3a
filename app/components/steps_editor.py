"""How a column of the table gets its cells: steps, edited beside what they do to real rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from app.components import frames, text
from app.components.failures import shown
from app.components.option_fields import option_fields
from app.components.visit import Visit, visit
from core.model.job import Job
from core.model.mapping import FieldMapping, OnUpdate, Step, TransformInfo
from core.model.preview import StepsPreview
from core.usecases import formats, imports, mapping_preview

_POLICIES = {
    OnUpdate.OVERWRITE: "is overwritten",
    OnUpdate.IF_EMPTY: "is filled where it is empty",
    OnUpdate.NEVER: "is left as it is",
}
#: Rows of the file that the preview shows.
_ROWS = 12


def begin(job: Job, mapping: FieldMapping) -> None:
    """Forget an earlier edit: the next draw starts from `mapping`."""
    st.session_state["steps:edited"] = mapping
    st.session_state["steps:version"] = st.session_state.get("steps:version", 0) + 1
    st.session_state["steps:job"] = job.job_id


@st.dialog("Transforms", width="large")
def edit_steps(job: Job, columns: Sequence[str], version_key: str) -> None:
    """Edit the mapping that `begin` was given; saving it counts `version_key` up."""
    v = visit()
    mapping: FieldMapping = st.session_state["steps:edited"]
    known = {info.name: info for info in formats.transform_infos()}
    source = text.plain(mapping.source) if mapping.source else "made for every row"
    st.markdown(f"**{source}** → **{text.plain(mapping.target)}**")
    edited = _steps(mapping, known, columns)
    _add(edited, known)
    with shown():
        _preview(mapping_preview.preview_steps(v.ws, v.who, job.job_id, edited, rows=_ROWS))
    edited = _policy(edited)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="steps:cancel"):
            st.rerun()
        if st.button("Save", type="primary", icon=":material/check:", key="steps:save"):
            with shown():
                save(v, job, edited)
                st.session_state[version_key] = int(st.session_state.get(version_key, 0)) + 1
                st.rerun()


def _policy(mapping: FieldMapping) -> FieldMapping:
    """What the column does to a row that is there already."""
    chosen = st.radio(
        "When a row that is in the table is updated, this column",
        list(_POLICIES),
        index=list(_POLICIES).index(mapping.on_update),
        format_func=_POLICIES.__getitem__,
        horizontal=True,
        key=f"steps:{st.session_state['steps:version']}:policy",
    )
    edited = replace(mapping, on_update=chosen)
    st.session_state["steps:edited"] = edited
    return edited


def save(v: Visit, job: Job, mapping: FieldMapping) -> None:
    """Put the mapping in the place of the one that feeds its target. Raises TableportError."""
    plan = text.plan_of_import(job)
    if any(m.target == mapping.target for m in plan.mappings):
        changed = tuple(mapping if m.target == mapping.target else m for m in plan.mappings)
    else:
        changed = (*plan.mappings, mapping)
    imports.update_import(v.ws, v.who, job.job_id, mappings=changed)


def _steps(
    mapping: FieldMapping, known: dict[str, TransformInfo], columns: Sequence[str]
) -> FieldMapping:
    """Draw each step; the mapping with the options as they now stand."""
    version = st.session_state["steps:version"]
    steps: list[Step] = []
    if not mapping.steps:
        st.caption("No transform yet: the cells go in as they are.")
    for at, step in enumerate(mapping.steps):
        info = known[step.transform]
        with st.container(border=True, gap="small"):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                st.markdown(f"**{at + 1}. {info.title}**", width="content")
                _move(mapping, at, known, version)
            st.caption(text.plain(info.description))
            options = option_fields(
                info.options, step.options, columns=columns, key=f"steps:{version}:{at}"
            )
        steps.append(Step(transform=step.transform, options=options))
    edited = replace(mapping, steps=tuple(steps))
    st.session_state["steps:edited"] = edited
    return edited


def _move(mapping: FieldMapping, at: int, known: dict[str, TransformInfo], version: int) -> None:
    """Buttons that take the step away or put it before the one above."""
    first_free = 1 if mapping.steps and known[mapping.steps[0].transform].makes else 0
    with st.container(horizontal=True, gap="small", width="content"):
        up = st.button(
            "",
            icon=":material/arrow_upward:",
            help="Earlier",
            key=f"steps:{version}:{at}:up",
            disabled=at <= first_free,
            type="tertiary",
        )
        away = st.button(
            "",
            icon=":material/delete:",
            help="Remove",
            key=f"steps:{version}:{at}:remove",
            disabled=at < first_free,
            type="tertiary",
        )
    if not (up or away):
        return
    steps = list(mapping.steps)
    taken = steps.pop(at)
    if up:
        steps.insert(at - 1, taken)
    _restart(replace(mapping, steps=tuple(steps)))


def _restart(mapping: FieldMapping) -> None:
    st.session_state["steps:edited"] = mapping
    st.session_state["steps:version"] += 1
    st.rerun(scope="fragment")


def _add(mapping: FieldMapping, known: dict[str, TransformInfo]) -> None:
    choices = [info for info in known.values() if not info.makes]
    chosen = st.selectbox(
        "Add a transform",
        choices,
        index=None,
        format_func=lambda info: info.title,
        placeholder="Add a transform",
        label_visibility="collapsed",
        key=f"steps:{st.session_state['steps:version']}:add",
    )
    if chosen is not None:
        _restart(replace(mapping, steps=(*mapping.steps, Step(transform=chosen.name))))


def _preview(preview: StepsPreview) -> None:
    """The cells of the first rows before and after each step, failures said."""
    if not preview.row_numbers:
        st.caption("The file has no rows to show.")
        return
    titles = {info.name: info.title for info in formats.transform_infos()}
    columns = [pl.Series("Row", preview.row_numbers, dtype=pl.Int64)]
    for name in preview.columns:
        cells = [row[name] for row in preview.before]
        columns.append(pl.Series(f"{name} ", cells, dtype=pl.String))
    for at, step in enumerate(preview.steps, 1):
        cells = [
            f"\u26a0 {problem}" if problem else cell
            for cell, problem in zip(step.cells, step.problems, strict=True)
        ]
        title = f"{at}. {titles[step.transform]}"
        columns.append(pl.Series(title, cells, dtype=pl.String))
    failed = sum(problem is not None for step in preview.steps for problem in step.problems)
    words = f":orange[:material/warning: {text.counted(failed, 'cell')} could not be read]"
    st.markdown("**On the first rows** " + (words if failed else ""))
    st.dataframe(
        pl.DataFrame(columns),
        hide_index=True,
        height=frames.height(len(preview.row_numbers), most=8),
        row_height=32,
        placeholder="NULL",
        column_config={"Row": st.column_config.NumberColumn(pinned=True, width=60, format="%d")},
        key="steps:preview",
    )


@st.dialog("Fill a column", width="large")
def add_column(job: Job, targets: Sequence[str], columns: Sequence[str], version_key: str) -> None:
    """Give a column of the table cells that are no column of the file."""
    v = visit()
    makers = [info for info in formats.transform_infos() if info.makes]
    makers.sort(key=lambda info: info.name != "constant")  # the plainest first
    left, right = st.columns(2)
    target = left.selectbox("Column of the table", targets, key="fill:target")
    maker = right.selectbox(
        "What it gets", makers, format_func=lambda info: info.title, key="fill:maker"
    )
    if target is None or maker is None:
        st.caption("Every column of the table is filled already.")
        return
    st.caption(text.plain(maker.description))
    options = option_fields(maker.options, {}, columns=columns, key=f"fill:{maker.name}")
    mapping = FieldMapping(
        source="", target=target, steps=(Step(transform=maker.name, options=options),)
    )
    ready = all(options.get(o.name) for o in maker.options if o.required)
    if ready:
        with shown():
            _preview(mapping_preview.preview_steps(v.ws, v.who, job.job_id, mapping, rows=_ROWS))
    with st.container(horizontal=True, horizontal_alignment="right"):
        add = st.button(
            "Add", type="primary", icon=":material/check:", key="fill:add", disabled=not ready
        )
        if add:
            with shown():
                save(v, job, mapping)
                st.session_state[version_key] = int(st.session_state.get(version_key, 0)) + 1
                st.rerun()
