"""Which columns to take: search, groups by kind, all or none, order kept."""

from __future__ import annotations

import streamlit as st

from core.model.table import Column, Kind

_GROUPS: dict[str, frozenset[Kind]] = {
    "Text": frozenset({Kind.TEXT, Kind.UUID}),
    "Numbers": frozenset({Kind.INTEGER, Kind.NUMBER}),
    "Dates": frozenset({Kind.DATE, Kind.DATETIME, Kind.TIME}),
    "Yes or no": frozenset({Kind.BOOLEAN}),
    "Other": frozenset({Kind.JSON, Kind.BINARY, Kind.OTHER}),
}


def column_picker(columns: tuple[Column, ...], *, key: str) -> tuple[str, ...]:
    """The names chosen, in the order chosen; searching happens in the box itself."""
    names = [c.name for c in columns]
    state = f"{key}:columns"
    if state not in st.session_state:
        st.session_state[state] = names

    def toggle(group: frozenset[Kind]) -> None:
        st.session_state[state] = toggled(st.session_state[state], columns, group)

    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        chosen_now = st.session_state[state]
        st.markdown(f"**Columns** :gray[· {len(chosen_now)} of {len(names)}]", width="content")
        for title, kinds in _GROUPS.items():
            members = [c.name for c in columns if c.kind in kinds]
            if not members or len(members) == len(names):
                continue
            taken = sum(name in chosen_now for name in members)
            st.button(
                f"{title} {taken}/{len(members)}",
                key=f"{key}:group:{title}",
                icon=_mark(taken, len(members)),
                type="tertiary",
                on_click=toggle,
                args=(kinds,),
            )
        st.button(
            "All in table order",
            key=f"{key}:all",
            type="tertiary",
            icon=":material/select_all:",
            on_click=lambda: st.session_state.update({state: names}),
        )
        st.button(
            "None",
            key=f"{key}:none",
            type="tertiary",
            icon=":material/deselect:",
            on_click=lambda: st.session_state.update({state: []}),
        )
    picked = st.multiselect(
        "Columns",
        names,
        key=state,
        label_visibility="collapsed",
        placeholder="Search and add columns",
    )
    return tuple(str(name) for name in picked)


def toggled(chosen: list[str], columns: tuple[Column, ...], group: frozenset[Kind]) -> list[str]:
    """`chosen` with a whole group added at the end, or taken out when it was whole."""
    members = [c.name for c in columns if c.kind in group]
    if all(name in chosen for name in members):
        return [name for name in chosen if name not in members]
    return [*chosen, *(name for name in members if name not in chosen)]


def _mark(taken: int, members: int) -> str:
    if taken == members:
        return ":material/check_box:"
    return ":material/indeterminate_check_box:" if taken else ":material/check_box_outline_blank:"
