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
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import polars as pl

from core.errors import TableportError, every_error
from core.formats.base import Batch, ReadLimits
from core.model.dialect import Detection, Dialect, Finding, Given

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"TPf1"
PREFIX_BYTES = _PREFIX.size
LONGEST_HEADER = 1 << 24


class BrokenMessage(ValueError):
    """What came through the pipe is no message."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A message."""
    return _beginning(header, len(body)) + body


def _beginning(header: dict[str, Any], body_bytes: int) -> bytes:
    text = json.dumps(header).encode()
    return _PREFIX.pack(_MAGIC, len(text), body_bytes) + text


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


def given_from(document: dict[str, Any]) -> Given:
    """Fields of Dialect that were sent as JSON."""
    words = document.get("null_values")
    return document if words is None else {**document, "null_values": tuple(words)}


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


def batch_message(batch: Batch) -> list[bytes]:
    """A batch on its way to us, piece by piece: its frames one after the other, the first one's
    length told."""
    first = _arrow(batch.frame)
    parts = first + (_arrow(batch.shown) if batch.shown is not None else [])
    header = {
        "kind": "batch",
        "ignored": batch.ignored,
        "bytes_read": batch.bytes_read,
        "frame_bytes": sum(map(len, first)),
    }
    return [_beginning(header, sum(map(len, parts))), *parts]


def batch_from(header: dict[str, Any], body: bytes) -> Batch:
    """The batch of a message. Raises what reading nonsense raises."""
    first, second = body[: header["frame_bytes"]], body[header["frame_bytes"] :]
    return Batch(
        pl.read_ipc_stream(io.BytesIO(first)),
        int(header["ignored"]),
        int(header["bytes_read"]),
        pl.read_ipc_stream(io.BytesIO(second)) if second else None,
    )


class _Written(io.RawIOBase):
    """Keeps what is written to it as it comes: a frame is written in few large pieces."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        self.parts.append(bytes(data))  # no copy of what is bytes already
        return len(self.parts[-1])


def _arrow(frame: pl.DataFrame) -> list[bytes]:
    body = _Written()
    frame.write_ipc_stream(cast("BinaryIO", body))
    return body.parts


def error_header(error: TableportError) -> dict[str, Any]:
    return {"kind": "error", "code": error.code, "detail": error.detail}


def error_from(header: dict[str, Any]) -> TableportError:
    """The failure a header names, as the class with its code. Raises BrokenMessage."""
    for candidate in every_error():
        if candidate.code == header.get("code"):
            return candidate(str(header.get("detail") or candidate.description))
    raise BrokenMessage("an error without a known code")


def detect_header(*, filename: str, given: Given) -> dict[str, Any]:
    """The task of detecting; the file's bytes follow, as many as are asked for."""
    return {"kind": "detect", "filename": filename, "given": dict(given)}


def both_header(*, filename: str, given: Given, rows: int, limits: ReadLimits) -> dict[str, Any]:
    """The task of detecting and then reading; the file's bytes follow."""
    return {
        "kind": "both",
        "filename": filename,
        "given": dict(given),
        "rows": rows,
        "limits": asdict(limits),
    }


def read_header(dialect: Dialect, rows: int, limits: ReadLimits) -> dict[str, Any]:
    """The task of reading; the file's bytes follow."""
    return {"kind": "read", "dialect": asdict(dialect), "rows": rows, "limits": asdict(limits)}
