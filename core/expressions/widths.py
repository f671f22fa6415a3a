"""How long a text can become, told before any is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InvalidExpression

MOST_TIMES = 20  #: a result may be as long as so many of the longest cells
MOST_FIXED = 5_000  #: and so many characters more
SHOWN = 60  #: characters of a number or date at most


@dataclass(frozen=True, kw_only=True, slots=True)
class Width:
    """At most `times` the row's longest cell and `fixed` characters.

    Capital letters may be more characters than small ones (ß, ŉ), three at most and once.
    """

    times: int = 0
    fixed: int = 0

    def __add__(self, other: Width) -> Width:
        return bounded(self.times + other.times, self.fixed + other.fixed)

    def either(self, other: Width) -> Width:
        return Width(times=max(self.times, other.times), fixed=max(self.fixed, other.fixed))


def bounded(times: int, fixed: int) -> Width:
    """Raises InvalidExpression when a text could become too long."""
    if times > MOST_TIMES or fixed > MOST_FIXED:
        raise InvalidExpression("the expression could make texts too long for a table")
    return Width(times=times, fixed=fixed)


def widest(widths: Sequence[Width]) -> Width:
    found = Width()
    for width in widths:
        found = found.either(width)
    return found


def joined(widths: Sequence[Width], separator: int) -> Width:
    """Texts one after another."""
    found = Width(fixed=separator * max(len(widths) - 1, 0))
    for width in widths:
        found = found + width
    return found


def replaced(width: Width, new: str, *, groups: bool) -> Width:
    """Every place in a text replaced; `groups`: `$1` in the new text stands for what was found."""
    again = 1 + (new.count("$") if groups else 0)
    each = max(len(new), 1) + again
    return bounded(width.times * each, (width.fixed + 1) * each)
