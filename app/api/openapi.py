"""The description of the API, as OpenAPI 3.0 (the newest that the bundled Swagger UI renders).

FastAPI writes 3.1; the few words that 3.0 spells differently are rewritten.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

DESCRIPTION = """Files into any database table and out again: checked and explained.

Sign in with `POST /api/v1/auth/login` and send `Authorization: Bearer …`; the session of the
screens works too. A table is `table` or `schema.table`; `?connection=` chooses another than the
default connection. Times are UTC. Statuses are upper case. Every failure is
`{"detail", "code", "description", "solution", "job_id"}`.
"""
TAGS = [
    {"name": "Signing in", "description": "Tokens for programs"},
    {"name": "Tables", "description": "What there is, and what you may do with it"},
    {"name": "Uploads", "description": "Files as they are"},
    {"name": "Import", "description": "Upload, validate, start, follow"},
    {"name": "Export", "description": "Create, follow, download"},
    {"name": "Health", "description": "How the service is"},
]


def version() -> str:
    """Of the installed package."""
    try:
        return installed_version("tableport")
    except PackageNotFoundError:
        return "0"


def operation_id(route: APIRoute) -> str:
    """import_status, export_status …: short, and unique because of the router's noun."""
    noun = str(route.tags[0]).lower().replace(" ", "_") if route.tags else "api"
    return f"{noun}_{route.name}"


def install(app: FastAPI, *, prefix: str) -> None:
    """Make `app.openapi()` describe the routes with their full paths, once, on first use."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=TAGS,
            )
            found["openapi"] = "3.0.3"
            found["paths"] = {f"{prefix}{path}": item for path, item in found["paths"].items()}
            app.openapi_schema = as_30(found)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def as_30(node: Any) -> Any:
    """A JSON Schema 2020-12 tree in the words of OpenAPI 3.0."""
    if isinstance(node, list):
        return [as_30(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: as_30(value) for key, value in node.items()}
    choices = found.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del found["anyOf"]
        if len(left) == 1 and "$ref" not in left[0]:
            found = {**left[0], **found}
        elif len(left) == 1:
            found["allOf"] = left
        elif left:
            found["anyOf"] = left
        found["nullable"] = True
    examples = found.get("examples")
    if isinstance(examples, list) and examples:
        found["example"] = examples[0]
        del found["examples"]
    if "const" in found:
        found["enum"] = [found.pop("const")]
    return found
