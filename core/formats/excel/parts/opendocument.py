"""OpenDocument spreadsheets (.ods): only where their error cells stand, and encryption."""

from __future__ import annotations

import io
import re

from lxml import etree

from core.errors import InvalidFormat
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.notes import Notes

CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ERROR = re.compile(r"#(?:N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!)|Err:\d+")
_ERROR_SIGN = re.compile(rb">(?:#(?:N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!)|Err:\d+)<")
_MOST_NOTES = 100_000  # repeated cells multiply


def is_open_document(archive: Archive) -> bool:
    """Whether the archive is a spreadsheet; raises InvalidFormat when it is encrypted."""
    if CONTENT not in archive:
        return False
    if b"encryption-data" in archive.read("meta-inf/manifest.xml"):
        raise InvalidFormat(
            "The workbook is protected by a password. Save it without one and try again."
        )
    return b"spreadsheet" in archive.read("mimetype") or b":spreadsheet" in archive.read(CONTENT)


def open_document_notes(archive: Archive, sheet: str) -> Notes:
    """Notes on the cells of a sheet whose formulas failed."""
    content, notes = archive.read(CONTENT), Notes()
    if not _ERROR_SIGN.search(content):
        return notes
    walk = etree.iterparse(
        io.BytesIO(content),
        events=("start", "end"),
        tag=(f"{_TABLE}table", f"{_TABLE}table-row"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    inside, row = False, 0
    try:
        for event, element in walk:
            if element.tag == f"{_TABLE}table":
                inside = event == "start" and element.get(f"{_TABLE}name") == sheet
                row = 0
            elif event == "end":
                repeated = _count(element, "number-rows-repeated")
                if inside:
                    _note_row(element, row, repeated, notes)
                row += repeated
                element.clear()
    except etree.XMLSyntaxError:  # calamine is the judge of the document
        return notes
    return notes


def _note_row(element: etree._Element, row: int, repeated: int, notes: Notes) -> None:
    column = 0
    for cell in element:
        width = _count(cell, "number-columns-repeated")
        text = "".join(cell.itertext(f"{_TEXT}p"))
        if cell.get(f"{_TABLE}formula") is not None and _ERROR.fullmatch(text):
            for one in range(min(width * repeated, _MOST_NOTES)):
                notes.add_error(row + one // width, column + one % width, text)
        column += width


def _count(element: etree._Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}") or "1"
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1
