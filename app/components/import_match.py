"""Step 3 of an import: which column of the file feeds which column of the table."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.checked_grid import Cell, GridColumn, checked_grid
from app.components.failures import shown, shown_and_stopped
from app.components.import_state import go
from app.components.mapping_table import mapping_table
from app.components.previews import file_preview, forget_preview, import_preview
from app.components.reference_form import edit_references, referring
from app.components.steps_editor import add_column, begin, edit_steps
from app.components.transform_words import in_words
from app.components.visit import Visit, visit
from core.model.check import Severity
from core.model.job import Job
from core.model.mapping import FieldMapping, RememberedMapping
from core.model.preview import FilePreview, ImportPreview
from core.model.table import Table
from core.usecases import formats, imports, jobs, remembering, tables


def match(v: Visit, job: Job) -> None:
    """Draw the step; every edit is saved at once."""
    plan = text.plan_of_import(job)
    with shown_and_stopped():
        file = file_preview(v, job)
        table = tables.describe_target(v.ws, v.who, job.job_id).table
    _counters(plan.mappings, len(file.suggestions), table)
    if file.remembered is not None:
        _remembered(v, job, file.remembered)
    edited = _table(v, job, file, table)
    if edited is not None and edited != plan.mappings:
        with shown():
            job = imports.update_import(v.ws, v.who, job.job_id, mappings=edited)
            st.rerun()
    _more(job, file, table)
    missing = _missing(plan.mappings, table)
    if plan.mappings:
        _preview(v, job, file)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if missing:
            st.caption(
                f":orange[:material/error:] Still to map: {text.plain(', '.join(missing))}",
                width="content",
            )
        if st.button(
            "Check all rows",
            type="primary",
            icon=":material/fact_check:",
            disabled=bool(missing) or not plan.mappings,
        ):
            with shown_and_stopped():
                imports.validate_import(v.ws, v.who, job.job_id)
                jobs.wait_for_job(v.ws, v.who, job.job_id, seconds=1.5)
            go("check")


def _remembered(v: Visit, job: Job, before: RememberedMapping) -> None:
    """That the suggestions are what the visitor did before, and how to have fresh ones."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            ":material/history: Suggested as in your last import of a file with these columns, "
            f"{text.ago(before.used_at)}.",
            width="content",
        )
        if st.button(
            "Forget",
            type="tertiary",
            icon=":material/delete_history:",
            key="match:forget",
            help="Suggest by names and values again. What is matched here stays as it is.",
        ):
            with shown():
                remembering.forget_remembered(
                    v.ws, v.who, before.id, table=before.table, connection=before.connection
                )
                forget_preview()
                forget_grid(job)
                st.rerun()


def _missing(mappings: tuple[FieldMapping, ...], table: Table) -> list[str]:
    fed = {m.target for m in mappings}
    return [c.name for c in table.columns if c.required and c.name not in fed]


def _counters(mappings: tuple[FieldMapping, ...], sources: int, table: Table) -> None:
    required = [c.name for c in table.columns if c.required]
    missing = _missing(mappings, table)
    with st.container(horizontal=True, gap="small"):
        st.metric("Mapped", len(mappings), border=True, width=150)
        read = {m.source for m in mappings if m.source}
        st.metric("Left out", sources - len(read), border=True, width=150)
        st.metric(
            "Required",
            f"{len(required) - len(missing)} of {len(required)}",
            border=True,
            width=150,
        )
        fed = {m.target for m in mappings}
        unused = sum(c.writable and c.name not in fed for c in table.columns)
        st.metric("Table columns unused", unused, border=True, width=190)


def _table(v: Visit, job: Job, file: FilePreview, table: Table) -> tuple[FieldMapping, ...] | None:
    version = st.session_state.setdefault(f"match:{job.job_id}:version", 0)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = st.text_input(
            "Search",
            placeholder="Search columns",
            icon=":material/search:",
            label_visibility="collapsed",
            width=240,
            key="match:search",
        )
        only = st.toggle("Unmapped only", key="match:unmapped")
        if st.button("Auto map", icon=":material/auto_fix_high:", help="Take every suggestion"):
            _restart(v, job, suggested(file))
        if st.button("Clear", icon=":material/layers_clear:", help="Map nothing"):
            _restart(v, job, ())
    return mapping_table(
        file.suggestions,
        text.plan_of_import(job).mappings,
        table,
        formats.transform_infos(),
        search=search or "",
        unmapped_only=only,
        key=f"match:{job.job_id}:{hash(text.plan_of_import(job).dialect)}:{version}",
    )


