"""A table made for a file: the file first, then what is proposed, to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import polars as pl
import streamlit as st

from app.components import text
from app.components.failures import show, shown, shown_and_stopped
from app.components.frames import height
from app.components.new_table_grid import HINTS, columns_of, frame_of, kind_word
from app.components.uploader import Uploaded, uploader
from app.components.visit import Visit
from core.errors import TableportError
from core.model.new_table import NewTable, TableProposal
from core.model.packing import EXTENSIONS as PACKED_EXTENSIONS
from core.usecases import connections, formats, new_tables

#: In the address: a table is being made.
NEW = "new"
_FILE, _PROPOSAL, _REFUSED = "new:file", "new:proposal", "new:refused"


def offer(v: Visit) -> None:
    """The way to a new table, for those who may make one."""
    with shown():
        if new_tables.may_make_tables(v.ws, v.who, st.query_params.get("connection")) and st.button(
            "New table from a file", icon=":material/table_chart:", type="tertiary"
        ):
            st.query_params[NEW] = "table"
            st.query_params.pop("table", None)
            st.rerun()


def new_table(v: Visit) -> None:
    """Draw the step; the table and its file become a draft that leads to the next step."""
    with shown_and_stopped():
        connection = _connection(v)
    received: Uploaded | None = st.session_state.get(_FILE)
    if received is None:
        _drop(v)
        return
    try:
        proposal = _proposal(v, received, connection)
    except TableportError as error:
        _start_over(error)
    _edit(v, received, proposal)


def _connection(v: Visit) -> str:
    names = [c.name for c in connections.list_connections(v.ws, v.who) if not c.ad_hoc]
    open_here = [name for name in names if new_tables.may_make_tables(v.ws, v.who, name)]
    if not open_here:
        st.caption("You may not make tables in any database: ask an administrator for a grant.")
        st.stop()
    asked = st.query_params.get("connection")
    index = open_here.index(asked) if asked in open_here else 0
    if len(open_here) == 1:
        return open_here[0]
    return str(st.selectbox("Connection", open_here, index=index, key="new:connection", width=320))


def _drop(v: Visit) -> None:
    refusals, refused = st.session_state.get(_REFUSED, (0, None))
    readable = formats.importable_formats(v.ws)
    st.caption(
        "Drop a file for which there is no table yet. You then see the columns it would take, with "
        "the reasons, and can change them. The table is made when the import runs."
    )
    received = uploader(
        title="Drop a file here, or click to choose",
        hint=", ".join(f.title for f in readable),
        extensions=(*(e for f in readable for e in f.extensions), *PACKED_EXTENSIONS),
        most=None if v.who.local else v.ws.settings.import_max_file_size,
        key=f"new:drop:{refusals}",
    )
    if refused is not None:
        show(refused)
    if received is not None:
        st.session_state[_FILE] = received
        st.session_state.pop(_REFUSED, None)
        st.rerun()
    if st.button("Into a table that is there", icon=":material/arrow_back:", type="tertiary"):
        _leave()


def _proposal(v: Visit, received: Uploaded, connection: str) -> TableProposal:
    """Read once for each file and connection, not on every click."""
    key = (received.upload_id, connection)
    found: tuple[object, TableProposal] | None = st.session_state.get(_PROPOSAL)
    if found is None or found[0] != key:
        with st.spinner("Reading the file…"):
            proposal = new_tables.propose_table(
                v.ws, v.who, upload_id=received.upload_id, connection=connection
            )
        st.session_state[_PROPOSAL] = found = (key, proposal)
    return found[1]


def _edit(v: Visit, received: Uploaded, proposal: TableProposal) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    name = left.text_input(
        "Name of the table", proposal.table.label, key=f"new:name:{received.upload_id}"
    )
    with right:
        st.caption(
            f":material/description: {text.plain(received.filename)} · "
            f"{text.counted(proposal.rows_read, 'row')} read · "
            f"{text.counted(len(proposal.columns), 'column')}"
        )
    for remark in proposal.remarks[0 if not proposal.whole else 1 :]:
        st.caption(f":material/info: {text.plain(remark)}")
    frame = frame_of(proposal)
    edited = st.data_editor(
        frame,
        key=f"new:grid:{received.upload_id}:{proposal.connection}",
        hide_index=True,
        height=height(frame.height, most=14),
        row_height=32,
        placeholder="",
        disabled=["From the file", "For example"],
        column_config=HINTS,
    )
    _reasons(proposal)
    document = _document(name, edited, proposal)
    statement = None
    with shown():
        statement = new_tables.describe_statement(v.ws, v.who, document, proposal.connection)
    if statement is not None:
        with st.expander("What will be run", icon=":material/code:"):
            st.code(statement, language="sql")
    _onward(v, received, proposal, document, ready=statement is not None)


def _reasons(proposal: TableProposal) -> None:
    with st.expander("Why these columns", icon=":material/lightbulb:"):
        for one in proposal.columns:
            st.markdown(
                f"**{text.plain(one.mapping.source)}** :gray[{text.plain(kind_word(one.column))}]"
                f"  \n:small[{text.plain(' '.join(one.evidence))}]"
            )


def _document(name: str, edited: pl.DataFrame, proposal: TableProposal) -> dict[str, Any]:
    schema, dot, bare = name.strip().rpartition(".")
    columns = columns_of(edited, proposal)
    return {"name": bare, "schema": schema if dot else None, "columns": columns}


def _onward(
    v: Visit,
    received: Uploaded,
    proposal: TableProposal,
    document: Mapping[str, Any],
    *,
    ready: bool,
) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Use another file", icon=":material/swap_horiz:"):
            st.session_state.pop(_FILE, None)
            st.rerun()
        if st.button(
            "Continue", type="primary", icon=":material/arrow_forward:", disabled=not ready
        ):
            with shown_and_stopped(), st.spinner("Reading the first rows…"):
                job = new_tables.draft_new_table(
                    v.ws,
                    v.who,
                    document,
                    upload_id=received.upload_id,
                    connection=proposal.connection,
                )
            _forget()
            st.query_params.from_dict({"job": job.job_id, "step": "understand"})
            st.rerun()


def to_be_made(spec: NewTable) -> None:
    """What an import that has not run will make."""
    st.markdown(f"**A new table: {text.plain(spec.label)}**")
    st.caption(
        f"It has {text.counted(len(spec.columns), 'column')} and is made in the transaction that "
        "loads the rows: should the import fail, there is no table. Undoing the import takes the "
        "rows out again and leaves the table."
    )


def _start_over(error: TableportError) -> NoReturn:
    """A file of which no table can be proposed leaves a fresh drop zone and the reason."""
    count, _ = st.session_state.get(_REFUSED, (0, None))
    _forget()
    st.session_state[_REFUSED] = (count + 1, error)
    st.rerun()


def _leave() -> NoReturn:
    _forget()
    st.query_params.pop(NEW, None)
    st.rerun()


def _forget() -> None:
    for key in (_FILE, _PROPOSAL, _REFUSED):
        st.session_state.pop(key, None)
