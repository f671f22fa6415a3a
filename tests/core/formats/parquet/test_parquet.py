"""Parquet: types into text, kinds into types, and files that are damaged."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import InvalidFormat, InvalidRequest, TooManyRowsToImport
from core.formats import by_name, detect_file, read_file
from core.formats.base import LINE, META, ROW, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

PARQUET = Dialect(format="parquet")


def stored(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def texts(*arrays: pa.Array) -> list[list[str | None]]:
    table = pa.table({f"c{n}": array for n, array in enumerate(arrays)})
    batches = list(read_file(io.BytesIO(stored(table)), PARQUET, rows=100, limits=ReadLimits()))
    frame = pl.concat(batch.frame for batch in batches).drop(META)
    return [column.to_list() for column in frame]


def written(columns: list[Column], *frames: pl.DataFrame, said: list[str] | None = None) -> bytes:
    file = io.BytesIO()
    writer = by_name("parquet").writer
    assert writer is not None
    options = WriteOptions(dialect=PARQUET, warn=said.append if said is not None else None)
    assert writer.write(iter(frames), columns, file, options) == sum(f.height for f in frames)
    return file.getvalue()


@pytest.mark.parametrize(
    ("array", "cells"),
    [
        (pa.array([1, None, -(2**63)]), ["1", None, str(-(2**63))]),
        (pa.array([2**64 - 1], pa.uint64()), [str(2**64 - 1)]),
        (pa.array([0.1, 1e22, float("nan"), float("-inf")]), ["0.1", "1e+22", "NaN", "-Infinity"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([Decimal("12.50")], pa.decimal128(10, 2)), ["12.50"]),
        (pa.array([Decimal("1e-9")], pa.decimal256(60, 9)), ["0.000000001"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([date(2026, 1, 31)]), ["2026-01-31"]),
        (pa.array([datetime(2026, 1, 31, 13)], pa.timestamp("s")), ["2026-01-31T13:00:00"]),
        (pa.array([1], pa.timestamp("us")), ["1970-01-01T00:00:00.000001"]),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00.000000001"]),
        (pa.array([0], pa.timestamp("ms", "America/New_York")), ["1970-01-01T00:00:00+00:00"]),
        (pa.array([0], pa.timestamp("us", "+02:00")), ["1970-01-01T00:00:00+00:00"]),
        (pa.array([time(13, 45, 0, 5)]), ["13:45:00.000005"]),
        (pa.array([b"\x00\xff"]), ["\\x00ff"]),
        (pa.array([b"ab"], pa.binary(2)), ["\\x6162"]),
        (pa.array(["", "NULL", None]), ["", "NULL", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([None, None], pa.null()), [None, None]),
        (pa.array([[1, None], [], None]), ["[1,null]", "[]", None]),
        (pa.array([{"a": 1, "b": "é"}]), ['{"a":1,"b":"é"}']),
        (pa.array([[("k", 1.5)]], pa.map_(pa.string(), pa.float64())), ['{"k":1.5}']),
        (
            pa.array([[("k", 1), ("k", 2)]], pa.map_(pa.string(), pa.int64())),
            ['[["k",1],["k",2]]'],
        ),
        (
            pa.array([{"d": Decimal("1.10"), "t": date(2026, 1, 31), "n": float("nan")}]),
            ['{"d":"1.10","t":"2026-01-31","n":"NaN"}'],
        ),
        (
            pa.array([UUID(int=1).bytes], pa.uuid()),
            ["00000000-0000-0000-0000-000000000001"],
        ),
        (pa.array([timedelta(seconds=90)]), ["90"]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_types_become_text(array: pa.Array, cells: list[str | None]) -> None:
    assert texts(array) == [cells]


def test_detection_says_columns_and_types() -> None:
    data = stored(pa.table({"id": [1, 2], "name": ["a", None]}))
    found = detect_file(io.BytesIO(data), filename="x.parquet")
    assert (found.dialect.format, found.columns) == ("parquet", ("id", "name"))
    assert "2 rows of id int64, name string" in found.findings[0].evidence
    with pytest.raises(InvalidFormat, match=r"named \.csv, but its content is parquet"):
        detect_file(io.BytesIO(data), filename="x.csv")


def test_rows_are_numbered_over_row_groups() -> None:
    data = stored(pa.table({"n": range(10)}), row_group_size=3)
    batches = list(read_file(io.BytesIO(data), PARQUET, rows=4, limits=ReadLimits()))
    assert [batch.frame.height for batch in batches] == [4, 4, 2]
    rows = pl.concat(batch.frame for batch in batches)
    assert rows[ROW].to_list() == rows[LINE].to_list() == list(range(1, 11))
    assert batches[-1].bytes_read == len(data)


def test_limits() -> None:
    data = stored(pa.table({"n": range(10), "t": ["x" * 50] * 10}))
    for limits, error in (
        (ReadLimits(max_rows=9), TooManyRowsToImport),
        (ReadLimits(max_columns=1), InvalidFormat),
        (ReadLimits(max_cell_bytes=49), InvalidFormat),
    ):
        with pytest.raises(error):
            list(read_file(io.BytesIO(data), PARQUET, rows=4, limits=limits))


def test_a_file_without_rows_keeps_its_columns() -> None:
    data = written([Column(name="n", kind=Kind.INTEGER, type_text="")])
    (batch,) = read_file(io.BytesIO(data), PARQUET, rows=4, limits=ReadLimits())
    assert (batch.frame.height, batch.frame.columns[-1]) == (0, "n")
    assert detect_file(io.BytesIO(data), filename="x.parquet").columns == ("n",)


@pytest.mark.parametrize("keep", [5, 100, -1, -8])
def test_a_cut_file_is_refused(keep: int) -> None:
    data = stored(pa.table({"n": list(range(100))}))[:keep]
    with pytest.raises(InvalidFormat):
        detect_file(io.BytesIO(data), filename="x", given={"format": "parquet"})


def test_a_file_with_any_byte_wrong_is_read_or_refused() -> None:
    data = stored(pa.table({"n": list(range(50)), "t": ["text"] * 50}))
    for place in range(4, len(data) - 8, 7):
        broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        with suppress(InvalidFormat):
            list(read_file(io.BytesIO(broken), PARQUET, rows=10, limits=ReadLimits()))


def test_texts_that_are_no_utf_8_are_refused() -> None:
    data = stored(pa.table({"t": pa.array([b"ok", b"\xff"]).view(pa.string())}))
    with pytest.raises(InvalidFormat, match="UTF8"):
        list(read_file(io.BytesIO(data), PARQUET, rows=10, limits=ReadLimits()))


def test_kinds_become_types() -> None:
    columns = [
        Column(name="i", kind=Kind.INTEGER, type_text=""),
        Column(name="d", kind=Kind.NUMBER, type_text="", precision=10, scale=2),
        Column(name="u", kind=Kind.NUMBER, type_text=""),
        Column(name="f", kind=Kind.NUMBER, type_text="", exact=False),
        Column(name="z", kind=Kind.DATETIME, type_text="", timezone=True),
        Column(name="b", kind=Kind.BINARY, type_text=""),
    ]
    row = ("1", "1.50", "1.5", "0.5", "2026-01-31T00:00:00+00:00", "\\x00")
    frame = pl.DataFrame([row], schema=[c.name for c in columns], orient="row")
    table = pq.read_table(io.BytesIO(written(columns, frame)))
    assert [str(field.type) for field in table.schema] == [
        "int64", "decimal128(10, 2)", "large_string", "double", "timestamp[us, tz=UTC]", "binary",
    ]  # fmt: skip
    assert table.to_pylist() == [
        {"i": 1, "d": Decimal("1.50"), "u": "1.5", "f": 0.5, "b": b"\x00",
         "z": datetime(2026, 1, 31, tzinfo=UTC)}
    ]  # fmt: skip


def test_a_column_of_stray_values_is_text_and_it_is_said() -> None:
    column = Column(name="n", kind=Kind.INTEGER, type_text="")
    said: list[str] = []
    data = written([column], pl.DataFrame({"n": ["1", "two", None]}), said=said)
    assert pq.read_table(io.BytesIO(data))["n"].to_pylist() == ["1", "two", None]
    assert said == ["Column 'n' is written as text: it holds more than integer values."]


@pytest.mark.parametrize(
    ("column", "stray"),
    [
        (Column(name="n", kind=Kind.INTEGER, type_text=""), str(2**63)),
        (Column(name="n", kind=Kind.INTEGER, type_text=""), "007"),
        (Column(name="n", kind=Kind.NUMBER, type_text="", precision=4, scale=2), "123.00"),
        (Column(name="n", kind=Kind.NUMBER, type_text="", precision=4, scale=2), "1.234"),
        (Column(name="n", kind=Kind.DATE, type_text=""), "infinity"),
    ],
    ids=str,
)
def test_a_stray_value_further_down_is_refused_with_its_row(column: Column, stray: str) -> None:
    good = "2026-01-31" if column.kind is Kind.DATE else "1"
    many = pl.DataFrame({"n": [good] * 100_000})
    with pytest.raises(InvalidRequest, match="Row 100,002, column 'n'"):
        written([column], many, pl.DataFrame({"n": [good, stray]}))


def test_columns_of_one_name_are_refused() -> None:
    twice = [Column(name="n", kind=Kind.TEXT, type_text="")] * 2
    with pytest.raises(InvalidRequest, match="different names"):
        written(twice)
    with pytest.raises(InvalidRequest, match="at least one column"):
        written([])
