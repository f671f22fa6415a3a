"""A batch of source cells → text under the table's own column names, plus problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import InvalidMapping
from core.mapping.registry import FAILURES, Given, Options, Transform, not_first
from core.mapping.sources import first_of
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """One step taken by a column."""

    transform: Transform
    cells: pl.Series  #: String; null where this step or one before it failed
    failures: pl.DataFrame | None  #: FAILURES, None when there are none


def apply_mappings(
    batch: pl.DataFrame,
    mappings: Iterable[FieldMapping],
    *,
    source_columns: Sequence[str],
    circumstances: Circumstances | None = None,
) -> Mapped:
    """Take each mapping's cells, of a source column or made by its first step, through its steps.

    `batch` has the meta columns and one String column per source column. A cell that a
    step cannot read is null in the frame and has one problem, named after the transform;
    the steps after it are not tried. Raises InvalidMapping when a source column is missing
    from `source_columns` or the batch, or a transform does not exist.
    """
    columns = [batch.get_column(name) for name in CARRIED]
    problems: list[pl.DataFrame] = []
    given = Given(batch=batch, source_columns=source_columns, circumstances=circumstances)
    for mapping in mappings:
        cells = given.column(mapping.source) if mapping.source else None
        for taken in take_steps(given, mapping):
            cells = taken.cells
            if taken.failures is not None:
                problems.append(_problems(taken, mapping.target))
        assert cells is not None
        if mapping.skip_empty:
            cells = cells.to_frame("cell").select(pl.col("cell").replace("", None)).to_series()
        columns.append(cells.alias(mapping.target))
    found = pl.concat(problems) if problems else pl.DataFrame(schema=PROBLEMS)
    return Mapped(frame=pl.DataFrame(columns), problems=found.sort("index", maintain_order=True))


def take_steps(given: Given, mapping: FieldMapping) -> Iterator[Taken]:
    """Each step of a mapping in turn. Raises InvalidMapping as `apply_mappings` does."""
    steps, lost = mapping.steps, None
    if mapping.source:
        cells = given.column(mapping.source).alias("cell")
    else:
        first, steps = first_of(mapping), mapping.steps[1:]
        yield (taken := _make(given, first, mapping.steps[0].options))
        cells = taken.cells
        lost = _lost(taken, lost)
    for step in steps:
        transform = find_transform(step.transform)
        taken = _take_step(cells, transform, step.options, lost)
        yield taken
        cells = taken.cells
        lost = _lost(taken, lost)


def _make(given: Given, transform: Transform, options: Options) -> Taken:
    assert transform.maker is not None
    made = transform.maker.make(given, options)
    return Taken(transform=transform, cells=made.cells.alias("cell"), failures=made.failures)


def _take_step(
    before: pl.Series, transform: Transform, options: Options, lost: pl.Series | None
) -> Taken:
    """`lost`: positions of cells that failed before, and are not tried again."""
    if transform.maker is not None:
        raise InvalidMapping(not_first(transform.info.name))
    after = before.to_frame().select(transform.expression(pl.col("cell"), options)).to_series()
    if lost is not None and after.null_count() < before.null_count():
        after = after.clone().scatter(lost, None)  # scatter writes in place
    failures = None
    if after.null_count() > (0 if transform.meant_null else before.null_count()):
        failures = _failures(before, after, transform, options)
    return Taken(transform=transform, cells=after.alias("cell"), failures=failures)


def _lost(taken: Taken, lost: pl.Series | None) -> pl.Series | None:
    if taken.failures is None:
        return lost
    now = taken.failures["index"]
    return now if lost is None else pl.concat([lost, now])


def _failures(
    before: pl.Series, after: pl.Series, transform: Transform, options: Options
) -> pl.DataFrame | None:
    failed = after.is_null() & before.is_not_null()
    if transform.meant_null is not None:
        meant = transform.meant_null(pl.col("cell"), options)
        failed &= ~before.to_frame("cell").select(meant.fill_null(value=False)).to_series()
    index = failed.arg_true()
    if index.is_empty():
        return None
    values = before.gather(index)
    distinct = values.unique()
    messages = [transform.explain(value, options) for value in distinct.to_list()]
    said = values.replace_strict(distinct, messages, return_dtype=pl.String)
    return pl.DataFrame({"index": index, "message": said}, schema=FAILURES)


def _problems(taken: Taken, target: str) -> pl.DataFrame:
    assert taken.failures is not None
    return taken.failures.select(
        "index",
        pl.lit(target).alias("field"),
        pl.lit(taken.transform.info.name).alias("check"),
        "message",
        pl.lit(Severity.ERROR.value).alias("severity"),
    )
