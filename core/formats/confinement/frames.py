"""What the parser process and the process that started it say to each other.

Both directions carry messages: the length of a JSON header and of a body (two big-endian
unsigned integers of 4 and 8 bytes, after a magic word), the header, the body. To the parser:
one message with the task, then the file's bytes until the pipe closes. From it: one message
per batch (body: Arrow IPC stream), then `end` or `error`.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from core.errors import TableportError, every_error
from core.formats.base import Batch, ReadLimits
from core.model.dialect import Detection, Dialect, Finding

_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"TPf1"
PREFIX_BYTES = _PREFIX.size
LONGEST_HEADER = 1 << 24


class BrokenMessage(ValueError):
    """What came through the pipe is no message."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A message."""
    text = json.dumps(header).encode()
    return b"".join((_PREFIX.pack(_MAGIC, len(text), len(body)), text, body))


def unpack_prefix(prefix: bytes, *, longest_body: int) -> tuple[int, int]:
    """Lengths in bytes of header and body. Raises BrokenMessage."""
    magic, header, body = _PREFIX.unpack(prefix)
    if magic != _MAGIC or header > LONGEST_HEADER or body > longest_body:
        raise BrokenMessage("not a message")
    return header, body


def unpack_header(text: bytes) -> dict[str, Any]:
    """The header of a message. Raises BrokenMessage."""
    try:
        header = json.loads(text)
    except ValueError as error:
        raise BrokenMessage("the header is no JSON") from error
    if not isinstance(header, dict):
        raise BrokenMessage("the header is no object")
    return header


def dialect_from(document: dict[str, Any]) -> Dialect:
    return Dialect(**{**document, "null_values": tuple(document["null_values"])})


def limits_from(document: dict[str, Any]) -> ReadLimits:
    return ReadLimits(**document)


def detection_from(document: dict[str, Any]) -> Detection:
    """The detection that `asdict` turned into JSON. Raises BrokenMessage."""
    try:
        return Detection(
            dialect=dialect_from(document["dialect"]),
            columns=tuple(document["columns"]),
            findings=tuple(
                Finding(**finding | {"choices": tuple(finding["choices"])})
                for finding in document["findings"]
            ),
            warnings=tuple(document["warnings"]),
            first_lines=tuple(document["first_lines"]),
        )
    except (KeyError, TypeError) as error:
        raise BrokenMessage("the detection lacks a field") from error


def batch_message(batch: Batch) -> bytes:
    """A batch on its way to us: its frames one after the other, the first one's length told."""
    parts = [_arrow(frame) for frame in (batch.frame, batch.shown) if frame is not None]
    header = {
        "kind": "batch",
        "ignored": batch.ignored,
        "bytes_read": batch.bytes_read,
        "frame_bytes": len(parts[0]),
    }
    return pack(header, b"".join(parts))


def batch_from(header: dict[str, Any], body: bytes) -> Batch:
    """The batch of a message. Raises what reading nonsense raises."""
    first, second = body[: header["frame_bytes"]], body[header["frame_bytes"] :]
    return Batch(
        pl.read_ipc_stream(io.BytesIO(first)),
        int(header["ignored"]),
        int(header["bytes_read"]),
        pl.read_ipc_stream(io.BytesIO(second)) if second else None,
    )


def _arrow(frame: pl.DataFrame) -> bytes:
    body = io.BytesIO()
    frame.write_ipc_stream(body)
    return body.getvalue()


def error_header(error: TableportError) -> dict[str, Any]:
    return {"kind": "error", "code": error.code, "detail": error.detail}


def error_from(header: dict[str, Any]) -> TableportError:
    """The failure a header names, as the class with its code. Raises BrokenMessage."""
    for candidate in every_error():
        if candidate.code == header.get("code"):
            return candidate(str(header.get("detail") or candidate.description))
    raise BrokenMessage("an error without a known code")


def detect_header(*, filename: str, given: Dialect | None) -> dict[str, Any]:
    """The task of detecting; the file's bytes follow, as many as are asked for."""
    return {
        "kind": "detect",
        "filename": filename,
        "given": asdict(given) if given else None,
    }


def both_header(
    *, filename: str, overrides: Mapping[str, Any], rows: int, limits: ReadLimits
) -> dict[str, Any]:
    """The task of detecting and then reading; the file's bytes follow."""
    return {
        "kind": "both",
        "filename": filename,
        "overrides": dict(overrides),
        "rows": rows,
        "limits": asdict(limits),
    }


def read_header(dialect: Dialect, rows: int, limits: ReadLimits) -> dict[str, Any]:
    """The task of reading; the file's bytes follow."""
    return {"kind": "read", "dialect": asdict(dialect), "rows": rows, "limits": asdict(limits)}
