"""Workbooks made part by part: what the tests of their reader share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import polars as pl

from core.formats import detect_file, read_file
from core.formats.base import META, Batch, ReadLimits
from core.model.dialect import Detection, Dialect

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def book(
    *sheets: str,
    formats: Sequence[str] = (),
    strings: Sequence[str] = (),
    workbook: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A workbook whose sheets S1, S2, … hold these rows as XML.

    `formats`: number formats of the styles 1, 2, …; `strings`: shared strings, as XML;
    `workbook`: elements of the workbook before its sheets; `parts`: more, or other, parts.
    """
    listed, related, types = "", "", ""
    made: dict[str, str | bytes] = {}
    for n, rows in enumerate(sheets, 1):
        listed += f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>'
        related += f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="s{n}.xml"/>'
        types += f'<Override PartName="/xl/s{n}.xml" ContentType="{_type("worksheet")}"/>'
        made[f"xl/s{n}.xml"] = rows if rows.startswith("<") and "sheetData" in rows else sheet(rows)
    related += f'<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>'
    related += f'<Relationship Id="ss" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    made["xl/styles.xml"] = _styles(formats)
    made["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{"".join(strings)}</sst>'
    made["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>{listed}</sheets>'
        "</workbook>"
    )
    made["xl/_rels/workbook.xml.rels"] = _relationships(related)
    made["_rels/.rels"] = _relationships(
        f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    )
    made["[Content_Types].xml"] = (
        f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_type("sheet.main")}"/>'
        f"{types}</Types>"
    )
    return zipped(made | dict(parts or {}))


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these parts, the list of types first as programs write it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            archive.writestr(zipfile.ZipInfo(name), parts[name], zipfile.ZIP_DEFLATED)
    return file.getvalue()


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def cells(*texts: str, row: int = 1) -> str:
    """A row of cells, each the XML behind `<c r="…"`: ` t="n"><v>1</v>`; '' is no cell."""
    made = "".join(
        f'<c r="{chr(ord("A") + n)}{row}"{text}</c>' for n, text in enumerate(texts) if text
    )
    return f'<row r="{row}">{made}</row>'


def word(text: str) -> str:
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'


def number(text: str | int | float, style: int = 0) -> str:
    return f' s="{style}"><v>{text}</v>'


def table(*values: str, name: str = "h") -> str:
    """The rows of a table of one column below its name."""
    return cells(word(name)) + "".join(cells(v, row=n) for n, v in enumerate(values, 2))


def openpyxl_book(rows: Sequence[Sequence[Any]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def detected(data: bytes, filename: str = "x.xlsx", **options: Any) -> Detection:
    return detect_file(io.BytesIO(data), filename=filename, **options)


def batches(
    data: bytes, *, rows: int = 1000, limits: ReadLimits | None = None, **dialect: Any
) -> list[Batch]:
    """Batches read with these choices and nothing detected."""
    chosen = Dialect(format="excel", **dialect)
    return list(read_file(io.BytesIO(data), chosen, rows=rows, limits=limits or ReadLimits()))


def frame(data: bytes, **options: Any) -> pl.DataFrame:
    return pl.concat(batch.frame for batch in batches(data, **options))


def read(data: bytes, **options: Any) -> list[tuple[str | None, ...]]:
    return frame(data, **options).drop(META).rows()


def column(data: bytes, **options: Any) -> list[str | None]:
    """The cells of the first column."""
    return [row[0] for row in read(data, **options)]


def _relationships(listed: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


def _type(kind: str) -> str:
    return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"


def _styles(formats: Sequence[str]) -> str:
    codes = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for n, code in enumerate(formats)
    )
    used = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(formats)))
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    )
