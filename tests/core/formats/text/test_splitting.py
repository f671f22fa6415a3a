from __future__ import annotations

import pytest

from core.formats.text.splitting import Splitter
from core.model.dialect import Dialect


def test_waits_for_more_text_until_the_row_is_sure() -> None:
    text = '1,"a ""b"" c\nd" ,x\n2'
    splitter = Splitter(Dialect())
    end = text.index("\n2") + 1
    for length in range(end):
        assert splitter.record(text[:length], 0, final=False) is None
    record = splitter.record(text[:end], 0, final=False)
    assert record is not None
    assert record.cells == ["1", 'a "b" c\nd', "x"]
    assert (record.lines, record.end, record.flaw) == (2, end, None)


def test_a_long_delimiter_cut_in_two_is_waited_for() -> None:
    splitter = Splitter(Dialect(delimiter="::"))
    assert splitter.record('"a":', 0, final=False) is None
    record = splitter.record('"a"::b\n', 0, final=False)
    assert record is not None
    assert record.cells == ["a", "b"]


def test_look_ahead_is_bounded() -> None:
    splitter = Splitter(Dialect(), look_ahead=50)
    record = splitter.record('"open\n' + "x\n" * 100, 0, final=False)
    assert record is not None
    assert record.cells == ['"open']


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('"a","b"', ["a", "b"]),
        ('"",""', ["", ""]),
        ('""""', ['"']),
        ('"a""",b', ['a"', "b"]),
        ("", [""]),
        (",", ["", ""]),
        ('a,"b', ["a", '"b']),
    ],
)
def test_cells(text: str, cells: list[str]) -> None:
    record = Splitter(Dialect()).record(text, 0, final=True)
    assert record is not None
    assert record.cells == cells


def test_many_stray_quotes_cost_no_more_than_their_length() -> None:
    text = '"a,' * 20_000 + "\n"
    record = Splitter(Dialect()).record(text, 0, final=True)
    assert record is not None
    assert len(record.cells) == 20_001


def test_blank() -> None:
    splitter = Splitter(Dialect())
    kinds = [splitter.record(text, 0, final=True) for text in ("", "  ", '""', ",")]
    assert [record is not None and record.blank for record in kinds] == [True, True, False, False]
