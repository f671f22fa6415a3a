"""File names given by users: text to show and to send back, never a path to open."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_CHARACTERS = 255
_NAMELESS = "file"
#: Characters that turn the reading order of what follows: `exe.csv` may hide behind one.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Controls, lone surrogates, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
#: RFC 5987 attr-char beyond letters and digits.
_ATTR_CHARACTERS = "!#$&+-.^_`|~"


def display_name(name: str) -> str:
    """What is left of a user's file name once it can only be shown.

    Folders (of either slash), controls, line ends and reading-order overrides go; every other
    character stays as it is. Longer names are cut to 255 characters before their extension.
    A name of which nothing is left becomes `file`.
    """
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    kept = "".join(
        character
        for character in last
        if character not in _BIDI and unicodedata.category(character) not in _UNPRINTABLE
    ).strip()
    if kept.strip(".") == "":
        return _NAMELESS
    if len(kept) <= MAX_CHARACTERS:
        return kept
    extension = extension_of(kept)
    return kept[: MAX_CHARACTERS - len(extension)] + extension


def extension_of(name: str) -> str:
    """The extension in lower case with its dot, or nothing: `Sales.CSV` has `.csv`."""
    found = re.search(r"[^.](\.[^.\s]{1,15})$", name.strip())
    return found[1].lower() if found else ""


def content_disposition(name: str) -> str:
    """The header value that makes a browser save a download as `name`.

    RFC 6266 with the name in UTF-8 as RFC 5987 writes it, and an ASCII form before it for
    those who cannot read that.
    """
    shown = display_name(name)
    plain = unicodedata.normalize("NFKD", shown).encode("ascii", errors="replace").decode("ascii")
    # A quote or backslash would need escaping, which clients get wrong; some decode percents.
    plain = re.sub(r'["\\%?*:<>|/]', "_", "".join(c for c in plain if c.isprintable()))
    value = f'attachment; filename="{plain}"'
    if plain != shown:
        value += f"; filename*=UTF-8''{quote(shown, safe=_ATTR_CHARACTERS)}"
    return value
