"""Which headers which path gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.headers import (
    SecurityHeadersMiddleware,
    component_script_hashes,
    content_security_policy,
    inline_script_hashes,
)
from core.workspace import Workspace

Call = Callable[..., httpx.Response]


async def _page(request: Request) -> Response:
    return PlainTextResponse("x")


APP = Starlette(middleware=[Middleware(SecurityHeadersMiddleware)])
APP.add_route("/{path:path}", _page)


def sources(policy: str, name: str) -> set[str]:
    for rule in policy.split("; "):
        words = rule.split()
        if words[0] == name:
            return set(words[1:])
    raise AssertionError(f"no {name}")


def test_every_inline_script_of_the_installed_page_is_allowed_by_hash() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert len(inline) == len(inline_script_hashes()) > 0
    assert set(inline_script_hashes()) <= sources(content_security_policy("/"), "script-src")


@pytest.mark.parametrize("path", ["/", "/data-import", "/_stcore/health"])
def test_screens_run_only_their_own_scripts(path: str) -> None:
    scripts = sources(content_security_policy(path), "script-src")
    assert "'self'" in scripts
    assert not scripts & {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"}
    assert sources(content_security_policy(path), "object-src") == {"'none'"}
    assert sources(content_security_policy(path), "frame-ancestors") == {"'self'"}


def test_only_component_frames_may_compile_expressions() -> None:
    assert "'unsafe-eval'" in sources(content_security_policy("/component/x/a.js"), "script-src")


def test_the_page_of_the_sign_in_form_runs_by_its_hash() -> None:
    assert component_script_hashes()
    frame = sources(content_security_policy("/component/x/index.html"), "script-src")
    assert set(component_script_hashes()) <= frame
    assert "'unsafe-inline'" not in frame
    assert not set(component_script_hashes()) & sources(content_security_policy("/"), "script-src")


def test_the_api_shows_nothing_in_a_browser() -> None:
    policy = content_security_policy("/api/v1/data/x")
    assert sources(policy, "default-src") == {"'none'"}
    assert sources(policy, "frame-ancestors") == {"'none'"}


def test_the_docs_need_no_inline_script() -> None:
    assert sources(content_security_policy("/docs"), "script-src") == {"'self'"}


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "", "x'y", "a/b"])
def test_a_false_host_does_not_get_into_the_policy(host: str) -> None:
    assert sources(content_security_policy("/", host), "connect-src") == {"'self'"}


def test_an_honest_host_may_be_connected_to() -> None:
    found = sources(content_security_policy("/", "[::1]:8000"), "connect-src")
    assert found == {"'self'", "ws://[::1]:8000", "wss://[::1]:8000"}


def test_on_every_response(ws: Workspace, call: Call) -> None:
    page = call(APP, "GET", "/").headers
    assert page["x-content-type-options"] == "nosniff"
    assert page["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in page
    assert "cache-control" not in page
    assert call(APP, "GET", "/api/v1/data/x").headers["cache-control"] == "no-store"


def test_https_is_kept(
    environment: dict[str, str], call: Call, request: pytest.FixtureRequest
) -> None:
    environment["TABLEPORT_PUBLIC_URL"] = "https://data.example.org"
    request.getfixturevalue("ws")
    assert call(APP, "GET", "/").headers["strict-transport-security"] == "max-age=31536000"
