"""Reading CHECK constraints: which ones a table has, and which of them list choices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.model.table import CheckConstraint

_TEXT = r"'(?:[^']|'')*'"
_NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\]|[A-Za-z_]\w*)'
_CAST = r"(?:::[A-Za-z_ ]+(?:\(\d+\))?(?:\[\])?)?"

#: `status IN ('a', 'b')`, as SQLite keeps it.
_IN = re.compile(rf"\(*\s*({_NAME})\s*\)*\s+IN\s*\((\s*{_TEXT}(?:\s*,\s*{_TEXT})*\s*)\)\s*", re.I)
#: The same as PostgreSQL prints it: `((status)::text = ANY ((ARRAY['a'::text, …])::text[]))`.
_ANY = re.compile(
    rf"\(*({_NAME})\)*{_CAST}\s*=\s*ANY\s*\(+\s*ARRAY\["
    rf"({_TEXT}{_CAST}(?:\s*,\s*{_TEXT}{_CAST})*)\]\)*{_CAST}\)*",
    re.I,
)
_ONE = re.compile(rf"\(*({_NAME})\)*{_CAST}\s*=\s*({_TEXT}){_CAST}\)*", re.I)


def choices_of(sql: str) -> tuple[str, tuple[str, ...]] | None:
    """(column, choices) when the whole rule is `column IN ('a', 'b')`, else None."""
    text = sql.strip()
    for pattern in (_IN, _ANY, _ONE):
        found = pattern.fullmatch(text)
        if found:
            literals = re.findall(_TEXT, found[2])
            return unquote(found[1]), tuple(t[1:-1].replace("''", "'") for t in literals)
    return None


def unquote(name: str) -> str:
    """An identifier without the quotes SQL allows around it."""
    if name[0] == "[":
        return name[1:-1]
    if name[0] in '"`':
        return name[1:-1].replace(name[0] * 2, name[0])
    return name


_TOKEN = re.compile(
    rf"--[^\n]*|/\*.*?\*/|{_TEXT}|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\w+|[()]|\s+|.", re.S
)


def checks_in(create_table: str) -> Iterator[CheckConstraint]:
    """The CHECK constraints of a CREATE TABLE statement, for SQLite, which lists them nowhere."""
    tokens = [t for t in _TOKEN.findall(create_table) if not t.startswith(("--", "/*"))]
    words = [(i, t) for i, t in enumerate(tokens) if not t.isspace()]
    for at, (index, token) in enumerate(words):
        if token.upper() == "CHECK" and at + 1 < len(words) and words[at + 1][1] == "(":
            named = at >= 2 and words[at - 2][1].upper() == "CONSTRAINT"
            name = unquote(words[at - 1][1]) if named else None
            yield CheckConstraint(name=name, sql=_inside(tokens[index + 1 :]))


def _inside(tokens: list[str]) -> str:
    """What stands between the first parenthesis and the one that closes it."""
    depth, text = 0, ""
    for part in tokens:
        if part == ")":
            depth -= 1
            if depth == 0:
                break
        if depth:
            text += part
        if part == "(":
            depth += 1
    return text.strip()
