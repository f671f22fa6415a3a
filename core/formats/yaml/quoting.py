"""What texts in quotes say: escapes, and line ends that are blanks (YAML 1.2.2, 5.7 and 7.3)."""

from __future__ import annotations

import re

FOLD = re.compile(r"[ \t]*\n((?:[ \t]*\n)*)[ \t]*")
_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|(u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\n((?:[ \t]*\n)*)[ \t]*|(.))"
    r"|[ \t]*\n((?:[ \t]*\n)*)[ \t]*",
    re.DOTALL,
)
_ESCAPED = dict(
    zip(
        '0abt\tnvfre "/\\N_LP',
        '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029',
        strict=True,
    )
)


class BadEscape(ValueError):
    """An escape that is none, where it stands, and a clause that says why."""

    def __init__(self, position: int, clause: str) -> None:
        super().__init__(clause)
        self.position = position
        self.clause = clause


def folded(found: re.Match[str]) -> str:
    """A line end within a text is a blank; empty lines are line ends. `found`: by FOLD."""
    return "\n" * found[1].count("\n") or " "


def single_quoted(raw: str) -> str:
    """The text between single quotes."""
    return FOLD.sub(folded, raw.replace("''", "'"))


def double_quoted(raw: str) -> str:
    """The text between double quotes. Raises BadEscape."""
    return _ESCAPE.sub(_unescaped, raw)


def _unescaped(found: re.Match[str]) -> str:
    byte, pair, short, long, cut, single, breaks = found.groups()
    if breaks is not None:
        return "\n" * breaks.count("\n") or " "
    if cut is not None:
        return "\n" * cut.count("\n")
    if pair is not None:
        return bytes.fromhex(pair[1:5] + pair[7:11]).decode("utf-16-be")
    if single is not None:
        if single not in _ESCAPED:
            raise BadEscape(found.start(), "no such escape is known")
        return _ESCAPED[single]
    code = int(byte or short or long, 16)
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        raise BadEscape(found.start(), "this escape stands for no character")
    return chr(code)
