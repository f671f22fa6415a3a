from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.formats.base import FLAW, META, ReadLimits, WriteOptions
from core.formats.csv.reading import read_rows
from core.formats.csv.writing import write_rows
from core.model.dialect import Dialect
from core.model.table import Column, Kind

Rows = list[tuple[str | None, ...]]


def columns(count: int, kind: Kind = Kind.TEXT) -> list[Column]:
    return [Column(name=f"c{i}", kind=kind, type_text="TEXT") for i in range(count)]


def written(rows: Rows, *, plain: bool = True, **dialect: object) -> bytes:
    """The bytes of a file of text columns c0, c1 …"""
    width = len(rows[0])
    frame = pl.DataFrame(rows, schema={f"c{i}": pl.String for i in range(width)}, orient="row")
    file = io.BytesIO()
    options = WriteOptions(
        dialect=Dialect(**dialect),  # type: ignore[arg-type]
        escape_formulas=not plain,
    )
    assert write_rows(iter([frame]), columns(width), file, options) == len(rows)
    return file.getvalue()


def test_rfc_4180() -> None:
    rows: Rows = [("a", None, ""), ('say "x"', "p,q", "r\ns"), (" b", "c\t", "d\re")]
    assert written(rows) == (
        b'c0,c1,c2\r\na,,""\r\n"say ""x""","p,q","r\ns"\r\n" b","c\t","d\re"\r\n'
    )


def test_dialect_is_honoured() -> None:
    rows: Rows = [("a;b", "it's"), ("x,y", None)]
    data = written(rows, delimiter=";", quote="'", line_end="\n", header=False)
    assert data == b"'a;b';'it''s'\nx,y;\n"


def test_backslash_escape() -> None:
    assert written([('a"b\\', "c\\d")], escape="\\", header=False) == b'"a\\"b\\\\",c\\d\r\n'


def test_null_words_in_text_are_quoted() -> None:
    assert written([("NA", None)], null_values=("", "NA"), header=False) == b'"NA",\r\n'
    assert written([("NA", None)], null_values=("NA",), header=False) == b'"NA",NA\r\n'


@pytest.mark.parametrize(
    ("encoding", "bom", "data"),
    [
        ("utf-8", False, "é".encode()),
        ("utf-8", True, "\ufeffé".encode()),
        ("utf-8-sig", False, "\ufeffé".encode()),
        ("utf-16", False, "\ufeffé".encode("utf-16-le")),
        ("iso-8859-1", True, b"\xe9"),
    ],
)
def test_encodings(encoding: str, bom: bool, data: bytes) -> None:
    end = "\r\n".encode("utf-16-le" if encoding == "utf-16" else "ascii")
    assert written([("é",)], encoding=encoding, bom=bom, header=False) == data + end


def test_what_an_encoding_cannot_hold_is_named() -> None:
    rows: Rows = [("a", "b"), ("c", "5 €")]
    with pytest.raises(InvalidRequest, match=r"Row 2, column 'c1': the character '€' \(U\+20AC\)"):
        written(rows, encoding="iso-8859-1")


def test_without_quotes_some_values_cannot_be_written() -> None:
    assert written([("a", None)], quote=None, header=False) == b"a,\r\n"
    with pytest.raises(InvalidRequest, match="Row 1, column 'c0'"):
        written([("a,b",)], quote=None)


@pytest.mark.parametrize(
    "wrong",
    [{"delimiter": ""}, {"delimiter": "\n"}, {"quote": ","}, {"line_end": "x"}, {"decimal": ";"}],
)
def test_impossible_dialects(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(wrong))):
        written([("a",)], **wrong)


def test_formulas_and_dates_by_kind() -> None:
    frame = pl.DataFrame({"t": ["=1+1"], "n": ["-5"], "d": ["2026-01-31"], "x": ["gone"]})
    kinds = (("d", Kind.DATE), ("t", Kind.TEXT), ("n", Kind.INTEGER))
    chosen = [Column(name=name, kind=kind, type_text="") for name, kind in kinds]
    file = io.BytesIO()
    write_rows(iter([frame]), chosen, file, WriteOptions(dialect=Dialect(), date_format="eu"))
    assert file.getvalue() == b"d,t,n\r\n31/01/2026,'=1+1,-5\r\n"


