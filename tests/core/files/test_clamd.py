"""The virus scanner, against a small server that speaks its protocol."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import ConfigurationError, UnsafeContent
from core.files.clamd import ClamdScan
from core.files.screening import Screener

ALL = ("csv", "json", "excel", "xml", "yaml")


class StandIn(socketserver.BaseRequestHandler):
    """Reads a stream as clamd does and finds `virus` in it."""

    limit = 10_000_000

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # some tests hang up
            self.scan()

    def scan(self) -> None:
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(stream.read(4), "big"):
            content += stream.read(size)
            if len(content) > self.limit:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if b"odd" in content:
            self.request.sendall(b"what?\0")
        elif b"virus" in content:
            self.request.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
        elif b"silence" not in content:
            self.request.sendall(b"stream: ")
            self.request.sendall(b"OK\0")


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def serve() -> Iterator[Callable[[socketserver.BaseServer], None]]:
    started: list[tuple[socketserver.BaseServer, threading.Thread]] = []

    def start(server: socketserver.BaseServer) -> None:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def clamd(tmp_path: Path, serve: Callable[[socketserver.BaseServer], None]) -> str:
    path = str(tmp_path / "clamd.sock")
    serve(UnixServer(path, StandIn))
    return path


def scan(address: str, *pieces: bytes) -> list[bytes]:
    screener = Screener("sales.csv", allowed=ALL, scan=True, clamd=address)
    return list(screener.passing(pieces))


def test_clean_content_passes(clamd: str) -> None:
    assert scan(clamd, b"id,name\n", b"1,Ann\n") == [b"id,name\n", b"1,Ann\n"]
    assert scan(clamd) == []


def test_a_find_is_refused_by_its_name(clamd: str) -> None:
    with pytest.raises(UnsafeContent, match=r"sales\.csv: Win\.Test\.EICAR_HDB-1"):
        scan(clamd, b"id,name\n1,vi", b"rus\n")


def test_large_pieces_are_sent_whole(clamd: str) -> None:
    with pytest.raises(UnsafeContent, match="EICAR_HDB"):
        scan(clamd, b"x" * 3_500_000 + b"virus")


def test_tcp_works_too(serve: Callable[[socketserver.BaseServer], None]) -> None:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    serve(server)
    for prefix in ("", "tcp://"):
        address = f"{prefix}127.0.0.1:{server.server_address[1]}"
        assert scan(address, b"id\n") == [b"id\n"]
        with pytest.raises(UnsafeContent):
            scan(address, b"virus\n")


def test_a_stream_larger_than_the_scanner_takes_is_not_let_through(
    clamd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandIn, "limit", 1000)
    with pytest.raises(UnsafeContent, match="StreamMaxLength"):
        scan(clamd, *[b"a,b\n" * 100_000] * 20)


@pytest.mark.parametrize("content", [b"odd", b"silence"])
def test_an_answer_that_makes_no_sense_lets_nothing_through(clamd: str, content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="TABLEPORT_CLAMD_SOCKET"):
        scan(clamd, content)


@pytest.mark.parametrize("pieces", [(), (b"id\n",)])
def test_an_unreachable_scanner_lets_nothing_through(
    tmp_path: Path, pieces: tuple[bytes, ...]
) -> None:
    with pytest.raises(ConfigurationError, match="cannot be asked"):
        scan(str(tmp_path / "nobody.sock"), *pieces)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConfigurationError, match="cannot be asked"):
            scan(f"127.0.0.1:{unused.getsockname()[1]}", *pieces)


def test_a_scanner_that_goes_away_lets_nothing_through(tmp_path: Path) -> None:
    path = str(tmp_path / "clamd.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        scanning = ClamdScan(path)
        listener.accept()[0].close()
        scanning.feed(b"id\n" * 1000)
        scanning.feed(b"id\n" * 1000)
        with pytest.raises(ConfigurationError):
            scanning.verdict()


@pytest.mark.parametrize("address", ["clamd", "host:port", ":3310", "host:99999"])
def test_an_address_that_is_none_is_a_wrong_setting(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is not /path/of/clamd\.sock or host:port"):
        ClamdScan(address)


def test_the_connection_is_closed_when_an_upload_is_broken_off(clamd: str) -> None:
    screener = Screener("sales.csv", allowed=ALL, scan=True, clamd=clamd)
    passing = screener.passing([b"id\n", b"1\n"])
    next(passing)
    passing.close()  # type: ignore[attr-defined]
    screener.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        screener._clamd._socket.send(b"more")  # type: ignore[union-attr]
