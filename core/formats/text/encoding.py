"""Which encoding text is in, and decoding it piece by piece without losing a bad byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import BinaryIO

from core.errors import InvalidRequest
from core.formats.base import Head
from core.formats.text.legacy import accented_words, judge_escaped, judge_words
from core.formats.text.mojibake import mojibake_warnings
from core.model.content import unmarked_wide
from core.model.dialect import Given

#: Undecodable byte b becomes the lone surrogate MARK + b, which no decoded text can hold.
MARK = 0xDC00
MARKS = re.compile("[\udc00-\udcff]")
HANDLER = "tableport.mark"  #: the error handler that does so
_CHUNK = 1 << 20

_BOMS: tuple[tuple[bytes, str, str], ...] = (  # the longer first: UTF-32-LE starts like UTF-16-LE
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
#: Spellings that mean "the BOM decides" or "write a BOM", and the plain codec behind them.
_WITH_BOM = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
#: Spellings of single texts, not of files; some of them make half characters.
_NO_FILES = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
#: ISO 2022-JP and -KR: an escape sequence names the alphabet that follows.
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\$\([CD]|\$\)C|\([JI])")
_UP_TO_HIGH = re.compile(rb"[\x00-\x7f]*")
_LOOKED_AT = 64 << 20  # bytes of a file that are looked through for its first accents
_WORDS_WANTED = 200
_LONGEST_WORD = 1 << 16  # bytes
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodingGuess:
    encoding: str
    bom: bool = False
    confidence: float = 1.0
    evidence: str = ""
    warnings: tuple[str, ...] = ()  #: what else is to be said of the text

    @property
    def sure(self) -> bool:
        return self.confidence >= 0.8


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(MARK + byte) for byte in bad), error.end


codecs.register_error(HANDLER, _mark)


def plain_codec(encoding: str) -> tuple[str, bool]:
    """The codec's own name and whether the spelling asks for a BOM. Raises InvalidRequest."""
    try:
        info = codecs.lookup(encoding)
        text = bool(getattr(info, "_is_text_encoding", True))
    except (LookupError, ValueError):
        text = False
    if not text or info.name in _NO_FILES:
        raise InvalidRequest(
            f"encoding: {encoding!r} is not a known text encoding; "
            "try utf-8, windows-1252, iso-8859-1 or utf-16"
        )
    return _WITH_BOM.get(info.name, info.name), info.name in _WITH_BOM


