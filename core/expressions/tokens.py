"""A formula as words, signs, names, texts and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from core.errors import InvalidExpression
from core.expressions.words import SIGNS

LONGEST = 2_000  #: characters of a formula
MOST_TOKENS = 400
DEEPEST = 20  #: parentheses and CASEs within one another

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<text>'(?:[^']|'')*')"
    r'|(?P<name>"(?:[^"]|"")+")'
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?![\w.]))"
    r"|(?P<word>[^\W\d]\w*)"
    rf"|(?P<sign>{'|'.join(re.escape(sign) for sign in SIGNS)})"
)


class Sort(Enum):
    """What a token is."""

    TEXT = auto()
    NAME = auto()
    NUMBER = auto()
    WORD = auto()
    SIGN = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One piece of a formula; `value` is a text or name without its quotes."""

    sort: Sort
    value: str

    @property
    def upper(self) -> str:
        """A word or sign in capital letters; empty for texts, names and numbers."""
        return self.value.upper() if self.sort in (Sort.WORD, Sort.SIGN) else ""


def tokens(text: str) -> list[Token]:
    """The pieces of a formula. Raises InvalidExpression at a piece that is none."""
    if len(text) > LONGEST:
        raise InvalidExpression(f"the expression has more than {LONGEST:,} characters")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidExpression(f"the expression cannot be read from {quoted(text[at:])} on")
        at = match.end()
        sort, value = match.lastgroup or "", match.group()
        if sort == "space":
            continue
        if sort in ("text", "name"):
            mark = value[0]
            value = value[1:-1].replace(mark * 2, mark)
        found.append(Token(sort=Sort[sort.upper()], value=value))
    _require_bounds(found)
    return found


def _require_bounds(found: list[Token]) -> None:
    if not found:
        raise InvalidExpression("the expression is empty")
    if len(found) > MOST_TOKENS:
        raise InvalidExpression(f"the expression has more than {MOST_TOKENS} words and signs")
    depth = deepest = 0
    for token in found:
        depth += (token.upper in ("(", "CASE")) - (token.upper in (")", "END"))
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise InvalidExpression(f"the expression is nested more than {DEEPEST} deep")


def quoted(text: str) -> str:
    return f"'{text}'" if len(text) <= 40 else f"'{text[:40]}…'"
