"""A check that outlives its worker: the accepted rows, what was found wrong, what it knows.

One file: the batches of the spool, then the findings as they were added to the evidence, then the
rows that later ones replace, then a document, then where the findings begin.
"""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import fields
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl
from pydantic import TypeAdapter

from core.errors import StorageDamaged
from core.model.profile import Profile
from core.pipeline.importing import CheckedFile
from core.pipeline.spool import read_batches, write_batch, write_end

if TYPE_CHECKING:
    from core.pipeline.evidence import Evidence

_AT = struct.Struct(">Q")
_PROFILE = TypeAdapter(Profile)
_APART = ("superseded", "profile")


def write_check(file: BinaryIO, checked: CheckedFile, findings: BinaryIO) -> None:
    """Write behind the spool in `file` what else the check brought; `findings` is what
    `Evidence.notes` was given, from its start."""
    write_end(file)
    at = file.tell()
    shutil.copyfileobj(findings, file)
    write_end(file)
    write_batch(file, checked.superseded.to_frame("row"))
    write_end(file)
    file.write(json.dumps(_document(checked)).encode())
    file.write(_AT.pack(at))


def read_check(file: BinaryIO, evidence: Evidence) -> CheckedFile:
    """What the check knows; what it found is added to the evidence. Raises StorageDamaged."""
    end = file.seek(-_AT.size, 2)
    (at,) = _AT.unpack(file.read(_AT.size))
    file.seek(at)
    found = read_batches(file)
    for violations in found:
        evidence.add(next(found), violations)
    superseded = next(read_batches(file), None)
    if superseded is None or next(read_batches(file), None) is not None:
        raise StorageDamaged("What was kept of the check is damaged.")
    document = json.loads(file.read(end - file.tell()))
    checked = _checked(document, superseded["row"])
    evidence.report.count(rows=checked.rows_read, ignored=checked.ignored)
    return checked


def _document(checked: CheckedFile) -> dict[str, Any]:
    known = {f.name: getattr(checked, f.name) for f in fields(checked) if f.name not in _APART}
    return known | {"profile": _PROFILE.dump_python(checked.profile, mode="json")}


def _checked(document: dict[str, Any], superseded: pl.Series) -> CheckedFile:
    known = document | {
        "profile": _PROFILE.validate_python(document["profile"]),
        "conflict_key": tuple(document["conflict_key"]),
    }
    return CheckedFile(superseded=superseded, **known)
