"""What the words of a formula stand for: columns by position, and what is allowed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.errors import InvalidExpression
from core.expressions.copies import require_few_copies
from core.expressions.tokens import Sort, Token, quoted, tokens
from core.expressions.words import FUNCTIONS, KEYWORDS, PARTS, TYPES


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A formula for Polars, in which c0, c1… stand for the columns."""

    sql: str
    columns: tuple[str, ...]


def written(text: str, columns: Collection[str]) -> Written:
    """The formula with every column named by its position, and nothing in it that is not allowed.

    Raises InvalidExpression naming the word that is neither a column nor allowed.
    """
    pieces = tokens(text)
    require_few_copies(pieces)
    names: list[str] = []
    out: list[str] = []
    for position, token in enumerate(pieces):
        before = pieces[max(position - 2, 0) : position]
        after = pieces[position + 1] if position + 1 < len(pieces) else None
        plain = _plain(token, before, after)
        if plain is None:
            name = _column(token, columns)
            if name not in names:
                names.append(name)
            plain = f"c{names.index(name)}"
        out.append(plain)
    return Written(sql=" ".join(out), columns=tuple(names))


def _plain(token: Token, before: list[Token], after: Token | None) -> str | None:
    """The token as Polars is given it, None when it must be a column."""
    match token.sort:
        case Sort.TEXT:
            return "'" + token.value.replace("'", "''") + "'"
        case Sort.NUMBER | Sort.SIGN:
            return token.value
        case Sort.NAME:
            return None
        case Sort.WORD:
            return _word(token, before, after)


def _word(token: Token, before: list[Token], after: Token | None) -> str | None:
    word, previous = token.upper, before[-1].upper if before else ""
    if word in KEYWORDS:
        if previous == "IS" and word in ("TRUE", "FALSE"):
            raise InvalidExpression("write the condition itself instead of IS TRUE or IS FALSE")
        return word
    if previous in ("AS", "::") and word in TYPES:
        return TYPES[word]
    if word == "PRECISION" and previous == "DOUBLE":
        return ""
    if previous == "(" and len(before) > 1 and before[0].upper == "EXTRACT" and word in PARTS:
        return word
    if after is not None and after.sort is Sort.TEXT and word in ("DATE", "TIMESTAMP"):
        return word
    if after is not None and after.upper == "(":
        if word in FUNCTIONS:
            return word
        raise InvalidExpression(f"there is no function {token.value}; see the list in the docs")
    return None


def _column(token: Token, columns: Collection[str]) -> str:
    if token.value in columns:
        return token.value
    if token.sort is Sort.WORD:
        alike = [name for name in columns if name.casefold() == token.value.casefold()]
        if len(alike) == 1:
            return alike[0]
    raise InvalidExpression(
        f"there is no column {quoted(token.value)}; texts stand in 'single quotes', column names"
        ' with spaces in "double quotes"'
    )