def test_a_decimal_comma_is_for_numbers_only() -> None:
    kinds = (Kind.NUMBER, Kind.NUMBER, Kind.TEXT, Kind.DATE)
    chosen = [Column(name=f"c{n}", kind=kind, type_text="") for n, kind in enumerate(kinds)]
    rows = [("12.50", "1.5e-07", "1.5", "2026-01-31"), ("-1", "n.a.", "", None)]
    frame = pl.DataFrame(rows, schema=[c.name for c in chosen], orient="row")
    for delimiter, data in (
        (";", b'12,50;1,5e-07;1.5;31.01.2026\r\n-1;n.a.;"";\r\n'),
        (",", b'"12,50","1,5e-07",1.5,31.01.2026\r\n-1,n.a.,"",\r\n'),
    ):
        file = io.BytesIO()
        dialect = Dialect(header=False, delimiter=delimiter, decimal=",")
        write_rows(iter([frame]), chosen, file, WriteOptions(dialect=dialect, date_format="de"))
        assert file.getvalue() == data


def test_question_marks_are_counted_and_said() -> None:
    frame = pl.DataFrame({"c0": ["a?", "5 €", "日本"], "c1": ["é", None, ""]})
    said: list[str] = []
    options = WriteOptions(
        dialect=Dialect(encoding="iso-8859-1", header=False),
        unencodable="replace",
        warn=said.append,
    )
    file = io.BytesIO()
    assert write_rows(iter([frame]), columns(2), file, options) == 3
    assert file.getvalue() == b'a?,\xe9\r\n5 ?,\r\n??,""\r\n'
    assert said == ["For 3 characters that iso-8859-1 does not have stands a ?."]


def test_marks_are_never_replaced() -> None:
    options = WriteOptions(
        dialect=Dialect(encoding="ascii", delimiter="¦", header=False), unencodable="replace"
    )
    with pytest.raises(InvalidRequest, match="delimiter or quote does not exist in ascii"):
        write_rows(
            iter([pl.DataFrame({"c0": ["a"], "c1": ["b"]})]), columns(2), io.BytesIO(), options
        )


def test_batches_stream_and_are_counted() -> None:
    frames = (pl.DataFrame({"c0": [str(i)] * 3}) for i in range(4))
    file = io.BytesIO()
    options = WriteOptions(dialect=Dialect(line_end="\n"))
    assert write_rows(frames, columns(1), file, options) == 12
    assert file.getvalue().count(b"\n") == 13


def test_no_columns_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="at least one column"):
        write_rows(iter([]), [], io.BytesIO(), WriteOptions(dialect=Dialect()))


def test_no_rows_leave_a_header() -> None:
    file = io.BytesIO()
    assert write_rows(iter([]), columns(2), file, WriteOptions(dialect=Dialect())) == 0
    assert file.getvalue() == b"c0,c1\r\n"


def read_back(data: bytes, dialect: Dialect) -> Rows:
    batches = list(read_rows(io.BytesIO(data), dialect, rows=100, limits=ReadLimits()))
    frame = pl.concat(batch.frame for batch in batches)
    assert frame[FLAW].null_count() == frame.height
    return frame.drop(META).rows()


NAUGHTY = st.text(
    st.one_of(
        st.sampled_from(",;|\t\"'\\\r\n =+-@\x1a\ufeff\u2028é日😀"),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    max_size=6,
)
CELL = st.one_of(st.none(), st.sampled_from(["", "NA", "sep=;", "007", "\ufeff"]), NAUGHTY)
DIALECT = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-8-sig", "gb18030"]),
    bom=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t", "|", ", ", "::"]),
    quote=st.sampled_from(['"', "'"]),
    escape=st.sampled_from([None, "\\"]),
    header=st.booleans(),
    skip_blank_rows=st.just(False),
    null_values=st.sampled_from([("",), ("", "NA"), ("NA",)]),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=6)
    ),
    dialect=DIALECT,
)
def test_what_is_written_reads_back_the_same(rows: Rows, dialect: Dialect) -> None:
    frame = pl.DataFrame(
        rows, schema={f"c{i}": pl.String for i in range(len(rows[0]))}, orient="row"
    )
    file = io.BytesIO()
    options = WriteOptions(dialect=dialect, escape_formulas=False)
    write_rows(iter([frame]), columns(len(rows[0])), file, options)
    assert read_back(file.getvalue(), dialect) == rows


def test_naughty_strings_read_back(corpora: Path) -> None:
    text = (corpora / "blns" / "blns.txt").read_bytes().decode()
    rows: Rows = [(line, str(number)) for number, line in enumerate(text.split("\n"))]
    for dialect in (Dialect(), Dialect(delimiter=";", quote="'"), Dialect(encoding="utf-16")):
        data = written(rows, delimiter=dialect.delimiter, quote=dialect.quote)
        assert read_back(data, replace(dialect, encoding="utf-8")) == rows
