"""The encoding of an XML file: its mark, what it declares, else UTF-8 (XML 1.0, 4.3.3)."""

from __future__ import annotations

import re

from core.errors import InvalidFormat, InvalidRequest
from core.formats.text.encoding import EncodingGuess, decode_head, guess_encoding, plain_codec
from core.model.content import unmarked_utf16

_DECLARED = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_LONGEST_DECLARATION = 1000  # bytes
_WIDE = ("utf-16", "utf-32")
#: What IANA calls codecs that Python calls otherwise.
_NAMES = ((r"iso8859-(\d+)", r"ISO-8859-\1"), (r"cp(125\d|874)", r"windows-\1"))


def declared_encoding(start: bytes) -> EncodingGuess:
    """The encoding of a file that starts so. Raises InvalidFormat when it contradicts itself."""
    start = start[:_LONGEST_DECLARATION]
    marked = guess_encoding(start[:4], complete=False)
    wide = None if marked.bom else unmarked_utf16(start)
    known = marked.encoding if marked.bom else wide
    found = _DECLARED.match(decode_head(start, known or "iso-8859-1", complete=False))
    if found is None:
        return _undeclared(marked, wide)
    declared = found[1]
    place = f"Line 1, column {found.start(1) + 1}"
    codec = _codec(declared, place)
    sort = next((wide for wide in _WIDE if (known or "").startswith(wide)), None)
    declared_sort = next((wide for wide in _WIDE if codec.startswith(wide)), None)
    if sort != declared_sort or (known == "utf-8" and codec != "utf-8"):
        raise InvalidFormat(
            f"{place}: the file declares the encoding {declared}, but its bytes are those of "
            f"{known or 'another'}. Correct the declaration, or choose the encoding by hand."
        )
    return EncodingGuess(
        encoding=known or codec,
        bom=marked.bom,
        confidence=0.99,
        evidence=f"The file declares {declared}.",
    )


def _undeclared(marked: EncodingGuess, wide: str | None) -> EncodingGuess:
    if marked.bom:
        return marked
    if wide:
        return EncodingGuess(
            encoding=wide, confidence=0.9, evidence="Every second byte is NUL as in UTF-16."
        )
    return EncodingGuess(
        encoding="utf-8",
        confidence=0.95,
        evidence="The file declares none, which in XML means UTF-8.",
    )


def _codec(declared: str, place: str) -> str:
    try:
        return plain_codec(declared)[0]
    except InvalidRequest as error:
        raise InvalidFormat(
            f"{place}: the file declares the encoding {declared!r}, which is not known. "
            "Save it again as UTF-8."
        ) from error


def public_name(codec: str) -> str:
    """What a file is to declare for a codec of Python's."""
    if codec.startswith(_WIDE):
        return codec[:6].upper()
    for pattern, name in _NAMES:
        if re.fullmatch(pattern, codec):
            return re.sub(pattern, name, codec)
    return codec.upper().replace("_", "-")
