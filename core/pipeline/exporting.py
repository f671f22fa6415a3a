"""A selection of a table into a file, streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from core.databases.select import stream_rows
from core.errors import InvalidFormat, TooManyRowsToExport
from core.formats import by_name
from core.formats.base import WriteOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from sqlalchemy.engine import Engine

    from core.model.plan import ExportPlan
    from core.model.table import Table


def run_export(
    plan: ExportPlan,
    table: Table,
    columns: tuple[str, ...],
    engine: Engine,
    file: BinaryIO,
    *,
    max_rows: int | None,
    batch_rows: int,
    report: Callable[[int], None],
) -> int:
    """Write the selection and return the number of rows written.

    `report` is told the rows so far after each batch and may raise to stop. Raises
    TooManyRowsToExport as soon as the selection passes `max_rows`.
    """
    chosen = by_name(plan.dialect.format)
    writer = chosen.writer
    if writer is None:
        raise InvalidFormat(f"{chosen.info.title} files can be read but not written.")

    def batches() -> Iterator[pl.DataFrame]:
        rows = 0
        for frame in stream_rows(
            engine,
            table,
            columns,
            filters=plan.filters,
            search=plan.search,
            sort=plan.sort,
            limit=plan.limit,
            batch_rows=batch_rows,
        ):
            rows += frame.height
            if max_rows is not None and rows > max_rows:
                raise TooManyRowsToExport(
                    f"The selection has more than {max_rows:,} rows, the most you may export."
                )
            yield frame
            report(rows)

    options = WriteOptions(
        dialect=plan.dialect, date_format=plan.date_format, escape_formulas=plan.escape_formulas
    )
    return writer.write(batches(), [table.column(c) for c in columns], file, options)
