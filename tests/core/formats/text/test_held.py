from __future__ import annotations

import codecs
import io
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formats.text import held
from core.formats.text.encoding import DecodedText
from core.formats.text.held import HeldText

PIECES = st.lists(
    st.sampled_from([b"a", b"\n", b"\r", b"\r\n", "é".encode(), "€".encode(), "𝄞".encode(),
                     b"\xff", b"\xe2\x82", b"\x80", b"\x1a", b"\xed\xb0\x80", codecs.BOM_UTF8]),
    max_size=12,
)  # fmt: skip


def texts(source: HeldText | DecodedText) -> list[str]:
    found = []
    while piece := source.read():
        found.append(piece)
    assert source.ended
    return found


@settings(max_examples=150, deadline=None)
@given(
    pieces=PIECES,
    encoding=st.sampled_from(["utf-8", "utf-8", "cp1252", "utf-16-le", "utf-8-sig", "utf-7"]),
    chunk=st.integers(1, 5),
    size=st.integers(4, 7),
    skipped=st.integers(0, 3),
)
def test_the_same_text_as_decoded_at_once(
    pieces: list[bytes], encoding: str, chunk: int, size: int, skipped: int
) -> None:
    data = b"".join(pieces)
    wanted = "".join(texts(DecodedText(io.BytesIO(data), encoding)))
    with (
        patch.object(held, "_CHUNK", chunk),
        patch.object(held, "_FIRST_PIECE", size),
        patch.object(held, "_PIECE", 2 * size),
    ):
        source = HeldText(io.BytesIO(data), encoding)
        begun = [source.read() for _ in range(skipped)]
        source.give_back("".join(begun))
        found = texts(source)
    assert "".join(found) == wanted
    assert not any(one.endswith("\r") and other.startswith("\n") for one, other in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(pieces=PIECES, chunk=st.integers(1, 5), size=st.integers(1, 7), back=st.booleans())
def test_all_bytes_come_ahead_in_their_order(
    pieces: list[bytes], chunk: int, size: int, back: bool
) -> None:
    data = b"".join(pieces)
    found = []
    with patch.object(held, "_CHUNK", chunk):
        source = HeldText(io.BytesIO(data), "utf-8")
        while text := source.ahead(size):
            source.skip(len(text))
            if back:
                source.give_back(text)
                assert source.ahead(size).startswith(text[:1])
                source.skip(len(text))
            found.append(text)
        assert source.ended
    assert b"".join(found) == data.removeprefix(codecs.BOM_UTF8).removesuffix(b"\x1a")


def test_bytes_ahead_end_with_a_line_where_that_spares_a_copy() -> None:
    with patch.object(held, "_CHUNK", 4):
        source = HeldText(io.BytesIO(b"ab\ncd\nef\ngh"), "utf-8")
        assert source.ahead(6) == b"ab\ncd\n"
        source.skip(6)
        assert source.ahead(6) == b"ef\ngh"
        assert source.holds_all(5)


def test_bytes_ahead_stay_unread() -> None:
    source = HeldText(io.BytesIO(codecs.BOM_UTF8 + "aé\r\nb\x1a".encode()), "utf-8")
    assert source.ahead(3) == "aé".encode()
    assert not source.holds_all(3)
    source.skip(3)
    assert source.ahead(100) == b"\r\nb"
    assert source.holds_all(3)
    assert source.read() == "\r\nb"
    assert source.ended


def test_other_encodings_come_as_utf8_with_their_bad_bytes() -> None:
    source = HeldText(io.BytesIO(b"\x80\x81"), "cp1252")
    assert source.ahead(9) == "€\udc81".encode("utf-8", "surrogatepass")
    assert source.read() == "€\udc81"
    assert source.bytes_read == 2


def test_what_was_skipped_can_be_given_back() -> None:
    source = HeldText(io.BytesIO(b"a\xff,b\n"), "utf-8")
    first = source.ahead(3)
    source.skip(3)
    assert source.ahead(9) == b"b\n"
    source.give_back(first)
    assert source.read() == "a\udcff,b\n"


@pytest.mark.parametrize("data", [b"\xef", b"\xef\xbb", codecs.BOM_UTF8 + b"x"])
def test_a_mark_that_comes_byte_by_byte(data: bytes, pipe: type[io.RawIOBase]) -> None:
    source = HeldText(pipe(data), "utf-8")  # type: ignore[call-arg,arg-type]  # a fixture class
    wanted = "".join(texts(DecodedText(io.BytesIO(data), "utf-8")))
    assert source.read() == wanted
