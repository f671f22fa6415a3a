"""How rows of a file meet the rows of the table: the choices of an import's plan."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.components import text
from core.model.access import Action, Grant
from core.model.plan import Blanks, ImportPlan, OnConflict, WriteMode
from core.model.table import Table

CONFLICTS = {
    OnConflict.ERROR: "Treat it as an error",
    OnConflict.SKIP: "Keep the row in the table, skip the file's",
    OnConflict.UPDATE: "Update the row in the table",
    OnConflict.SYNC: "Update it, and delete rows that the file does not have",
    OnConflict.REPLACE: "Delete every row of the table first",
}
BLANKS = {
    Blanks.NULL: "is emptied",
    Blanks.KEEP: "keeps what it has",
    Blanks.DEFAULT: "gets the column's default",
}
MODES = {
    WriteMode.DIRECT: "All or nothing",
    WriteMode.STAGED: "All or nothing, by a table beside",
    WriteMode.RESUME: "Batch by batch",
}
_MODE_WORDS = {
    WriteMode.DIRECT: "Everything appears at once when it is done; a failure leaves nothing.",
    WriteMode.STAGED: "Rows are gathered beside the table and brought in by one short step. A run "
    "that is bound to a plan holds the table all the same.",
    WriteMode.RESUME: "Rows are seen while it runs; after a failure those written so far stay, "
    "and it goes on from there. It is not bound to the plan.",
}
_NEEDS = {OnConflict.REPLACE: Action.REPLACE, OnConflict.SYNC: Action.DELETE}
_KEYLESS = (OnConflict.ERROR, OnConflict.REPLACE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a person chose; the same words as the plan's."""

    on_conflict: OnConflict
    key: tuple[str, ...]
    blanks: Blanks
    mode: WriteMode
    undoable: bool | None

    @classmethod
    def of(cls, plan: ImportPlan) -> Choices:
        return cls(
            on_conflict=plan.on_conflict,
            key=plan.key,
            blanks=plan.blanks,
            mode=plan.mode,
            undoable=plan.undoable,
        )


def choices(plan: ImportPlan, table: Table, grant: Grant) -> Choices:
    """Draw the choices; what they now are."""
    mapped = tuple(m.target for m in plan.mappings)
    key = table.conflict_key(mapped, plan.key)
    st.markdown(f"**When a row is already in {text.plain(plan.table)}**")
    on_conflict = _conflict(plan, grant, keyed=bool(key))
    chosen_key = _key(plan, table, mapped)
    if not key:
        st.caption("No key of the table is wholly mapped, so every row is new.")
    blanks = plan.blanks
    if on_conflict.updates:
        blanks = st.selectbox(
            "Where a cell of the file is empty, the table's cell",
            list(BLANKS),
            index=list(BLANKS).index(plan.blanks),
            format_func=BLANKS.__getitem__,
            help="Single columns are set under Match, in the transforms of the column.",
        )
    mode, undoable = _writing(plan)
    return Choices(
        on_conflict=on_conflict, key=chosen_key, blanks=blanks, mode=mode, undoable=undoable
    )


def _conflict(plan: ImportPlan, grant: Grant, *, keyed: bool) -> OnConflict:
    """Only what may be asked for is offered, and what the plan says already."""
    offered = [
        one
        for one in CONFLICTS
        if one is plan.on_conflict
        or ((keyed or one in _KEYLESS) and (one not in _NEEDS or _NEEDS[one] in grant.actions))
    ]
    return st.radio(
        "When a row is already there",
        offered,
        index=offered.index(plan.on_conflict),
        format_func=CONFLICTS.__getitem__,
        label_visibility="collapsed",
    )


def _key(plan: ImportPlan, table: Table, mapped: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that tell rows apart: a key of the table, or columns chosen one by one."""
    usual = table.conflict_key(mapped)
    keys = [k.columns for k in table.keys if set(k.columns) <= set(mapped)]
    offered: list[tuple[str, ...] | None] = list(dict.fromkeys([usual, *keys] if usual else keys))
    others = plan.key if plan.key and plan.key not in offered else None
    picked = st.selectbox(
        "Rows are told apart by",
        [*offered, None],
        index=len(offered) if others else _place(offered, plan.key or usual),
        format_func=lambda columns: " + ".join(columns) if columns else "columns of my choice",
    )
    if picked is not None:
        return () if picked == usual else picked
    return tuple(
        st.multiselect(
            "Key columns",
            mapped,
            default=list(others or ()),
            placeholder="Columns that together name one row",
        )
    )


def _place(offered: list[tuple[str, ...] | None], key: tuple[str, ...]) -> int:
    return offered.index(key) if key in offered else len(offered)


def _writing(plan: ImportPlan) -> tuple[WriteMode, bool | None]:
    with st.expander("How it is written", icon=":material/database_upload:"):
        mode = st.radio(
            "How it is written",
            list(MODES),
            index=list(MODES).index(plan.mode),
            format_func=MODES.__getitem__,
            captions=[_MODE_WORDS[one] for one in MODES],
            label_visibility="collapsed",
        )
        keep = st.toggle(
            "Keep what undoing it takes",
            value=plan.undoable is not False,
            help="Off: it is written a little faster, and cannot be undone.",
        )
    before = plan.undoable is not False
    return mode, plan.undoable if keep is before else keep
