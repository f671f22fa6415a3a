"""Who is looking, checked again on every run of a page or fragment."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app import serving, session
from core.model.access import Identity
from core.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One run of a page: the workspace, and who asks."""

    ws: Workspace
    who: Identity


def visit() -> Visit:
    """The workspace and the person of this run; nobody signed in leads to the sign-in screen."""
    who = session.current_identity()
    if who is None:
        st.rerun(scope="app")
    return Visit(ws=serving.workspace(), who=who)
