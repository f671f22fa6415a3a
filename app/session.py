"""Who is asking: one cookie for screens and API, or a bearer token for the API.

The cookie holds a reference token that means nothing by itself: it is hashed in the database and
ends there, at once, on sign-out, on a new password and when a user is disabled. Screens ask
`current_identity()` on every run; the API asks `app.api.asking.caller` on every request.
`SessionMiddleware` says which token a request carries and refuses forged requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.serving import workspace
from core.errors import ActionDenied
from core.model.access import Identity
from core.usecases import audit, sessions

#: The header our own scripts send. A page of another site cannot send it without asking first
#: (a CORS preflight), which is never granted.
SCRIPT_HEADER = "x-requested-with"
SCRIPT_NAME = "tableport"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """The token a request carries, not yet checked."""

    token: str | None
    by_cookie: bool = False


def cookie_name(*, secure: bool) -> str:
    """`__Host-` makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis §4.1.3.2)."""
    return "__Host-tp_session" if secure else "tp_session"


def set_session_cookie(
    response: Response, token: str, *, secure: bool, seconds: int | None
) -> None:
    response.set_cookie(
        cookie_name(secure=secure),
        token,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_session_cookie(response: Response, *, secure: bool) -> None:
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def current_identity() -> Identity | None:
    """Who looks at the screen of this run; None when nobody is signed in.

    The cookie is the one of the page load, so this asks the database whether it still holds.
    """
    ws = workspace()
    token = st.context.cookies.get(cookie_name(secure=ws.settings.secure_cookies))
    return sessions.resolve(
        ws,
        token,
        ip_address=st.context.ip_address,
        user_agent=st.context.headers.get("User-Agent"),
    )


def credential_of(connection: HTTPConnection, *, secure: bool) -> Credential:
    """What the request shows: a bearer token if it has one, else the cookie."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credential(token=token.strip() or None)
    cookie = connection.cookies.get(cookie_name(secure=secure))
    return Credential(token=cookie, by_cookie=cookie is not None)


def forged(connection: HTTPConnection, *, public_url: str | None) -> bool:
    """May this request have been made by a page of another site?

    Browsers name the relation of the sites (Fetch Metadata) and the origin themselves; scripts of
    ours add a header that only our own pages can send. A request with none of the three is refused.
    """
    relation = connection.headers.get("sec-fetch-site")
    if relation is not None:
        return relation not in ("same-origin", "none")
    origin = connection.headers.get("origin")
    if origin is not None:
        expected = {connection.headers.get("host", "").lower()}
        if public_url is not None:
            expected.add(urlsplit(public_url).netloc.lower())
        return urlsplit(origin).netloc.lower() not in expected - {""}
    return connection.headers.get(SCRIPT_HEADER) != SCRIPT_NAME


class SessionMiddleware:
    """Puts the `Credential` of each HTTP request into `scope["state"]["credential"]`.

    A request that changes something and is vouched for by the cookie alone must come from our own
    pages (OWASP ASVS 5.0, 3.5.1); it is answered 403 otherwise.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        settings = workspace().settings
        connection = HTTPConnection(scope)
        credential = credential_of(connection, secure=settings.secure_cookies)
        unsafe = scope["method"] not in _SAFE_METHODS
        if credential.by_cookie and unsafe and forged(connection, public_url=settings.public_url):
            await run_in_threadpool(_note_forgery, connection, credential)
            await _refusal()(scope, receive, send)
            return
        scope.setdefault("state", {})["credential"] = credential
        await self.app(scope, receive, send)


def _note_forgery(connection: HTTPConnection, credential: Credential) -> None:
    address = connection.client.host if connection.client else None
    agent = connection.headers.get("user-agent")
    ws = workspace()
    who = sessions.resolve(ws, credential.token, ip_address=address, user_agent=agent)
    audit.note_denied(ws, who, "forged_request", connection.scope["path"])


def _refusal() -> JSONResponse:
    body = {
        "detail": "This request did not come from a page of Tableport, so the session cookie"
        " was not accepted for it.",
        "code": ActionDenied.code,
        "description": ActionDenied.description,
        "solution": "Use the screens, or send an API token: Authorization: Bearer …",
        "job_id": None,
    }
    return JSONResponse(
        body, status_code=ActionDenied.status, headers={"cache-control": "no-store"}
    )
