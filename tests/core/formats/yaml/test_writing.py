from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.formats import by_name, detect_file, read_file
from core.formats.base import FLAW, META, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

Rows = list[tuple[str | None, ...]]


def write(
    rows: Rows,
    kinds: list[Kind] | None = None,
    *,
    names: list[str] | None = None,
    **options: Any,
) -> bytes:
    kinds = [Kind.TEXT] * len(rows[0]) if kinds is None else kinds
    names = names or [f"c{n}" for n in range(len(kinds))]
    columns = [Column(name=n, kind=k, type_text="") for n, k in zip(names, kinds, strict=True)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    dialect = Dialect(format="yaml", **options.pop("dialect", {}))
    file = io.BytesIO()
    writer = by_name("yaml").writer
    assert writer is not None
    written = writer.write(iter([frame]), columns, file, WriteOptions(dialect=dialect, **options))
    assert written == len(rows)
    return file.getvalue()


def read_back(data: bytes) -> pl.DataFrame:
    """As a file of ours comes back: everything detected."""
    dialect = detect_file(io.BytesIO(data), filename="x.yaml").dialect
    found = read_file(io.BytesIO(data), dialect, rows=100, limits=ReadLimits())
    frame = pl.concat(batch.frame for batch in found)
    assert frame[FLAW].null_count() == frame.height
    return frame.drop(META)


def test_layout() -> None:
    rows: Rows = [("1", "a"), (None, "")]
    kinds = [Kind.INTEGER, Kind.TEXT]
    assert write(rows, kinds) == b'data:\n- c0: 1\n  c1: a\n- c0: null\n  c1: ""\n'
    assert write(rows, kinds, pretty=True) == (
        b'data:\n\n  - c0: 1\n    c1: a\n\n  - c0: null\n    c1: ""\n'
    )
    assert write([("1",)], table="my: table").startswith(b'"my: table":\n- c0: "1"\n')
    assert write([], [Kind.TEXT]) == b"data: []\n"
    assert read_back(write([], [Kind.TEXT])).height == 0


@pytest.mark.parametrize(
    ("kind", "cell", "spelled"),
    [
        (Kind.INTEGER, "-98765432109876543210", "-98765432109876543210"),
        (Kind.INTEGER, "007", '"007"'),
        (Kind.NUMBER, "12.50", "12.50"),
        (Kind.NUMBER, "1e-07", "1e-07"),
        (Kind.NUMBER, "NaN", "NaN"),
        (Kind.NUMBER, "-Infinity", '"-Infinity"'),
        (Kind.BOOLEAN, "true", "true"),
        (Kind.BOOLEAN, "yes", '"yes"'),
        (Kind.DATE, "2026-01-31", '"2026-01-31"'),
        (Kind.TIME, "12:30:00", '"12:30:00"'),
        (Kind.BINARY, "\\x00ff", '"\\\\x00ff"'),
        (Kind.TEXT, "John Doe (x), ok", '"John Doe (x), ok"'),
        (Kind.TEXT, "John O. Doe/x@y+z", "John O. Doe/x@y+z"),
        (Kind.TEXT, "Müller", "Müller"),
        (Kind.TEXT, "No", '"No"'),
        (Kind.TEXT, "y", '"y"'),
        (Kind.TEXT, "NULL", '"NULL"'),
        (Kind.TEXT, "1", '"1"'),
        (Kind.TEXT, "a: b", '"a: b"'),
        (Kind.TEXT, "a ", '"a "'),
        (Kind.TEXT, "---", '"---"'),
        (Kind.TEXT, "a\nb\t\x01\x85\u2028\ufeff", '"a\\nb\\t\\u0001\\u0085\\u2028\\uFEFF"'),
        (Kind.JSON, '{"a": [1.50, null, "é"]}', '{"a": [1.50, null, "é"]}'),
        (Kind.JSON, "[\n\t1\r\n]", "[  1  ]"),
        (Kind.JSON, "7", "7"),
        (Kind.JSON, "null", '"null"'),
        (Kind.JSON, '"text"', '"\\"text\\""'),
        (Kind.JSON, '["\\ud83d\\ude00"]', '"[\\"\\\\ud83d\\\\ude00\\"]"'),
        (Kind.JSON, "{oops", '"{oops"'),
        (Kind.JSON, "[" * 47 + "]" * 47, "[" * 47 + "]" * 47),
        (Kind.JSON, "[" * 48 + "]" * 48, '"' + "[" * 48 + "]" * 48 + '"'),
    ],
)
def test_every_kind(kind: Kind, cell: str, spelled: str) -> None:
    data = write([(cell,), (None,)], [kind], names=["v"])
    assert data.decode() == f"data:\n- v: {spelled}\n- v: null\n"
    back = read_back(data)["v"].to_list()
    assert back[1] is None
    assert back[0] == cell or json.loads(back[0] or "") == json.loads(cell)
    theirs = yaml.safe_load(data)["data"][0]["v"]
    assert theirs == cell or kind is not Kind.TEXT


@pytest.mark.parametrize(
    "name", ["id", "my col", "a: b", "1st", "null", "#", "- x", "größe", '"', "a.b", "k" * 1200]
)
def test_any_name_comes_back(name: str) -> None:
    for pretty in (False, True):
        data = write([("x", None), ("", "y")], names=[name, "other"], pretty=pretty)
        assert list(yaml.safe_load(data)["data"][1].items()) == [(name, ""), ("other", "y")]
        assert read_back(data).columns == [name, "other"]


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-8-sig", '\ufeffdata:\n- é: "ü😀"\n'.encode()),
        ("utf-16", '\ufeffdata:\n- é: "ü😀"\n'.encode("utf-16-le")),
        ("cp1252", b'data:\n- "\\U000000E9": "\\U000000FC\\U0001F600"\n'),
    ],
)
def test_encodings(encoding: str, data: bytes) -> None:
    assert write([("ü😀",)], names=["é"], dialect={"encoding": encoding}) == data
    assert read_back(data)["é"].to_list() == ["ü😀"]


