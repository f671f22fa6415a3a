"""What the tests of the checks room share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import pytest

from core.checks.casting import CastOptions, cast_column, typed
from core.checks.problems import gather, to_problems
from core.model.table import CheckConstraint, Column, Kind, Table, TableRef

Cast = Callable[..., tuple[list[Any], list[tuple[int, str, str]]]]


@pytest.fixture(scope="session")
def column() -> Callable[..., Column]:
    def column(name: str, kind: Kind = Kind.TEXT, **more: Any) -> Column:
        return Column(name=name, kind=kind, **({"type_text": kind.value} | more))

    return column


@pytest.fixture(scope="session")
def table() -> Callable[..., Table]:
    def table(*columns: Column, checks: Sequence[str] = (), **more: Any) -> Table:
        constraints = tuple(CheckConstraint(name=None, sql=sql) for sql in checks)
        return Table(ref=TableRef(name="things"), columns=columns, checks=constraints, **more)

    return table


@pytest.fixture(scope="session")
def cast(column) -> Cast:
    """cast(cells, kind, **column) → (values, [(position, check, message)])."""

    def cast(cells: Sequence[str | None], kind: Kind, *, nan: bool = False, **more: Any):
        of = column("x", kind, **more)
        text = pl.Series("x", cells, dtype=pl.String)
        before = text.to_list()
        result = cast_column(text, of, CastOptions(nan=nan))
        assert text.to_list() == before, "the text is not changed"
        assert result.values.dtype == typed(of)
        assert len(result.values) == len(text)
        problems = gather(to_problems(fault, text, "x") for fault in result.faults)
        return result.values.to_list(), problems.select("index", "check", "message").rows()

    return cast


@pytest.fixture(scope="session")
def mapped() -> Callable[..., pl.DataFrame]:
    """A frame as the mapping room gives it."""

    def mapped(first_row: int = 1, **columns: Sequence[str | None]) -> pl.DataFrame:
        height = len(next(iter(columns.values())))
        return pl.DataFrame(
            {
                "__row__": pl.Series(range(first_row, first_row + height), dtype=pl.Int64),
                "__line__": pl.Series(range(first_row + 1, first_row + 1 + height), dtype=pl.Int64),
            }
        ).with_columns(pl.Series(n, cells, dtype=pl.String) for n, cells in columns.items())

    return mapped
