"""One file read or written once, by us or by the library that does least: a process of its own.

    python -m benchmarks.one_format ours|baseline read|write FORMAT FILE [ROWS]

Prints JSON: rows, and the seconds and processor seconds of the work alone, without the start of
the interpreter and without detection, which looks at a bounded part of a file. What is written
has ROWS rows of the orders of `benchmarks.orders`.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from benchmarks.orders import write_orders
from core.formats import detect_file, read_file, write_file
from core.formats.base import ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

_KINDS = {"id": Kind.INTEGER, "quantity": Kind.INTEGER, "price": Kind.NUMBER}
_KINDS |= {"discount": Kind.NUMBER, "ordered_on": Kind.DATE, "paid": Kind.BOOLEAN}


def orders(folder: Path, rows: int) -> pl.DataFrame:
    """Cells of the orders as canonical text."""
    file = folder / f"orders-{rows}.csv"
    write_orders(file, rows)
    return pl.read_csv(file, infer_schema=False)


def write_ours(format_name: str, file: Path, rows: int) -> Callable[[], int]:
    frame = orders(file.parent, rows)
    columns = [
        Column(name=name, kind=_KINDS.get(name, Kind.TEXT), type_text="TEXT")
        for name in frame.columns
    ]
    options = WriteOptions(dialect=Dialect(format=format_name), table="orders")

    def work() -> int:
        with file.open("wb") as out:
            return write_file(frame.iter_slices(20_000), columns, out, options, filename=file.name)

    return work


def write_by_openpyxl(file: Path, rows: int) -> Callable[[], int]:
    import openpyxl

    frame = orders(file.parent, rows).with_columns(
        pl.col("id", "quantity").cast(pl.Int64),
        pl.col("price", "discount").cast(pl.Float64),
        pl.col("ordered_on").str.to_date(),
    )

    def work() -> int:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Data")
        sheet.append(frame.columns)
        for row in frame.iter_rows():
            sheet.append(row)
        book.save(file)
        return frame.height

    return work


def read_ours(file: Path) -> Callable[[], int]:
    with file.open("rb") as begun:
        dialect = detect_file(begun, filename=file.name).dialect

    def work() -> int:
        with file.open("rb") as source:
            batches = read_file(source, dialect, rows=20_000, limits=ReadLimits())
            return sum(batch.frame.height for batch in batches)

    return work


def _by_polars_csv(file: Path) -> int:
    return pl.scan_csv(file, infer_schema=False).collect().height


def _by_polars_ndjson(file: Path) -> int:
    return pl.scan_ndjson(file).collect().height


def _by_calamine(file: Path) -> int:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(file.read_bytes()))
    return len(book.get_sheet_by_index(0).to_python()) - 1


def _by_lxml(file: Path) -> int:
    from lxml import etree

    rows = 0
    for _, element in etree.iterparse(file, tag="row", no_network=True, resolve_entities=False):
        rows += bool([(child.tag, child.text) for child in element])
        element.clear()
    return rows


def _by_pyyaml(file: Path) -> int:
    import yaml

    (rows,) = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).values()
    return len(rows)


#: What reads a format in the plainest way; each keeps less than we do.
READ_BY: Mapping[str, tuple[str, Callable[[Path], int]]] = {
    "csv": ("polars.scan_csv, all text", _by_polars_csv),
    "jsonl": ("polars.scan_ndjson", _by_polars_ndjson),
    "excel": ("calamine, to Python", _by_calamine),
    "xml": ("lxml iterparse", _by_lxml),
    "yaml": ("PyYAML CSafeLoader", _by_pyyaml),
}


def main(arguments: list[str]) -> None:
    who, act, format_name, name, *rest = arguments
    file = Path(name)
    if act == "write":
        rows = int(rest[0])
        ours = who == "ours"
        work = write_ours(format_name, file, rows) if ours else write_by_openpyxl(file, rows)
    elif who == "ours":
        work = read_ours(file)
    else:
        plain = READ_BY[format_name][1]

        def work() -> int:
            return plain(file)

    seconds, cpu = time.perf_counter(), time.process_time()
    count = work()
    seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
    print(json.dumps({"rows": count, "seconds": seconds, "cpu_seconds": cpu}))


if __name__ == "__main__":
    main(sys.argv[1:])
