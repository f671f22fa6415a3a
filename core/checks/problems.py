"""The frame problems travel in (docs/architecture.md), and how a message quotes a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from core.model.check import Severity

PROBLEMS = pl.Schema(
    {
        "index": pl.UInt32,  # position in the batch
        "field": pl.String,  # null for a whole row
        "check": pl.String,
        "message": pl.String,
        "severity": pl.String,
    }
)

#: How much of a cell a message quotes, in characters.
QUOTED = 60

#: What follows the quoted cell in a message, or a function from the cell to the whole message.
Says = str | Callable[[str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Cells of one column failing one check."""

    check: str
    index: pl.Series  #: UInt32 positions in the column
    says: Says
    severity: Severity = Severity.ERROR


def no_problems() -> pl.DataFrame:
    return pl.DataFrame(schema=PROBLEMS)


def quote(value: str) -> str:
    """The cell in quotes, on one line, cut to QUOTED characters."""
    line = " ".join(value.split()) if any(c in value for c in "\r\n\t") else value
    line = line.replace("\0", "\u2400")
    return f"'{line}'" if len(line) <= QUOTED else f"'{line[:QUOTED]}…'"


def positions(mask: pl.Series) -> pl.Series:
    """Where the mask is true, as UInt32."""
    return mask.fill_null(value=False).arg_true().cast(pl.UInt32)


def to_problems(fault: Fault, cells: pl.Series, field: str | None) -> pl.DataFrame:
    """The fault as problems; `cells` is the whole column as text."""
    messages = _messages(cells.gather(fault.index), fault.says)
    return pl.DataFrame({"index": fault.index.cast(pl.UInt32), "message": messages}).select(
        "index",
        pl.lit(field, dtype=pl.String).alias("field"),
        pl.lit(fault.check).alias("check"),
        "message",
        pl.lit(fault.severity.value).alias("severity"),
    )


def _messages(cells: pl.Series, says: Says) -> pl.Series:
    if not isinstance(says, str):
        distinct = cells.unique()
        spoken = [says(cell or "") for cell in distinct.to_list()]
        return cells.replace_strict(distinct, spoken, return_dtype=pl.String)
    line = pl.col("cell").str.replace_all(r"\s*[\r\n\t]\s*", " ")
    line = line.str.replace_all("\0", "\u2400", literal=True)
    short = pl.when(line.str.len_chars() > QUOTED).then(line.str.head(QUOTED) + "…").otherwise(line)
    quoted = pl.concat_str(pl.lit("'"), short, pl.lit("'"))
    said = pl.concat_str(quoted.fill_null("an empty cell"), pl.lit(" " + says))
    return cells.alias("cell").to_frame().select(said).to_series()


def whole_rows(
    index: pl.Series, check: str, messages: pl.Series, severity: Severity = Severity.ERROR
) -> pl.DataFrame:
    """Problems of whole rows, one message each."""
    return pl.DataFrame({"index": index.cast(pl.UInt32), "message": messages}).select(
        "index",
        pl.lit(None, dtype=pl.String).alias("field"),
        pl.lit(check).alias("check"),
        pl.col("message").cast(pl.String),
        pl.lit(severity.value).alias("severity"),
    )


def gather(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Problems of several origins as one frame, by position in the batch."""
    found = [part for part in parts if part.height]
    if not found:
        return no_problems()
    return pl.concat(found).sort("index", maintain_order=True)
