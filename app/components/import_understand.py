"""Step 2 of an import: how the file is read, with the raw lines beside the parsed rows."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import frames, text
from app.components.dialect_form import dialect_form
from app.components.failures import shown, shown_and_stopped
from app.components.import_state import go
from app.components.previews import file_preview
from app.components.visit import Visit
from core.model.job import Job
from core.model.preview import FilePreview
from core.usecases import imports


def understand(v: Visit, job: Job) -> None:
    """Draw the step; an override is saved and the file read again at once."""
    with shown_and_stopped():
        preview = file_preview(v, job)
    saved = hash(text.plan_of_import(job).dialect)
    changes = dialect_form(preview.detection, key=f"dialect:{job.job_id}:{saved}")
    if changes:
        with shown():
            imports.update_import(v.ws, v.who, job.job_id, dialect=changes)
            st.rerun()
    if said := [text.plain(warning) for warning in preview.detection.warnings]:
        st.warning("\n\n".join(said), icon=":material/warning:")
    lines = preview.detection.first_lines[:16]
    left, right = st.columns([2, 3], gap="medium") if lines else (None, st.container())
    if left is not None:
        with left, st.container(border=True, height="stretch"):
            st.markdown("**The file's first lines**")
            st.code("\n".join(lines), language=None, line_numbers=True)
    with right, st.container(border=True, height="stretch"):
        _parsed(preview)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Match columns", type="primary", icon=":material/arrow_forward:"):
            go("match")


def _parsed(preview: FilePreview) -> None:
    columns = preview.detection.columns
    odd = sum(flaw is not None for flaw in preview.flaws)
    st.markdown(
        f"**As read** :gray[· {text.counted(len(columns), 'column')} · first "
        f"{text.counted(len(preview.rows), 'row')}]"
        + (f" :orange[· :material/warning: {text.counted(odd, 'odd row')}]" if odd else "")
    )
    frame = frames.of_rows(preview.rows, columns)
    line = _free("Line", columns)
    extra = [pl.Series(line, preview.line_numbers, dtype=pl.Int64)]
    if odd:
        flaws = [flaw or "" for flaw in preview.flaws]
        extra.append(pl.Series(_free("What is odd", columns), flaws, dtype=pl.String))
    st.dataframe(
        pl.DataFrame([*extra, *frame.get_columns()]),
        hide_index=True,
        height=frames.height(len(preview.rows), most=13),
        row_height=32,
        placeholder="NULL",
        column_config={line: st.column_config.NumberColumn(pinned=True, width=60, format="%d")},
    )


def _free(name: str, taken: tuple[str, ...]) -> str:
    """The name, or the name with marks until no column of the file has it."""
    while name in taken:
        name += "\u2009"
    return name
