"""The fastest path gives what the way that takes records one by one gives, or gives up."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.formats.base import FLAW
from core.formats.json.regular import RegularLines, regular_lines
from tests.core.formats.json.json_frames import frame

_BLANK = st.sampled_from(["", "", "", " ", "\t"])
_NUMBERS = st.sampled_from(
    [
        "0",
        "-0",
        "1e5",
        "1E-5",
        "1.10",
        "12345678901234567890123",
        "-0.0e+00",
        "01",
        "1.",
        "+1",
        ".5",
    ]
)
_TEXTS = st.one_of(
    st.text(st.sampled_from("aé山😀'{}[],:\"\\/ \n\r\t\x01\x7f\u2028null"), max_size=6).map(
        lambda text: json.dumps(text, ensure_ascii="😀" in text)
    ),
    st.sampled_from(
        [
            *(
                r'"\/"',
                r'"\x"',
                r'"\u00e9"',
                r'"\ud83d"',
                r'"\u0000"',
                r'"\\u0000"',
                '"\x02"',
                '"null"',
            ),
            *('"', '"a" "b"', "'a'", '"\r"', '"\\"', '"\u0085"', r'"\u12"', '"a\\""'),
        ]
    ),
)
_OTHERS = st.sampled_from(["null", "true", "false", "NaN", "nul", "[]", '{"a":1}', "", "TRUE"])
_GOOD = st.sampled_from(["null", "true", "-1.50", '"é,"', '"null"', r'"\n\"\\"', "7E2", '""', "0"])
_VALUES = st.one_of(_GOOD, _GOOD, _GOOD, _GOOD, _GOOD, _TEXTS, _NUMBERS, _OTHERS)
_KEYS = st.sampled_from(['"a"', '"b c"', '"é.*"', '"\\u0061"', '"line"', '"null"'])


@st.composite
def _files(draw: st.DrawFn) -> str:
    keys = draw(st.lists(_KEYS, min_size=1, max_size=3, unique=True))
    lines = draw(st.lists(st.lists(_VALUES, min_size=len(keys), max_size=len(keys)), min_size=1,
                          max_size=4))  # fmt: skip
    between = draw(_BLANK)
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r\n", " \n", "\n\n"]))
    text = ""
    for values in lines:
        members = [
            f"{key}{between}:{between}{value}" for key, value in zip(keys, values, strict=True)
        ]
        text += "{" + f",{between}".join(members) + f"{between}}}{end}"
    return text


@settings(max_examples=200, deadline=None)
@given(_files())
@example('{"a":"x"}\n{"a":"\\""}\n')
def test_the_fastest_path_gives_what_the_exact_one_gives(text: str) -> None:
    data = text.encode()
    found = _regular(data)
    if found is None:
        return
    # A BOM that may be there keeps the reader from the fastest path.
    exact = frame(data, format="jsonl", encoding="utf-8-sig")
    assert exact[FLAW].null_count() == exact.height == found.cells.height
    assert exact.columns[3:] == list(found.keys)
    assert exact.drop(exact.columns[:3]).rows() == found.cells.rows()
    assert found.characters == len(text)


def test_cells_keep_their_spelling() -> None:
    lines = [
        '{"a":1.10,"b":"1.10"}',
        '\t{ "a" : 1e5 , "b" : "" }  ',
        '{"a":123456789012345678901234567890,"b":null}',
        '{"a":-0,"b":"null"}',
        '{"a":true,"b":" say \\"no\\" "}',
        '{"a":"{é},[\\u00e9]","b":"\\ud83d\\ude00\\\\"}',
    ]
    found = _regular("\r\n".join([*lines, ""]).encode())
    assert found is not None
    assert found.keys == ("a", "b")
    assert found.cells.rows() == [
        ("1.10", "1.10"),
        ("1e5", ""),
        ("123456789012345678901234567890", None),
        ("-0", "null"),
        ("true", ' say "no" '),
        ("{é},[é]", "😀\\"),
    ]


@pytest.mark.parametrize("count", [1, 11, 12, 13, 24, 25, 40])
def test_any_number_of_keys(count: int) -> None:
    keys = [f"key {n}" for n in range(count)]
    rows = [
        [f'"{n},\\n{row}"' if n % 2 else f"{n}.{row}0" for n in range(count)] for row in range(3)
    ]
    text = "".join(_line(keys, row) for row in rows)
    found = _regular(text.encode())
    assert found is not None
    assert found.keys == tuple(keys)
    assert found.cells.rows() == [
        tuple(f"{n},\n{row}" if n % 2 else f"{n}.{row}0" for n in range(count)) for row in range(3)
    ]


@pytest.mark.parametrize(
    "odd",
    [
        *('{"a":1}', '{"b":1,"a":2}', '{"a":1,"b":2,"c":3}', '{"a":1,"b":2,"b":3}', "[1,2]"),
        *(
            '{"a":1,"b":[]}',
            '{"a":1,"b":{}}',
            '{"a":1,"b":NaN}',
            '{"a":01,"b":2}',
            '{"a":1.,"b":2}',
        ),
        *('{"a":1,"b":"x}', '{"a":1,"b":2}}', '{"a":1,"b":2},', '{"a":1,"b":2}{"a":1,"b":2}'),
        *(
            '{"a":1,"b":"\\x"}',
            '{"a":1,"b":"\\ud800"}',
            '{"a":1,"b":"\\u0000"}',
            '{"a":1,"b":"\t"}',
        ),
        *('{"a":1,"b":"\x00"}', '{"a":1,"b":"\x01"}', '{"a":1,\r"b":2}', "", " ", '{"a":1,"b":}'),
        *('{"a":1,"b":"' + "x" * 101 + '"}', "{'a':1,'b':2}", '{"a":1 "b":2}', '{"a":1,,"b":2}'),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_odd_line_refuses_the_block(odd: str, place: int) -> None:
    lines = ['{"a":1,"b":"x"}'] * 2
    lines.insert(place, odd)
    assert _regular("\n".join([*lines, ""]).encode()) is None


@pytest.mark.parametrize("odd", [b"\xff", b"\xed\xa0\x80", b"\xc3"])
def test_bytes_that_are_no_utf_8_refuse_the_block(odd: bytes) -> None:
    assert _regular(b'{"a":"x"}\n{"a":"' + odd + b'"}\n') is None


def test_more_keys_than_a_file_may_have_refuse_the_block() -> None:
    assert _regular(_line([f"k{n}" for n in range(101)], ["1"] * 101).encode()) is None


def _line(keys: list[str], values: list[str]) -> str:
    return "{" + ",".join(f'"{k}":{v}' for k, v in zip(keys, values, strict=True)) + "}\n"


def _regular(data: bytes) -> RegularLines | None:
    return regular_lines(data, most_keys=100, max_cell_bytes=100)
