"""Which encoding text is in, and decoding it piece by piece without losing a bad byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import InvalidRequest
from core.model.content import unmarked_utf16

#: Undecodable byte b becomes the lone surrogate MARK + b, which no decoded text can hold.
MARK = 0xDC00
MARKS = re.compile("[\udc00-\udcff]")
_HANDLER = "tableport.mark"
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
_UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"
_C1 = bytes(range(0x80, 0xA0))
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodingGuess:
    encoding: str
    bom: bool = False
    confidence: float = 1.0
    evidence: str = ""

    @property
    def sure(self) -> bool:
        return self.confidence >= 0.8


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(MARK + byte) for byte in bad), error.end


codecs.register_error(_HANDLER, _mark)


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
        self._decoder = codecs.getincrementaldecoder(codec)(errors=_HANDLER)
        text = self._decoder.decode(raw, not raw)
        return text.removeprefix("\ufeff")


def decode_head(head: bytes, encoding: str, *, complete: bool) -> str:
    """The head as text; a character cut off at its end is dropped unless the file ends there."""
    codec, bom_decides = plain_codec(encoding)
    if bom_decides:
        codec = next((c for bom, c, _ in _BOMS if head.startswith(bom)), codec)
    decoder = codecs.getincrementaldecoder(codec)(errors=_HANDLER)
    text = decoder.decode(head, complete).removeprefix("\ufeff")
    return text.removesuffix("\x1a") if complete else text


def guess_encoding(head: bytes, *, complete: bool) -> EncodingGuess:
    """The most likely encoding of text, and how sure that is.

    A BOM settles it; then the NULs of UTF-16; then strict UTF-8, which other encodings
    hardly ever satisfy by chance. What remains is a guess among the legacy encodings.
    """
    for bom, codec, name in _BOMS:
        if head.startswith(bom):
            return EncodingGuess(
                encoding=codec, bom=True, evidence=f"The file starts with the {name} mark."
            )
    wide = unmarked_utf16(head)
    if wide is not None:
        return EncodingGuess(
            encoding=wide,
            confidence=0.9,
            evidence="There is no mark, but every second byte is NUL as in UTF-16.",
        )
    if head.isascii():
        return EncodingGuess(
            encoding="utf-8", confidence=0.95, evidence="Every character seen is plain ASCII."
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, complete)
    except UnicodeDecodeError:
        return _legacy(head)
    return EncodingGuess(
        encoding="utf-8", confidence=0.99, evidence="Every byte sequence seen is valid UTF-8."
    )


def _legacy(head: bytes) -> EncodingGuess:
    high = head.translate(None, bytes(range(0x80)))
    multibyte = sum(len(m) for m in _MULTIBYTE.findall(head))
    if multibyte > 10 * (len(high) - multibyte):
        return EncodingGuess(
            encoding="utf-8",
            confidence=0.85,
            evidence="Nearly all of the text is valid UTF-8, but some bytes are damaged.",
        )
    letters = sum(head.count(c) for c in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if len(high) <= 0.25 * letters or len(head) < 64:
        return _western(high)
    return _statistical(head)


def _western(high: bytes) -> EncodingGuess:
    """Few accents among Latin letters: a Western single-byte encoding."""
    c1 = [byte for byte in high if byte in _C1]
    if not c1:
        return EncodingGuess(
            encoding="cp1252",
            confidence=0.6,
            evidence="Not UTF-8; the few accented letters fit Windows-1252 and ISO-8859-1 alike.",
        )
    if any(byte in _UNDEFINED_1252 for byte in c1):
        return EncodingGuess(
            encoding="iso-8859-1",
            confidence=0.3,
            evidence="Not UTF-8, and some bytes have no meaning in Windows-1252.",
        )
    return EncodingGuess(
        encoding="cp1252",
        confidence=0.7,
        evidence="Not UTF-8; quotes, dashes or the euro sign sit where Windows-1252 has them.",
    )


def _statistical(head: bytes) -> EncodingGuess:
    # charset-normalizer is slow to load, and most files never need it.
    from charset_normalizer import from_bytes

    best = from_bytes(head[: 1 << 16]).best()
    if best is None:
        return EncodingGuess(
            encoding="iso-8859-1",
            confidence=0.1,
            evidence="No encoding makes sense of the bytes; ISO-8859-1 at least reads them all.",
        )
    language = f" in {best.language}" if best.language != "Unknown" else ""
    return EncodingGuess(
        encoding=codecs.lookup(best.encoding).name,
        confidence=0.6,
        evidence=f"Not UTF-8; read this way it makes the most plausible text{language}.",
    )
