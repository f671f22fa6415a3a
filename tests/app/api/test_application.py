"""Signing in, failures in one shape, health, and the documentation of it all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app import docs
from app.api import failures
from app.api.application import api
from core.errors import StorageDamaged

PASSWORD = "correct horse battery 9"
FAILURE_KEYS = {"detail", "code", "description", "solution", "job_id"}


def described() -> list[tuple[str, str]]:
    """Every method and path of the API."""
    return [
        (method.upper(), path) for path, item in api.openapi()["paths"].items() for method in item
    ]


class TestSigningIn:
    def test_a_token_for_a_password(self, ann: Any, nobody: Any) -> None:
        answer = nobody(
            "POST", "/api/v1/auth/login", json={"username": "ann", "password": PASSWORD}
        )
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"access_token", "token_type", "expires_in"}
        assert body["token_type"] == "bearer"
        assert body["expires_in"] == 43200
        headers = {"authorization": f"Bearer {body['access_token']}"}
        me = nobody("GET", "/api/v1/auth/me", headers=headers)
        assert me.json()["username"] == "ann"
        assert nobody("POST", "/api/v1/auth/logout", headers=headers).status_code == 204
        assert nobody("GET", "/api/v1/auth/me", headers=headers).status_code == 401

    @pytest.mark.parametrize("name", ["ann", "nobody"])
    def test_a_wrong_password_and_a_wrong_name_look_the_same(
        self, ann: Any, nobody: Any, name: str
    ) -> None:
        answer = nobody("POST", "/api/v1/auth/login", json={"username": name, "password": "x"})
        assert answer.status_code == 401
        assert answer.json()["detail"] == "User name or password is wrong."

    def test_a_session_cookie_serves_the_api_as_well(self, ann: Any, nobody: Any) -> None:
        headers = {"cookie": f"tp_session={ann.token}"}
        assert nobody("GET", "/api/v1/auth/me", headers=headers).json()["username"] == "ann"

    def test_an_upload_by_cookie_needs_our_header(self, ann: Any, nobody: Any) -> None:
        headers = {"cookie": f"tp_session={ann.token}", "sec-fetch-site": "same-origin"}
        path = "/api/v1/data/uploads?filename=a.csv"
        assert nobody("POST", path, content=b"a,b\n1,2\n", headers=headers).status_code == 403
        headers["x-requested-with"] = "tableport"
        assert nobody("POST", path, content=b"a,b\n1,2\n", headers=headers).status_code == 200


class TestFailures:
    def test_every_route_but_three_needs_a_session(self, nobody: Any) -> None:
        for method, path in described():
            answer = nobody(method, re.sub(r"\{.*?\}", "x", path))
            if path.endswith(("/health", "/logout")):
                assert answer.status_code in (200, 204), path
            elif path.endswith("/login"):
                assert answer.status_code == 422
            else:
                assert answer.status_code == 401, path
                assert answer.headers["www-authenticate"] == "Bearer"
                assert method == "HEAD" or set(answer.json()) == FAILURE_KEYS

    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/api/v1/data/nowhere", 404, "DATA_404"),
            ("GET", "/api/v1/data/export/create", 405, "DATA_400"),
            ("POST", "/api/v1/auth/login", 422, "DATA_400"),
        ],
    )
    def test_the_router_answers_in_the_same_shape(
        self, nobody: Any, method: str, path: str, status: int, code: str
    ) -> None:
        answer = nobody(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert set(answer.json()) == FAILURE_KEYS

    def test_the_field_at_fault_is_named(self, nobody: Any) -> None:
        answer = nobody("POST", "/api/v1/auth/login", json={"username": "a"})
        assert "password: " in answer.json()["detail"]

    def test_nothing_of_the_inside_leaves(
        self, admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("password=hunter2 in /srv/inside")

        monkeypatch.setattr("core.usecases.tables.list_tables", broken)
        answer = admin("GET", "/api/v1/data/tables/available")
        assert (answer.status_code, answer.json()["code"]) == (500, "TABLEPORT_000")
        assert "hunter2" not in answer.text
        assert "inside" not in answer.text
        assert any(r.name == "tableport.api" for r in caplog.records)

    def test_a_named_failure_of_ours_is_logged_too(
        self, admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise StorageDamaged("A stored file is damaged.", job_id="j7")

        monkeypatch.setattr("core.usecases.tables.list_tables", broken)
        answer = admin("GET", "/api/v1/data/tables/available")
        assert (answer.status_code, answer.json()["job_id"]) == (500, "j7")
        assert any("STORAGE_001" in r.message for r in caplog.records)

    def test_every_shape_is_the_documented_one(self) -> None:
        assert set(failures.Failure.model_fields) == FAILURE_KEYS


def test_health_is_public_and_has_the_guides_seven_fields(nobody: Any) -> None:
    keys = {
        "import_service_status", "export_service_status", "active_import_jobs",
        "active_export_jobs", "queue_size", "system_load", "available_storage_gb",
    }  # fmt: skip
    for path in ("/api/v1/data/health", "/health"):
        answer = nobody("GET", path)
        assert answer.status_code == 200
        assert set(answer.json()) == keys
        assert answer.headers["cache-control"] == "no-store"


class TestDocs:
    def test_everything_the_page_loads_is_here(self, nobody: Any) -> None:
        page = nobody("GET", "/docs").text
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(loaded) == 4
        for path in loaded:
            assert path.startswith("/docs/")
            assert nobody("GET", path).status_code == 200
        assert "<script>" not in page
        assert "://" not in page + docs._START

    def test_the_description_has_every_route_in_full(self, nobody: Any) -> None:
        found = nobody("GET", "/openapi.json").json()
        assert found["openapi"] == "3.0.3"
        assert ("POST", "/api/v1/data/import/upload") in described()
        for path, item in found["paths"].items():
            assert path.startswith("/api/v1/")
            for operation in item.values():
                assert operation["summary"]
                assert operation["tags"]
        ids = [o["operationId"] for item in found["paths"].values() for o in item.values()]
        assert len(ids) == len(set(ids))

    def test_the_description_speaks_3_0(self, nobody: Any) -> None:
        text = nobody("GET", "/openapi.json").text
        assert '"type":"null"' not in text
        assert '"const"' not in text
        upload = nobody("GET", "/openapi.json").json()["paths"]["/api/v1/data/import/upload"]
        form = upload["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert set(form["properties"]) >= {
            "file", "table_name", "import_options", "field_mappings", "requires_approval",
        }  # fmt: skip
