from __future__ import annotations

import io

import polars as pl
import pytest

from core.errors import InvalidFormat
from core.formats.base import FLAW, LINE, META, Batch, ReadLimits
from core.formats.json import lines, settling
from core.formats.json.reading import read_rows
from core.formats.json.regular import RegularLines, regular_lines
from core.model.dialect import Dialect
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


class _LineFirst(io.BytesIO):
    """Gives the first line alone, as a slow pipe may, so that little text is read as text."""

    def read(self, size: int | None = -1, /) -> bytes:
        return self.readline() if self.tell() == 0 else super().read(size)


def _read(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Batch], list[int]]:
    """Batches, and how many lines were proven regular at a time."""
    proven = []

    def noted(block: bytes, **options: int) -> RegularLines | None:
        found = regular_lines(block, **options)
        proven.append(found.cells.height if found is not None else 0)
        return found

    monkeypatch.setattr(lines, "regular_lines", noted)
    monkeypatch.setattr(lines, "_BYTES", 256)
    monkeypatch.setattr(lines, "_BYTES_AGAIN", 64)
    dialect = Dialect(format="jsonl")
    found = list(read_rows(_LineFirst(data), dialect, rows=7, limits=ReadLimits()))
    return found, proven


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", '{"n":100,"t":"é"}', '{"n":100', "\x1a", " "])
@pytest.mark.parametrize(
    "odd",
    [
        *("", '{"n":20', '{"n":20,"t":[1,{"x":1.0}]}', '{"new":"é","t":null}', '{"t":1e5,"n":-0}'),
        *('{"n":20,"t":"' + "long " * 200 + '"}', "x\ry", "[]", "null", '{"n":1,"n":2}', "\x1a"),
    ],
)
def test_regular_lines_among_others(
    end: str, last: str, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f'{{"n":{n},"t":"山 {n}\\n"}}' for n in range(60)]
    rows[20:20] = [odd]
    data = (end.join(rows) + end + last).encode()
    exact = batches(data, rows=7, format="jsonl", encoding="utf-8-sig")  # the BOM forbids it
    found, proven = _read(data, monkeypatch)
    assert sum(proven) > 20
    assert pl.concat(b.frame for b in found).equals(pl.concat(b.frame for b in exact))
    assert sum(b.ignored for b in found) == sum(b.ignored for b in exact)
    assert found[-1].bytes_read == len(data)


def test_a_new_key_in_regular_lines_is_a_flaw_once_columns_are_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settling, "SETTLING_CHARACTERS", 300)
    rows = [f'{{"n":{n}}}' for n in range(100)] + ['{"n":1,"late":"é"}', '{"n":2,"late":""}'] * 9
    found, proven = _read(("\n".join(rows) + "\n").encode(), monkeypatch)
    assert sum(proven[-2:]) > 9
    frame = pl.concat(batch.frame for batch in found)
    assert frame.columns == [*META, "n"]
    assert frame["n"].to_list() == [*map(str, range(100)), *["1", "2"] * 9]
    assert frame[FLAW].to_list()[-3:] == [
        f'a key the records before do not have: "late", with the value {value}'
        for value in ("null", "é", "null")
    ]


def test_first_records_that_are_lists_keep_everything_from_the_fast_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, proven = _read(b'["a","b"]\n[1,2]\n' + b'{"a":1.0,"b":"x"}\n' * 20, monkeypatch)
    assert not proven
    flaws = found[0].frame[FLAW].to_list()
    assert flaws[:2] == [None, 'the record is no list but an object: {"a":1.0,"b":"x"}']