def test_dates_by_format_and_no_columns() -> None:
    assert b'"31/01/2026"' in write([("2026-01-31",)], [Kind.DATE], date_format="eu")
    with pytest.raises(InvalidRequest, match="at least one column"):
        write([], [])


TEXT = st.text(
    st.one_of(
        st.sampled_from(
            "\\\"'\r\n\t :#-?[]{},&*!|>%@`=\0\x01\x1f\x7f\x85\u2028\ufeff\ufffeaA0é日😀"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)
WORDS = [
    "",
    " ",
    "~",
    "null",
    "yes",
    "Off",
    "0x1F",
    "1_000",
    "1:30",
    "2026-01-31",
    ".inf",
    "<<",
    "=",
]
CELL = st.one_of(st.none(), st.sampled_from(WORDS), TEXT)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=5)
    ),
    pretty=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "gb18030"]),
)
def test_what_is_written_reads_back_the_same_here_and_elsewhere(
    rows: Rows, pretty: bool, encoding: str
) -> None:
    data = write(rows, pretty=pretty, dialect={"encoding": encoding})
    theirs = yaml.safe_load(data)["data"]
    assert [tuple(record.values()) for record in theirs] == rows
    if not any("\0" in (cell or "") for row in rows for cell in row):
        assert read_back(data).rows() == rows


DOCUMENTS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_json_reads_back_as_the_same_json(document: Any, ascii_only: bool, indent: Any) -> None:
    cell = json.dumps(document, ensure_ascii=ascii_only, allow_nan=False, indent=indent)
    cell = cell.replace("\\u0000", "0")
    back = read_back(write([(cell,), ("[]",)], [Kind.JSON], names=["v"]))
    assert json.loads(back["v"].to_list()[0] or "") == json.loads(cell)
