"""Workbooks that are not XML in a package: .ods, .xlsb and .xls, as far as we look into them."""

from __future__ import annotations

import struct

import pytest

from core.errors import InvalidFormat
from core.formats.base import FLAW
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.binary import binary_notes, binary_sheets
from core.formats.excel.parts.legacy import is_locked, legacy_notes, workbook_stream
from core.formats.excel.parts.notes import column_index, column_letters
from core.formats.excel.parts.package import Package
from tests.core.formats.excel.books import detected, frame, zipped

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
)


def open_document(rows: str, **parts: str) -> bytes:
    content = (
        f"<office:document-content {SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="T">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = parts.get("manifest", "<manifest/>")
    made = {"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped(made)


def text(value: str) -> str:
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def row(*given: str, repeated: int = 1) -> str:
    start = f'<table:table-row table:number-rows-repeated="{repeated}">'
    return f"{start}{''.join(given)}</table:table-row>"


ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
    'office:string-value=""><text:p>#DIV/0!</text:p></table:table-cell>'
)
DAY = (
    '<table:table-cell office:value-type="date" office:date-value="2026-01-31">'
    "<text:p>31.1.26</text:p></table:table-cell>"
)


def test_an_open_document() -> None:
    made = open_document(
        row(text("a"), text("b"))
        + row(text("x"), DAY)
        + row(text("y"), ERROR, repeated=2)
        + row(text("z"), text("#N/A"))
    )
    found = detected(made, "x.ods")
    assert (found.dialect.sheet, found.columns) == ("T", ("a", "b"))
    read = frame(made)
    assert read["b"].to_list() == ["2026-01-31", "#DIV/0!", "#DIV/0!", "#N/A"]
    assert read[FLAW].to_list() == [
        None,
        "B3 holds the error #DIV/0!",
        "B4 holds the error #DIV/0!",
        None,
    ]


def test_an_open_document_with_a_password() -> None:
    made = open_document(row(text("a")), manifest="<x><encryption-data/></x>")
    with pytest.raises(InvalidFormat, match="protected by a password"):
        detected(made, "x.ods")


def binary_record(kind: int, data: bytes) -> bytes:
    start = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return start + bytes([len(data)]) + data


def wide(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def test_error_cells_of_binary_sheets() -> None:
    sheet = (
        binary_record(0, struct.pack("<I", 4) + bytes(13))
        + binary_record(3, struct.pack("<II", 2, 0) + b"\x2a")
        + binary_record(0, struct.pack("<I", 5) + bytes(13))
        + binary_record(11, struct.pack("<II", 0, 0) + b"\x07")
        + b"\x05"  # cut short
    )
    assert binary_notes(sheet).frame().select("row", "column", "text").rows() == [
        (4, 2, "#N/A"),
        (4, 2, "holds the error #N/A"),
        (5, 0, "#DIV/0!"),
        (5, 0, "holds the error #DIV/0!"),
    ]


def test_the_parts_of_binary_sheets() -> None:
    listed = binary_record(156, bytes(8) + wide("r1") + wide("Data"))
    made = Archive(zipped({"xl/workbook.bin": listed, "xl/s1.bin": b"x"}))
    package = Package(archive=made, workbook="xl/workbook.bin", targets={"r1": "xl/s1.bin"})
    assert package.binary
    assert binary_sheets(package) == {"Data": "xl/s1.bin"}


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_stream(*sheets: bytes, locked: bool = False) -> bytes:
    """The records of a workbook: what is global, then its sheets."""
    size = len(record(0x85, bytes(8))) * len(sheets) + 2 * 4 + (6 if locked else 0)
    listed, offset = b"", size
    for sheet in sheets:
        listed += record(0x85, struct.pack("<I", offset) + bytes(4))
        offset += len(sheet)
    passing = record(0x2F, bytes(2)) if locked else b""
    return record(0x809) + passing + listed + record(0x0A) + b"".join(sheets)


def test_error_cells_of_old_workbooks() -> None:
    place = struct.pack("<HHH", 6, 1, 0)
    chart = record(0x809) + record(0x205, place + b"\x2a\x01") + record(0x0A)
    failing = place + b"\x02\x00\x17" + bytes(3) + b"\xff\xff" + bytes(2)
    sheet = (
        record(0x809)
        + record(0x205, struct.pack("<HHH", 2, 3, 0) + b"\x2a\x01")
        + record(0x205, struct.pack("<HHH", 2, 4, 0) + b"\x01\x00")  # true
        + chart
        + record(0x06, failing)
        + record(0x0A)
        + record(0x205, place + b"\x2a\x01")  # of no sheet
    )
    stream = old_stream(record(0x809) + record(0x0A), sheet)
    notes = legacy_notes(stream, 1)
    assert notes is not None
    assert notes.frame().filter(what=0).select("row", "column", "text").rows() == [
        (2, 3, "#N/A"),
        (6, 1, "#REF!"),
    ]
    assert legacy_notes(stream, 2) is None
    assert not is_locked(stream)
    assert is_locked(old_stream(sheet, locked=True))


def test_an_old_container_that_makes_no_sense() -> None:
    assert workbook_stream(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)) is None


@pytest.mark.parametrize(
    ("letters", "index"), [("A", 0), ("Z", 25), ("AA", 26), ("AZ", 51), ("XFD", 16383)]
)
def test_columns_by_letters(letters: str, index: int) -> None:
    assert (column_index(letters), column_letters(index)) == (index, letters)
