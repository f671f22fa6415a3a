"""Unpacking gzip (RFC 1952): any number of members one after the other, as the format allows."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from core.formats.compression.source import CHUNK, CUT_OFF, Broken, Source

_PIECE = 1 << 18  # bytes unpacked at a time
_GZIP = 16 + zlib.MAX_WBITS


def gunzip(source: Source) -> Iterator[bytes]:
    """The data, piece by piece. Raises Broken."""
    while True:
        yield from inflate(source, _GZIP)
        if _at_end(source):
            return


def inflate(source: Source, wbits: int) -> Iterator[bytes]:
    """One deflated stream, with the checks that `wbits` asks of zlib. Raises Broken."""
    unpacker = zlib.decompressobj(wbits)
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or source.read(CHUNK)
        if not packed:
            raise Broken(CUT_OFF)
        try:
            piece = unpacker.decompress(packed, _PIECE)
        except zlib.error as error:
            raise Broken("it is damaged") from error
        if piece:
            yield piece
    source.put_back(unpacker.unused_data)


def _at_end(source: Source) -> bool:
    """After a member: the end (or the NULs that fill up a block), or another member."""
    while (found := source.peek(CHUNK)) and not found.strip(b"\0"):
        source.take(len(found))
    if not found:
        return True
    if found.startswith(b"\x1f\x8b\x08"):
        return False
    raise Broken("other bytes follow the packed data")
