"""Which functions of Polars a formula may come to, and what bounds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidExpression
from core.expressions.patterns import require_pattern
from core.expressions.widths import SHOWN, Width, bounded, joined, replaced, widest
from core.expressions.words import NODES, PLAIN_NODES

MOST_PADDING = 1_000  #: characters LPAD and RPAD fill up to


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """A function that is let through."""

    function: Any  #: serialised, as it is to be run
    width: Width
    operator: str = ""  #: for arithmetic: which


def admitted(call: Any, literals: Sequence[Any], widths: Sequence[Width]) -> Admitted:
    """`literals`: per argument its serialised value, None for one that is no literal.

    Raises InvalidExpression for a function that is not on the list, or not with these arguments.
    """
    if isinstance(call, str) and call in PLAIN_NODES:
        return Admitted(function=call, width=widest(widths))
    family, name, options = _named(call)
    if name == "Strptime":
        raise InvalidExpression("write a fixed date as DATE '2026-01-31'")
    if name not in NODES.get(family, ()):
        raise InvalidExpression(f"a function is not allowed, or not used so: Polars' {name}")
    if family == "Sql" and name == "Binary":
        return Admitted(function=call, width=Width(fixed=SHOWN), operator=str(options))
    if family == "StringExpr":
        return _of_text(name, options, call, literals, widths)
    if family == "ListExpr" and options is not True:
        raise InvalidExpression("the expression asks for a piece that may be missing")
    return Admitted(function=call, width=widest(widths))


def _named(call: Any) -> tuple[str, str, Any]:
    """Family, name and options of a function as Polars writes it."""
    if isinstance(call, str):
        return "", call, None
    family, inner = next(iter(call.items()))
    if isinstance(inner, str):
        return str(family), inner, None
    if not isinstance(inner, dict):
        return str(family), str(inner), None
    name, options = next(iter(inner.items()))
    return str(family), str(name), options


def _of_text(
    name: str, options: Any, call: Any, literals: Sequence[Any], widths: Sequence[Width]
) -> Admitted:
    match name:
        case "Find":  # Polars would take the text that STRPOS looks for as a pattern
            call = {"StringExpr": {"Find": {**options, "literal": True}}}
        case "Contains" if not options["literal"]:
            require_pattern(_text(literals, 1, "a pattern"))
        case "ConcatHorizontal":
            return Admitted(function=call, width=joined(widths, len(options["delimiter"])))
        case "PadStart" | "PadEnd":
            return Admitted(function=call, width=_padded(literals, widths[0]))
        case "Replace":
            return Admitted(function=call, width=_replaced(options, literals, widths[0]))
    return Admitted(function=call, width=widths[0])


def _padded(literals: Sequence[Any], width: Width) -> Width:
    length = (literals[1] or {}).get("Int64")
    if length is None or not 0 <= length <= MOST_PADDING:
        raise InvalidExpression(f"LPAD and RPAD take a length from 0 to {MOST_PADDING:,}")
    return bounded(width.times, max(width.fixed, length))


def _replaced(options: Any, literals: Sequence[Any], width: Width) -> Width:
    old = _text(literals, 1, "the text to replace")
    new = _text(literals, 2, "the new text")
    if not options["literal"]:
        require_pattern(old)
    elif not old:
        raise InvalidExpression("the text to replace is empty")
    return replaced(width, new, groups=not options["literal"])


def _text(literals: Sequence[Any], position: int, what: str) -> str:
    held = (literals[position] or {}).get("String")
    if not isinstance(held, str):
        raise InvalidExpression(f"{what} stands in 'single quotes'; it cannot come from a column")
    return held
