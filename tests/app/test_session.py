"""The cookie, the bearer token, and requests that pages of other sites forge."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import sign_in
from app.session import SessionMiddleware, cookie_name
from core.usecases import audit, sessions
from core.workspace import Workspace

Call = Callable[..., httpx.Response]
Token = Callable[..., str]


async def _show(request: Request) -> Response:
    credential = request.scope["state"]["credential"]
    return JSONResponse({"token": credential.token, "by_cookie": credential.by_cookie})


SHELL = Starlette(
    routes=[
        Route("/api/v1/data/x", _show, methods=["GET", "POST", "PUT", "DELETE"]),
        *sign_in.routes,
    ],
    middleware=[Middleware(SessionMiddleware)],
)


def cookie(value: str, *, secure: bool = False) -> dict[str, str]:
    return {"cookie": f"{cookie_name(secure=secure)}={value}"}


@pytest.fixture
def public(environment: dict[str, str]) -> dict[str, str]:
    """The service is reached by https through a proxy."""
    environment["TABLEPORT_PUBLIC_URL"] = "https://data.example.org"
    return environment


class TestCredential:
    def test_none(self, ws: Workspace, call: Call) -> None:
        answer = call(SHELL, "GET", "/api/v1/data/x")
        assert answer.json() == {"token": None, "by_cookie": False}

    def test_cookie(self, ws: Workspace, call: Call) -> None:
        answer = call(SHELL, "GET", "/api/v1/data/x", headers=cookie("abc"))
        assert answer.json() == {"token": "abc", "by_cookie": True}

    def test_a_bearer_token_stands_alone(self, ws: Workspace, call: Call) -> None:
        headers = cookie("abc") | {"authorization": "bearer xyz"}
        answer = call(SHELL, "POST", "/api/v1/data/x", headers=headers)
        assert answer.json() == {"token": "xyz", "by_cookie": False}

    def test_an_empty_bearer_token_does_not_fall_back_to_the_cookie(
        self, ws: Workspace, call: Call
    ) -> None:
        headers = cookie("abc") | {"authorization": "Bearer "}
        answer = call(SHELL, "GET", "/api/v1/data/x", headers=headers)
        assert answer.json() == {"token": None, "by_cookie": False}

    def test_under_https_only_the_host_cookie_counts(
        self, public: dict[str, str], ws: Workspace, call: Call
    ) -> None:
        headers = cookie("planted") | {}
        assert call(SHELL, "GET", "/api/v1/data/x", headers=headers).json()["token"] is None
        headers = cookie("real", secure=True)
        assert call(SHELL, "GET", "/api/v1/data/x", headers=headers).json()["token"] == "real"


FORGED = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    {"sec-fetch-site": "cross-site", "x-requested-with": "tableport"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:81"},
    {"x-requested-with": "XMLHttpRequest"},
]
GENUINE = [
    {"sec-fetch-site": "same-origin"},
    {"origin": "http://testserver"},
    {"x-requested-with": "tableport"},
]


class TestForgery:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    @pytest.mark.parametrize("headers", FORGED, ids=str)
    def test_a_forged_change_is_refused(
        self, ws: Workspace, call: Call, method: str, headers: dict[str, str]
    ) -> None:
        answer = call(SHELL, method, "/api/v1/data/x", headers=cookie("abc") | headers)
        assert answer.status_code == 403
        body = answer.json()
        assert set(body) == {"detail", "code", "description", "solution", "job_id"}
        assert body["code"] == "AUTH_403"

    @pytest.mark.parametrize("headers", GENUINE, ids=str)
    def test_our_own_pages_may(self, ws: Workspace, call: Call, headers: dict[str, str]) -> None:
        answer = call(SHELL, "POST", "/api/v1/data/x", headers=cookie("abc") | headers)
        assert answer.status_code == 200

    def test_reading_is_no_change(self, ws: Workspace, call: Call) -> None:
        headers = cookie("abc") | {"sec-fetch-site": "cross-site"}
        assert call(SHELL, "GET", "/api/v1/data/x", headers=headers).status_code == 200

    def test_a_bearer_token_cannot_be_forged(self, ws: Workspace, call: Call) -> None:
        headers = {"authorization": "Bearer xyz", "origin": "https://evil.example"}
        assert call(SHELL, "POST", "/api/v1/data/x", headers=headers).status_code == 200

    def test_the_public_address_is_ours_too(
        self, public: dict[str, str], ws: Workspace, call: Call
    ) -> None:
        headers = cookie("abc", secure=True) | {"origin": "https://data.example.org"}
        assert call(SHELL, "POST", "/api/v1/data/x", headers=headers).status_code == 200

    def test_a_forgery_is_in_the_audit_trail(self, ws: Workspace, call: Call, token: Token) -> None:
        from core.model.access import Identity, Role

        boss = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
        call(SHELL, "POST", "/api/v1/data/x", headers=cookie(token("ada")))
        events = audit.list_events(ws, boss, operation="access_denied")
        assert [e.username for e in events] == ["ada"]
        assert events[0].details["action"] == "forged_request"


class TestStart:
    def test_a_ticket_becomes_a_cookie_once(self, ws: Workspace, call: Call) -> None:
        ticket = sessions.open_ticket(ws, "ada")
        path = f"/auth/session?ticket={ticket}&next=/data-import%3Fjob%3D1"
        answer = call(SHELL, "GET", path, headers={"sec-fetch-site": "same-origin"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/data-import?job=1"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        written = answer.headers["set-cookie"]
        name, _, rest = written.partition("=")
        assert name == "tp_session"
        for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"):
            assert attribute in rest.split("; ")
        assert "Secure" not in rest
        who = sessions.resolve(ws, rest.split(";")[0])
        assert who is not None
        assert who.username == "ada"
        again = call(SHELL, "GET", path)
        assert again.headers["location"] == sign_in.SIGN_IN_AGAIN
        assert "set-cookie" not in again.headers

    def test_under_https_the_cookie_is_secure_and_bound_to_the_host(
        self, public: dict[str, str], ws: Workspace, call: Call
    ) -> None:
        path = f"/auth/session?ticket={sessions.open_ticket(ws, 'ada')}"
        written = call(SHELL, "GET", path).headers["set-cookie"]
        assert written.startswith("__Host-tp_session=")
        assert "Secure" in written
        assert "Domain" not in written

    @pytest.mark.parametrize("relation", ["cross-site", "same-site"])
    def test_another_site_cannot_sign_its_visitors_in(
        self, ws: Workspace, call: Call, relation: str
    ) -> None:
        ticket = sessions.open_ticket(ws, "mallory")
        headers = {"sec-fetch-site": relation}
        answer = call(SHELL, "GET", f"/auth/session?ticket={ticket}", headers=headers)
        assert "set-cookie" not in answer.headers
        assert sessions.redeem_ticket(ws, ticket)

    @pytest.mark.parametrize(
        ("wanted", "path"),
        [
            ("/jobs?job=5", "/jobs?job=5"),
            (None, "/"),
            ("", "/"),
            ("jobs", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("\\\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("/\tx", "/"),
            ("/ok\r\nSet-Cookie: a=b", "/"),
            ("///evil.example", "/"),
            ("/%2F/evil", "/%2F/evil"),
        ],
    )
    def test_next_never_leaves_this_server(self, wanted: str | None, path: str) -> None:
        assert sign_in.local_path(wanted) == path


class TestEnd:
    def test_the_session_and_the_cookie_end(self, ws: Workspace, call: Call, token: Token) -> None:
        mine = token("ada")
        headers = cookie(mine) | {"x-requested-with": "tableport"}
        answer = call(SHELL, "POST", "/auth/logout", headers=headers)
        assert answer.status_code == 204
        assert 'tp_session=""' in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert sessions.resolve(ws, mine) is None

    def test_a_form_is_sent_to_the_sign_in_screen(
        self, ws: Workspace, call: Call, token: Token
    ) -> None:
        headers = cookie(token("ada")) | {"sec-fetch-site": "same-origin"}
        answer = call(SHELL, "POST", "/auth/logout", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")

    def test_another_site_cannot_sign_anybody_out(
        self, ws: Workspace, call: Call, token: Token
    ) -> None:
        mine = token("ada")
        headers = cookie(mine) | {"sec-fetch-site": "cross-site"}
        assert call(SHELL, "POST", "/auth/logout", headers=headers).status_code == 403
        assert sessions.resolve(ws, mine) is not None
