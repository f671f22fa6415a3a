"""Files come in: counted, screened and encrypted while they stream, never whole in memory."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.asking import BY_SCRIPT, SIGNED_IN, Caller, Space
from app.api.failures import FAILURES
from app.api.multipart import BodyChunks, IncomingForm, pulled
from app.api.schemas import UploadInfo, UploadProgress
from app.api.upload_parts import ANNOUNCEMENT_SCHEMA, announced, format_of
from core.errors import InvalidRequest
from core.model.access import Identity
from core.model.file import StoredFile
from core.usecases import uploads
from core.workspace import Workspace

router = APIRouter(
    prefix="/data/uploads", tags=["Uploads"], responses=FAILURES, dependencies=SIGNED_IN
)

_FILE_OR_ANNOUNCEMENT = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file; or, as JSON, what will come in parts",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": ANNOUNCEMENT_SCHEMA},
        },
    }
}


async def store(
    ws: Workspace, who: Identity, source: IncomingForm | BodyChunks, filename: str
) -> StoredFile:
    """Keep what `source` brings. Nothing is kept when it fails or the client goes away."""
    receive = partial(uploads.receive_upload, ws, who, pulled(source), filename=filename)
    return await run_in_threadpool(receive)


@router.post(
    "",
    summary="Upload a file as it is, or announce its parts",
    openapi_extra=_FILE_OR_ANNOUNCEMENT,
    responses={201: {"model": UploadProgress, "description": "Announced: send the parts"}},
    dependencies=BY_SCRIPT,
)
async def upload(
    request: Request,
    response: Response,
    ws: Space,
    who: Caller,
    x_filename: Annotated[str | None, Header(description="Percent-encoded UTF-8")] = None,
    filename: Annotated[str | None, Query(description="In place of the header")] = None,
) -> UploadInfo | UploadProgress:
    """The body is the file itself. Use the `upload_id` with `POST /import/upload` or
    `/import/parse` in place of a file. From a browser session, send `X-Requested-With: tableport`.

    A JSON body without a filename in header or query announces a file that comes in parts: send
    each with `PUT`.
    """
    name = unquote(x_filename) if x_filename else filename
    if name:
        stored = await store(ws, who, BodyChunks(request), name)
        return UploadInfo.of(stored, format_of(ws, stored.filename))
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise InvalidRequest("Name the file: header X-Filename, or ?filename=.")
    response.status_code = 201
    return await announced(request, response, ws, who)


@router.delete("/{upload_id}", status_code=204, summary="Forget an upload", dependencies=BY_SCRIPT)
def forget(upload_id: str, ws: Space, who: Caller) -> Response:
    """A finished one, or one whose parts are not all here."""
    uploads.remove_upload(ws, who, upload_id)
    return Response(status_code=204)
