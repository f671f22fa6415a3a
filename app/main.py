"""The one ASGI process: screens at /, REST under /api/v1, sign-in under /auth.

Started by `tableport serve`; `streamlit run app/main.py` and any ASGI server work as well.
Pages never import this module: there is one App per process.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from app import docs, sign_in
from app.api.application import api
from app.api.health import health_at_root
from app.headers import SecurityHeadersMiddleware
from app.serving import ROOT, lifespan
from app.session import SessionMiddleware

#: The screens the guide puts under /settings.
SETTINGS_SCREENS = ("data-import", "data-export")


async def _screen(request: Request) -> Response:
    """The guide's address of a screen leads to the screen, with its query (R16, R23)."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{request.url.path.rsplit('/', 1)[-1]}{query}", 307)


app = st.App(
    ROOT / "app" / "ui.py",
    routes=[
        Mount("/api/v1", app=api),
        *sign_in.routes,
        *docs.routes,
        Route("/health", health_at_root, methods=["GET"]),
        *[Route(f"/settings/{name}", _screen, methods=["GET"]) for name in SETTINGS_SCREENS],
    ],
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeadersMiddleware),
        Middleware(SessionMiddleware),
    ],
)
