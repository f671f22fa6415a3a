"""What cells look like: enough to tell names from values, and where a value belongs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

NUMBER = re.compile(
    r"[-+]?[$€£]?\s?[-+]?\d[\d., '\u00a0\u202f]*(?:[eE][-+]?\d+)?\s?[%€$£]?|\([\d.,]+\)"
)
DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d?))(?:[ T].+)?|"
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?|"
    r"\d{1,2}[- ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2,4}",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:19|20)\d\d")
_URL = re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_BOOLEAN = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f"})
#: Words that stand for a missing value, whatever its kind.
_MISSING = frozenset(
    {"", "-", "--", "---", ".", "..", "...", "*", ":", "?", "n/a", "n.a.", "na", "nan", "nil"}
    | {"none", "null", "nd", "n.d.", "unknown", "missing", "tbd", "#n/a", "not available"}
)
_CODE = re.compile(r"(?=.*\d)\S{2,24}")
_SHAPES = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "a" * 26 + "A" * 26 + "9" * 10
)
VALUES = frozenset({"number", "date", "boolean", "url", "email"})


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in _MISSING


def kind_of(cell: str) -> str:
    """empty, date, number, boolean, url, email or text."""
    cell = cell.strip()
    if not cell:
        return "empty"
    if DATE.fullmatch(cell):
        return "date"
    if NUMBER.fullmatch(cell):
        return "number"
    if cell.lower() in _BOOLEAN:
        return "boolean"
    if _URL.fullmatch(cell):
        return "url"
    return "email" if _EMAIL.fullmatch(cell) else "text"


def shape_of(cell: str) -> str:
    """MG-8769 is AA-9999; '' for what is no code of letters and digits."""
    cell = cell.strip()
    return cell.translate(_SHAPES) if _CODE.fullmatch(cell) else ""


def column_kind(cells: Sequence[str]) -> str:
    """The kind of four fifths of the filled cells; text when they differ."""
    kinds = Counter(kind_of(cell) for cell in cells if not is_missing(cell))
    if not kinds:
        return "empty"
    kind, count = kinds.most_common(1)[0]
    return kind if count >= 0.8 * kinds.total() else "text"


def column_shape(cells: Sequence[str]) -> str:
    """The shape of nine tenths of the filled cells; '' when they are no codes."""
    shapes = Counter(shape_of(cell) for cell in cells if not is_missing(cell))
    if not shapes:
        return ""
    shape, count = shapes.most_common(1)[0]
    return shape if count >= 0.9 * shapes.total() else ""
