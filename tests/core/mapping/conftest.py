"""What the tests of the mapping room share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import polars as pl
import pytest

from core.mapping.apply import Mapped, apply_mappings
from core.mapping.transforms import check_step
from core.model.mapping import Circumstances, FieldMapping, Step
from core.model.table import Column, Kind, Table, TableRef

Run = Callable[..., tuple[list[str | None], dict[int, str]]]
NOW = datetime(2026, 12, 31, 23, 30, 15, 250_000, tzinfo=UTC)
CIRCUMSTANCES = Circumstances(now=NOW, user="ada", filename="orders.2026.csv")


def batch(**columns: list[str | None]) -> pl.DataFrame:
    """Rows as a reader gives them, with their meta columns."""
    height = len(next(iter(columns.values())))
    meta = pl.DataFrame(
        {
            "__row__": pl.Series(range(1, height + 1), dtype=pl.Int64),
            "__line__": pl.Series(range(2, height + 2), dtype=pl.Int64),
            "__flaw__": pl.Series([None] * height, dtype=pl.String),
        }
    )
    return meta.with_columns(
        pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items()
    )


@pytest.fixture(scope="session")
def run() -> Run:
    """run(cells, transform, **options) → (cells afterwards, {position: message})."""

    def run(
        cells: Sequence[str | None], name: str, **options: str
    ) -> tuple[list[str | None], dict[int, str]]:
        step = Step(transform=name, options=options)
        check_step(step)
        batch = pl.DataFrame(
            {
                "__row__": range(1, len(cells) + 1),
                "__line__": range(2, len(cells) + 2),
                "source": cells,
            },
            schema={"__row__": pl.Int64, "__line__": pl.Int64, "source": pl.String},
        )
        mapping = FieldMapping(source="source", target="target", steps=(step,))
        mapped: Mapped = apply_mappings(batch, [mapping], source_columns=["source"])
        said = dict(mapped.problems.select("index", "message").iter_rows())
        return mapped.frame["target"].to_list(), said

    return run


@pytest.fixture(scope="session")
def make() -> Run:
    """make({column: cells}, transform, **options) → (cells made, {position: message})."""

    def make(
        columns: dict[str, list[str | None]], name: str, /, *then: Step, **options: str
    ) -> tuple[list[str | None], dict[int, str]]:
        height = len(next(iter(columns.values())))
        cells = [pl.Series(column, given, dtype=pl.String) for column, given in columns.items()]
        numbers = pl.Series("__row__", range(1, height + 1), dtype=pl.Int64)
        batch = pl.DataFrame([numbers, numbers.alias("__line__") + 1, *cells])
        first = Step(transform=name, options=options)
        check_step(first, tuple(columns))
        mapping = FieldMapping(source="", target="target", steps=(first, *then))
        mapped = apply_mappings(
            batch, [mapping], source_columns=tuple(columns), circumstances=CIRCUMSTANCES
        )
        said = dict(mapped.problems.select("index", "message").iter_rows())
        return mapped.frame["target"].to_list(), said

    return make


@pytest.fixture
def customers() -> Table:
    def column(name: str, kind: Kind = Kind.TEXT, **more: object) -> Column:
        return Column(name=name, kind=kind, type_text=kind.value, **more)  # type: ignore[arg-type]

    return Table(
        ref=TableRef(name="customers"),
        columns=(
            column("id", Kind.INTEGER, nullable=False, autoincrement=True, primary_key=True),
            column("email", nullable=False, max_length=255),
            column("name"),
            column("age", Kind.INTEGER),
            column("birth_date", Kind.DATE),
            column("created_at", Kind.DATETIME, default="now()", nullable=False),
            column("amount", Kind.NUMBER, precision=12, scale=2),
            column("quantity", Kind.INTEGER),
            column("active", Kind.BOOLEAN),
            column("phone"),
            column("postcode"),
            column("initials", generated=True, nullable=False),
        ),
    )
