"""Forms in any order of parts and any cut of packets; bad forms are refused in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import anyio
import anyio.to_thread
import pytest
from starlette.requests import ClientDisconnect, Request

from app.api.multipart import BodyChunks, IncomingForm, pulled
from core.errors import InvalidRequest

BOUNDARY = "----cut"
CONTENT = bytes(range(256)) * 40 + b"\r\n------cu\r\n--" + b"x" * 100


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    extra = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def request(body: bytes, size: int, *, cut_off: bool = False, kind: str | None = None) -> Request:
    packets = [body[i : i + size] for i in range(0, len(body), size)] or [b""]

    async def receive() -> dict[str, object]:
        if packets:
            more = len(packets) > 1 or cut_off
            return {"type": "http.request", "body": packets.pop(0), "more_body": more}
        return {"type": "http.disconnect"}

    content_type = kind or f"multipart/form-data; boundary={BOUNDARY}"
    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def read(make: Callable[[], Request]) -> tuple[str | None, bytes, dict[str, str]]:
    """What a route and its storing thread get of the form."""

    async def go() -> tuple[str | None, bytes, dict[str, str]]:
        form = IncomingForm(make())
        content = b""
        if await form.read_to_file():
            content = await anyio.to_thread.run_sync(lambda: b"".join(pulled(form)))
        return form.filename, content, await form.read_rest()

    return anyio.run(go)


FILE = part("file", CONTENT, "Über.csv")
TABLE = part("table_name", b"users")
OPTIONS = part("import_options", '{"x": "ü"}'.encode())


@pytest.mark.parametrize("size", [1, 2, 7, 61, 1000, 1 << 20])
@pytest.mark.parametrize(
    "parts",
    [[TABLE, OPTIONS, FILE], [FILE, TABLE, OPTIONS], [TABLE, FILE, OPTIONS]],
    ids=["file last", "file first", "file between"],
)
def test_fields_and_file_in_any_order_and_cut(parts: list[bytes], size: int) -> None:
    filename, content, fields = read(lambda: request(b"".join(parts) + END, size))
    assert filename == "Über.csv"
    assert content == CONTENT
    assert fields == {"table_name": "users", "import_options": '{"x": "ü"}'}


def test_an_empty_file_and_no_file_are_told_apart() -> None:
    assert read(lambda: request(part("file", b"", "a.csv") + END, 50)) == ("a.csv", b"", {})
    assert read(lambda: request(TABLE + END, 50)) == (None, b"", {"table_name": "users"})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (FILE + FILE + END, "more than one file"),
        (FILE, "ends in the middle"),
        (FILE[:200], "ends in the middle"),
        (b"no form at all", "cannot be read"),
        (part("file", b"1") + END, "no filename"),
        (part("", b"1") + END, "no name"),
        (part("table_name", b"\xff") + END, "table_name: not UTF-8"),
        (b"".join(part(f"f{n}", b"") for n in range(33)) + END, "more than 32 fields"),
        (part("big", b"x" * ((4 << 20) + 1)) + END, "big: more than"),
    ],
)
def test_a_bad_form_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        read(lambda: request(body, 1 << 16))


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain; a=b"])
def test_another_content_type_is_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest, match="multipart/form-data"):
        read(lambda: request(FILE + END, 100, kind=kind))


def test_a_client_that_goes_away_reaches_the_storing_thread() -> None:
    seen: list[bytes] = []

    def store(source: BodyChunks) -> None:
        seen.extend(pulled(source))

    async def go() -> None:
        source = BodyChunks(request(b"x" * 3_000_000, 1 << 16, cut_off=True))
        await anyio.to_thread.run_sync(store, source)

    with pytest.raises(ClientDisconnect):
        anyio.run(go)
    assert 0 < sum(map(len, seen)) < 3_000_000


def test_nothing_is_read_faster_than_it_is_stored() -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 16
            yield b"x" * (1 << 16)

    def store(source: BodyChunks) -> None:
        for taken, _ in enumerate(pulled(source), 1):
            assert sent <= (taken + 1) * (1 << 20)
            if taken == 20:
                return

    async def go() -> None:
        source = BodyChunks(request(b"", 1))
        source._source = body()
        await anyio.to_thread.run_sync(store, source)

    anyio.run(go)
    assert sent < 30 << 20
