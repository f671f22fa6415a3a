"""The XML of a workbook's sheets, unpacked once for two looks at it where it is not too large."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.sheet_xml import blocks

_KEPT_BYTES = 64 << 20  # of text, of all sheets together


class SheetTexts:
    """Gives the blocks of a sheet to be looked at, and then to be read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._kept: dict[str, list[bytes]] = {}
        self._room = _KEPT_BYTES

    def look(self, part: str) -> Iterator[bytes]:
        """The blocks of a part, which are kept if they are few.

        Raises InvalidFormat as `blocks` does, and what `Archive.chunks` raises.
        """
        kept: list[bytes] | None = []
        left = self._room
        for block in blocks(self._archive.chunks(part)):
            if kept is not None:
                kept.append(block)
                left -= len(block)
                kept = kept if left >= 0 else None
            yield block
        if kept is not None:
            self._kept[part], self._room = kept, left

    def read(self, part: str) -> Iterator[pl.Series]:
        """The blocks of a part once more, each the one text of a Series; nothing is kept on.

        Raises what `look` raises.
        """
        kept = self._kept.pop(part, None)
        self._kept.clear()
        if kept is None:
            yield from map(_text, blocks(self._archive.chunks(part)))
            return
        kept.reverse()
        while kept:
            yield _text(kept.pop())


def _text(block: bytes) -> pl.Series:
    try:
        return pl.Series([block]).cast(pl.String)  # copies nothing
    except pl.exceptions.ComputeError:
        return pl.Series([block.decode("utf-8", "replace")])
