"""Names for the columns of a new table, and for the table, from those that a file has."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from core.mapping.likeness import words

#: Bytes of a name: PostgreSQL cuts after 63, and a number may have to be put behind it.
LONGEST = 58
#: Signs that say something where they stand for a word.
_SIGNS = str.maketrans({"%": " percent ", "#": " number ", "&": " and "})
_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,3}$")
#: Names that databases and Tableport keep begin so.
_KEPT = re.compile(r"^(?:tableport|sqlite|pg)_")


def new_column_names(headers: Sequence[str], reserved: Collection[str]) -> list[str]:
    """A name for each header: small letters and digits with underscores, no two alike.

    `reserved`: names in small letters that are to be avoided. Letters of other scripts stay.
    """
    taken: set[str] = set()
    names = []
    for place, header in enumerate(headers, 1):
        name = _clean(header, "column", reserved) or f"column_{place}"
        names.append(_free(name, taken))
        taken.add(names[-1])
    return names


def new_table_name(filename: str, reserved: Collection[str], taken: Collection[str]) -> str:
    """A name from that of a file; `taken`: names of tables, in small letters."""
    stem = _SUFFIX.sub("", filename) or filename
    name = _KEPT.sub("", _clean(stem, "table", reserved)) or "new_table"
    return _free(name, taken)


def _clean(text: str, prefix: str, reserved: Collection[str]) -> str:
    """Empty when no letter and no digit is left."""
    name = "_".join(words(text.translate(_SIGNS)))
    if name[:1].isdigit():
        name = f"{prefix}_{name}"
    name = _cut(name)
    return f"{name}_" if name in reserved else name


def _cut(name: str) -> str:
    """Not too long, at the end of a word where one ends in the second half."""
    short = name.encode()[:LONGEST].decode(errors="ignore")
    if short == name:
        return name
    whole = short.rpartition("_")[0]
    return whole if len(whole) * 2 > len(short) else short


def _free(name: str, taken: Collection[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
