"""The script of every screen: who is there, which pages exist, which one is shown."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from app import login, serving, session
from app.components import screens
from app.components.redirect import leave
from app.components.text import plain
from app.serving import ROOT
from core.model.access import Identity
from core.usecases import rules


def main() -> None:
    st.set_page_config(
        page_title="Tableport",
        page_icon=str(ROOT / "app" / "static" / "mark.svg"),
        layout="wide",
        initial_sidebar_state=228,
    )
    who = session.current_identity()
    page = st.navigation(_pages(who), position="sidebar" if who else "hidden", expanded=True)
    if who is None:
        login.show(wanted=_address(page.url_path))
    else:
        st.logo(
            ROOT / "app" / "static" / "wordmark.svg",
            size="large",
            icon_image=ROOT / "app" / "static" / "mark.svg",
        )
        _person(who)
        page.run()


def _pages(who: Identity | None) -> dict[str, list[st.Page]]:
    """The screens for a person; all of them where nobody is signed in yet, to lead back to one."""
    pages = {
        "": [
            st.Page(screens.HOME, title="Home", icon=":material/home:", default=True),
        ],
        "Settings": [
            st.Page(
                screens.IMPORT,
                title="Data Import :blue-badge[New]",
                icon=":material/upload:",
                url_path="data-import",
            ),
            st.Page(
                screens.EXPORT,
                title="Data Export :blue-badge[New]",
                icon=":material/download:",
                url_path="data-export",
            ),
        ],
        "Work": [
            st.Page(screens.JOBS, title="Jobs", icon=":material/list_alt:", url_path="jobs"),
        ],
    }
    if who is None or rules.keeps_rules(serving.workspace(), who):
        pages["Admin"] = [
            st.Page(screens.RULES, title="Rules", icon=":material/rule:", url_path="rules"),
        ]
    return pages


def _address(path: str) -> str:
    query = urlencode([(k, v) for k, v in st.query_params.items() if k != "sign_in"])
    return f"/{path}?{query}" if query else f"/{path}"


def _person(who: Identity) -> None:
    """Who is signed in, at the foot of the sidebar."""
    with st.sidebar.container(height="stretch", vertical_alignment="bottom", gap="xsmall"):
        st.markdown(
            f":material/account_circle: {plain(who.name or who.username)} :gray[· {who.role.value}]"
        )
        if st.button("Sign out", icon=":material/logout:", type="tertiary"):
            leave("/auth/logout", post=True)


main()
