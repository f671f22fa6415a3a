"""Rows of cells as SpreadsheetML (ECMA-376 Part 1, 18.3.1.4), made a column at a time."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from core.errors import InvalidRequest
from core.formats.excel.writing.faces import Face

MAX_CHARACTERS = 32_767  #: of a cell, in UTF-16 as workbooks count
#: 22.9.2.19 ST_Xstring: what XML cannot hold is written _xHHHH_, and a text that looks so
#: begins with _x005F_. CR is among them because XML readers turn it into LF.
_ESCAPES = {chr(code): f"_x{code:04X}_" for code in range(32) if chr(code) not in "\t\n"}
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOKS_ESCAPED = r"_x([0-9A-Fa-f]{4})"
_SPECIAL = r"[&<>\x00-\x08\x0b-\x1f]|_x[0-9A-Fa-f]{4}"
_BLANKS = r"^[ \t\n]|[ \t\n]$|\n"
_NO_CHARACTERS = r"[\x{FFFE}\x{FFFF}]"
_ROW = "row"


class Columns:
    """Makes the XML of rows."""

    def __init__(self, names: Sequence[str], faces: Sequence[Face], styles: Sequence[int]) -> None:
        """`styles`: the cell format of each column, as an index into the workbook's styles."""
        self._names = names
        self._faces = faces
        self._styles = styles

    def rows(self, cells: pl.DataFrame, first: int, written: int) -> bytes:
        """The XML of rows of text; `first` is the sheet's row of the first, from 1.

        `written`: rows before, for errors. Raises InvalidRequest when a cell cannot be held.
        """
        numbers = pl.int_range(first, first + cells.height, eager=True)
        columns = [numbers.cast(pl.String).alias(_ROW)]
        pieces: list[pl.Expr] = []
        for place, face in enumerate(self._faces):
            prepared = self._prepared(cells, place, face, written)
            columns += prepared.get_columns()
            pieces += self._cell(place, face, prepared)
        row = pl.concat_str(
            pl.lit('<row r="'), pl.col(_ROW), pl.lit('">'), *pieces, pl.lit("</row>")
        )
        joined = pl.DataFrame(columns).select(row.str.join("")).item()
        assert isinstance(joined, str)
        return joined.encode()

    def _prepared(self, cells: pl.DataFrame, place: int, face: Face, written: int) -> pl.DataFrame:
        """`vN`, what is stored as a number, and `tN`, what is stored as text."""
        cell = pl.col(f"c{place}")
        if face.value is None:
            made = cells.select(
                pl.lit(None, dtype=pl.String).alias(f"v{place}"), face.text(cell).alias(f"t{place}")
            )
        else:
            made = cells.select(face.value(cell).alias(f"v{place}"), cell.alias(f"t{place}"))
            text = pl.when(pl.col(f"v{place}").is_null()).then(face.text(pl.col(f"t{place}")))
            made = made.with_columns(text.alias(f"t{place}"))
        texts = made[f"t{place}"]
        if texts.null_count() == texts.len():
            return made
        self._check(texts, place, written)
        return made.with_columns(_escaped(texts))

    def _check(self, texts: pl.Series, place: int, written: int) -> None:
        long = texts.str.len_bytes() > MAX_CHARACTERS
        for index in long.arg_true():
            if len(texts[index].encode("utf-16-le")) // 2 > MAX_CHARACTERS:
                raise InvalidRequest(
                    f"{self._where(written + index + 1, place)}: the text has more than "
                    f"{MAX_CHARACTERS:,} characters, the most a cell of a workbook holds. "
                    "Leave the column out, or choose CSV or JSON."
                )
        found = texts.str.contains(_NO_CHARACTERS).arg_true()
        if len(found):
            raise InvalidRequest(
                f"{self._where(written + found[0] + 1, place)}: the text holds U+FFFE or U+FFFF, "
                "which are no characters and cannot stand in a workbook. Choose CSV or JSON."
            )

    def _where(self, row: int, place: int) -> str:
        return f"Row {row:,}, column {self._names[place]!r}"

    def _cell(self, place: int, face: Face, prepared: pl.DataFrame) -> list[pl.Expr]:
        """What a cell is made of; of a NULL there is nothing."""
        at = f'<c r="{letters(place)}'
        style = f'" s="{self._styles[place]}"' if self._styles[place] else '"'
        kind = ' t="b"' if face.boolean else ""
        value, text = pl.col(f"v{place}"), pl.col(f"t{place}")
        texts = prepared[f"t{place}"]
        preserve = ' xml:space="preserve"' if texts.str.contains(_BLANKS).any() else ""
        number = [pl.lit(at), pl.col(_ROW), pl.lit(f"{style}{kind}><v>"), value, pl.lit("</v></c>")]
        inline = [
            pl.lit(at), pl.col(_ROW), pl.lit(f'{style} t="inlineStr"><is><t{preserve}>'),
            text, pl.lit("</t></is></c>"),
        ]  # fmt: skip
        found = []
        for pieces, nulls in (
            (number, prepared[f"v{place}"].null_count()),
            (inline, texts.null_count()),
        ):
            if not nulls:
                found += pieces
            elif nulls < texts.len():
                found.append(pl.concat_str(pieces).fill_null(""))
        return found


def letters(place: int) -> str:
    """The name of a column, from 0: A … Z, AA …"""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def header_row(names: Sequence[str], style: int) -> bytes:
    """The first row of a sheet."""
    texts = _escaped(pl.Series("name", names, dtype=pl.String))
    cells = "".join(
        f'<c r="{letters(place)}1" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{text}</t></is></c>'
        for place, text in enumerate(texts)
    )
    return f'<row r="1">{cells}</row>'.encode()


def _escaped(texts: pl.Series) -> pl.Series:
    if not texts.str.contains(_SPECIAL).any():
        return texts
    plain = texts.str.replace_all(_LOOKS_ESCAPED, "_x005F_x${1}")
    return plain.str.replace_many(_MARKUP | _ESCAPES)