class DecodedText:
    """The text of a binary stream that is only read forward.

    The BOM is dropped, a CR LF pair is never parted between two pieces, and a DOS
    end-of-file mark (Ctrl-Z) at the very end is dropped. Bytes that cannot be decoded come
    out as MARKS.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        codec, bom_decides = plain_codec(encoding)
        self._file = file
        self._codec = codec
        self._bom_decides = bom_decides
        self._decoder: codecs.IncrementalDecoder | None = None
        self._held = ""
        self.bytes_read = 0
        self.ended = False

    def read(self) -> str:
        """The next piece of text; '' only at the end."""
        while not self.ended:
            raw = self._file.read(_CHUNK)
            self.bytes_read += len(raw)
            text = self._held + self._decode(raw)
            self._held = ""
            if not raw:
                self.ended = True
                return text.removesuffix("\x1a")
            if text.endswith(("\r", "\x1a")):
                text, self._held = text[:-1], text[-1]
            if text:
                return text
        return ""

    def _decode(self, raw: bytes) -> str:
        if self._decoder is not None:
            return self._decoder.decode(raw, not raw)
        while raw and len(raw) < 4 and (more := self._file.read(4 - len(raw))):
            self.bytes_read += len(more)
            raw += more
        codec = self._codec
        if self._bom_decides:
            codec = next((c for bom, c, _ in _BOMS if raw.startswith(bom)), codec)
        self._decoder = codecs.getincrementaldecoder(codec)(errors=HANDLER)
        text = self._decoder.decode(raw, not raw)
        return text.removeprefix("\ufeff")


def decode_head(head: bytes, encoding: str, *, complete: bool) -> str:
    """The head as text; a character cut off at its end is dropped unless the file ends there."""
    codec, bom_decides = plain_codec(encoding)
    if bom_decides:
        codec = next((c for bom, c, _ in _BOMS if head.startswith(bom)), codec)
    decoder = codecs.getincrementaldecoder(codec)(errors=HANDLER)
    text = decoder.decode(head, complete).removeprefix("\ufeff")
    return text.removesuffix("\x1a") if complete else text


def guess_encoding(head: bytes, *, complete: bool) -> EncodingGuess:
    """The most likely encoding of text, and how sure that is, by its first bytes alone.

    A BOM settles it; then the NULs of UTF-16 and UTF-32; then strict UTF-8, which other encodings
    hardly ever satisfy by chance. What remains is a guess among the legacy encodings.
    """
    for bom, codec, name in _BOMS:
        if head.startswith(bom):
            return EncodingGuess(
                encoding=codec,
                bom=True,
                evidence=f"The file starts with the {name} mark.",
                warnings=mojibake_warnings(decode_head(head, codec, complete=complete)),
            )
    wide = unmarked_wide(head)
    if wide is not None:
        return EncodingGuess(
            encoding=wide,
            confidence=0.9,
            evidence=f"There is no mark, but NULs stand where {wide[:6].upper()} has them.",
        )
    if _ESCAPES.search(head) and head.isascii() and (shifting := judge_escaped(head)):
        return EncodingGuess(
            encoding=shifting,
            confidence=0.85,
            evidence="Escape sequences shift between alphabets as ISO 2022 has it.",
        )
    if head.isascii():
        return EncodingGuess(
            encoding="utf-8", confidence=0.95, evidence="Every character seen is plain ASCII."
        )
    try:
        text, _ = codecs.utf_8_decode(head, "strict", complete)
    except UnicodeDecodeError:
        whole = head if complete else head[: head.rfind(b"\n") + 1] or head
        return _not_utf8(whole, accented_words(whole))
    return EncodingGuess(
        encoding="utf-8",
        confidence=0.99,
        evidence="Every byte sequence seen is valid UTF-8.",
        warnings=mojibake_warnings(text),
    )


def encoding_of(head: Head) -> EncodingGuess:
    """As `guess_encoding`, but looking further where the head shows too little.

    A head of plain ASCII says nothing of the file's first accent, which may stand a million rows
    on; and a legacy encoding known by a few words is known better by more. Asked last: it reads on
    in the file, after which `Head.whole` cannot be asked.
    """
    guess = guess_encoding(head.start, complete=head.complete)
    plain = guess.encoding == "utf-8" and head.start.isascii()
    words = accented_words(head.start)
    if head.complete or (guess.sure and not plain) or len(words) >= _WORDS_WANTED:
        return guess
    first = _look_beyond(head, words)
    if not words:
        seen = f"the first {head.seen / (1 << 20):,.1f} MB"
        return replace(guess, evidence=f"Every character of {seen} is plain ASCII.")
    if all(_is_utf8(word) for word in words):
        guess = EncodingGuess(
            encoding="utf-8",
            confidence=0.99,
            evidence="Every byte sequence seen is valid UTF-8.",
            warnings=mojibake_warnings(b"\n".join(words).decode()),
        )
    else:
        guess = _not_utf8(head.start, words)
    if not plain:
        return guess
    where = f"The first character beyond ASCII stands at byte {first + 1:,}."
    return replace(guess, evidence=f"{where} {guess.evidence}")


def encoding_under(head: Head, given: Given) -> EncodingGuess:
    """The given encoding, or as `encoding_of`."""
    if "encoding" not in given:
        return encoding_of(head)
    codec, _ = plain_codec(given["encoding"])
    marked = any(head.start.startswith(bom) for bom, of, _ in _BOMS if of == codec)
    return EncodingGuess(encoding=given["encoding"], bom=marked)


def _look_beyond(head: Head, words: dict[bytes, None]) -> int:
    """Add words from behind the head until there are enough; offset of the first byte that is
    not ASCII there."""
    first, tail = -1, b""
    offset = len(head.start)
    for piece in head.beyond(_LOOKED_AT):
        if tail or not piece.isascii():
            if first < 0:
                first = offset + (len(piece) - len(_UP_TO_HIGH.sub(b"", piece, 1)))
            whole, tail = _cut_at_break(tail + piece)
            words |= accented_words(whole)
            if len(words) >= _WORDS_WANTED:
                break
        offset += len(piece)
    words |= accented_words(tail)
    return first


def _cut_at_break(text: bytes) -> tuple[bytes, bytes]:
    """Text up to its last line end, and the rest, which the next piece may go on with."""
    end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
    return (text[:end], text[end:]) if end and len(text) - end < _LONGEST_WORD else (text, b"")


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(sample: bytes, words: dict[bytes, None]) -> EncodingGuess:
    text = b"\n".join(words)
    high = text.translate(None, bytes(range(0x80)))
    multibyte = sum(len(m) for m in _MULTIBYTE.findall(text))
    if multibyte > 10 * (len(high) - multibyte):
        return EncodingGuess(
            encoding="utf-8",
            confidence=0.85,
            evidence="Nearly all of the text is valid UTF-8, but some bytes are damaged.",
        )
    found = judge_words(words, sample)
    if found is None:
        return _unknown(text)
    shown = ", ".join(f"“{word}”" for word in found.words)
    example = f", such as {shown}" if shown else ""
    return EncodingGuess(
        encoding=codecs.lookup(found.encoding).name,
        # Never sure: two encodings may both make words of the same bytes.
        confidence=round(0.3 + 0.45 * found.lead, 2),
        evidence=f"Not UTF-8; read this way it makes the most plausible words{example}.",
    )


def _unknown(text: bytes) -> EncodingGuess:
    try:
        text.decode("cp1252")
    except UnicodeDecodeError:
        return EncodingGuess(
            encoding="iso-8859-1",
            confidence=0.1,
            evidence="No encoding makes words of the bytes; ISO-8859-1 at least reads them all.",
        )
    return EncodingGuess(
        encoding="cp1252",
        confidence=0.3,
        evidence="Not UTF-8; there are signs rather than words, and Windows-1252 has them all.",
    )
