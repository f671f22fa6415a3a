"""The W3C's XML conformance suite: what is not well-formed is refused with its place."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest

from core.errors import InvalidFormat, UnsafeContent
from core.formats import detect_file, read_file
from core.formats.base import ReadLimits

_TEST = re.compile(r"<TEST\b([^>]*)>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"([^"]*)"')


def cases(folder: Path) -> list[tuple[str, Path]]:
    """TYPE and file of each test whose file is there."""
    index = (folder / "xmlconf-flattened.xml").read_text(encoding="utf-8")
    found = []
    for test in _TEST.finditer(index):
        about = dict(_ATTRIBUTE.findall(test[1]))
        at = (folder / part / about["URI"] for part in ("sun", "xmltest", "."))
        found += [(about["TYPE"], file) for file in at if file.is_file()][:1]
    return found


def rows(data: bytes) -> int:
    dialect = detect_file(io.BytesIO(data), filename="x.xml").dialect
    batches = read_file(io.BytesIO(data), dialect, rows=100, limits=ReadLimits())
    return sum(batch.frame.height for batch in batches)


def test_what_is_not_well_formed_is_refused(corpora: Path) -> None:
    counts: Counter[str] = Counter()
    for sort, file in cases(corpora / "xmlconf"):
        data = file.read_bytes()
        counts[sort] += 1
        if b"<!DOCTYPE" in data or b"<\0!\0D\0" in data:  # never read, well-formed or not
            with pytest.raises((UnsafeContent, InvalidFormat)):
                rows(data)
        elif sort in ("valid", "invalid"):
            assert rows(data) >= 0, file
        else:
            with pytest.raises(InvalidFormat, match=r"^Line [\d,]+, column|empty|HTML"):
                rows(data)
    assert counts["not-wf"] > 100
    assert counts["valid"] > 100
