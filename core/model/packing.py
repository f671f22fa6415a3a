"""Packed files: how their names and their first bytes tell what they are, and what is inside."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, kw_only=True, slots=True)
class Packing:
    """One way to pack a file."""

    name: str  #: as in Dialect.compression
    extension: str  #: with the dot
    media_type: str


#: By name: RFC 1952 and 6713, APPNOTE 6.3.10, RFC 8878.
PACKINGS: Mapping[str, Packing] = {
    packing.name: packing
    for packing in (
        Packing(name="gzip", extension=".gz", media_type="application/gzip"),
        Packing(name="zip", extension=".zip", media_type="application/zip"),
        Packing(name="zstd", extension=".zst", media_type="application/zstd"),
    )
}
EXTENSIONS = tuple(packing.extension for packing in PACKINGS.values())
#: Formats that are packed inside already, and are neither read nor written packed once more.
PACKED_INSIDE = frozenset({"excel", "parquet"})

_STARTS = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),  # a member, or the end of an empty archive
    # A frame, or one that may be skipped and stands before it.
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
}
#: What office documents, which are ZIP archives too, begin with.
_OFFICE = re.compile(
    r"\[Content_Types\]\.xml|mimetype|(?:_rels|docProps|customXml|xl|word|ppt|META-INF|Index)/.*"
)
#: Folders and the notes that operating systems add; none of them is data.
_NO_DATA = re.compile(r".*/|(?:.*/)?(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)")
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")  # APPNOTE 4.3.7
LOCAL_HEADER_BYTES = _LOCAL_HEADER.size
_UTF8_NAME = 1 << 11


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """The local header of a file in a ZIP archive (APPNOTE 4.3.7)."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int  #: bytes; not known here when flag bit 3 is set
    size: int  #: bytes; likewise
    name_bytes: int
    extra_bytes: int

    @property
    def is_data(self) -> bool:
        """Is it neither a folder nor a note of the operating system?"""
        return not _NO_DATA.fullmatch(self.name)


def by_extension(filename: str) -> Packing | None:
    """The packing the name ends with."""
    lower = filename.lower()
    return next((p for p in PACKINGS.values() if lower.endswith(p.extension)), None)


def inner_name(filename: str) -> str:
    """The name without the ending of its packing: `orders.csv` of `orders.csv.gz`."""
    packing = by_extension(filename)
    return filename[: -len(packing.extension)] if packing else filename


def packing_of(head: bytes) -> Packing | None:
    """How content that begins with `head` is packed. Office documents are no packed files."""
    for name, start in _STARTS.items():
        if start.match(head):
            return None if name == "zip" and is_office(head) else PACKINGS[name]
    return None


def is_office(head: bytes) -> bool:
    """Is this archive a workbook or another document that is made of packed parts?"""
    member = first_member(head)
    return member is not None and _OFFICE.fullmatch(member.name) is not None


def first_member(head: bytes) -> Member | None:
    """The first member of the ZIP archive that begins with `head`."""
    if len(head) < LOCAL_HEADER_BYTES or not head.startswith(b"PK\x03\x04"):
        return None
    fields = _LOCAL_HEADER.unpack_from(head)
    _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = fields
    raw = head[LOCAL_HEADER_BYTES : LOCAL_HEADER_BYTES + name_bytes]
    name = raw.decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
    return Member(
        name=name,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        name_bytes=name_bytes,
        extra_bytes=extra_bytes,
    )


def data_name(head: bytes, filename: str) -> str:
    """What the data is called that is packed in `filename`, whose content begins with `head`.

    The member of an archive says it; otherwise the file's own name, without its ending. No path.
    """
    name = inner_name(filename)
    while packing_of(head) == PACKINGS["zip"] and (member := first_member(head)) is not None:
        if member.is_data:
            name = member.name
            break
        head = head[LOCAL_HEADER_BYTES + member.name_bytes + member.extra_bytes + member.packed :]
    return PurePath(name.replace("\\", "/")).name
