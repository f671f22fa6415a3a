"""What content really is, whatever its name says, by its first bytes.

The beginnings are those of the formats' own specifications. Where a beginning could also be
that of a table (MZ, BM, PAR1), more of the content has to agree.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What some content is ("a PDF document"), and what its owner can do, as an imperative."""

    what: str
    remedy: str


_UNPACK = "unpack it first"
_NO_DATA = "upload a data file"
_AS_CSV = "save it as CSV"

ZIP = Content(
    what="a ZIP archive or workbook", remedy="unpack it, or save the table it holds as CSV"
)
OLE = Content(what="an old Office document (.xls, .doc)", remedy=_AS_CSV)
HTML = Content(what="a web page (HTML)", remedy="get the data itself, not the page that shows it")
XML = Content(
    what="an XML document", remedy="save the data as CSV, or choose a format that reads XML"
)
JSON = Content(
    what="a JSON document", remedy="save the data as CSV, or choose a format that reads JSON"
)
PARQUET = Content(what="a Parquet file", remedy=_AS_CSV)
BINARY = Content(what="binary data, not text", remedy=_AS_CSV)
_DOCUMENT = "save the table it shows as CSV"
_PROGRAM = Content(what="a program", remedy=_NO_DATA)

#: Text may follow a mark and blank space.
_START = rb"(?:\xef\xbb\xbf)?\s*"
#: How content begins, and what it then is; the first that fits counts.
_KNOWN: tuple[tuple[bytes, Content], ...] = (
    (rb"PK(?:\x03\x04|\x05\x06)", ZIP),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (rb"%PDF-", Content(what="a PDF document", remedy=_DOCUMENT)),
    (rb"\{\\rtf", Content(what="a rich text document (RTF)", remedy=_DOCUMENT)),
    (rb"\x7fELF", _PROGRAM),
    # Mach-O of either width and byte order; Mach-O for several machines, or a Java class.
    (rb"\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe", _PROGRAM),
    (rb"\x00asm", _PROGRAM),
    (
        rb"MZ(?:\x90\x00|(?=.{0,62}\x00).{60,1024}?PE\x00\x00)",
        Content(what="a Windows program", remedy=_NO_DATA),
    ),
    (rb"#!/", Content(what="a script", remedy=_NO_DATA)),
    (rb"\x89PNG\r\n\x1a\n", Content(what="a PNG image", remedy=_NO_DATA)),
    (rb"\xff\xd8\xff", Content(what="a JPEG image", remedy=_NO_DATA)),
    (rb"GIF8[79]a", Content(what="a GIF image", remedy=_NO_DATA)),
    (rb"II\*\x00|MM\x00\*", Content(what="a TIFF image", remedy=_NO_DATA)),
    (rb"BM.{4}\x00{4}", Content(what="a BMP image", remedy=_NO_DATA)),
    (rb"RIFF.{4}WEBP", Content(what="a WebP image", remedy=_NO_DATA)),
    (rb"\x1f\x8b\x08", Content(what="compressed with gzip", remedy=_UNPACK)),
    # The digits of pi begin a block, those of its square root the end of an empty file.
    (
        rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)",
        Content(what="compressed with bzip2", remedy=_UNPACK),
    ),
    (rb"\xfd7zXZ\x00", Content(what="compressed with xz", remedy=_UNPACK)),
    (rb"\x28\xb5\x2f\xfd", Content(what="compressed with zstd", remedy=_UNPACK)),
    (rb"7z\xbc\xaf\x27\x1c", Content(what="a 7-Zip archive", remedy=_UNPACK)),
    (rb"Rar!\x1a\x07", Content(what="a RAR archive", remedy=_UNPACK)),
    (rb".{257}ustar(?:\x00| )", Content(what="a TAR archive", remedy=_UNPACK)),
    (
        rb"SQLite format 3\x00",
        Content(what="a SQLite database", remedy="add it as a connection, or export a table"),
    ),
    (rb"PAR1[^\t\r\n -~]", PARQUET),
    (rb"ARROW1\x00\x00", Content(what="an Arrow file", remedy=_AS_CSV)),
    (
        _START + rb"(?i:<!doctype\s+html|<html[\s>]|"
        rb"<head(?:\s[^>]*)?>\s*<(?:base|link|meta|script|style|title)[\s/>])",
        HTML,
    ),
    (
        _START + rb"(?:<\?xml[\s?]|<!DOCTYPE\s"
        rb"|<[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=|\s*/?>\s*<))",
        XML,
    ),
    (
        _START + rb'(?:(?:\[\s*)?\{\s*(?:"[^"\r\n]*"\s*:|\})'
        rb'|\[\s*(?:\[|\]|"[^"\r\n]*"\s*[,\]]))',
        JSON,
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), content) for pattern, content in _KNOWN)

#: Control bytes that text does hold: blank space, bell and backspace, Ctrl-Z, escape, and the
#: separators that some tables are delimited by (FS, GS, RS, US; Ctrl-A).
_TEXT_CONTROLS = frozenset(b"\x01\a\b\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")
_CONTROLS = bytes(byte for byte in range(32) if byte not in _TEXT_CONTROLS)
_PROVEN = 1 << 14  # bytes that have to be text before unmarked text of wide characters is one
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
#: As many others may stray into text however short it is.
_STRAY_CONTROLS = 8
_WIDE_MARKS = (
    codecs.BOM_UTF16_LE,  # UTF-32-LE begins with it too
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_BE,
)


def identify(head: bytes) -> Content | None:
    """What content beginning with `head` surely is, or None: some kind of plain text."""
    for pattern, content in _PATTERNS:
        if pattern.match(head):
            return content
    return BINARY if looks_binary(head) else None


def looks_binary(head: bytes) -> bool:
    """Whether more than one byte in fifty, and more than a handful, is one that no text holds.

    A stray NUL in a table is a flaw of its row, for the reader to report. In text of two or
    four bytes a character, NULs are no sign of anything.
    """
    if head.startswith(_WIDE_MARKS) or unmarked_wide(head) is not None:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _STRAY_CONTROLS and controls * 50 > len(head)


def unmarked_wide(head: bytes) -> str | None:
    """The codec of text of two or four bytes a character that shows it without a mark, or None."""
    return unmarked_utf16(head) or _unmarked_utf32(head)


def unmarked_utf16(head: bytes) -> str | None:
    """The codec (utf-16-le or utf-16-be) of text that shows it without a mark, or None.

    In most pairs of bytes one side is NUL, and the other hardly ever is. In other alphabets than
    the Latin only blanks, digits and marks have a NUL, but then all of it is text.
    """
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for codec, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > pairs * 0.4 and few < pairs * 0.05:
            return codec
        if many > pairs * 0.02 and few == 0 and _is_text(head[: _PROVEN & ~1], codec):
            return codec
    return None


def _unmarked_utf32(head: bytes) -> str | None:
    """No code point needs the highest byte, nor more than four bits of the next (to 10FFFF)."""
    if len(head) < 8:
        return None
    for codec, highest, next_one in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if any(head[highest::4]) or max(head[next_one::4]) > 0x10:
            continue
        if _is_text(head[: _PROVEN & ~3], codec):
            return codec
    return None


def _is_text(data: bytes, codec: str) -> bool:
    """Is all of it characters that stand in text? A character cut off at the end is none."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeDecodeError:
        return False
    return not any(
        unicodedata.category(c) in _NO_TEXT and ord(c) not in _TEXT_CONTROLS for c in set(text)
    )
