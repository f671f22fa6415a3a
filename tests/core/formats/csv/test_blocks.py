from __future__ import annotations

import pytest

from core.formats.csv.blocks import parse_block, suits
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


@pytest.mark.parametrize("text", REGULAR)
def test_regular(text: str) -> None:
    block = parse_block(text, Dialect(), ["a", "b"], max_cell_bytes=100)
    assert block is not None
    assert block.frame.columns == ["a", "b"]


@pytest.mark.parametrize("text", IRREGULAR)
def test_irregular(text: str) -> None:
    assert parse_block(text, Dialect(), ["a", "b"], max_cell_bytes=100) is None


def test_a_large_cell_is_left_to_the_splitter() -> None:
    assert parse_block("1,23456\n", Dialect(), ["a", "b"], max_cell_bytes=4) is None


def test_line_offsets() -> None:
    block = parse_block('1,"x\ny"\n2,z\n', Dialect(), ["a", "b"], max_cell_bytes=100)
    assert block is not None
    assert block.line_offsets.to_list() == [0, 2]


@pytest.mark.parametrize("delimiter", [", ", "§", "||"])
def test_dialects_polars_cannot_be_told(delimiter: str) -> None:
    assert not suits(Dialect(delimiter=delimiter))
