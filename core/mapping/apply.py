"""A batch of source cells → text under the table's own column names, plus problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import InvalidMapping
from core.mapping.registry import Options, Transform
from core.mapping.transforms import find_transform
from core.model.check import Severity
from core.model.mapping import Circumstances, FieldMapping

#: Meta columns of a batch that travel on, and the shape of problems (docs/architecture.md).
CARRIED = ("__row__", "__line__")
PROBLEMS = pl.Schema(
    {
        "index": pl.UInt32,
        "field": pl.String,
        "check": pl.String,
        "message": pl.String,
        "severity": pl.String,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """`frame`: `__row__`, `__line__` and one String column per target; `problems`: PROBLEMS."""

    frame: pl.DataFrame
    problems: pl.DataFrame


def apply_mappings(
    batch: pl.DataFrame,
    mappings: Iterable[FieldMapping],
    *,
    source_columns: Sequence[str],
    circumstances: Circumstances | None = None,
) -> Mapped:
    """Take each mapping's source column through its steps.

    `batch` has the meta columns and one String column per source column. A cell that a
    step cannot read is null in the frame and has one problem, named after the transform;
    the steps after it are not tried. Raises InvalidMapping when a source column is missing
    from `source_columns` or the batch, or a transform does not exist.
    """
    known = set(source_columns)
    columns = [batch.get_column(name) for name in CARRIED]
    problems: list[pl.DataFrame] = []
    for mapping in mappings:
        if mapping.source not in known or mapping.source not in batch.columns:
            raise InvalidMapping(f"The file has no column {mapping.source!r}")
        cells = batch.get_column(mapping.source).alias("cell")
        for step in mapping.steps:
            transform = find_transform(step.transform)
            after = _take_step(cells, transform, step.options)
            if after.null_count() > cells.null_count():
                problems.append(_failures(cells, after, mapping.target, transform, step.options))
            cells = after
        if mapping.skip_empty:
            cells = cells.to_frame().select(pl.col("cell").replace("", None)).to_series()
        columns.append(cells.alias(mapping.target))
    found = pl.concat(problems) if problems else pl.DataFrame(schema=PROBLEMS)
    return Mapped(frame=pl.DataFrame(columns), problems=found.sort("index", maintain_order=True))


def _take_step(cells: pl.Series, transform: Transform, options: Options) -> pl.Series:
    return cells.to_frame().select(transform.expression(pl.col("cell"), options)).to_series()


def _failures(
    before: pl.Series, after: pl.Series, target: str, transform: Transform, options: Options
) -> pl.DataFrame:
    failed = (after.is_null() & before.is_not_null()).arg_true()
    values = before.gather(failed)
    distinct = values.unique()
    messages = [transform.explain(value, options) for value in distinct.to_list()]
    said = values.replace_strict(distinct, messages, return_dtype=pl.String)
    return pl.DataFrame({"index": failed.cast(pl.UInt32), "message": said}).select(
        "index",
        pl.lit(target).alias("field"),
        pl.lit(transform.info.name).alias("check"),
        "message",
        pl.lit(Severity.ERROR.value).alias("severity"),
    )
