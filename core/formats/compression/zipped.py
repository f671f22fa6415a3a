"""Unpacking the one data file of a ZIP archive, front to back.

The table of contents of an archive stands at its end, which a pipe reaches last; so members are
taken as their local headers announce them (APPNOTE 6.3.10, 4.3.7 to 4.3.9), and what those say
of size and checksum must hold.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from core.errors import InvalidFormat
from core.formats.compression.gzipped import inflate
from core.formats.compression.source import CHUNK, CUT_OFF, Broken, Source
from core.model.packing import LOCAL_HEADER_BYTES, Member, first_member

_LOCAL, _DESCRIPTOR, _END = b"PK\x03\x04", b"PK\x07\x08", b"PK\x05\x06"
_ENCRYPTED, _SIZES_FOLLOW = 1 << 0, 1 << 3
_STORED, _DEFLATED, _AES = 0, 8, 99
_IN_EXTRA = 0xFFFFFFFF  # the size stands in the ZIP64 field of the extra data
_ZIP64 = 1
_MOST_NAMED = 10
_DAMAGED = "it is damaged: the checksum does not fit"


def unzip(source: Source) -> Iterator[bytes]:
    """The data, piece by piece. Raises Broken, and InvalidFormat for other than one data file."""
    name = None
    while source.peek(len(_LOCAL)) == _LOCAL:
        member = _header(source)
        if member.is_data and name is not None:
            raise _several(source, [name, member.name], member)
        pieces = _member(source, member)
        if member.is_data:
            name = member.name
            yield from pieces
        else:
            for _ in pieces:
                pass
    if name is None:
        _read_contents(source)
        raise InvalidFormat("The ZIP archive holds no file. Pack the file that holds the data.")
    _read_contents(source)


def _read_contents(source: Source) -> None:
    """The table of contents only repeats what the headers said; but with it goes the rest."""
    window, ended = b"", False
    while piece := source.read(CHUNK):
        window = window[-len(_END) :] + piece
        ended = ended or _END in window
    if not ended:
        raise Broken(CUT_OFF)


def _header(source: Source) -> Member:
    fixed = source.take(LOCAL_HEADER_BYTES)
    member = first_member(fixed)
    assert member is not None
    variable = source.take(member.name_bytes + member.extra_bytes)
    member = first_member(fixed + variable)
    assert member is not None
    sizes = _zip64_sizes(variable[member.name_bytes :])
    if member.size == _IN_EXTRA and sizes:
        member = replace(member, size=sizes.pop(0))
    if member.packed == _IN_EXTRA and sizes:
        member = replace(member, packed=sizes.pop(0))
    if member.flags & _ENCRYPTED or member.method == _AES:
        raise InvalidFormat(
            f"{shown(member.name)} in the ZIP archive is protected by a password. "
            "Pack it without one."
        )
    return member


def _zip64_sizes(extra: bytes) -> list[int]:
    """Original and packed size, as far as the ZIP64 field has them (APPNOTE 4.5.3)."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _ZIP64:
            return [int(number[0]) for number in struct.iter_unpack("<Q", field[: len(field) & ~7])]
    return []


def _member(source: Source, member: Member) -> Iterator[bytes]:
    """The data of a member; it is checked against what header or descriptor say."""
    later = bool(member.flags & _SIZES_FOLLOW)
    if member.method not in (_STORED, _DEFLATED) or (later and member.method == _STORED):
        raise InvalidFormat(
            f"{shown(member.name)} in the ZIP archive is packed in a way Tableport does not read "
            f"(method {member.method}). Pack it again with the usual method, deflate."
        )
    begin, crc, size = source.count, 0, 0
    pieces = inflate(source, -zlib.MAX_WBITS) if member.method else _stored(source, member.size)
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        yield piece
    packed = source.count - begin
    if later:
        _check_descriptor(source, crc, packed, size)
    elif (crc, packed, size) != (member.crc, member.packed, member.size):
        raise Broken(_DAMAGED)


def _stored(source: Source, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = source.take(min(size, CHUNK))
        size -= len(piece)
        yield piece


def _check_descriptor(source: Source, crc: int, packed: int, size: int) -> None:
    """The data descriptor (4.3.9): with or without a signature, of sizes with 4 or 8 bytes."""
    low = 0xFFFFFFFF
    bodies = (
        struct.pack("<III", crc, packed & low, size & low),
        struct.pack("<IQQ", crc, packed, size),
    )
    descriptors = [start + body for start in (_DESCRIPTOR, b"") for body in bodies]
    found = source.peek(max(map(len, descriptors)) + 2)
    for descriptor in descriptors:
        if found.startswith(descriptor) and found[len(descriptor) :][:2] in (b"PK", b"P", b""):
            source.take(len(descriptor))
            return
    cut = any(descriptor.startswith(found) for descriptor in descriptors)
    raise Broken(CUT_OFF if cut else _DAMAGED)


def _several(source: Source, names: list[str], member: Member) -> InvalidFormat:
    """The refusal that names them, as far as their headers can be walked without unpacking."""
    try:
        while len(names) < _MOST_NAMED and not member.flags & _SIZES_FOLLOW:
            for _ in _stored(source, member.packed):
                pass
            if source.peek(len(_LOCAL)) != _LOCAL:
                break
            member = _header(source)
            if member.is_data:
                names.append(member.name)
    except (Broken, InvalidFormat):
        pass  # it is refused anyway
    listed = ", ".join(shown(name) for name in names)
    return InvalidFormat(
        f"The ZIP archive holds several files: {listed}"
        f"{' and perhaps more' if member.flags & _SIZES_FOLLOW else ''}. "
        "Upload them one by one, or pack each on its own."
    )


def shown(name: str) -> str:
    """A name from inside a file, fit to be shown: what is not printable comes out as U+FFFD."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:200])
