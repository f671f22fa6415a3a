"""What content really is, whatever its name says, from its first bytes."""

from __future__ import annotations

import re

from core.formats.encoding import is_wide

#: (first bytes, what they are, what to do); from the formats' own specifications.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel/OpenDocument file", "unpack it or save it as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "upload the data itself"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.xls, .doc)", "save it as CSV"),
    (b"%PDF", "a PDF document", "export the table it shows as CSV"),
    (b"\x7fELF", "a Linux program", "upload a data file"),
    (b"MZ\x90", "a Windows program", "upload a data file"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "upload a data file"),
    (b"\xff\xd8\xff", "a JPEG picture", "upload a data file"),
    (b"GIF8", "a GIF picture", "upload a data file"),
    (b"SQLite format 3\x00", "an SQLite database", "add it as a connection, or export a table"),
    (b"PAR1", "a Parquet file", "save it as CSV"),
    (b"ARROW1", "an Arrow file", "save it as CSV"),
    (b"{\\rtf", "an RTF document", "save the table it shows as CSV"),
)
_BOMS = b"\xef\xbb\xbf"
_HTML = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>])", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s|<!DOCTYPE\s|<[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=|\s*/?>\s*<)")
_JSON = re.compile(rb"""(?:\[\s*)?\{\s*(?:"[^"\r\n]*"\s*:|\})|\[\s*(?:\[|\]|"[^"\r\n]*"\s*[,\]])""")
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31, 1})


def identify(head: bytes) -> str | None:
    """A clause naming what the content is and what to do, when it is surely no plain text."""
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            return f"{what}: {remedy}"
    start = head.removeprefix(_BOMS).lstrip()[:4096]
    if _HTML.match(start):
        return "an HTML page: save the data itself as CSV"
    if _XML.match(start):
        return "an XML document: save the data as CSV, or choose a format that reads XML"
    if _JSON.match(start):
        return "a JSON document: save the data as CSV, or choose a format that reads JSON"
    if not is_wide(head) and _binary(head):
        return "binary data, not text: save it as CSV"
    return None


def _binary(head: bytes) -> bool:
    """More than one byte in fifty, and more than a handful, that no text holds."""
    control = len(head) - len(head.translate(None, _CONTROL))
    return control > 8 and control * 50 > len(head)
