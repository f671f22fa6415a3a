"""A large file comes in parts and goes on after a cut connection (ruling A13).

POST announces it, each PUT brings some bytes with Content-Range (RFC 9110 §14.4 and §14.5), HEAD
says where to go on. `Upload-Offset` and `Upload-Length` mean what they mean in tus 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePath
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api.asking import BY_SCRIPT, SIGNED_IN, Caller, Space
from app.api.failures import FAILURES, Failure
from app.api.multipart import BodyChunks, pulled_until_cut
from app.api.schemas import UploadProgress
from core.errors import InvalidRequest
from core.model.access import Identity
from core.model.file import UploadState
from core.model.packing import inner_name
from core.usecases import chunked_uploads, formats
from core.workspace import Workspace

router = APIRouter(
    prefix="/data/uploads", tags=["Uploads"], responses=FAILURES, dependencies=SIGNED_IN
)

#: The unsatisfied form `bytes */total` brings nothing: it asks to finish what is all here.
_CONTENT_RANGE = re.compile(
    r"bytes (?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})|\*)/(?P<total>[0-9]{1,18})",
    re.IGNORECASE,
)
_LONGEST_ANNOUNCEMENT = 16 << 10

#: For the description of the route that takes it.
ANNOUNCEMENT_SCHEMA = {
    "type": "object",
    "properties": {
        "filename": {"type": "string", "example": "orders.csv"},
        "size": {"type": "integer", "minimum": 1, "description": "Bytes"},
    },
    "required": ["filename", "size"],
}
_PART_BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the range",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_STATE_HEADERS = {
    "Upload-Offset": {"description": "Bytes that are here", "schema": {"type": "integer"}},
    "Upload-Length": {"description": "Bytes of the whole", "schema": {"type": "integer"}},
}
_PART_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "More is to come", "headers": _STATE_HEADERS},
    201: {"model": UploadProgress, "description": "Done", "headers": _STATE_HEADERS},
    409: {"model": Failure, "description": "A gap: go on from upload_offset"},
    413: {"model": Failure, "description": "More than announced, or than the limit"},
}


class Announcement(BaseModel):
    """A file that will come in parts."""

    filename: str = Field(min_length=1, max_length=4096)
    size: int = Field(ge=1, lt=1 << 60)


class SentRange(NamedTuple):
    """Which bytes of a file a request brings."""

    first: int
    length: int
    total: int


def format_of(ws: Workspace, filename: str) -> str | None:
    """The format an accepted upload is in: screening has made sure that its name is honest."""
    extension = PurePath(inner_name(filename)).suffix.lower()
    found = (f.name for f in formats.importable_formats(ws) if extension in f.extensions)
    return next(found, None)


async def announced(
    request: Request, response: Response, ws: Workspace, who: Identity
) -> UploadProgress:
    """Begin the upload that a JSON body speaks of.

    Raises InvalidRequest or RequestValidationError, and what `begin_upload` raises.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_ANNOUNCEMENT:
            raise InvalidRequest(
                "Too long for the announcement of a file. To send a JSON file as it is, name it: "
                "header X-Filename, or ?filename=."
            )
    try:
        asked = Announcement.model_validate_json(bytes(body))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
    begin = partial(chunked_uploads.begin_upload, filename=asked.filename, size=asked.size)
    return _told(ws, await run_in_threadpool(begin, ws, who), response)


@router.put(
    "/{upload_id}",
    summary="Send a part of a file",
    openapi_extra=_PART_BODY,
    responses=_PART_ANSWERS,
    dependencies=BY_SCRIPT,
)
async def part(
    upload_id: str,
    request: Request,
    response: Response,
    ws: Space,
    who: Caller,
    content_range: Annotated[
        str, Header(description="The place of the body in the file: bytes first-last/total")
    ],
) -> UploadProgress:
    """`bytes 0-8388607/20000000` is the first part of 20 MB. What is here already does no harm; of
    a part that breaks off, what came is kept. The last byte has the file checked, and answers 201:
    its `upload_id` now serves like that of any upload. `bytes */20000000` brings nothing and asks
    whether it is done."""
    span = sent_range(content_range)
    told = request.headers.get("content-length")
    if told is not None and told != str(span.length):
        raise InvalidRequest(f"The body has {told} bytes, but Content-Range tells {span.length}.")
    receive = partial(
        chunked_uploads.receive_part,
        ws,
        who,
        upload_id,
        offset=span.first,
        total=span.total,
        chunks=_no_more(pulled_until_cut(BodyChunks(request)), span.length),
    )
    state = await run_in_threadpool(receive)
    response.status_code = 201 if state.done else 200
    return _told(ws, state, response)


@router.head(
    "/{upload_id}",
    summary="Where an upload in parts goes on",
    response_class=Response,
    responses={200: {"description": "In the headers", "headers": _STATE_HEADERS}},
)
def progress(upload_id: str, ws: Space, who: Caller) -> Response:
    """Both headers are equal for a finished upload."""
    return Response(headers=_headers(chunked_uploads.upload_state(ws, who, upload_id)))


def sent_range(header: str) -> SentRange:
    """Read the Content-Range of a request. Raises InvalidRequest."""
    found = _CONTENT_RANGE.fullmatch(header.strip())
    if found is None:
        raise InvalidRequest("Content-Range: bytes first-last/total is expected.")
    total = int(found["total"])
    if found["first"] is None:
        return SentRange(0, 0, total)
    first, last = int(found["first"]), int(found["last"])
    if not first <= last < total:
        raise InvalidRequest(f"Content-Range: {first}-{last} is no range of {total} bytes.")
    return SentRange(first, last - first + 1, total)


def _no_more(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    """Guards a body whose length was not told beforehand."""
    for chunk in chunks:
        length -= len(chunk)
        if length < 0:
            raise InvalidRequest("The body is longer than Content-Range tells.")
        yield chunk


def _told(ws: Workspace, state: UploadState, response: Response) -> UploadProgress:
    response.headers.update(_headers(state))
    detected = format_of(ws, state.filename) if state.done else None
    return UploadProgress.of(state, chunked_uploads.PART_SIZE, detected)


def _headers(state: UploadState) -> dict[str, str]:
    return {"upload-offset": str(state.received), "upload-length": str(state.size)}
