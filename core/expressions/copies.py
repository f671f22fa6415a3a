"""How large Polars makes a formula, told before it does.

Polars writes some forms out with their operand twice or more (`x BETWEEN a AND b` becomes
`x >= a AND x <= b`), so forms within one another would grow without bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InvalidExpression
from core.expressions.tokens import Sort, Token

MOST = 8_000  #: nodes, about

#: How often a function's arguments are written out, at most; the others once.
WRITTEN_OUT = {"NULLIF": 2, "RIGHT": 3, "LEFT": 3, "SPLIT_PART": 4, "SUBSTR": 3, "SUBSTRING": 3}
_PARTING = frozenset({",", "OR", "WHEN", "THEN", "ELSE"})


@dataclass(slots=True)
class _Group:
    """What stands in one pair of parentheses, or between CASE and END."""

    factor: int
    parted: int = 0  #: size of what is read
    size: int = 1  #: of what stands since the last comma or OR
    betweens: int = 0

    def part(self) -> None:
        self.parted += self.size * 2**self.betweens
        self.size, self.betweens = 1, 0

    @property
    def total(self) -> int:
        self.part()
        return self.parted * self.factor


def require_few_copies(found: Sequence[Token]) -> None:
    """Raises InvalidExpression when such forms stand within one another too often."""
    groups = [_Group(factor=1)]
    for position, token in enumerate(found):
        word = token.upper
        if word == "(":
            before = found[position - 1].upper if position else ""
            if before == "IN":
                _require_literals(found, position)
            groups.append(_Group(factor=WRITTEN_OUT.get(before, 1)))
        elif word == "CASE":
            _require_plain_case(found, position)
            groups.append(_Group(factor=1))
        elif word in (")", "END") and len(groups) > 1:
            size = groups.pop().total
            groups[-1].size += size
        elif word in _PARTING:
            groups[-1].part()
        else:
            groups[-1].size += 1
            groups[-1].betweens += word == "BETWEEN"
        if groups[-1].size * 2 ** groups[-1].betweens > MOST or groups[-1].parted > MOST:
            raise InvalidExpression(
                "the expression is too involved: put each BETWEEN in parentheses of its own, and"
                " fewer functions within one another"
            )


def _require_literals(found: Sequence[Token], position: int) -> None:
    """The list after IN holds values only: a column in it would write the operand out again."""
    for token in found[position + 1 :]:
        if token.upper == ")":
            return
        if token.sort not in (Sort.TEXT, Sort.NUMBER) and token.upper not in (",", "-"):
            raise InvalidExpression("the list after IN holds texts and numbers only")


def _require_plain_case(found: Sequence[Token], position: int) -> None:
    """CASE is followed by WHEN, or by one column."""
    after = [token.upper for token in found[position + 1 : position + 3]]
    if "WHEN" not in after:
        raise InvalidExpression("between CASE and WHEN stands nothing, or one column")
