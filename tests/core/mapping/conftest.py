"""What the tests of the mapping room share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from core.mapping.apply import Mapped, apply_mappings
from core.model.mapping import FieldMapping, Step
from core.model.table import Column, Kind, Table, TableRef

Run = Callable[..., tuple[list[str | None], dict[int, str]]]


@pytest.fixture(scope="session")
def run() -> Run:
    """run(cells, transform, **options) → (cells afterwards, {position: message})."""

    def run(
        cells: Sequence[str | None], name: str, **options: str
    ) -> tuple[list[str | None], dict[int, str]]:
        step = Step(transform=name, options=options)
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
