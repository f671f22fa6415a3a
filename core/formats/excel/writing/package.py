"""The parts of a workbook besides its sheets (ECMA-376 Part 2; Part 1, 18.2 and 18.8)."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO, BinaryIO, Self
from xml.sax.saxutils import quoteattr

HEADER_STYLE = 1  #: bold
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MAIN = f'{_XML}<worksheet xmlns="{_SHEETS}">'  #: how a sheet begins
#: 18.8.30: the number formats that have an index of their own.
_BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "@": 49}
_FIRST_CUSTOM = 164
_LEVEL = 1  # of 9: a tenth larger than 6, and three times as fast
_LONGEST_NAME = 31


class Book:
    """An archive that becomes a workbook when it is left without an error."""

    def __init__(self, file: BinaryIO, codes: Sequence[str], *, sheet: str) -> None:
        """`codes`: the number format of each column; `sheet`: the name of the first sheet."""
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._formats = list(dict.fromkeys(codes))
        self._sheet = sheet
        self.sheet_count = 0
        #: The cell format of each column: General, the header's, then one per number format.
        self.styles = [0 if c == "General" else 2 + self._formats.index(c) for c in codes]

    def open_sheet(self) -> IO[bytes]:
        """The next sheet, to be written and closed before anything else."""
        self.sheet_count += 1
        info = zipfile.ZipInfo(f"xl/worksheets/sheet{self.sheet_count}.xml")
        info.compress_type = zipfile.ZIP_DEFLATED
        return self._archive.open(info, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            numbers = range(1, self.sheet_count + 1)
            self._add("xl/styles.xml", self._styles())
            self._add("xl/workbook.xml", self._workbook(numbers))
            self._add("xl/_rels/workbook.xml.rels", _links(numbers))
            self._add("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
            self._add("[Content_Types].xml", _types(numbers))
            self._archive.close()

    def _add(self, name: str, xml: str) -> None:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(info, _XML + xml)

    def _styles(self) -> str:
        """18.8.39; the two fills are those that programs expect first."""
        custom = [code for code in self._formats if code not in _BUILT_IN]
        ids = _BUILT_IN | {code: _FIRST_CUSTOM + n for n, code in enumerate(custom)}
        formats = "".join(
            f'<numFmt numFmtId="{ids[code]}" formatCode={quoteattr(code)}/>' for code in custom
        )
        number_formats = f'<numFmts count="{len(custom)}">{formats}</numFmts>' if custom else ""
        font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
        cells = "".join(
            f'<xf numFmtId="{ids[code]}" fontId="0" fillId="0" borderId="0" xfId="0" '
            'applyNumberFormat="1"/>'
            for code in self._formats
        )
        plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
        return (
            f'<styleSheet xmlns="{_SHEETS}">{number_formats}'
            f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border>'
            "</borders>"
            f'<cellStyleXfs count="1">{plain}/></cellStyleXfs>'
            f'<cellXfs count="{2 + len(self._formats)}">{plain} xfId="0"/>'
            '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
            f"{cells}</cellXfs>"
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
            "</styleSheet>"
        )

    def _workbook(self, numbers: range) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(self._name(n))} sheetId="{n}" r:id="rId{n}"/>' for n in numbers
        )
        return (
            f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}">'
            "<bookViews><workbookView/></bookViews>"
            f"<sheets>{sheets}</sheets></workbook>"
        )

    def _name(self, number: int) -> str:
        """The first sheet's name, then the same with 2, 3 …"""
        behind = f" {number}" if number > 1 else ""
        return self._sheet[: _LONGEST_NAME - len(behind)] + behind


def _links(numbers: range) -> str:
    sheets = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    return _relations([*sheets, ("styles", "styles.xml")])


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _types(numbers: range) -> str:
    parts = [
        ("/xl/workbook.xml", "sheet.main"),
        ("/xl/styles.xml", "styles"),
        *((f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers),
    ]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in parts
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>"
    )
