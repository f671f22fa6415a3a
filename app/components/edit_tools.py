"""What has been changed in the rows of an import: find and replace, the list of edits, undo."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import streamlit as st

from app.components import frames, text
from app.components.failures import shown
from app.components.problem_cards import take
from app.components.transform_words import in_words
from app.components.visit import Visit
from core.model.edit import (
    Edit,
    FindReplace,
    Ignore,
    PatchRows,
    ReplaceValues,
    SetCell,
    StepsOn,
)
from core.model.job import Job
from core.model.repair import EditPreview, Edits
from core.usecases import fixing, formats

_ALL = "every column"
_LISTED = 30


def edited_banner(v: Visit, job: Job, edits: Edits) -> bool:
    """How many edits the numbers do not know yet, with undo; was a new check asked for?"""
    if not edits.since:
        return False
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            f":blue[:material/edit:] **{text.counted(edits.since, 'change')} since the last check**"
            " :gray[· the numbers above are from before]",
            width="content",
        )
        with st.container(horizontal=True, gap="small", width="content"):
            if edits.edits and st.button("Undo", icon=":material/undo:", key="edits:undo"):
                with shown():
                    fixing.undo_edit(v.ws, v.who, job.job_id)
                    st.rerun()
            return st.button(
                "Check again", type="primary", icon=":material/refresh:", key="edits:check"
            )
    return False


def edit_list(v: Visit, job: Job, edits: Edits, *, editable: bool) -> None:
    """Every edit in the order in which it is applied."""
    if not edits.edits:
        st.caption("Nothing was changed: the rows are as the file has them.")
        return
    before = max(len(edits.edits) - _LISTED, 0)
    if before:
        st.caption(f"The last {_LISTED} of {text.number(len(edits.edits))}.")
    for at, edit in enumerate(edits.edits[before:], before + 1):
        st.markdown(f":gray[{at}.] {_in_words(edit)}")
    if not editable:
        return
    with st.container(horizontal=True, gap="small"):
        if st.button("Undo the last", icon=":material/undo:", key="edits:undo-last"):
            with shown():
                fixing.undo_edit(v.ws, v.who, job.job_id)
                st.rerun()
        if st.button("Undo all", icon=":material/layers_clear:", key="edits:clear"):
            with shown():
                fixing.clear_edits(v.ws, v.who, job.job_id)
                st.rerun()


def _in_words(edit: Edit) -> str:
    """One edit as markdown in which the user's own text is shown as text."""
    plain = text.plain
    match edit:
        case ReplaceValues():
            first = next(iter(edit.values.items()), ("", None))
            rest = len(edit.values) - 1
            more = f" and {text.counted(rest, 'more value')}" if rest > 0 else ""
            after = "blank" if first[1] is None else f"'{plain(first[1])}'"
            return f"**{plain(edit.column)}**: '{plain(first[0])}' becomes {after}{more}"
        case FindReplace():
            where = plain(edit.column) if edit.column else _ALL
            return f"**{where}**: '{plain(edit.find)}' replaced by '{plain(edit.replace)}'"
        case StepsOn():
            said = plain(in_words(edit.steps, formats.transform_infos()))
            shape = f" :gray[cells like {plain(edit.shape)}]" if edit.shape else ""
            return f"**{plain(edit.column)}**: {said}{shape}"
        case SetCell():
            after = "blank" if edit.value is None else f"'{plain(edit.value)}'"
            return f"**{plain(edit.column)}** of row {edit.row}: {after}"
        case PatchRows():
            return f"{text.counted(edit.rows, 'row')} from a mended file"
        case Ignore():
            return f"**{plain(edit.field or 'whole row')}**: {plain(edit.check)} left as it is"


def find_and_replace(v: Visit, job: Job, columns: Sequence[str]) -> None:
    """A form in a popover; what it would change is shown before it is done."""
    with st.popover("Find and replace", icon=":material/find_replace:"):
        column = st.selectbox("In", [_ALL, *columns], key="replace:column")
        find = st.text_input("Find", key="replace:find")
        new = st.text_input("Replace by", key="replace:new")
        with st.container(horizontal=True, gap="small"):
            whole = st.toggle("Whole cells", key="replace:whole")
            case = st.toggle("Match case", value=True, key="replace:case")
            pattern = st.toggle(
                "Pattern", key="replace:pattern", help="A regular expression; $1 is its first group"
            )
        if not find:
            return
        edit = FindReplace(
            column=None if column == _ALL else column,
            find=find,
            replace=new,
            whole_cell=whole,
            match_case=case,
            pattern=pattern,
        )
        with shown():
            preview = fixing.preview_edit(v.ws, v.who, job.job_id, edit)
            _changes(preview)
            if st.button("Replace", type="primary", key="replace:do", disabled=not preview.cells):
                take(v, job, edit)


def _changes(preview: EditPreview) -> None:
    among = "rejected rows" if preview.rejected else "first rows"
    st.caption(
        f"{text.counted(preview.cells, 'cell')} in {text.counted(preview.rows, 'row')} of the "
        f"{text.number(preview.among)} {among} would change. It is done in the whole file."
    )
    if preview.changes:
        st.dataframe(
            pl.DataFrame(
                {
                    "Row": [c.row for c in preview.changes],
                    "Before": [c.before for c in preview.changes],
                    "After": [c.after for c in preview.changes],
                },
                schema={"Row": pl.Int64, "Before": pl.String, "After": pl.String},
            ),
            hide_index=True,
            height=frames.height(len(preview.changes), most=5),
            row_height=32,
            placeholder="NULL",
            key="replace:preview",
        )
