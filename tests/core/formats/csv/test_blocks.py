from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formats.csv.blocks import RegularBlock, parse_block, suits
from core.formats.csv.proof import prove
from core.model.dialect import Dialect

REGULAR = [
    "1,2\n3,4\n",
    '1,""\n"","x"\n',
    '"""a""",""""\n',
    '"a\nb",c\r\n',
    ",\n,",
]
IRREGULAR = [
    "1\n2,3,4\n",  # as many delimiters as two good rows
    "1,2\n3,4,",
    '1,a"b\n',
    '1,"a"b\n',
    '1,""a\n',
    '1,a""\n',
    '1,"a\n',
    '1, "a"\n',
    '"a\rb",c\n',
    "1,\0\n",
    "1,\udce9\n",
    "1,2\n\n3,4\n",
    "\ufeff1,2\n",
    '1,"' + "\n" * 30 + '"\n',
]


def block(text: str, *, max_cell_bytes: int = 100, dialect: Dialect) -> RegularBlock | None:
    data = text.encode("utf-8", "surrogateescape")
    proof = prove(data, dialect.delimiter, dialect.quote, final=True)
    if proof is None:
        return None
    return parse_block(proof, dialect, ["a", "b"], max_cell_bytes=max_cell_bytes)


@pytest.mark.parametrize("text", REGULAR)
def test_regular(text: str) -> None:
    found = block(text, dialect=Dialect())
    assert found is not None
    assert found.frame.columns == ["a", "b"]


@pytest.mark.parametrize("text", IRREGULAR)
def test_irregular(text: str) -> None:
    assert block(text, dialect=Dialect()) is None


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["", "", "x", '""', '","', '",""\n,"']), min_size=1, max_size=5)
        | st.lists(st.just(""), min_size=4, max_size=4),
        min_size=1,
        max_size=4,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_width_but_the_right_one_is_irregular(rows: list[list[str]], end: str) -> None:
    data = "".join(",".join(row) + end for row in rows).encode()
    proof = prove(data, ",", '"', final=True)
    assert proof is not None
    found = parse_block(proof, Dialect(), ["a", "b", "c", "d"], max_cell_bytes=100)
    assert (found is not None) == all(len(row) == 4 for row in rows)


def test_a_large_cell_is_left_to_the_splitter() -> None:
    assert block("1,23456\n", dialect=Dialect(), max_cell_bytes=4) is None
    assert block("1234,56\n", dialect=Dialect(), max_cell_bytes=4) is not None


def test_many_lines_of_several_cells_are_no_long_cell() -> None:
    breaks = "\n" * 15
    assert block(f'"{breaks}","{breaks}"\n', dialect=Dialect()) is not None


def test_line_offsets() -> None:
    found = block('1,"x\ny"\n2,z\n', dialect=Dialect())
    assert found is not None
    assert found.line_offsets.to_list() == [0, 2]


@pytest.mark.parametrize(
    "data",
    [b"1\xc3,\xa92\n", b"1,2\xc3\n\xa93,4\n", b'"\xc3","\xa9"\n', b"1,\xed\xb0\x80\n", b"\xff,1\n"],
)
def test_bytes_that_are_no_characters_within_their_cells(data: bytes) -> None:
    proof = prove(data, ",", '"', final=True)
    assert proof is not None
    assert parse_block(proof, Dialect(), ["a", "b"], max_cell_bytes=100) is None


@pytest.mark.parametrize(
    ("null_values", "cells"),
    [
        (("NA",), [(None, "x"), ("y", "")]),
        (("", "NA"), [(None, "x"), ("y", None)]),
        (("é",), [("NA", "x"), ("y", "")]),
    ],
)
def test_null_words(null_values: tuple[str, ...], cells: list[tuple[str | None, ...]]) -> None:
    found = block("NA,x\ny,\n", dialect=Dialect(null_values=null_values))
    assert found is not None
    assert found.frame.rows() == cells


def test_a_null_word_in_quotes_is_left_to_the_splitter() -> None:
    assert block('NA,"NÄ"\n', dialect=Dialect(null_values=("NÄ",))) is None


def test_an_escape_matters_only_beside_quotes() -> None:
    assert block("1,\\\n", dialect=Dialect(escape="\\")) is not None
    assert block('1,"\\"\n', dialect=Dialect(escape="\\")) is None


@pytest.mark.parametrize("delimiter", [", ", "§", "||"])
def test_dialects_polars_cannot_be_told(delimiter: str) -> None:
    assert not suits(Dialect(delimiter=delimiter))
