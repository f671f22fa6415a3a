from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.formats import by_name
from core.formats.base import FLAW, META, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

Rows = list[tuple[str | None, ...]]
FORMATS = ("json", "jsonl")


def write(
    rows: Rows,
    kinds: list[Kind] | None = None,
    *,
    format: str = "json",
    names: list[str] | None = None,
    pretty: bool = False,
    date_format: str = "iso",
    **dialect: Any,
) -> bytes:
    kinds = kinds or [Kind.TEXT] * len(rows[0])
    names = names or [f"c{n}" for n in range(len(kinds))]
    columns = [Column(name=n, kind=k, type_text="") for n, k in zip(names, kinds, strict=True)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    file = io.BytesIO()
    options = WriteOptions(
        dialect=Dialect(format=format, **dialect), pretty=pretty, date_format=date_format
    )
    writer = by_name(format).writer
    assert writer is not None
    assert writer.write(iter([frame]), columns, file, options) == len(rows)
    return file.getvalue()


def read_back(data: bytes, format: str = "json", **dialect: Any) -> pl.DataFrame:
    reader = by_name(format).reader
    assert reader is not None
    chosen = Dialect(format=format, **dialect)
    batches = reader.read(io.BytesIO(data), chosen, rows=100, limits=ReadLimits())
    frame = pl.concat(batch.frame for batch in batches)
    assert frame[FLAW].null_count() == frame.height
    return frame.drop(META)


def test_layouts() -> None:
    rows: Rows = [("1", "a"), ("2", None)]
    kinds = [Kind.INTEGER, Kind.TEXT]
    assert write(rows, kinds) == b'[\n{"c0":1,"c1":"a"},\n{"c0":2,"c1":null}\n]\n'
    assert write(rows, kinds, format="jsonl") == b'{"c0":1,"c1":"a"}\n{"c0":2,"c1":null}\n'
    assert write(rows, kinds, format="jsonl", pretty=True).count(b"\n") == 2
    records = [{"c0": 1, "c1": "a"}, {"c0": 2, "c1": None}]
    assert write(rows, kinds, pretty=True).decode() == json.dumps(records, indent=2) + "\n"


@pytest.mark.parametrize(
    ("kind", "cell", "spelled"),
    [
        (Kind.INTEGER, "-98765432109876543210", "-98765432109876543210"),
        (Kind.INTEGER, "0", "0"),
        (Kind.INTEGER, "n/a", '"n/a"'),
        (Kind.INTEGER, "007", '"007"'),
        (Kind.NUMBER, "12.50", "12.50"),
        (Kind.NUMBER, "1e-07", "1e-07"),
        (Kind.NUMBER, "NaN", '"NaN"'),
        (Kind.NUMBER, "-inf", '"-inf"'),
        (Kind.BOOLEAN, "true", "true"),
        (Kind.BOOLEAN, "maybe", '"maybe"'),
        (Kind.DATE, "2026-01-31", '"2026-01-31"'),
        (Kind.UUID, "a-b", '"a-b"'),
        (Kind.BINARY, "\\x00ff", '"\\\\x00ff"'),
        (Kind.OTHER, "{1,2}", '"{1,2}"'),
        (Kind.TEXT, "=1+1", '"=1+1"'),
        (Kind.TEXT, "1", '"1"'),
        (Kind.TEXT, 'a"b\\c\n\x01é\u2028😀', '"a\\"b\\\\c\\n\\u0001é\u2028😀"'),
        (Kind.JSON, '{"a": [1.50, null]}', '{"a": [1.50, null]}'),
        (Kind.JSON, '[\n "\\n"\r\n]', '[  "\\n"  ]'),
        (Kind.JSON, "7", "7"),
        (Kind.JSON, "true", "true"),
        (Kind.JSON, "null", '"null"'),
        (Kind.JSON, '"text"', '"\\"text\\""'),
        (Kind.JSON, "{oops", '"{oops"'),
        (Kind.JSON, "[1] 2", '"[1] 2"'),
        (Kind.JSON, "", '""'),
        (Kind.JSON, "[" * 63 + "]" * 63, '"' + "[" * 63 + "]" * 63 + '"'),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_every_kind(kind: Kind, cell: str, spelled: str, format: str) -> None:
    data = write([(cell,), (None,)], [kind], format=format, names=["v"])
    assert f'{{"v":{spelled}}}' in data.decode().split("\n")[format == "json"]
    json.loads(data if format == "json" else data.splitlines()[0])
    read = read_back(data, format)["v"].to_list()
    assert read[1] is None
    assert read[0] == cell or json.loads(read[0] or "") == json.loads(cell)


def test_dates_by_format() -> None:
    data = write([("2026-01-31",)], [Kind.DATE], date_format="eu", format="jsonl")
    assert data == b'{"c0":"31/01/2026"}\n'


@pytest.mark.parametrize(
    ("encoding", "bom", "data"),
    [
        ("utf-8", False, '{"é":"ü😀"}\n'.encode()),
        ("utf-8", True, '\ufeff{"é":"ü😀"}\n'.encode()),
        ("utf-16", False, '\ufeff{"é":"ü😀"}\n'.encode("utf-16-le")),
        ("cp1252", False, b'{"\\u00e9":"\\u00fc\\ud83d\\ude00"}\n'),
    ],
)
def test_encodings(encoding: str, bom: bool, data: bytes) -> None:
    rows: Rows = [("ü😀",)]
    assert write(rows, names=["é"], format="jsonl", encoding=encoding, bom=bom) == data
    assert read_back(data, "jsonl", encoding=encoding)["é"].to_list() == ["ü😀"]


@pytest.mark.parametrize(("format", "data"), [("json", b"[]\n"), ("jsonl", b"")])
def test_no_rows(format: str, data: bytes) -> None:
    file = io.BytesIO()
    writer = by_name(format).writer
    assert writer is not None
    columns = [Column(name="a", kind=Kind.TEXT, type_text="")]
    options = WriteOptions(dialect=Dialect(format=format))
    empty = pl.DataFrame(schema={"a": pl.String})
    assert writer.write(iter([empty]), columns, file, options) == 0
    assert file.getvalue() == data
    with pytest.raises(InvalidRequest, match="at least one column"):
        writer.write(iter([]), [], file, options)


def test_batches_stream_in_the_order_of_the_columns() -> None:
    frames = (pl.DataFrame({"b": [str(n)] * 3, "a": ["x"] * 3}) for n in range(4))
    columns = [Column(name=n, kind=Kind.TEXT, type_text="") for n in ("a", "b")]
    file = io.BytesIO()
    writer = by_name("json").writer
    assert writer is not None
    assert writer.write(frames, columns, file, WriteOptions(dialect=Dialect())) == 12
    assert [list(r.items()) for r in json.loads(file.getvalue())][-1] == [("a", "x"), ("b", "3")]


TEXT = st.text(
    st.one_of(
        st.sampled_from('\\"/\b\f\n\r\t\x1a\x7f{}[],: \ufeff\u2028é日😀'),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    max_size=8,
)
CELL = st.one_of(st.none(), st.sampled_from(["", "null", "true", "1.0", "007"]), TEXT)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=6)
    ),
    format=st.sampled_from(FORMATS),
    pretty=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-be", "iso-8859-1", "gb18030"]),
)
def test_what_is_written_reads_back_the_same(
    rows: Rows, format: str, pretty: bool, encoding: str
) -> None:
    data = write(rows, format=format, pretty=pretty, encoding=encoding)
    assert read_back(data, format, encoding=encoding).rows() == rows


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.floats(allow_nan=True).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(lambda d: f"{d:f}"),
)


@settings(max_examples=80, deadline=None)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=5))
def test_numbers_read_back_in_their_spelling(numbers: list[str]) -> None:
    data = write([(number,) for number in numbers], [Kind.NUMBER])
    assert read_back(data)["c0"].to_list() == numbers


DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(documents=st.lists(DOCUMENTS, min_size=1, max_size=4), format=st.sampled_from(FORMATS))
def test_json_reads_back_as_the_same_json(documents: list[Any], format: str) -> None:
    rows: Rows = [(json.dumps(document, indent=1),) for document in documents]
    data = write(rows, [Kind.JSON], format=format, names=["doc"])
    read = read_back(data, format)["doc"].to_list()
    assert [json.loads(cell or "") for cell in read] == documents


def test_naughty_strings_read_back(corpora: Path) -> None:
    text = (corpora / "blns" / "blns.txt").read_bytes().decode()
    rows: Rows = [(line, str(number)) for number, line in enumerate(text.split("\n"))]
    for format in FORMATS:
        assert read_back(write(rows, format=format), format).rows() == rows
