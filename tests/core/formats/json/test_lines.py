from __future__ import annotations

import polars as pl
import pytest

from core.errors import InvalidFormat
from core.formats.base import FLAW, LINE
from tests.core.formats.json.json_frames import batches, cells, frame


def test_a_record_a_line() -> None:
    found = batches('\n{"a":1}\n \n{"b":2}\r\n{"a":3}\r{"a":4}\n\n', format="jsonl")
    rows = pl.concat(batch.frame for batch in found)
    assert rows[LINE].to_list() == [2, 4, 5, 6]
    assert rows.select("a", "b").rows() == [("1", None), (None, "2"), ("3", None), ("4", None)]
    assert sum(batch.ignored for batch in found) == 3


def test_a_bad_line_spoils_only_itself() -> None:
    lines = [
        '{"a":1}',
        '{"a":2',
        '{"a":"x}',
        '{"a":4}TRAILER',
        '{"a":NaN}',
        "[" * 65 + "]" * 65,
        '{"a":7}',
    ]
    found = frame("\n".join(lines), format="jsonl")
    assert found["a"].to_list() == ["1", None, None, "4", None, None, "7"]
    flaws = found[FLAW].to_list()
    assert (flaws[0], flaws[6]) == (None, None)
    for flaw, said in zip(
        flaws[1:6],
        [
            "column 7: the line ends where a comma or the end of the list or object is expected. "
            'It reads {"a":2',
            "column 6: the text that begins here does not end",
            "behind the record stands TRAILER",
            "column 6: NaN is not a number in JSON",
            "column 65: lists and objects are nested",
        ],
        strict=True,
    ):
        assert said in flaw


@pytest.mark.parametrize(
    "data",
    ['{"a":1}{"a":2} {"a":3}\n', '{\n"a":1\n}\n{\n"a":2}{"a":3}', '{"a":1} {"a":2}\n{"a":3}'],
)
def test_documents_that_follow_one_another(data: str) -> None:
    assert frame(data, format="jsonl")["a"].to_list() == ["1", "2", "3"]
    with pytest.raises(InvalidFormat, match="a value is expected"):
        batches(data + ",", format="jsonl")


def test_lines_of_lists() -> None:
    assert cells('["a","b"]\n[1,2]\n', format="jsonl") == [{"a": "1", "b": "2"}]


def test_no_lines() -> None:
    (batch,) = batches("", format="jsonl")
    assert batch.frame.height == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", " \n"])
@pytest.mark.parametrize(
    ("odd", "flawed"),
    [
        ('{"n":"}\\n{"}', 0),
        ('{"n":1},{"n":2}', 1),
        ('{"n":"x}\n{y":1}', 2),
        ('{"n":1\n"m":2}\n{"n":1},{"n":2}', 3),
        ("[]", 1),
    ],
)
def test_lines_that_the_fast_path_may_mistake(end: str, odd: str, flawed: int) -> None:
    lines = [f'{{"n":{n}}}' for n in range(40)]
    lines[20:21] = odd.split("\n")
    found = frame(end.join(lines) + end, format="jsonl")
    step = end.count("\n")
    assert found[LINE].to_list() == [1 + step * n for n in range(len(lines))]
    assert found.height - found[FLAW].null_count() == flawed
    assert found["n"].to_list()[-19:] == [str(n) for n in range(21, 40)]
