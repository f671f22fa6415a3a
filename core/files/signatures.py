"""Kinds of content known by their first bytes: what is behind a file name."""

from __future__ import annotations

import re

ZIP = "a ZIP archive or workbook"
OLE = "an old Office document"

#: Content that begins with these bytes, whatever follows.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\xfe\xed\xfa\xce", "a program"),
    (b"\xfe\xed\xfa\xcf", "a program"),
    (b"\xce\xfa\xed\xfe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x00asm", "a program"),
    (b"#!/", "a script"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "a rich text document"),
)
#: Content known by more than its beginning.
_PATTERNS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    # Two letters are no proof: a table may well start with MZ, but not with its NUL bytes.
    (re.compile(rb"MZ(?=.{0,62}\x00).{60,1024}?PE\x00\x00", re.DOTALL), "a Windows program"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "a WebP image"),
    (re.compile(rb"BM.{4}\x00{4}", re.DOTALL), "a BMP image"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "compressed with bzip2"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a TAR archive"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html[\s>])", re.I), "a web page (HTML)"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[\s?]"), "an XML document"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\x0b\x0c\r\x1a\x1b")
_CONTROLS = bytes(byte for byte in range(32) if byte not in _TEXT_CONTROLS)
#: As many may stray into text however short it is.
_STRAY_CONTROLS = 7
#: UTF-16 and UTF-32 text is full of NUL bytes, and says so by its mark.
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def identify(head: bytes) -> str | None:
    """What content beginning with `head` is, in words, or None: some kind of text, perhaps."""
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning):
            return name
    for pattern, name in _PATTERNS:
        if pattern.match(head):
            return name
    return None


def looks_binary(head: bytes) -> bool:
    """Whether more than a twentieth of `head` is bytes no text has, in any encoding.

    A stray NUL in a table is a flaw of its row, for the reader to report. Text of two or four
    bytes a character is known by its mark, or by its NULs all lying in every second place.
    """
    if not head or head.startswith(_WIDE_MARKS):
        return False
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 5 and min(even, odd) <= len(head) // 100:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(_STRAY_CONTROLS, len(head) // 20)
