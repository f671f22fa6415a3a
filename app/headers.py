"""Security headers on every response: what a page may load, run and be framed by.

The policy for the screens was measured against every Streamlit element: its scripts need no
`unsafe-eval`, only the hash of the one inline script in Streamlit's index page. Grids of
components run in frames of our own origin under /component/, whose scripts compile expressions.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.serving import workspace

#: Packages whose component pages start with an inline script: the sign-in form brings one.
COMPONENT_PACKAGES = ("extra_streamlit_components",)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_YEAR = 365 * 24 * 3600


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline scripts in the installed Streamlit's index page."""
    return _hashes_of(Path(streamlit.__file__).parent / "static" / "index.html")


@cache
def component_script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline loaders in the pages of COMPONENT_PACKAGES."""
    found: list[str] = []
    for package in COMPONENT_PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for page in sorted(Path(folder).rglob("build/index.html")):
                found += _hashes_of(page)
    return tuple(found)


def _hashes_of(page: Path) -> tuple[str, ...]:
    scripts = _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(path: str, host: str = "") -> str:
    """The Content-Security-Policy of a response (W3C CSP Level 3) for one path of ours.

    `host` is the Host header: some browsers do not count its websocket as 'self'.
    """
    if path.startswith("/api/"):
        return "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    scripts = ["'self'", "blob:", "'wasm-unsafe-eval'"]
    if path.startswith(("/docs", "/openapi.json")):
        scripts = ["'self'"]
    elif path.startswith("/component/"):
        scripts += ["'unsafe-eval'", *component_script_hashes()]
    else:
        scripts += inline_script_hashes()
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(scripts),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self'{sockets}",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


class SecurityHeadersMiddleware:
    """Adds the headers to every HTTP response that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = self._headers(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    @staticmethod
    def _headers(scope: Scope) -> dict[str, str]:
        path: str = scope["path"]
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        headers = {
            "content-security-policy": content_security_policy(path, host),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if path.startswith(("/api/", "/auth/")):
            headers["cache-control"] = "no-store"
        if workspace().settings.secure_cookies:  # reached by https: never by anything else
            headers["strict-transport-security"] = f"max-age={_YEAR}"
        return headers
