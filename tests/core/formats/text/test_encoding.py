from __future__ import annotations

import io

import pytest

from core.formats.text.encoding import DecodedText, decode_head, guess_encoding

SENTENCE = "Le café où naïve Zoë mange des crêpes à l'été avec un bon goût de l'été, encore. "


@pytest.mark.parametrize(
    ("data", "encoding", "bom"),
    [
        (b"\xef\xbb\xbfa", "utf-8", True),
        ("\ufeffa,é".encode("utf-16-le"), "utf-16-le", True),
        ("\ufeffa,é".encode("utf-16-be"), "utf-16-be", True),
        ("\ufeffa,é".encode("utf-32-le"), "utf-32-le", True),
        ("id,name\n1,é\n".encode("utf-16-le"), "utf-16-le", False),
        ("id,name\n1,é\n".encode("utf-16-be"), "utf-16-be", False),
        (b"a,b", "utf-8", False),
        ("日本,é".encode(), "utf-8", False),
        (SENTENCE.encode("cp1252"), "cp1252", False),
        ("“x” – €5".encode("cp1252"), "cp1252", False),
        (b"x\x81y\xe9" + b"a" * 80, "iso-8859-1", False),
        (("日本語" * 30).encode() + b"\xff", "utf-8", False),
    ],
)
def test_guess(data: bytes, encoding: str, bom: bool) -> None:
    guess = guess_encoding(data, complete=True)
    assert (guess.encoding, guess.bom) == (encoding, bom)
    assert guess.evidence.endswith(".")


def test_a_character_cut_at_the_end_of_the_head_is_still_utf8() -> None:
    data = ("x" * 10 + "é").encode()[:-1]
    assert guess_encoding(data, complete=False).encoding == "utf-8"
    assert guess_encoding(data, complete=True).encoding != "utf-8"
    assert decode_head(data, "utf-8", complete=False) == "x" * 10


def test_other_alphabets() -> None:
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 10
    guess = guess_encoding(text.encode("cp1251"), complete=True)
    assert text.encode("cp1251").decode(guess.encoding) == text
    assert not guess.sure


def test_a_legacy_guess_is_never_sure() -> None:
    assert not guess_encoding(SENTENCE.encode("latin-1"), complete=True).sure


def test_decoding_never_parts_a_line_end(pipe: type[io.RawIOBase]) -> None:
    source = DecodedText(pipe("é\r\n\r\nxyz\r\r\n\r".encode()), "utf-8")  # type: ignore[call-arg]
    pieces = list(iter(source.read, ""))
    assert "".join(pieces) == "é\r\n\r\nxyz\r\r\n\r"
    assert not any(piece.startswith("\n") for piece in pieces)
    assert len(pieces) > 1
    assert source.bytes_read == 13


def test_bad_bytes_are_marked() -> None:
    source = DecodedText(io.BytesIO(b"a\xffb"), "utf-8")
    assert source.read() == "a\udcffb"
    cut = DecodedText(io.BytesIO(b"a\0b"), "utf-16-le")
    assert cut.read() + cut.read() == "a\udc62"
