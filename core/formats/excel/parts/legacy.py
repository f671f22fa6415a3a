"""Old workbooks (.xls, MS-XLS): whether they are locked, and where their error cells stand."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from core.formats.excel.parts.binary import ERRORS
from core.formats.excel.parts.notes import Notes

_STREAMS = ("Workbook", "Book")  # in any case; the second of Excel 5 and 95
_EOF, _FILE_PASS, _BOUNDSHEET, _BOF = 0x000A, 0x002F, 0x0085, 0x0809  # record types (2.3.1)
_FORMULAS, _ERROR_OR_BOOLEAN = (0x0006, 0x0206, 0x0406), 0x0205
_SHEET_STARTS = (0x0009, 0x0209, 0x0409, _BOF)


def workbook_stream(data: bytes) -> bytes | None:
    """The stream of records in an OLE container; b'': there is none; None: it cannot be read."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            for name in _STREAMS:
                if container.exists(name):
                    return bytes(container.openstream(name).read())
    except (OSError, struct.error, IndexError, ValueError):
        return None
    return b""


def is_locked(stream: bytes) -> bool:
    """Is the workbook protected by a password?"""
    return any(kind == _FILE_PASS for kind, _ in _records(stream, 0))


def legacy_notes(stream: bytes, index: int) -> Notes | None:
    """Notes on the error cells of a sheet, which counts from 0; None: it was not found."""
    starts = [
        struct.unpack_from("<I", record)[0]
        for kind, record in _records(stream, 0)
        if kind == _BOUNDSHEET and len(record) >= 6
    ]
    if index >= len(starts):
        return None
    notes = Notes()
    for kind, record in _records(stream, starts[index]):
        code = _error(kind, record)
        if code is not None:
            row, column = struct.unpack_from("<HH", record)
            notes.add_error(row, column, ERRORS.get(code, "#VALUE!"))
    return notes


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Type and content of each record of a substream, those of embedded charts left out."""
    depth, end = 0, len(stream)
    while position + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, position)
        position += 4
        if kind in _SHEET_STARTS:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[position : position + size]
        position += size


def _error(kind: int, record: bytes) -> int | None:
    """The code of the error a cell holds, or its formula gave (2.4.24, 2.5.133)."""
    if kind == _ERROR_OR_BOOLEAN and len(record) >= 8 and record[7]:
        return record[6]
    if kind in _FORMULAS and len(record) >= 14 and record[6] == 2 and record[12:14] == b"\xff\xff":
        return record[8]
    return None
