from __future__ import annotations

import io

import pytest

from core.formats.base import HEAD_BYTES, Head
from core.formats.text.encoding import DecodedText, decode_head, encoding_of, guess_encoding

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
        ("Łódź;Kraków;Wrocław;Gdańsk;Częstochowa".encode("cp1250"), "cp1250", False),
        ("東京都,大阪府,北海道,株式会社,住所".encode("cp932"), "cp932", False),
        ("日本語のテキスト".encode("iso2022_jp"), "iso2022_jp_2", False),
        ("id,город\n1,Москва\n2,Тверь\n".encode("utf-16-le"), "utf-16-le", False),
        ("id,город\n1,Москва\n".encode("utf-32-be"), "utf-32-be", False),
        (b"5 \xb0, 7 \xb0", "cp1252", False),
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


def test_bytes_that_fit_nothing_are_read_all_the_same() -> None:
    guess = guess_encoding(b"\x81\x8d 1 \x8f\x90 2 \x9d\x9d", complete=True)
    assert bytes(range(256)).decode(guess.encoding)
    assert guess.confidence < 0.4


def test_the_evidence_of_a_guess_shows_words() -> None:
    guess = guess_encoding("Zoë,Müller,Hélène,Besançon".encode("cp1252"), complete=True)
    assert "“Zoë”, “Müller”" in guess.evidence


def late(text: bytes) -> Head:
    return Head(io.BytesIO(b"id,name\n" + b"1,Smith\n" * (HEAD_BYTES // 4) + text), "x.csv")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("2,Müller\n3,Zoë\n4,Hélène\n".encode("cp1252"), "cp1252"),
        ("2,Müller\n3,Zoë\n".encode(), "utf-8"),
        ("2,Müller".encode("cp1252"), "cp1252"),
        (b"2,plain\n", "utf-8"),
    ],
)
def test_the_first_accent_may_stand_behind_the_head(text: bytes, encoding: str) -> None:
    head = late(text)
    assert guess_encoding(head.start, complete=False).encoding == "utf-8"
    guess = encoding_of(head)
    assert guess.encoding == encoding
    place = f"at byte {8 + 8 * (HEAD_BYTES // 4) + 4:,}."
    assert (place in guess.evidence) == (b"plain" not in text)


def test_a_head_with_few_accents_is_judged_by_more_of_the_file() -> None:
    polish = "1,Łódź\n2,Gdańsk\n3,Wąchock\n4,Jarosław\n5,Świdnica\n6,Kępno\n".encode("cp1250")
    head = Head(io.BytesIO(b"0,caf\xe9\n" + b"1,Smith\n" * HEAD_BYTES + polish), "x.csv")
    assert guess_encoding(head.start, complete=False).encoding == "cp1252"
    assert encoding_of(head).encoding == "cp1250"


def test_accents_are_looked_for_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.formats.text.encoding._LOOKED_AT", 1000)
    head = late("Müller".encode("cp1252"))
    assert encoding_of(head).encoding == "utf-8"
    assert head.seen == HEAD_BYTES + 1000


def test_mojibake_is_said_with_an_example_and_left_alone() -> None:
    text = "id,name\n1,MÃ¼ller\n2,ZoÃ«\n3,Å\x81Ã³dÅº\n"
    (warning,) = guess_encoding(text.encode(), complete=True).warnings
    assert "“MÃ¼ller” was probably “Müller”" in warning
    assert "3 different words" in warning
    emoji = guess_encoding("ðŸŽ¯ Goals ðŸ”„ ðŸ” â†’".encode(), complete=True)
    assert "“ðŸŽ¯” was probably “🎯”" in emoji.warnings[0]


@pytest.mark.parametrize("text", [SENTENCE, "Ã la carte, São Tomé, ÂME", "日本 Łódź €5 “x”", "a"])
def test_ordinary_text_is_no_mojibake(text: str) -> None:
    assert guess_encoding(text.encode(), complete=True).warnings == ()
