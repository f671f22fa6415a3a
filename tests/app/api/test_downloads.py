"""Ranges, validators and names of downloads (RFC 9110 §13 and §14, RFC 6266)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import ClassVar

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.downloads import Unsatisfiable, content_disposition, hand_over, requested_range
from core.errors import StorageDamaged
from core.model.file import Download

CONTENT = bytes(n % 251 for n in range(2_500_000))


class Watched(BytesIO):
    """Remembers whether it was closed."""

    closed_once = False

    def close(self) -> None:
        type(self).closed_once = True
        super().close()


Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(call: Ask) -> Ask:
    """`ask(method="GET", **headers)` of a route that hands the file over."""
    Watched.closed_once = False
    download = Download(
        filename="users_export.csv",
        media_type="text/csv",
        size=len(CONTENT),
        etag='"abc"',
        open=lambda: Watched(CONTENT),
        job_id="j1",
        table="großes schema.users",
        rows=7,
    )

    async def route(request: Request) -> Response:
        return await hand_over(request, download)

    app = Starlette(
        routes=[Route("/f", route, methods=["GET", "HEAD"])],
        middleware=[Middleware(GZipMiddleware)],
    )

    def go(method: str = "GET", **headers: str) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(app, method, "/f", headers=names)

    return go


def test_the_whole_file(ask: Ask) -> None:
    answer = ask()
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == '"abc"'
    assert answer.headers["content-encoding"] == "identity"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="users_export.csv"'
    assert answer.headers["x-export-job-id"] == "j1"
    assert answer.headers["x-export-table"] == "gro%C3%9Fes schema.users"
    assert answer.headers["x-export-rows"] == "7"
    assert Watched.closed_once


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 2_499_999),
        ("bytes=1048575-1048576", 1_048_575, 1_048_576),
        ("bytes=2499990-9999999", 2_499_990, 2_499_999),
        ("bytes=-10", 2_499_990, 2_499_999),
        ("bytes=-9999999", 0, 2_499_999),
        ("BYTES = 5 - 9", 5, 9),
    ],
)
def test_one_range(ask: Ask, asked: str, first: int, last: int) -> None:
    answer = ask(range=asked)
    assert answer.status_code == 206
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/2500000"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.headers["etag"] == '"abc"'


@pytest.mark.parametrize(
    "asked", ["lines=0-5", "bytes=5-2", "bytes=a-b", "bytes=-", "bytes=0-1,5-6", "bytes 0-5", ""]
)
def test_what_is_not_one_good_range_gives_the_whole_file(ask: Ask, asked: str) -> None:
    answer = ask(range=asked)
    assert answer.status_code == 200
    assert len(answer.content) == len(CONTENT)


@pytest.mark.parametrize("asked", ["bytes=2500000-", "bytes=9999999-9999999", "bytes=-0"])
def test_a_range_outside_is_416(ask: Ask, asked: str) -> None:
    answer = ask(range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */2500000"
    assert answer.content == b""


@pytest.mark.parametrize(
    ("validator", "status"),
    [('"abc"', 206), ('"other"', 200), ('W/"abc"', 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200)],
)
def test_if_range_takes_only_the_same_strong_etag(ask: Ask, validator: str, status: int) -> None:
    assert ask(range="bytes=0-9", if_range=validator).status_code == status


def test_head_tells_the_size_and_sends_nothing(ask: Ask) -> None:
    answer = ask("HEAD", range="bytes=0-9")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.content == b""
    assert not Watched.closed_once  # it was not even opened


def test_a_broken_download_resumes_to_the_same_bytes(ask: Ask) -> None:
    start = ask(range="bytes=0-1234566").content
    rest = ask(range="bytes=1234567-", if_range='"abc"').content
    assert start + rest == CONTENT


class Damaged(BytesIO):
    """Fails when it is read."""

    opened: ClassVar[list[BytesIO]] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.opened.append(self)
        raise StorageDamaged("A stored file is damaged.")


def test_damage_is_told_before_anything_is_sent() -> None:
    download = Download(
        filename="a", media_type="text/csv", size=9, etag='"e"', open=lambda: Damaged(b"x" * 9)
    )
    request = Request({"type": "http", "method": "GET", "headers": []})
    with pytest.raises(StorageDamaged):
        anyio.run(hand_over, request, download)
    assert Damaged.opened[0].closed


def test_an_empty_file_has_no_ranges() -> None:
    assert requested_range(None, 0) is None
    with pytest.raises(Unsatisfiable):
        requested_range("bytes=0-", 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a b.csv", 'attachment; filename="a b.csv"'),
        (
            "Größe €.csv",
            'attachment; filename="Gr__e _.csv"'
            "; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.csv",
        ),
        (
            'x"; y="z.csv',
            "attachment; filename=\"x__ y__z.csv\"; filename*=UTF-8''x%22%3B%20y%3D%22z.csv",
        ),
        (
            "a\r\nSet-Cookie: b=c",
            'attachment; filename="a__Set-Cookie_ b_c"'
            "; filename*=UTF-8''a__Set-Cookie%3A%20b%3Dc",
        ),
        ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
        ("", 'attachment; filename="download"'),
    ],
)
def test_names_are_safe_in_the_header(name: str, value: str) -> None:
    assert content_disposition(name) == value
