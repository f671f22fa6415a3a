"""The shape of a cell: what it is made of, so that a million bad cells are a handful of kinds."""

from __future__ import annotations

import polars as pl

#: Characters of a shape; of a longer one an ellipsis tells.
LONGEST = 24
#: Characters of a cell that are looked at: runs are drawn together, so most cells fit whole.
_SEEN = 120

#: In this order: what stands for a run, and what it stands for.
_RUNS = (
    (r"(?:[\p{Lu}\p{Lt}]\p{M}*)+", "A"),
    (r"[\p{L}\p{M}--[A]]+", "a"),
    (r"[0-9]{5,}", "9+"),
    (r"[0-9]", "9"),
    (r"[\p{N}--[0-9]]+", "#"),
)
#: Blanks, each to be seen: a plain one, a tab, the end of a line, and all others.
_BLANKS = (
    (" ", "␣"),
    ("\t", "⇥"),
    (r"\r?\n|\r", "⏎"),
    (r"[\p{Z}\x{180E}\x{200B}-\x{200D}\x{2060}\x{FEFF}]", "⍽"),
    (r"\p{Cc}", "␀"),
)


#: What is enough for cells of plain characters alone, at a third of the cost.
_PLAIN = (("[A-Z]+", "A"), ("[a-z]+", "a"), ("[0-9]{5,}", "9+"), ("[0-9]", "9"), (" ", "␣"))
_NOT_PLAIN = "[^ -~]"


def shape(cell: pl.Expr, *, plain: bool = False) -> pl.Expr:
    """Text → its shape, null for null: "18/10/2026" → "99/99/9999", "Jaz" → "Aa".

    Up to four digits stay as many, longer runs are "9+"; runs of capitals are "A", of other
    letters "a"; blanks are made visible; anything else stays. Cut at LONGEST characters.
    `plain` promises that there is nothing but printable ASCII.
    """
    drawn = cell.str.head(_SEEN)
    for pattern, sign in _PLAIN if plain else (*_RUNS, *_BLANKS):
        drawn = drawn.str.replace_all(pattern, sign)
    long = (drawn.str.len_chars() > LONGEST) | (cell.str.len_chars() > _SEEN)
    return pl.when(long).then(drawn.str.head(LONGEST - 1) + "…").otherwise(drawn)


def shapes(cells: pl.Series) -> pl.Series:
    """The shape of each cell, worked out once for each distinct one."""
    distinct = cells.unique().alias("cell").to_frame()
    plain = not distinct["cell"].str.contains(_NOT_PLAIN).any()
    known = distinct.with_columns(shape(pl.col("cell"), plain=plain).alias("shape"))
    frame = cells.alias("cell").to_frame()
    joined = frame.join(known, on="cell", how="left", nulls_equal=True, maintain_order="left")
    return joined["shape"]
