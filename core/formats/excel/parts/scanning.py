"""Cells in the XML of a sheet whose values alone do not tell what they hold.

Errors, formulas without results, empty texts, numbers of more digits than a double keeps, and
numbers whose style matters. Only these cells are taken out, so a plain sheet costs little
more than being unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from core.formats.excel.numbers.formats import NumberFormat, Shows, exact
from core.formats.excel.parts.notes import (
    FLAW,
    NO_RESULT,
    SHOWN,
    TEXT,
    Notes,
    column_index,
)
from core.formats.excel.parts.sheet_xml import blocks
from core.formats.excel.parts.styles import Styles

# Polars' regular expressions find such cells in one pass, many times faster than Python's.
_FORMULA = r"(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*"
_NO_VALUE = r"(?:<v ?/>|<v>\s*</v>)\s*"
#: Cells that matter whatever their style, from the attributes behind `<c ` up to `</c>`: errors,
#: formulas without results, empty values and texts, more digits than a double keeps.
_MATTERING = (
    r't="e"[^>]*>(?:[^<]|<[^/]|</[^c])*?',
    rf"[^>]*>\s*{_FORMULA}(?:{_NO_VALUE})?",
    rf"[^>]*>\s*{_NO_VALUE}",
    r"[^>]*>\s*<is>\s*<t(?: [^>]*)?(?:></t>|/>)\s*</is>\s*",
    rf"[^>]*>\s*(?:{_FORMULA})?<v>-?[0-9]{{16,}}</v>\s*",
)
_CELL = re.compile(r"<c ([^>]*)>(.*)</c>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\b([rst])=["']([^"']*)["']""")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_VALUE = re.compile(r"<v(?:\s[^>]*)?>([^<]*)</v>")
_TEXTS = re.compile(r"<t(?:\s[^>]*)?>([^<]+)</t>")
_LONG = re.compile(r"-?\d{16,}")


class SheetNotes:
    """Finds the cells that matter in the sheets of one workbook."""

    def __init__(self, styles: Styles, empty_strings: Collection[int], *, from_1904: bool) -> None:
        """`empty_strings`: which of the shared strings are empty."""
        self._formats = styles.formats
        self._empty = {str(index) for index in empty_strings}
        self._from_1904 = from_1904
        cells = [*_MATTERING, *_styled(styles)]
        if self._empty:
            indices = "|".join(sorted(self._empty))
            cells.append(rf't="s"[^>]*>\s*<v>(?:{indices})</v>\s*')
        self._mattering = f"<c [^>]*(?:{'|'.join(cells)})</c>"
        self._dress = lru_cache(maxsize=1 << 16)(self._dressed)

    def of(self, chunks: Iterable[bytes]) -> Notes:
        """Notes on the cells of a sheet. Raises InvalidFormat as `blocks` does."""
        notes = Notes()
        for block in blocks(chunks):
            for cell in pl.Series([block]).str.extract_all(self._mattering)[0]:
                self._judge(cell, notes)
        return notes

    def _judge(self, text: str, notes: Notes) -> None:
        cell = _CELL.fullmatch(text)
        attributes = dict(_ATTRIBUTE.findall(cell.group(1))) if cell else {}
        place = _PLACE.fullmatch(attributes.get("r", ""))
        if cell is None or place is None:
            return
        row, column = int(place.group(2)) - 1, column_index(place.group(1))
        body, kind = cell.group(2), attributes.get("t", "n")
        value = _VALUE.search(body)
        raw = value.group(1).strip() if value else ""
        if kind == "e":
            notes.add_error(row, column, raw or "#VALUE!")
        elif "<f" in body and not raw and (kind != "str" or "<v" not in body):
            notes.add(row, column, FLAW, NO_RESULT)
        elif kind == "n" and raw:
            found = self._dress(raw, self._formats.get(attributes.get("s", "")))
            if found is not None:
                notes.add(row, column, *found)
        elif self._is_empty_text(kind, body, raw):
            notes.add(row, column, TEXT, "")

    def _is_empty_text(self, kind: str, body: str, raw: str) -> bool:
        """Is it a stored text without characters? What a formula gives as '' is a blank."""
        if kind == "s":
            return raw in self._empty
        if kind == "str":
            return "<v" in body and "<f" not in body and not raw
        return kind == "inlineStr" and "<t" in body and not _TEXTS.search(body)

    def _dressed(self, raw: str, style: NumberFormat | None) -> tuple[int, str] | None:
        shows = style.shows if style is not None else Shows.VALUE
        if shows in (Shows.DATE, Shows.MOMENT, Shows.TIME):
            return self._moment(raw, shows)
        number = exact(raw)
        if number is None:
            return None
        text = style.text(number) if style is not None else None
        if shows is Shows.MASK and text is not None:
            return TEXT, text
        if _LONG.fullmatch(raw):
            return TEXT, raw
        if shows is Shows.NUMBER and text is not None and text != format(number.normalize(), "f"):
            return SHOWN, text
        return None

    def _moment(self, raw: str, shows: Shows) -> tuple[int, str] | None:
        """Days that no calendar has stay numbers; midnight stays a time of the day."""
        if raw.startswith("-"):
            return TEXT, raw
        if shows is Shows.MOMENT and raw.isdigit() and 0 < int(raw) < 2_958_466:
            return TEXT, f"{self._day(int(raw)).isoformat()}T00:00:00"
        return None

    def _day(self, number: int) -> date:
        """Days from 1904-01-01, or from 1899-12-31 with the 29th of February 1900 that was not."""
        if self._from_1904:
            return date(1904, 1, 1) + timedelta(days=number)
        return date(1899, 12, 31) + timedelta(days=number - (number >= 60))


def _styled(styles: Styles) -> list[str]:
    """Cells whose style matters for the number they hold, as those of `_MATTERING`."""
    value = rf"[^>]*>\s*(?:{_FORMULA})?<v>"
    cells = []
    if numbers := styles.of(Shows.MASK, Shows.NUMBER):
        cells.append(rf's="(?:{"|".join(numbers)})"{value}[^<]+</v>\s*')
    if moments := styles.of(Shows.MOMENT):
        cells.append(rf's="(?:{"|".join(moments)})"{value}[0-9]+</v>\s*')
    if others := styles.of(Shows.DATE, Shows.TIME, Shows.MOMENT):
        cells.append(rf's="(?:{"|".join(others)})"{value}-[^<]*</v>\s*')
    return cells
