"""Files come in: counted, screened and encrypted while they stream, never whole in memory."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.asking import BY_SCRIPT, SIGNED_IN, Caller, Space
from app.api.failures import FAILURES
from app.api.multipart import BodyChunks, IncomingForm, pulled
from app.api.schemas import UploadInfo
from core.errors import InvalidRequest
from core.model.access import Identity
from core.model.file import StoredFile
from core.usecases import formats, uploads
from core.workspace import Workspace

router = APIRouter(
    prefix="/data/uploads", tags=["Uploads"], responses=FAILURES, dependencies=SIGNED_IN
)

_BINARY_BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def store(
    ws: Workspace, who: Identity, source: IncomingForm | BodyChunks, filename: str
) -> StoredFile:
    """Keep what `source` brings. Nothing is kept when it fails or the client goes away."""
    receive = partial(uploads.receive_upload, ws, who, pulled(source), filename=filename)
    return await run_in_threadpool(receive)


def format_of(ws: Workspace, filename: str) -> str | None:
    """The format an accepted upload is in: screening has made sure that its name is honest."""
    extension = PurePath(filename).suffix.lower()
    found = (f.name for f in formats.importable_formats(ws) if extension in f.extensions)
    return next(found, None)


@router.post(
    "", summary="Upload a file as it is", openapi_extra=_BINARY_BODY, dependencies=BY_SCRIPT
)
async def upload(
    request: Request,
    ws: Space,
    who: Caller,
    x_filename: Annotated[str | None, Header(description="Percent-encoded UTF-8")] = None,
    filename: Annotated[str | None, Query(description="In place of the header")] = None,
) -> UploadInfo:
    """The body is the file itself. Use the `upload_id` with `POST /import/upload` or
    `/import/parse` in place of a file. From a browser session, send `X-Requested-With: tableport`.
    """
    name = unquote(x_filename) if x_filename else filename
    if not name:
        raise InvalidRequest("Name the file: header X-Filename, or ?filename=.")
    stored = await store(ws, who, BodyChunks(request), name)
    return UploadInfo.of(stored, format_of(ws, stored.filename))


@router.delete("/{upload_id}", status_code=204, summary="Forget an upload", dependencies=BY_SCRIPT)
def forget(upload_id: str, ws: Space, who: Caller) -> Response:
    uploads.remove_upload(ws, who, upload_id)
    return Response(status_code=204)
