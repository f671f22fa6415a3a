"""A selection of a table into a file, streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from core.databases.select import stream_rows
from core.errors import TooManyRowsToExport
from core.formats import write_file
from core.formats.base import WriteOptions
from core.formats.compression.writing import ZipWhenLarge
from core.formats.sql import POSTGRESQL, STANDARD
from core.model.packing import PACKED_INSIDE, PACKINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from sqlalchemy.engine import Engine

    from core.model.plan import ExportPlan
    from core.model.table import Table


class Exported(NamedTuple):
    """What was written."""

    rows: int
    filename: str  #: as planned, but for the ending of a file that was zipped for its size
    warnings: tuple[str, ...] = ()  #: what stands in the file otherwise than in the table


def run_export(
    plan: ExportPlan,
    table: Table,
    columns: tuple[str, ...],
    engine: Engine,
    file: BinaryIO,
    *,
    max_rows: int | None,
    batch_rows: int,
    zip_above: int | None,
    report: Callable[[int], None],
) -> Exported:
    """Write the selection to `file`, zipped if it comes to more than `zip_above` bytes.

    None: never; nor what is packed anyway. Until that size is reached the file is held in memory.
    `report` is told the rows so far after each batch and may raise to stop. Raises
    TooManyRowsToExport as soon as the selection passes `max_rows`.
    """

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

    warnings: list[str] = []
    options = _options(plan, table, engine, warnings.append)
    filename = plan.filename or plan.table
    chosen = [table.column(c) for c in columns]
    packed = plan.dialect.compression is not None or plan.dialect.format in PACKED_INSIDE
    if packed or zip_above is None:
        rows = write_file(batches(), chosen, file, options, filename=filename)
        return Exported(rows, filename, tuple(warnings))
    with ZipWhenLarge(file, above=zip_above, member=filename) as out:
        rows = write_file(batches(), chosen, cast("BinaryIO", out), options, filename=filename)
    if out.zipped:
        filename += PACKINGS["zip"].extension
    return Exported(rows, filename, tuple(warnings))


def _options(
    plan: ExportPlan, table: Table, engine: Engine, warn: Callable[[str], None]
) -> WriteOptions:
    backend = POSTGRESQL if engine.dialect.name == POSTGRESQL else STANDARD
    return WriteOptions(
        dialect=plan.dialect,
        date_format=plan.date_format,
        escape_formulas=plan.escape_formulas,
        pretty=plan.pretty,
        table=table.ref.name,
        fit=plan.fit,
        freeze=plan.freeze,
        unencodable=plan.unencodable,
        sql_for=plan.sql_for or backend,
        rows_per_statement=plan.rows_per_statement,
        warn=warn,
    )
