"""Several files for several tables: drop them, see which table each is for, go on."""

from __future__ import annotations

import streamlit as st

from app.components import text
from app.components.failures import show, shown_and_stopped
from app.components.uploader import Uploaded, files_uploader
from app.components.visit import Visit
from core.errors import TableportError
from core.model.access import Action
from core.model.import_set import SetFile
from core.model.packing import EXTENSIONS as PACKED_EXTENSIONS
from core.usecases import connections, formats, import_sets, set_tables, tables

#: The files of this visit that are not drafted yet, by upload id.
FILES = "import:set:files"
#: In the address: files are being gathered.
SEVERAL = "several"


def gather(v: Visit) -> None:
    """Draw the step; the files become a set whose id is the job of the address."""
    with shown_and_stopped():
        connection = _connection(v)
        open_tables = sorted(
            ref.label for ref in tables.list_tables(v.ws, v.who, connection, action=Action.IMPORT)
        )
    files: dict[str, Uploaded] = st.session_state.setdefault(FILES, {})
    st.caption(
        "For tables that refer to each other, such as customers and their orders. The files are "
        "checked together and loaded as one: all of them or none."
    )
    readable = formats.importable_formats(v.ws)
    received = files_uploader(
        title="Drop the files here, or click to choose",
        hint=", ".join(f.title for f in readable),
        extensions=(*(e for f in readable for e in f.extensions), *PACKED_EXTENSIONS),
        most=None if v.who.local else v.ws.settings.import_max_file_size,
        key=f"set:drop:{len(files)}",
    )
    if received:
        files |= {one.upload_id: one for one in received}
        st.rerun()
    if files:
        _files(v, connection, open_tables, files)


def _connection(v: Visit) -> str:
    offered = [c for c in connections.list_connections(v.ws, v.who) if not c.ad_hoc]
    names = [c.name for c in offered]
    usual = next((c.name for c in offered if c.default), names[0] if names else "")
    if len(names) < 2:
        return usual
    return str(st.selectbox("Connection", names, index=names.index(usual), key="set:connection"))


def _files(v: Visit, connection: str, labels: list[str], files: dict[str, Uploaded]) -> None:
    """File by file the table it goes into, proposed by its name."""
    with shown_and_stopped():
        matches = set_tables.match_tables(
            v.ws, v.who, [one.filename for one in files.values()], connection
        )
    chosen: list[SetFile] = []
    for one, match in zip(list(files.values()), matches, strict=True):
        with st.container(border=True):
            left, right = st.columns([5, 6], vertical_alignment="center")
            with left, st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(
                    f":material/description: **{text.plain(one.filename)}**", width="content"
                )
                st.caption(text.size(one.size), width="content")
            with right, st.container(horizontal=True, vertical_alignment="center", gap="small"):
                table = st.selectbox(
                    f"Table for {one.filename}",
                    labels,
                    index=labels.index(match.table) if match.table in labels else None,
                    placeholder="Choose its table",
                    key=f"set:table:{connection}:{one.upload_id}",
                    label_visibility="collapsed",
                )
                left_out = st.button(
                    "Leave out", key=f"set:leave:{one.upload_id}", type="tertiary",
                    icon=":material/close:",
                )  # fmt: skip
        if left_out:
            del files[one.upload_id]
            st.rerun()
        if table is not None:
            chosen.append(SetFile(upload_id=one.upload_id, table=table))
    _go_on(v, connection, chosen, waiting=len(files) - len(chosen), few=len(files) < 2)


def _go_on(v: Visit, connection: str, chosen: list[SetFile], *, waiting: int, few: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if few:
            st.caption("A set has two files or more.", width="content")
        elif waiting:
            st.caption(f"{text.counted(waiting, 'file')} without a table.", width="content")
        pressed = st.button(
            "Continue", type="primary", icon=":material/arrow_forward:",
            disabled=bool(few or waiting),
        )  # fmt: skip
    if not pressed:
        return
    try:
        with st.spinner("Reading the first rows…"):
            made = import_sets.draft_set(v.ws, v.who, chosen, connection)
    except TableportError as error:
        show(error)
        return
    del st.session_state[FILES]
    st.query_params.from_dict({"job": made.job.job_id})
    st.rerun()
