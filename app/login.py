"""The sign-in screen: the product's name, a form, and nothing else."""

from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import streamlit as st
import streamlit_authenticator as stauth
from streamlit_authenticator.models import cookie_model
from streamlit_authenticator.utilities.exceptions import LoginError

from app import serving
from app.components.failures import show as show_error
from app.components.redirect import leave
from core.errors import SignInLocked, TableportError
from core.usecases import sessions

_FIELDS = {
    "Form name": "Sign in",
    "Username": "User name",
    "Password": "Password",
    "Login": "Sign in",
}

# The library's own cookie can be read by every script of the page, so it is never set. Without
# this its cookie manager would still put an empty frame above the form.
cookie_model.stx = SimpleNamespace(CookieManager=lambda *_, **__: None)


def show(*, wanted: str) -> None:
    """Draw the form and end the run. `wanted` is the path to show after signing in."""
    _, middle, _ = st.columns([1, 1.15, 1])
    with middle:
        st.space("large")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.image(serving.ROOT / "app" / "static" / "mark.svg", width=32)
            st.title("Tableport", anchor=False)
        try:
            _form(wanted)
        except TableportError as error:
            show_error(error)
        if st.query_params.get("sign_in") == "again":
            st.caption(":material/schedule: That sign-in took too long. Please try again.")
    st.stop()


def _form(wanted: str) -> None:
    """Draw the form and act on its answer. Raises TableportError."""
    ws = serving.workspace()
    # The form accepts a cookie signed with the key it is given: a key nobody can know, used for
    # one run, shuts that door. `app.sign_in` sets the only cookie that counts.
    form = stauth.Authenticate(
        sessions.form_credentials(ws),
        "tp_unused",
        secrets.token_hex(32),
        0,
        auto_hash=False,
        login_sleep_time=0,
    )
    typed = _remember_typed(form.authentication_controller)
    st.session_state["authentication_status"] = None
    try:
        form.login(fields=_FIELDS, key="sign_in")
    except LoginError:
        st.session_state["authentication_status"] = False
    status = st.session_state.get("authentication_status")
    st.session_state["authentication_status"] = None
    if status and typed.get("username"):
        ticket = sessions.open_ticket(ws, typed["username"], **_origin())
        leave("/auth/session?" + urlencode({"ticket": ticket, "next": wanted}))
    elif typed.get("tried"):
        _refuse(typed)


def _remember_typed(controller: Any) -> dict[str, str]:
    """What was typed, once the form is sent: the form itself keeps it only when it was right."""
    typed: dict[str, str] = {}
    verify = controller.login

    def login(username: str | None = None, password: str | None = None, *a: Any, **k: Any) -> Any:
        typed.update(
            username=(username or "").lower().strip(), password=password or "", tried="yes"
        )
        return verify(username, password, *a, **k)

    controller.login = login
    return typed


def _origin() -> dict[str, str | None]:
    """Where the visitor comes from, for the audit trail."""
    return {
        "ip_address": st.context.ip_address,
        "user_agent": st.context.headers.get("User-Agent"),
    }


def _refuse(typed: dict[str, str]) -> None:
    if not typed["username"] or not typed["password"]:
        st.caption(":orange[:material/edit:] Type your user name and your password.")
        return
    try:
        sessions.note_failed_sign_in(
            serving.workspace(), typed["username"], typed["password"], **_origin()
        )
    except SignInLocked:
        st.warning(
            "Too many attempts: this account rests for a few minutes. "
            "An administrator can set a new password.",
            icon=":material/lock_clock:",
        )
    else:
        st.error("User name or password is wrong.", icon=":material/error:")
