"""By which names of columns a file is known again, whatever the file itself is called."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence

from core.mapping.resemblance import says_nothing
from core.mapping.suggest import REJECT_COLUMNS


def folded(name: str) -> str:
    """A header without what programs write in several ways: case, width, blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def fingerprint(columns: Sequence[str]) -> str | None:
    """64 hex digits, the same for the same names in any order; None when no name says anything.

    Columns that Tableport adds to rejected rows do not count.
    """
    names = sorted(name for name in map(folded, columns) if name not in REJECT_COLUMNS)
    if all(says_nothing(name) for name in names):
        return None
    return hashlib.sha256(json.dumps([len(names), names]).encode()).hexdigest()