def _more(job: Job, file: FilePreview, table: Table) -> None:
    """What a grid cannot hold: several transforms, made columns, references given by name."""
    mappings = text.plan_of_import(job).mappings
    columns, fed = file.detection.columns, {m.target for m in mappings}
    version = f"match:{job.job_id}:version"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = st.selectbox(
            "Column to transform",
            [m.target for m in mappings],
            index=None,
            placeholder="Transforms of …",
            label_visibility="collapsed",
            width=220,
            key=f"match:transforms:{st.session_state[version]}",
        )
        open_ = st.button("Edit transforms", icon=":material/tune:", disabled=chosen is None)
        if open_ and chosen is not None:
            begin(job, next(m for m in mappings if m.target == chosen))
            edit_steps(job, columns, version)
        free = [c.name for c in table.columns if c.writable and c.name not in fed]
        if st.button(
            "Fill a column",
            icon=":material/add_column_right:",
            help="A constant, an expression, joined columns, the file's name …",
            disabled=not free,
        ):
            add_column(job, free, columns, version)
        for mapping in referring(mappings, table):
            words = f"by {mapping.lookup.by}" if mapping.lookup else "by key"
            if st.button(
                f"{text.plain(mapping.target)} · {text.plain(words)}",
                icon=":material/link:",
                help="A reference: say whether the cells hold keys or names",
                key=f"match:reference:{mapping.target}",
            ):
                edit_references(job.job_id, mapping.target, version)
    _made(job, mappings)


def _made(job: Job, mappings: tuple[FieldMapping, ...]) -> None:
    """Columns of the table that are no column of the file, each with a way to take it back."""
    v, infos = visit(), formats.transform_infos()
    for mapping in mappings:
        if mapping.source:
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f":material/add_column_right: **{text.plain(mapping.target)}** "
                f":gray[{text.plain(in_words(mapping.steps, infos))}]",
                width="content",
            )
            if st.button(
                "",
                icon=":material/close:",
                help=f"Do not fill {text.plain(mapping.target)}",
                key=f"match:made:{mapping.target}",
                type="tertiary",
            ):
                _restart(v, job, tuple(m for m in mappings if m is not mapping))


def suggested(file: FilePreview) -> tuple[FieldMapping, ...]:
    """Every suggestion that has a target, as a mapping."""
    return tuple(
        FieldMapping(
            source=s.source,
            target=s.target,
            steps=s.steps,
            lookup=s.lookup,
            skip_empty=s.skip_empty,
        )
        for s in file.suggestions
        if s.target
    )


def _restart(v: Visit, job: Job, mappings: tuple[FieldMapping, ...]) -> None:
    """Save other mappings and show them in a fresh grid."""
    with shown_and_stopped():
        imports.update_import(v.ws, v.who, job.job_id, mappings=mappings)
    st.session_state[f"match:{job.job_id}:version"] += 1
    st.rerun()


def forget_grid(job: Job) -> None:
    """Leave the step: coming back shows the saved mappings in a fresh grid."""
    version = f"match:{job.job_id}:version"
    for key in [k for k in st.session_state if str(k).startswith(f"match:{job.job_id}:")]:
        if key != version:
            del st.session_state[key]
    st.session_state[version] = int(st.session_state.get(version, 0)) + 1


def _preview(v: Visit, job: Job, file: FilePreview) -> None:
    with shown():
        preview = import_preview(v, job)
        with st.container(border=True):
            wrong = len({x.row for x in preview.violations if x.severity is Severity.ERROR})
            tail = (
                f" :red[· :material/error: {text.counted(wrong, 'row')} with errors]"
                if wrong
                else " :green[· :material/check_circle: no errors]"
            )
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(
                    "**As the table would get it** :gray[· first "
                    f"{text.counted(len(preview.rows), 'row')}]{tail}",
                    width="content",
                )
                beside = st.toggle("Show the file's own cells", key="match:before")
            _before_and_after(preview, file, text.plan_of_import(job).mappings, beside=beside)


def _before_and_after(
    preview: ImportPreview,
    file: FilePreview,
    mappings: tuple[FieldMapping, ...],
    *,
    beside: bool,
) -> None:
    columns = [GridColumn(title="Row", width=70, pinned=True, quiet=True)]
    for mapping in mappings:
        if beside:
            columns.append(
                GridColumn(title=f"{mapping.source or '(made)'} →", width=140, quiet=True)
            )
        columns.append(GridColumn(title=mapping.target))
    by_line = dict(zip(file.line_numbers, file.rows, strict=True))
    marks = {(x.row, x.field): x for x in reversed(preview.violations)}
    rows = []
    for row, number, line in zip(
        preview.rows, preview.row_numbers, preview.line_numbers, strict=True
    ):
        cells = [Cell(text=str(number), message=f"Line {line} of the file")]
        for mapping in mappings:
            before = by_line.get(line, {}).get(mapping.source) if mapping.source else None
            if beside:
                cells.append(Cell(text=before))
            found = marks.get((number, mapping.target))
            after = row.get(mapping.target)
            changed = f"In the file: {before}" if before is not None and before != after else ""
            mark = "" if found is None else found.severity.value[0]
            cells.append(Cell(text=after, message=found.message if found else changed, mark=mark))
        rows.append(cells)
    checked_grid(columns, rows, key="match:preview", most=8)
