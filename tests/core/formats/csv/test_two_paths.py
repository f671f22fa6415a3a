"""The fast path and the tolerant reader give the same rows wherever both can read."""

from __future__ import annotations

import io
from collections.abc import Callable
from unittest.mock import patch

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import TableportError
from core.formats.base import FLAW, META, ReadLimits
from core.formats.csv import lookahead, reading
from core.formats.csv.reading import read_rows
from core.formats.text import mending
from core.model.dialect import Dialect

Frame = Callable[..., pl.DataFrame]


def cells(frame: pl.DataFrame) -> list[tuple[str | None, ...]]:
    return frame.drop(META).rows()


def flaws(frame: pl.DataFrame) -> list[str | None]:
    return frame[FLAW].to_list()


REGULAR_CELLS = ["a", "", '""', '"x,y"', '"p\nq"', '"p\r\nq"', '""""', '"a""b"', "NA", '"NA"']
ODD_CELLS = [" ", '"  "', '"""a"""', "é", "a b", '"\n\n"', 'a"b', '"a"b', '""a', 'a""', "a\rb"]
CELLS = st.sampled_from([*REGULAR_CELLS, *ODD_CELLS, "\0", "\ufeffx"])
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=8)
DIALECTS = st.builds(
    Dialect,
    header=st.booleans(),
    skip_blank_rows=st.booleans(),
    null_values=st.sampled_from([("",), (), ("", "NA"), ("NA",)]),
    quote=st.sampled_from(['"', '"', "'", None]),
    escape=st.sampled_from([None, '"', "\\"]),
    delimiter=st.sampled_from([",", ",", ";", "\t", ", ", "||"]),
    header_rows=st.integers(1, 3),
    skip_footer=st.integers(0, 3),
    skip_rows=st.integers(0, 1),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8", "cp1252", "utf-8-sig", "utf-16-le"]),
)


def outcome(data: bytes, dialect: Dialect) -> object:
    """All rows and the number of lines ignored, or what the reader says instead."""
    try:
        batches = list(read_rows(io.BytesIO(data), dialect, rows=3, limits=ReadLimits()))
    except TableportError as error:
        return str(error)
    rows = [row for batch in batches for row in batch.frame.rows(named=True)]
    return rows, sum(batch.ignored for batch in batches)


@settings(max_examples=200, deadline=None)
@given(
    rows=ROWS,
    dialect=DIALECTS,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.sampled_from(["", "", "\n", "\r", "\x1a", "é"]),
    written=st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_both_paths_agree(
    rows: list[list[str]], dialect: Dialect, end: str, last: str, written: str
) -> None:
    """In whatever encoding it was written: the dialect's need not be the right one."""
    lines = (dialect.delimiter.join(row) for row in rows)
    data = (end.join(lines) + last).encode(written, "replace")
    fast = outcome(data, dialect)
    with patch.object(reading, "suits", lambda _: False):
        assert outcome(data, dialect) == fast
    with patch.object(lookahead, "_FIRST_BLOCK", 8), patch.object(reading, "_ODD_BLOCK", 4):
        assert outcome(data, dialect) == fast


RAGGED_CELLS = st.sampled_from([*REGULAR_CELLS, "12", "a b", "é", "2024-01-31", "x;y"])
RAGGED_ROWS = st.lists(
    st.lists(RAGGED_CELLS, min_size=3, max_size=3)
    | st.lists(RAGGED_CELLS, min_size=1, max_size=6)
    | st.sampled_from([[""], [" "], ['""'], ["", ""], ["h", "i", "j"], ["x\0"], ["\ufeffx"]]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(
    rows=RAGGED_ROWS,
    dialect=DIALECTS,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.sampled_from(["", "\n", "\x1a"]),
    written=st.sampled_from(["utf-8", "utf-8", "cp1252"]),
    block=st.sampled_from([8, 24, 64]),
)
def test_both_paths_agree_on_ragged_rows(
    rows: list[list[str]], dialect: Dialect, end: str, last: str, written: str, block: int
) -> None:
    lines = (dialect.delimiter.join(row) for row in [["h", "i", "j"], ["1", "x", "y"], *rows])
    data = (end.join(lines) + last).encode(written, "replace")
    fast = outcome(data, dialect)
    with patch.object(lookahead, "_FIRST_BLOCK", block), patch.object(reading, "_ODD_BLOCK", 4):
        small = outcome(data, dialect)
    with patch.object(reading, "suits", lambda _: False):
        slow = outcome(data, dialect)
    assert fast == slow
    assert small == slow


def test_ragged_and_blank_rows_leave_the_others_to_the_fast_path(frame: Frame) -> None:
    lines = [f'{n},"x\n{n}",2024-01-31' for n in range(60_000)]
    lines[7::100] = ["1"] * 600
    lines[8::100] = ["1,2,3,4,5"] * 600
    lines[9::100] = [""] * 600
    data = "\n".join(("n,text,day", *lines)).encode()
    with patch.object(reading, "_tolerant", side_effect=AssertionError("tolerant path")):
        found = frame(data)
    with patch.object(reading, "suits", lambda _: False):
        assert found.equals(frame(data))
    assert found.height == 59_400
    assert found[FLAW].count() == 1200


def test_rows_are_mended_once_though_their_block_is_read_again(frame: Frame) -> None:
    """A NULL word in quotes sends the block back; no more rows than so many are mended."""
    data = b"a,b,c\n" + b"1,x,2024-01-31\n" * 9 + b"1,y,z,2024-01-31\n" * 2 + b'1,"NA",\n'
    with patch.object(mending, "_MOST_ROWS", 2):
        found = flaws(frame(data, null_values=("NA",)))
    assert [flaw for flaw in found if flaw] == [
        "4 cells where the header has 3: cells that belong together are joined, "
        "or a blank one is dropped"
    ] * 2


def test_the_fast_path_comes_back_after_a_stray_quote(frame: Frame) -> None:
    lines = [f"{i},5 in" for i in range(60_000)]
    lines[100] = '100,5" in'
    data = "\n".join(("n,size", *lines)).encode()
    taken = []
    with patch.object(reading, "_tolerant", side_effect=reading._tolerant) as tolerant:
        found = frame(data)
        taken = [call.args[1] - call.args[0].position for call in tolerant.call_args_list]
    assert found["size"].to_list() == [line.split(",")[1] for line in lines]
    assert found[FLAW].null_count() == 60_000
    assert len(taken) == 1
