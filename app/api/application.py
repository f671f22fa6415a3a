"""The FastAPI app that is mounted at /api/v1."""

from __future__ import annotations

from fastapi import FastAPI

from app.api import (
    auth,
    exports,
    failures,
    health,
    imports,
    openapi,
    rejects,
    tables,
    upload_parts,
    uploads,
)

api = FastAPI(
    title="Tableport",
    version=openapi.version(),
    description=openapi.DESCRIPTION,
    openapi_url=None,  # served beside the mount, at /openapi.json
    docs_url=None,
    redoc_url=None,
    generate_unique_id_function=openapi.operation_id,
)
for _module in (auth, tables, uploads, upload_parts, imports, rejects, exports, health):
    api.include_router(_module.router)
failures.install(api)
openapi.install(api, prefix="/api/v1")
