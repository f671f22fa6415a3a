"""The binary sheets of .xlsb workbooks (MS-XLSB): only where their error cells stand."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.formats.excel.parts.notes import Notes
from core.formats.excel.parts.package import Package

#: Error values by their code (MS-XLSB 2.5.97.2, MS-XLS 2.5.10).
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156  # record types (2.3.2)


def binary_sheets(package: Package) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    found = {}
    for kind, data in _records(package.archive.read(package.workbook)):
        if kind != _SHEET or len(data) < 12:
            continue
        key, position = _wide_text(data, 8)  # behind state and sheet id
        name, _ = _wide_text(data, position)
        if (target := package.targets.get(key, "")) in package.archive:
            found[name] = target
    return found


def binary_notes(sheet: bytes) -> Notes:
    """Notes on the error cells of a sheet."""
    notes = Notes()
    row = 0
    for kind, data in _records(sheet):
        if kind == _ROW and len(data) >= 4:
            (row,) = struct.unpack_from("<I", data)
        elif kind in (_ERROR, _FORMULA_ERROR) and len(data) >= 9:
            (column,) = struct.unpack_from("<I", data)
            notes.add_error(row, column, ERRORS.get(data[8], "#VALUE!"))
    return notes


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of each record (2.1.4), up to one that is cut short."""
    position, end = 0, len(data)
    while position + 2 <= end:
        kind, position = data[position], position + 1
        if kind & 0x80:
            kind, position = (kind & 0x7F) | data[position] << 7, position + 1
        size = shift = 0
        while position < end and shift < 28:
            byte, position = data[position], position + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if position + size > end:
            return
        yield kind, data[position : position + size]
        position += size


def _wide_text(data: bytes, position: int) -> tuple[str, int]:
    """A text behind its length in characters, and where it ends; '' when it is cut short."""
    if position + 4 > len(data):
        return "", position
    (length,) = struct.unpack_from("<I", data, position)
    start, end = position + 4, position + 4 + 2 * length
    return data[start:end].decode("utf-16-le", "replace"), end
