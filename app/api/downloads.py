"""Handing over a stored file, or a range of it (RFC 9110 §14): a broken download resumes.

The file is encrypted at rest; its size, ranges and ETag are those of the plain bytes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.model.file import Download

_PIECE = 1 << 20
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


_BYTES = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
}
#: For the description of routes that hand over a file.
FILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", **_BYTES},
    206: {"description": "The range asked for", **_BYTES},
    416: {"description": "No byte of the file lies in the range"},
}


class Unsatisfiable(ValueError):
    """No byte of the file lies in the range."""


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole file.

    A malformed header, another unit and several ranges at once are ignored, as RFC 9110 §14.2
    allows. Raises Unsatisfiable.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or found.group(1) == found.group(2) == "":
        return None
    first, last = found.group(1), found.group(2)
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last), size - 1) if last else size - 1


def content_disposition(filename: str) -> str:
    """An attachment of that name (RFC 6266), with a plain twin for old clients."""
    clean = re.sub(r"[\x00-\x1f\x7f/\\]", "_", filename) or "download"
    plain = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z|~()]", "_", clean)
    value = f'attachment; filename="{plain}"'
    if plain != clean:
        value += f"; filename*=UTF-8''{quote(clean, safe='', errors='replace')}"
    return value


async def hand_over(request: Request, download: Download) -> Response:
    """The response to GET or HEAD for a file whose rights have been checked.

    200 with the whole file, 206 with one range, 416 when nothing lies in it. `If-Range` with any
    other validator than the present ETag gives the whole file (RFC 9110 §13.1.5).
    """
    headers = _headers(download)
    asked = request.headers.get("range") if request.method == "GET" else None
    if request.headers.get("if-range", download.etag) != download.etag:
        asked = None
    try:
        span = requested_range(asked, download.size)
    except Unsatisfiable:
        headers |= {"content-range": f"bytes */{download.size}"}
        del headers["content-disposition"]
        return Response(status_code=416, headers=headers)
    first, last = span or (0, download.size - 1)
    headers["content-length"] = str(last - first + 1)
    if span is not None:
        headers["content-range"] = f"bytes {first}-{last}/{download.size}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=download.media_type)
    length = last - first + 1
    file = await run_in_threadpool(download.open)
    # Damage in the first piece is told as an error; later the connection can only be cut.
    piece = await run_in_threadpool(_first_piece, file, first, length)
    body = _pieces(file, piece, length)
    return StreamingResponse(body, status, headers=headers, media_type=download.media_type)


def _headers(download: Download) -> dict[str, str]:
    headers = {
        "accept-ranges": "bytes",
        "etag": download.etag,
        "content-disposition": content_disposition(download.filename),
        # Compressing on the way would make ranges and ETag those of other bytes.
        "content-encoding": "identity",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    if download.job_id is not None:
        headers["x-export-job-id"] = download.job_id
    if download.table is not None:
        headers["x-export-table"] = quote(download.table, safe=" ._-", errors="replace")
    if download.rows is not None:
        headers["x-export-rows"] = str(download.rows)
    return headers


def _first_piece(file: BinaryIO, start: int, length: int) -> bytes:
    try:
        file.seek(start)
        return file.read(min(_PIECE, length))
    except BaseException:
        file.close()
        raise


async def _pieces(file: BinaryIO, piece: bytes, length: int) -> AsyncIterator[bytes]:
    try:
        while piece:
            yield piece
            length -= len(piece)
            piece = await run_in_threadpool(file.read, min(_PIECE, length)) if length else b""
    finally:
        file.close()
