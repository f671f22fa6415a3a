"""What the keepers of a table ask of its rows beyond what the database demands."""

from __future__ import annotations

import streamlit as st

from app.components.failures import shown_and_stopped
from app.components.rule_list import rule_list
from app.components.table_picker import table_picker
from app.components.visit import visit
from core.model.access import Action
from core.usecases import rules

HINT = "Choose the table whose rules you want to see or change."

v = visit()
st.title("Rules", anchor=False)
st.caption(
    "What the database cannot say about its rows. Every import into a table, by whatever path it "
    "comes, is held against the table's rules; rows that are there already are left alone."
)
with shown_and_stopped():
    picked = table_picker(v, actions=(Action.ADMINISTER,), hint=HINT, key="rules")
if picked is not None:
    with shown_and_stopped():
        table = rules.ruled_table(v.ws, v.who, picked.table, picked.connection)
        rule_list(v, table, picked.connection)
