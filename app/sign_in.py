"""The routes by which a browser gets its session cookie and gives it back.

GET  /auth/session?ticket=…&next=…   the login screen sends the browser here with a one-time
                                     ticket; it becomes the HttpOnly cookie
POST /auth/logout                    ends the session
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.serving import workspace
from app.session import (
    SCRIPT_HEADER,
    SCRIPT_NAME,
    credential_of,
    drop_session_cookie,
    forged,
    set_session_cookie,
)
from core.errors import NotSignedIn, SignInLocked
from core.usecases import sessions

#: Where the browser goes when the ticket is no good: the login screen, which may say so.
SIGN_IN_AGAIN = "/?sign_in=again"


def local_path(wanted: str | None) -> str:
    """`wanted` when it is a path of ours, else `/`: a sign-in never leads to another site."""
    path = wanted or "/"
    parts = urlsplit(path)
    odd = "\\" in path or any(ord(c) < 0x21 or ord(c) == 0x7F for c in path)
    if odd or parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return "/"
    return path


async def start_session(request: Request) -> Response:
    """Turn a one-time ticket into the session cookie and go to `next`."""
    ws = workspace()
    settings = ws.settings
    relation = request.headers.get("sec-fetch-site")
    if relation is not None and forged(request, public_url=settings.public_url):
        # A link on another site would sign its visitor in as somebody else.
        return _redirect(SIGN_IN_AGAIN)
    try:
        token = await run_in_threadpool(
            sessions.redeem_ticket,
            ws,
            request.query_params.get("ticket", ""),
            ip_address=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
    except (NotSignedIn, SignInLocked):
        return _redirect(SIGN_IN_AGAIN)
    response = _redirect(local_path(request.query_params.get("next")))
    seconds = sessions.session_seconds(ws)
    set_session_cookie(response, token, secure=settings.secure_cookies, seconds=seconds)
    return response


async def end_session(request: Request) -> Response:
    """End the session. Our scripts get 204; a form is sent to the login screen."""
    ws = workspace()
    secure = ws.settings.secure_cookies
    await run_in_threadpool(sessions.sign_out, ws, credential_of(request, secure=secure).token)
    by_script = request.headers.get(SCRIPT_HEADER) == SCRIPT_NAME
    response = Response(status_code=204) if by_script else _redirect("/")
    drop_session_cookie(response, secure=secure)
    return response


def _redirect(path: str) -> Response:
    # The address holds the ticket: no cache keeps it and no other page learns it.
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(path, 303, headers=headers)


routes = [
    Route("/auth/session", start_session, methods=["GET"]),
    Route("/auth/logout", end_session, methods=["POST"]),
]
