"""A multipart form (RFC 7578) read while it arrives.

The usual way spools the file to disk in plain before a route sees it. Here the bytes of the one
file part are handed on as they come, so that the store can encrypt them; text fields may stand
before or after the file.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import anyio.from_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header
from starlette.requests import ClientDisconnect, Request

from core.errors import InvalidRequest

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILE_FIELD = "file"
_MAX_FIELD_BYTES = 4 << 20
_MAX_FIELDS = 32
#: Bytes gathered before the thread that stores the file is given them.
_GATHER = 512 << 10


class IncomingForm:
    """One request's form. Await `read_to_file()`, iterate `file_chunks()`, await `read_rest()`.

    `fields` grows as text parts pass; `filename` is set once the file part has begun. Raises
    InvalidRequest for a form that is malformed, cut short or holds more than one file.
    """

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidRequest("Send the request as multipart/form-data with a boundary.")
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._source: AsyncIterator[bytes] = request.stream()
        self._ready: deque[bytes] = deque()  # bytes of the file not yet handed on
        self._file_ended = False
        self._ended = False
        self._in_file = False
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._text = bytearray()
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._part_begins,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_ends,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError as error:
            raise InvalidRequest(f"The form cannot be read: {error}.") from error

    async def read_to_file(self) -> bool:
        """Read up to the file part; False when the form has none."""
        while self.filename is None and await self._advance():
            pass
        return self.filename is not None

    async def read_rest(self) -> dict[str, str]:
        """Read what follows the file; the fields of the whole form."""
        while await self._advance():
            if self._ready:
                raise InvalidRequest("The file part was not read to its end.")
        return self.fields

    async def next_chunk(self) -> bytes:
        """The next bytes of the file part; empty at its end."""
        gathered = bytearray()
        while len(gathered) < _GATHER:
            while self._ready:
                gathered += self._ready.popleft()
            if self._file_ended or len(gathered) >= _GATHER or not await self._advance():
                break
        return bytes(gathered)

    async def _advance(self) -> bool:
        """Parse the next bytes of the request; False at its end."""
        if self._ended:
            return False
        chunk = await anext(self._source, None)
        if chunk is None:
            self._ended = True
            if self._parser.state != MultipartState.END:
                raise InvalidRequest("The form ends in the middle.")
            return False
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InvalidRequest(f"The form cannot be read: {error}.") from error
        return True

    def _part_begins(self) -> None:
        self._headers.clear()
        self._text.clear()

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        name.clear()
        value.clear()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if not self._name:
            raise InvalidRequest("A part of the form has no name.")
        self._in_file = self._name == FILE_FIELD
        if not self._in_file:
            return
        if self.filename is not None:
            raise InvalidRequest("The form holds more than one file; send one at a time.")
        self.filename = options.get(b"filename", b"").decode("utf-8", "replace")
        if not self.filename:
            raise InvalidRequest("The file part of the form has no filename.")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._ready.append(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _MAX_FIELD_BYTES:
            raise InvalidRequest(f"{self._name}: more than {_MAX_FIELD_BYTES:,} bytes.")

    def _part_ends(self) -> None:
        if self._in_file:
            self._file_ended, self._in_file = True, False
            return
        if len(self.fields) >= _MAX_FIELDS:
            raise InvalidRequest(f"The form has more than {_MAX_FIELDS} fields.")
        try:
            self.fields[self._name] = self._text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"{self._name}: not UTF-8.") from error


class BodyChunks:
    """The body of a request in pieces of about half a megabyte."""

    def __init__(self, request: Request) -> None:
        self._source: AsyncIterator[bytes] = request.stream()

    async def next_chunk(self) -> bytes:
        """The next bytes; empty at the end."""
        gathered = bytearray()
        while len(gathered) < _GATHER:
            chunk = await anext(self._source, None)
            if chunk is None:
                break
            gathered += chunk
        return bytes(gathered)


def pulled_until_cut(source: BodyChunks) -> Iterator[bytes]:
    """As `pulled`, but a client that goes away only ends the stream: what came is worth keeping."""
    with contextlib.suppress(ClientDisconnect):
        yield from pulled(source)


def pulled(source: IncomingForm | BodyChunks) -> Iterator[bytes]:
    """The chunks of `source`, for a function that runs in a worker thread of this event loop.

    Each step asks the event loop for the next piece, so nothing is read faster than it is stored;
    a client that goes away raises ClientDisconnect here, and the store discards what it has.
    """
    while chunk := anyio.from_thread.run(source.next_chunk):
        yield chunk
