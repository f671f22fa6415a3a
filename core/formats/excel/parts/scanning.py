"""Cells in the XML of a sheet whose values alone do not tell what they hold.

Errors, formulas without results, empty texts, numbers of more digits than a double keeps, and
numbers whose style matters. Only these cells are taken out, so a plain sheet costs little
more than being unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta

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
_TEXTS = re.compile(r"<t(?:\s[^>]*)?>([^<]+)</t>")
_HIDDEN = re.compile(r'<row\b[^>]*\shidden="(?:1|true)"')
_DRESSED = {"raw": pl.String, "what": pl.UInt8, "text": pl.String}
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

    def of(self, blocks: Iterable[pl.Series]) -> Notes:
        """Notes on the cells of a sheet, given in blocks, each the one text of a Series."""
        notes = Notes()
        for block in blocks:
            if block.str.contains("<f|hidden=").any():
                text = str(block.item())
                notes.formulas = notes.formulas or "<f" in text
                notes.hidden_rows += len(_HIDDEN.findall(text))
            found = block.str.extract_all(self._mattering).explode().drop_nulls()
            if found.len():
                cells = _parted(found)
                self._note_numbers(cells.filter(pl.col("kind") == "n", pl.col("raw") != ""), notes)
                others = cells.filter((pl.col("kind") != "n") | (pl.col("raw") == ""))
                for row, letters, _, kind, raw, cell in others.iter_rows():
                    self._judge(row, column_index(letters), kind, raw, cell, notes)
        return notes

    def _note_numbers(self, cells: pl.DataFrame, notes: Notes) -> None:
        for (style,), group in cells.group_by("style", maintain_order=True):
            found = self._formats.get(str(style))
            places = found.places if found is not None else None
            if places:
                padded = _padded(group, places)
                _note_all(padded.filter(pl.col("text") != pl.col("value")), notes)
                group = group.join(padded, on="raw", how="anti")
            raws = group["raw"].unique()
            dressed = [(raw, *told) for raw in raws if (told := self._dressed(raw, found))]
            if dressed:
                texts = pl.DataFrame(dressed, schema=_DRESSED, orient="row")
                _note_all(group.join(texts, on="raw"), notes)

    def _judge(self, row: int, column: int, kind: str, raw: str, cell: str, notes: Notes) -> None:
        if kind == "e":
            notes.add_error(row, column, raw or "#VALUE!")
        elif "<f" in cell and not raw and (kind != "str" or "<v" not in cell):
            notes.add(row, column, FLAW, NO_RESULT)
        elif self._is_empty_text(kind, cell, raw):
            notes.add(row, column, TEXT, "")

    def _is_empty_text(self, kind: str, cell: str, raw: str) -> bool:
        """Is it a stored text without characters? What a formula gives as '' is a blank."""
        if kind == "s":
            return raw in self._empty
        if kind == "str":
            return "<v" in cell and "<f" not in cell and not raw
        return kind == "inlineStr" and "<t" in cell and not _TEXTS.search(cell)

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


def _padded(cells: pl.DataFrame, places: int) -> pl.DataFrame:
    """Numbers that have no more decimals than are shown: `text` and, as we spell it, `value`."""
    raw = pl.col("raw")
    short = cells.filter(
        raw.str.contains(rf"^-?(?:0|[1-9][0-9]{{0,14}})(?:\.[0-9]{{1,{places}}})?$")
    )
    parts = raw.str.split_exact(".", 1).struct
    fraction = parts.field("field_1").fill_null("")
    whole = parts.field("field_0")
    return short.filter(raw.str.contains("[1-9]")).with_columns(
        pl.lit(SHOWN, dtype=pl.UInt8).alias("what"),
        (whole + "." + fraction.str.pad_end(places, "0")).alias("text"),
        (whole + "." + fraction).str.strip_chars_end("0").str.strip_suffix(".").alias("value"),
    )


def _note_all(cells: pl.DataFrame, notes: Notes) -> None:
    if cells.is_empty():
        return
    columns = {letters: column_index(letters) for letters in cells["letters"].unique()}
    notes.extend(cells, cells["letters"].replace_strict(columns, return_dtype=pl.UInt32))


def _parted(cells: pl.Series) -> pl.DataFrame:
    """Row and letters of the column, style, kind and stored value of cells, and their XML."""
    cell = pl.col("cell")
    tag = cell.str.extract("^([^>]*)")
    parts = pl.DataFrame({"cell": cells}).select(
        (tag.str.extract(r' r="[A-Z]{1,3}([0-9]{1,7})"').cast(pl.Int64) - 1).alias("row"),
        tag.str.extract(r' r="([A-Z]{1,3})').alias("letters"),
        tag.str.extract(r' s="([^"]*)"').fill_null("").alias("style"),
        tag.str.extract(r' t="([^"]*)"').fill_null("n").alias("kind"),
        cell.str.extract(r"<v(?: [^>]*)?>\s*([^<]*?)\s*</v>").fill_null("").alias("raw"),
        cell,
    )
    return parts.drop_nulls(["row", "letters"])


def _styled(styles: Styles) -> list[str]:
    """Cells whose style matters for the number they hold, as those of `_MATTERING`."""
    value = rf"[^>]*>\s*(?:{_FORMULA})?<v>"
    cells = []
    numbers = styles.of(Shows.MASK, Shows.NUMBER)
    wholes = [style for style in numbers if styles.formats[style].places == 0]
    if wholes:  # they show whole numbers as they are
        cells.append(rf's="(?:{"|".join(wholes)})"{value}[^<]*[.eE][^<]*</v>\s*')
    if others := [style for style in numbers if style not in wholes]:
        cells.append(rf's="(?:{"|".join(others)})"{value}[^<]+</v>\s*')
    if moments := styles.of(Shows.MOMENT):
        cells.append(rf's="(?:{"|".join(moments)})"{value}[0-9]+</v>\s*')
    if times := styles.of(Shows.DATE, Shows.TIME, Shows.MOMENT):
        cells.append(rf's="(?:{"|".join(times)})"{value}-[^<]*</v>\s*')
    return cells
