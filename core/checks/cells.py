"""Casting in two strides: most cells fast as they stand, the remaining ones with care."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from core.checks.problems import Fault

#: White space by Unicode, the separators str.strip() also takes, and zero-width characters.
BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u180e\u200b\u200c\u200d\u2060\ufeff"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """A column's typed values, null where a cell was null, blank or at fault."""

    values: pl.Series
    faults: tuple[Fault, ...] = ()


def settle(text: pl.Series, fast: pl.Series, slow: Callable[[pl.Series], Cast]) -> Cast:
    """Fill the gaps of `fast` from `slow`.

    `fast` holds values that need no more thought, null elsewhere. `slow` gets the other
    cells that are not blank, without the blanks around them; its faults count positions
    among those.
    """
    todo = (fast.is_null() & text.is_not_null()).arg_true()
    if todo.is_empty():
        return Cast(values=fast)
    cells = text.gather(todo).str.strip_chars(BLANKS).alias("cell")
    solid = (cells != "").arg_true()
    todo, cells = todo.gather(solid), cells.gather(solid)
    if todo.is_empty():
        return Cast(values=fast)
    cast = slow(cells)
    values = fast.clone().scatter(todo, cast.values)  # scatter writes in place
    faults = tuple(
        replace(fault, index=todo.gather(fault.index)) for fault in cast.faults if len(fault.index)
    )
    return Cast(values=values, faults=faults)
