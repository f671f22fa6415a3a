"""The FastAPI app that is mounted at /api/v1."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from app.api import (
    asking,
    auth,
    exports,
    failures,
    fixing,
    health,
    import_sets,
    imports,
    openapi,
    plans,
    references,
    rejects,
    remembered,
    report,
    rules,
    tables,
    transforms,
    undo,
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
    dependencies=[Depends(asking.whole_characters)],
)
for _module in (
    auth,
    rules,
    tables,
    transforms,
    uploads,
    upload_parts,
    import_sets,  # before the imports, whose ids could be taken for the word
    imports,
    plans,
    references,
    remembered,
    rejects,
    fixing,
    report,
    undo,
    exports,
    health,
):
    api.include_router(_module.router)
failures.install(api)
openapi.install(api, prefix="/api/v1")
