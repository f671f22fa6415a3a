"""The guide's two multipart requests: a file with its options in text fields (R139, R140).

A field may stand before or after the file, or in the query string; a field of the form wins.
`upload_id` stands in place of the file for one that was uploaded before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.api.asking import json_object, json_value
from app.api.multipart import IncomingForm
from app.api.uploads import store
from core.errors import InvalidRequest, TableportError
from core.model.access import Identity
from core.usecases import uploads
from core.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportForm:
    """What was sent; None where a field is absent."""

    upload_id: str
    table_name: str | None
    connection: str | None
    import_options: dict[str, Any] | None
    field_mappings: Any
    create_table: dict[str, Any] | None
    requires_approval: bool


@asynccontextmanager
async def received(request: Request, ws: Workspace, who: Identity) -> AsyncIterator[ImportForm]:
    """The form, its file stored. A file that came with it is forgotten when the block fails."""
    fields: dict[str, str] = dict(request.query_params)
    arrived: str | None = None
    try:
        if request.headers.get("content-type", "").startswith("multipart/"):
            form = IncomingForm(request)
            if await form.read_to_file():
                arrived = (await store(ws, who, form, form.filename or "")).file_id
            fields |= await form.read_rest()
        yield _read(fields, arrived)
    except (TableportError, ClientDisconnect):
        if arrived is not None:
            await run_in_threadpool(uploads.remove_upload, ws, who, arrived)
        raise


def _read(fields: dict[str, str], arrived: str | None) -> ImportForm:
    upload_id = arrived or fields.get("upload_id")
    if not upload_id:
        raise InvalidRequest("file: send a file, or the upload_id of one sent before.")
    return ImportForm(
        upload_id=upload_id,
        table_name=fields.get("table_name") or None,
        connection=fields.get("connection") or None,
        import_options=json_object("import_options", fields.get("import_options")),
        field_mappings=json_value("field_mappings", fields.get("field_mappings")),
        create_table=json_object("create_table", fields.get("create_table")),
        requires_approval=_flag(fields.get("requires_approval")),
    )


def _flag(text: str | None) -> bool:
    word = (text or "false").strip().lower()
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise InvalidRequest("requires_approval: true or false is expected.")


def described(*, required: list[str]) -> dict[str, Any]:
    """The multipart body for the API description; the query alternatives are said in words."""
    properties = {
        "file": {"type": "string", "format": "binary"},
        "upload_id": {"type": "string", "description": "In place of file: one sent before"},
        "table_name": {"type": "string", "example": "users"},
        "connection": {"type": "string", "description": "The default one when left out"},
        "import_options": {
            "type": "string",
            "description": "JSON object",
            "example": '{"format": "csv", "has_headers": true, "on_duplicate": "error"}',
        },
        "field_mappings": {
            "type": "string",
            "description": "JSON list; proposed from names and contents when left out",
            "example": '[{"sourceColumn": "E-Mail", "targetColumn": "email", "transform": "trim"}]',
        },
        "create_table": {
            "type": "string",
            "description": "JSON object, as POST …/tables/propose answers it: the table is made "
            "with the load. In place of table_name",
            "example": '{"name": "orders", "columns": [{"name": "order_no", "kind": "integer", '
            '"source": "Order No."}]}',
        },
        "requires_approval": {"type": "boolean", "default": False},
    }
    schema = {"type": "object", "properties": properties, "required": required}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }
