"""Cells a spreadsheet program would run instead of show (rulings A16, A41).

The rule is OWASP's on CSV injection: text that starts with = + - @ TAB or CR is a formula
to spreadsheet programs; an apostrophe before it makes it text. Text that is plainly a number
or a telephone number ("-5", "+49 170 123") does no harm and is left alone.
"""

from __future__ import annotations

import polars as pl

from core.model.table import Kind

_FORMULA = r"^[=+\-@\t\r]"
_CERTAIN = r"^[=@\t\r]"  # no canonical value of any kind but text starts so
_NUMBER_LIKE = r"^[+-]\s?[(]?[.,]?[0-9][0-9 ().,/:%-]*(?:[eE][+-]?[0-9]+)?$"


def escape_formulas(cell: pl.Expr, kind: Kind) -> pl.Expr:
    """The cell with an apostrophe before it where a spreadsheet would run it.

    Databases that do not enforce types can hold text in a column of any kind, so columns of
    other kinds are watched too, for what none of their own values starts with.
    """
    if kind is Kind.TEXT:
        dangerous = cell.str.contains(_FORMULA) & ~cell.str.contains(_NUMBER_LIKE)
    else:
        dangerous = cell.str.contains(_CERTAIN)
    return pl.when(dangerous).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell)
