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
        self._kept: dict[str, list[pl.Series]] = {}
        self._room = _KEPT_BYTES

    def look(self, part: str) -> Iterator[str]:
        """The blocks of a part, which are kept if they are few.

        Raises InvalidFormat as `blocks` does, and what `Archive.chunks` raises.
        """
        kept: list[pl.Series] | None = []
        left = self._room
        for block in blocks(self._archive.chunks(part)):
            if kept is not None:
                # As UTF-8 whatever its letters are, which Python's texts are not.
                kept.append(pl.Series([block]))
                left -= kept[-1].str.len_bytes().item()
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
            yield from (pl.Series([block]) for block in blocks(self._archive.chunks(part)))
            return
        kept.reverse()
        while kept:
            yield kept.pop()
