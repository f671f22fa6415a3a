"""Ask a clamd virus scanner about a stream of bytes, over its INSTREAM command.

The protocol is that of clamd(8): `zINSTREAM\\0`, then pieces each preceded by its length in
four bytes, big-endian, then a length of zero; the answer ends in a NUL byte. A scanner that is
set up but cannot be asked lets nothing through.
"""

from __future__ import annotations

import contextlib
import re
import socket

from core.errors import ConfigurationError, UnsafeContent

_PIECE = 1 << 20
_SECONDS = 120.0
_LONGEST_ANSWER = 1 << 12


class ClamdScan:
    """One scan over one connection."""

    def __init__(self, address: str) -> None:
        """Connect.

        Args:
            address: `/path/of/clamd.sock` or `host:port`, with or without `unix:` or `tcp://`.

        Raises:
            ConfigurationError: there is no scanner at this address.
        """
        self._address = address
        self._cut_off = False
        try:
            self._socket = _connect(address)
        except OSError as exc:
            raise self._unreachable(exc) from exc
        try:
            self._socket.sendall(b"zINSTREAM\0")
        except OSError as exc:
            self.close()
            raise self._unreachable(exc) from exc

    def feed(self, data: bytes) -> None:
        """Send the next bytes.

        Raises:
            ConfigurationError: the scanner has gone away.
        """
        try:
            for start in range(0, len(data), _PIECE):
                if self._cut_off:
                    return
                piece = data[start : start + _PIECE]
                self._socket.sendall(len(piece).to_bytes(4, "big") + piece)
        except (BrokenPipeError, ConnectionResetError):
            # It stops reading when it has seen enough, and has said why.
            self._cut_off = True
        except OSError as exc:
            raise self._unreachable(exc) from exc

    def verdict(self) -> str | None:
        """The name of what was found, or None for a clean stream.

        Raises:
            UnsafeContent: the stream is larger than the scanner takes.
            ConfigurationError: the scanner gave no answer, or none that can be understood.
        """
        try:
            if not self._cut_off:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._socket.sendall(bytes(4))
            answer = self._answer()
        except OSError as exc:
            raise self._unreachable(exc) from exc
        finally:
            self.close()
        text = answer.rstrip(b"\0\n").decode("utf-8", errors="replace")
        words = text.removeprefix("stream: ")
        if words == "OK" and not self._cut_off:
            return None
        if words.endswith(" FOUND"):
            return words.removesuffix(" FOUND")
        if "size limit exceeded" in words:
            raise UnsafeContent(
                "The file is larger than the virus scanner takes, so it was not scanned: an "
                "administrator can raise StreamMaxLength of clamd"
            )
        raise ConfigurationError(
            "The virus scanner set in TABLEPORT_CLAMD_SOCKET did not answer as expected "
            f"({text[:100]!r}); nothing is accepted until it does"
        )

    def close(self) -> None:
        """Hang up; without effect after that."""
        self._socket.close()

    def _answer(self) -> bytes:
        answer = b""
        while len(answer) < _LONGEST_ANSWER and not answer.endswith(b"\0"):
            piece = self._socket.recv(_LONGEST_ANSWER)
            if not piece:
                break
            answer += piece
        return answer

    def _unreachable(self, exc: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"The virus scanner set in TABLEPORT_CLAMD_SOCKET ({self._address}) cannot be asked: "
            f"{exc.strerror or exc}; nothing is accepted until it answers"
        )


def _connect(address: str) -> socket.socket:
    path = address.removeprefix("unix:")
    if path.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_SECONDS)
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection
    host, colon, port = address.removeprefix("tcp://").rpartition(":")
    if not colon or not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise ConfigurationError(
            f"TABLEPORT_CLAMD_SOCKET: {address!r} is not /path/of/clamd.sock or host:port"
        )
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS)
