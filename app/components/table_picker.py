"""Connection and table, kept in the address so that a link leads back to the same table."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.components.visit import Visit
from core.model.access import Action
from core.usecases import connections, tables


@dataclass(frozen=True, kw_only=True, slots=True)
class Picked:
    connection: str
    table: str  #: `table` or `schema.table`


def table_picker(v: Visit, *, actions: tuple[Action, ...], hint: str, key: str) -> Picked | None:
    """Let the visitor choose among the tables open to any of `actions`; None until one is chosen.

    `hint` says what a choice leads to, while there is none.
    Raises TableportError when the connection cannot be read.
    """
    offered = [c for c in connections.list_connections(v.ws, v.who) if not c.ad_hoc]
    if not offered:
        _nothing(v, "No database is open to you yet", "An administrator can add a connection.")
        return None
    names = [c.name for c in offered]
    left, right = st.columns([1, 2]) if len(names) > 1 else (None, st.container())
    connection = next((c.name for c in offered if c.default), names[0])
    wanted = st.query_params.get("connection")
    if wanted in names:
        connection = wanted
    if left is not None:
        connection = left.selectbox(
            "Connection", names, index=names.index(connection), key=f"{key}:connection"
        )
    open_tables = [
        table
        for action in actions
        for table in tables.list_tables(v.ws, v.who, connection, action=action)
        if not (table.is_view and action in (Action.IMPORT, Action.ADMINISTER))
    ]
    labels = sorted({t.label for t in open_tables})
    if not labels:
        _nothing(v, "No table is open to you here", "Ask an administrator for a grant.")
        return None
    asked = st.query_params.get("table")
    table = right.selectbox(
        "Table",
        labels,
        index=labels.index(asked) if asked in labels else None,
        placeholder=f"Choose one of {len(labels)} tables",
        key=f"{key}:table:{connection}",
    )
    if table is None:
        st.caption(hint)
        return None
    st.query_params["table"] = table
    if connection != next((c.name for c in offered if c.default), names[0]):
        st.query_params["connection"] = connection
    else:
        st.query_params.pop("connection", None)
    return Picked(connection=connection, table=table)


def _nothing(v: Visit, title: str, advice: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/database_off: **{title}**", width="content")
        if v.who.is_admin:
            advice = "Add one with `tableport connection add NAME URL`."
        st.caption(advice, width="content")
