from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from core.errors import InvalidRequest
from core.formats import by_name, detect_file, read_file
from core.formats.base import FLAW, META, ReadLimits, WriteOptions
from core.model.dialect import Dialect
from core.model.table import Column, Kind

Rows = list[tuple[str | None, ...]]
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = b'<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'


def write(
    rows: Rows, names: list[str] | None = None, *, kind: Kind = Kind.TEXT, **options: Any
) -> bytes:
    names = [f"c{n}" for n in range(len(rows[0]))] if names is None else names
    columns = [Column(name=n, kind=kind, type_text="") for n in names]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    dialect = Dialect(format="xml", **options.pop("dialect", {}))
    file = io.BytesIO()
    writer = by_name("xml").writer
    assert writer is not None
    written = writer.write(iter([frame]), columns, file, WriteOptions(dialect=dialect, **options))
    assert written == len(rows)
    return file.getvalue()


def read_back(data: bytes) -> pl.DataFrame:
    """As a file of ours comes back: everything detected."""
    dialect = detect_file(io.BytesIO(data), filename="x.xml").dialect
    found = read_file(io.BytesIO(data), dialect, rows=100, limits=ReadLimits())
    frame = pl.concat(batch.frame for batch in found)
    assert frame[FLAW].null_count() == frame.height
    return frame.drop(META)


def test_layout() -> None:
    rows: Rows = [("1", "a<b & \r"), (None, "")]
    nil = b'<id xsi:nil="true"/>'
    assert write(rows, ["id", "name"]) == (
        HEAD
        + ROOT
        + b"<row><id>1</id><name>a&lt;b &amp; &#13;</name></row>\n"
        + b"<row>"
        + nil
        + b"<name></name></row>\n</data>\n"
    )
    assert write([("1",)], ["id"], pretty=True) == (
        HEAD + ROOT + b"  <row>\n    <id>1</id>\n  </row>\n</data>\n"
    )


def test_the_root_is_the_table() -> None:
    assert b"<public.users xmlns" in write([("1",)], table="public.users")
    assert b'<table name="my &quot;table&quot;" xmlns' in write([("1",)], table='my "table"')
    assert read_back(write([("1",)], table="my table")).rows() == [("1",)]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("id", True),
        ("größe", True),
        ("a.b-c_1", True),
        ("field", True),
        ("row", True),
        ("my col", False),
        ("1st", False),
        ("a:b", False),
        ("xmlData", False),
        ("-", False),
        ("<&\">'", False),
        ("@id", False),
        ("a.@b", False),
        ("#text", False),
        ("😀", False),
    ],
)
def test_any_name_comes_back(name: str, plain: bool) -> None:
    data = write([("x", None), ("", "y")], [name, "other"])
    assert (f"<{name}>x</{name}>".encode() in data) == plain
    back = read_back(data)
    assert back.columns == [name, "other"]
    assert back.rows() == [("x", None), ("", "y")]


def test_a_name_that_no_xml_can_hold() -> None:
    with pytest.raises(InvalidRequest, match=r"Header, column 'a\\x01': .* U\+0001 in a name"):
        write([("1",)], ["a\x01"])


def test_characters_that_no_xml_can_hold_are_escaped_reversibly() -> None:
    rows: Rows = [("a\x01\\u0001\\b\uffff<",), ("\\u0001",)]
    data = write(rows)
    assert b'<c0 xmlns:t="urn:tableport" t:escaped="true">a\\u0001\\\\u0001\\\\b\\uFFFF&lt;' in data
    assert b"<c0>\\u0001</c0>" in data
    etree.fromstring(data)
    assert read_back(data).rows() == rows


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "windows-1252"),
        ("iso-8859-15", "ISO-8859-15"),
        ("shift_jis", "SHIFT-JIS"),
        ("gb18030", "GB18030"),
        ("ascii", "ASCII"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    data = write([("é日😀",), ("x",)], ["größe"], dialect={"encoding": encoding})
    assert f'encoding="{declared}"' in data.decode(encoding, "replace")
    assert read_back(data).to_dict(as_series=False) == {"größe": ["é日😀", "x"]}


def test_dates_by_format_and_no_columns() -> None:
    data = write([("2026-01-31",)], kind=Kind.DATE, date_format="eu")
    assert b"<c0>31/01/2026</c0>" in data
    with pytest.raises(InvalidRequest, match="at least one column"):
        write([], [])


def test_no_rows() -> None:
    data = write([], ["a"])
    assert data == HEAD + ROOT + b"</data>\n"
    assert read_back(data).height == 0


TEXT = st.text(
    st.one_of(
        st.sampled_from("\\<>&\"'\r\n\t \0\x01\x1f\x7f\x85\u2028\ufeff\ufffe]u01é日😀"),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    max_size=8,
)
CELL = st.one_of(st.none(), st.sampled_from(["", " ", "]]>", "\\u0041"]), TEXT)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=5)
    ),
    pretty=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "gb18030"]),
)
def test_what_is_written_reads_back_the_same(rows: Rows, pretty: bool, encoding: str) -> None:
    rows = [tuple(c and c.replace("\0", "") for c in row) for row in rows]
    data = write(rows, pretty=pretty, dialect={"encoding": encoding})
    etree.fromstring(data)
    assert read_back(data).rows() == rows
