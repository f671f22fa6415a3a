"""All checks of one batch: accepted rows, problems, rejected rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.checks.builtin import text_faults
from core.checks.casting import CastOptions, cast_column
from core.checks.from_table import build_schema, position_name, rules
from core.checks.problems import (
    Fault,
    gather,
    positions,
    to_problems,
    whole_rows,
)
from core.checks.rules.kept import Kept
from core.checks.unusual import Usual
from core.model.check import Severity
from core.model.table import Column, Table

#: Meta columns that travel along with the typed cells (docs/architecture.md).
CARRIED = ("__row__", "__line__")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What one batch turned out to be."""

    accepted: pl.DataFrame  #: `__row__`, `__line__` and the typed columns of the good rows
    problems: pl.DataFrame  #: every problem of the batch, by position
    rejected: pl.Series  #: Boolean, one per row of the batch


class Checker:
    """The checks of one file against one table, built once and used batch by batch."""

    def __init__(
        self,
        table: Table,
        targets: Sequence[str],
        *,
        skip_empty: Collection[str] = frozenset(),
        options: CastOptions | None = None,
        kept: Kept | None = None,
        usual: Mapping[str, Usual] | None = None,
    ) -> None:
        """KeyError when a target is no column of the table.

        `skip_empty` names targets whose empty cells leave the field out; `options` say what
        the backend can hold beyond what the table tells; `kept` are the rules of the table's
        keepers, `usual` what its columns hold so far.
        """
        self._kept, self._usual = kept or Kept(), usual or {}
        self._columns = tuple(table.column(name) for name in targets)
        self._rules = tuple(rules(table, name, self._kept.cells) for name in targets)
        self._schema = build_schema(table, targets, skip_empty=skip_empty, kept=self._kept.cells)
        self._options = options or CastOptions()

    def check(
        self, frame: pl.DataFrame, problems_so_far: pl.DataFrame, flaws: pl.Series | None = None
    ) -> Checked:
        """Check a mapped batch: `__row__`, `__line__` and one String column per target.

        `problems_so_far` are those of the transforms; their cells are null already and break
        no further rule. A row with a flaw has that as its only problem. Every other
        violation of the batch is reported, and a row with an error is rejected.
        """
        values: list[pl.Series] = []
        found: list[pl.DataFrame] = []
        for position, column in enumerate(self._columns):
            text = _cells(frame, column)
            cast = cast_column(text, column, self._options)
            values.append(cast.values.alias(position_name(position)))
            faults = [*cast.faults, *text_faults(text, column)]
            if column.name in self._usual:
                faults += self._usual[column.name].faults(cast.values)
            found += [to_problems(fault, text, column.name) for fault in faults]
        void = gather([problems_so_far, *found])
        broken = gather(
            [
                *self._broken_rules(frame, pl.DataFrame(values)),
                *self._broken_by_rows(frame, values, void),
                *self._kept.missing(frame.height),
            ]
        )
        # A cell that could not be read is null by then: that it is missing is no news.
        broken = broken.join(
            void.filter(pl.col("severity") == Severity.ERROR.value),
            on=["index", "field"],
            how="anti",
            nulls_equal=True,
            maintain_order="left",
        )
        problems = _with_flaws(gather([void, broken]), flaws)
        rejected = _rejected(problems, frame.height)
        accepted = pl.DataFrame(
            [frame.get_column(name) for name in CARRIED]
            + [series.alias(c.name) for series, c in zip(values, self._columns, strict=True)]
        )
        if rejected.any():
            accepted = accepted.filter(~rejected)
        return Checked(accepted=accepted, problems=problems, rejected=rejected)

    def _broken_rules(self, frame: pl.DataFrame, typed: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Every failure of the schema, said in our own words."""
        if not typed.height:
            return
        for position, number, index in _failures(self._schema, typed):
            column = self._columns[position]
            text = _cells(frame, column)
            if number is None:
                yield _required(index, column.name)
                continue
            rule = self._rules[position][number]
            fault = Fault(check=rule.check, index=index, says=rule.says, severity=rule.severity)
            yield to_problems(fault, text, column.name)

    def _broken_by_rows(
        self, frame: pl.DataFrame, values: list[pl.Series], void: pl.DataFrame
    ) -> Iterator[pl.DataFrame]:
        """What rules on whole rows find; void where a cell they look at has an error."""
        if not self._kept.rows:
            return
        pairs = zip(values, self._columns, strict=True)
        typed = pl.DataFrame([series.alias(column.name) for series, column in pairs])
        errors = void.filter(pl.col("severity") == Severity.ERROR.value)
        for columns, problems in self._kept.broken(typed, frame):
            bad = errors.filter(pl.col("field").is_in(columns))["index"].unique()
            yield problems.filter(~pl.col("index").is_in(bad.implode()))


def _cells(frame: pl.DataFrame, column: Column) -> pl.Series:
    """The column's text under a name that Polars cannot take for a pattern."""
    return frame.get_column(column.name).alias("cell")


def _required(index: pl.Series, field: str) -> pl.DataFrame:
    message = f"{field} must have a value"
    messages = pl.Series([message], dtype=pl.String).new_from_index(0, len(index))
    return whole_rows(index, "required", messages).with_columns(pl.lit(field).alias("field"))


def _failures(schema: object, typed: pl.DataFrame) -> Iterator[tuple[int, int | None, pl.Series]]:
    """(position of the column, number of its check or None for null, positions of the cells)."""
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors
    from pandera.polars import DataFrameSchema

    assert isinstance(schema, DataFrameSchema)
    try:
        # Pandera reads switches from the environment; ours must not be turned off by it.
        with config_context(
            validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA
        ):
            schema.validate(typed, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if cases.get_column("index").null_count():
            raise  # not a finding about cells: the frame is not what the schema is for
        names = {position_name(n): n for n in range(typed.width)}
        groups = cases.group_by("column", "check_number", maintain_order=True)
        for (column, number), group in groups:
            index = group.get_column("index").cast(pl.UInt32).unique().sort()
            yield names[str(column)], number if isinstance(number, int) else None, index


def _with_flaws(problems: pl.DataFrame, flaws: pl.Series | None) -> pl.DataFrame:
    """Replace whatever was found in a flawed row by its flaw."""
    if flaws is None or flaws.null_count() == len(flaws):
        return problems
    index = positions(flaws.is_not_null())
    others = problems.filter(~pl.col("index").is_in(index.implode()))
    return gather([others, whole_rows(index, "flaw", flaws.gather(index))])


def _rejected(problems: pl.DataFrame, height: int) -> pl.Series:
    rejected = pl.Series("rejected", [False], dtype=pl.Boolean).new_from_index(0, height)
    errors = problems.filter(pl.col("severity") == Severity.ERROR.value).get_column("index")
    return rejected.scatter(errors.unique(), True) if len(errors) else rejected
