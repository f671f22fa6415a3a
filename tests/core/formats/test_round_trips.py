"""What every format that is both written and read gives back, kind by kind."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formats import FORMATS, by_name, read_file, write_file
from core.formats.base import FLAW, META, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

BOTH_WAYS = [f.name for f in FORMATS if f.reader is not None and f.writer is not None]

#: Where our own files have their records.
RECORDS = {"yaml": "data"}
#: A column of each kind; `row` keeps a row of NULLs from being a blank line.
COLUMNS = [
    Column(name="row", kind=Kind.INTEGER, type_text=""),
    Column(name="whole", kind=Kind.INTEGER, type_text=""),
    Column(name="money", kind=Kind.NUMBER, type_text="", precision=20, scale=4),
    Column(name="loose", kind=Kind.NUMBER, type_text=""),
    Column(name="float", kind=Kind.NUMBER, type_text="", exact=False),
    Column(name="yes", kind=Kind.BOOLEAN, type_text=""),
    Column(name="day", kind=Kind.DATE, type_text=""),
    Column(name="moment", kind=Kind.DATETIME, type_text=""),
    Column(name="zoned", kind=Kind.DATETIME, type_text="", timezone=True),
    Column(name="clock", kind=Kind.TIME, type_text=""),
    Column(name="json", kind=Kind.JSON, type_text=""),
    Column(name="uuid", kind=Kind.UUID, type_text=""),
    Column(name="bytes", kind=Kind.BINARY, type_text=""),
    Column(name="other", kind=Kind.OTHER, type_text=""),
    Column(name="text", kind=Kind.TEXT, type_text=""),
]

NAUGHTY = st.text(
    st.one_of(
        st.sampled_from("\\\"'<>&,;|\t\r\n =+-@_xX0123D:#[]{}%!*?~`\x01\x1a\x85\ufeff\u2028é日😀"),
        st.characters(exclude_characters="\0\ufffe\uffff", exclude_categories=["Cs"]),
    ),
    max_size=8,
)
TEXT = st.one_of(
    st.sampled_from(
        ["", "NULL", "null", "~", "NO", "007", "1e5", "=1+1", "_x000D_x000D_", "\ufeff"]
    ),
    NAUGHTY,
)


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def a_float(number: float) -> str:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(number), repr(number))


def scaled(places: int, digits: int) -> st.SearchStrategy[str]:
    most = 10**digits - 1
    return st.integers(-most, most).map(lambda n: f"{Decimal(n).scaleb(-places):f}")


def document(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


MOMENTS = st.datetimes(min_value=datetime(1, 1, 1))
CELLS = {
    "row": st.just("1"),
    "whole": st.integers(-(2**63), 2**63 - 1).map(str),
    "money": scaled(4, 20),
    "loose": scaled(3, 30),
    "float": st.floats().map(a_float),
    "yes": st.sampled_from(["true", "false"]),
    "day": st.dates(min_value=date(1, 1, 1)).map(date.isoformat),
    "moment": MOMENTS.map(instant),
    "zoned": MOMENTS.map(lambda moment: instant(moment) + "+00:00"),
    "clock": st.times().map(time.isoformat),
    "json": st.lists(st.one_of(st.none(), st.integers(), NAUGHTY), max_size=3).map(document),
    "uuid": st.uuids().map(str),
    "bytes": st.binary(max_size=5).map(lambda data: "\\x" + data.hex()),
    "other": st.just("{1,2}"),
    "text": TEXT,
}
ROW = st.tuples(*(CELLS[c.name] if c.name == "row" else st.none() | CELLS[c.name] for c in COLUMNS))


def same(column: Column, before: str | None, after: str | None) -> bool:
    """Is it the same value? Numbers may be spelled otherwise, and zones left to the reader."""
    if before is None or after is None or before == after:
        return before == after
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        return Decimal(before) == Decimal(after)
    if column.kind is Kind.JSON:
        return bool(json.loads(before) == json.loads(after))
    return column.timezone and before == after + "+00:00"


def back(name: str, rows: list[tuple[str | None, ...]], columns: list[Column]) -> pl.DataFrame:
    """The rows after they were in a file of that format."""
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys((c.name for c in columns), pl.String), orient="row"
    )
    file = io.BytesIO()
    dialect = Dialect(format=name, skip_blank_rows=False, record_path=RECORDS.get(name))
    options = WriteOptions(dialect=dialect, escape_formulas=False)
    assert write_file([frame], columns, file, options, filename="x") == len(rows)
    file.seek(0)
    batches = list(read_file(file, dialect, rows=100, limits=ReadLimits()))
    found = pl.concat(batch.frame for batch in batches)
    assert found[FLAW].null_count() == found.height
    return found.drop(META)


@pytest.mark.parametrize("name", BOTH_WAYS)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_every_kind_comes_back_equal(name: str, rows: list[tuple[str | None, ...]]) -> None:
    found = back(name, rows, COLUMNS)
    for place, column in enumerate(COLUMNS):
        before = [row[place] for row in rows]
        after = found[column.name].to_list()
        assert [b for b, a in zip(before, after, strict=True) if not same(column, b, a)] == [], (
            after
        )


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_null_and_an_empty_text_are_two_things(name: str) -> None:
    columns = [COLUMNS[0], COLUMNS[-1]]
    assert back(name, [("1", None), ("2", "")], columns).rows() == [("1", None), ("2", "")]


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_naughty_strings_come_back_as_they_were(name: str, corpora: Path) -> None:
    text = (corpora / "blns" / "blns.txt").read_bytes().decode()
    kept = [line for line in text.split("\n") if not set(line) & {"\0", "\ufffe", "\uffff"}]
    rows: list[tuple[str | None, ...]] = [(str(n), line) for n, line in enumerate(kept)]
    assert back(name, rows, [COLUMNS[0], COLUMNS[-1]]).rows() == rows


def test_what_only_one_way_is_offered_is_known() -> None:
    one_way = {f.name for f in FORMATS} - set(BOTH_WAYS)
    assert one_way == {"sql"}
    assert by_name("sql").reader is None
