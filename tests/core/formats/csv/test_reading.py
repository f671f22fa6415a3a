from __future__ import annotations

import io
from collections.abc import Callable
from unittest.mock import patch

import polars as pl
import pytest

from core.errors import InvalidFormat, InvalidRequest, TooManyRowsToImport
from core.formats.base import FLAW, LINE, META, ROW, Batch, ReadLimits
from core.formats.csv import endings, lookahead, reading
from core.formats.csv.reading import read_rows
from core.model.dialect import Dialect

Frame = Callable[..., pl.DataFrame]
Read = Callable[..., list[Batch]]


def cells(frame: pl.DataFrame) -> list[tuple[str | None, ...]]:
    return frame.drop(META).rows()


def flaws(frame: pl.DataFrame) -> list[str | None]:
    return frame[FLAW].to_list()


def test_meta_columns_come_first_with_their_types(frame: Frame) -> None:
    found = frame(b"a,b\n1,x\n2,y\n")
    assert found.schema == {ROW: pl.Int64, LINE: pl.Int64, FLAW: pl.String} | dict.fromkeys(
        "ab", pl.String
    )
    assert found.rows() == [(1, 2, None, "1", "x"), (2, 3, None, "2", "y")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_end(frame: Frame, end: str, last: bool) -> None:
    text = end.join(("a,b", "007,x", '2,"y z"')) + (end if last else "")
    found = frame(text.encode())
    assert cells(found) == [("007", "x"), ("2", "y z")]
    assert found[LINE].to_list() == [2, 3]


def test_mixed_line_ends(frame: Frame) -> None:
    found = frame(b"a,b\r\n1,2\r3,4\n5,6\r\n")
    assert cells(found) == [("1", "2"), ("3", "4"), ("5", "6")]
    assert found[LINE].to_list() == [2, 3, 4]


def test_lines_count_quoted_line_breaks(frame: Frame) -> None:
    found = frame(b'a,b\r\n1,"x\r\ny\nz"\r\n2,w\r\n')
    assert cells(found) == [("1", "x\r\ny\nz"), ("2", "w")]
    assert found[LINE].to_list() == [2, 5]


def test_lines_after_a_header_over_two_lines(frame: Frame) -> None:
    found = frame(b'"a\nb",c\n1,2\n')
    assert found.columns[3:] == ["a b", "c"]
    assert found[LINE].to_list() == [3]


def test_null_and_empty_are_two_things(frame: Frame) -> None:
    assert cells(frame(b'a,b,c\n,"",x\n"",,""\n')) == [(None, "", "x"), ("", None, "")]


def test_null_words_only_where_named_and_unquoted(frame: Frame) -> None:
    data = b'a,b\nNA,"NA"\n,""\n'
    assert cells(frame(data)) == [("NA", "NA"), (None, "")]
    assert cells(frame(data, null_values=("NA",))) == [(None, "NA"), ("", "")]
    assert cells(frame(b"a,b\nNA,x\n,y\n", null_values=("NA", ""))) == [(None, "x"), (None, "y")]


def test_ragged_rows_keep_their_cells(frame: Frame) -> None:
    found = frame(b"a,b,c\n1\n1,2,3,4,5\n1,2,3\n")
    assert cells(found) == [("1", None, None), ("1", "2", "3"), ("1", "2", "3")]
    assert flaws(found) == [
        "1 cell where the header has 3",
        "5 cells where the header has 3: left over '4', '5'",
        None,
    ]


def test_short_and_long_rows_do_not_cancel_out(frame: Frame) -> None:
    found = frame(b"a,b\n1\n1,2,3\n1\n1,2,")
    assert [flaw is not None for flaw in flaws(found)] == [True, True, True, True]


def test_blank_rows_are_ignored_and_counted(read: Read) -> None:
    batches = read(b"\n\na,b\n\n1,2\n   \n,\n\n")
    assert sum(batch.ignored for batch in batches) == 5
    found = pl.concat(batch.frame for batch in batches)
    assert cells(found) == [("1", "2"), (None, None)]
    assert found[LINE].to_list() == [5, 7]


def test_blank_rows_can_be_kept(frame: Frame) -> None:
    found = frame(b"a,b\n\n1,2\n", skip_blank_rows=False)
    assert cells(found) == [(None, None), ("1", "2")]
    assert flaws(found) == [None, None]


def test_skipped_lines_and_header_are_no_rows(read: Read) -> None:
    (batch,) = read(b'Report "of\n2026\na,b\n1,2\n', skip_rows=2)
    assert batch.ignored == 2
    assert batch.frame.rows() == [(1, 4, None, "1", "2")]


def test_sep_line_is_ignored_even_when_not_detected(read: Read) -> None:
    (batch,) = read(b"sep=;\r\na;b\r\n1;2\r\n", delimiter=";")
    assert batch.ignored == 1
    assert batch.frame.rows() == [(1, 3, None, "1", "2")]


def test_a_stray_quote_spoils_one_row(frame: Frame) -> None:
    rows = "".join(f"{i},x{i}\n" for i in range(1000))
    found = frame(f'a,b\n1,"oops\n{rows}'.encode())
    assert found.height == 1001
    assert cells(found)[0] == ("1", '"oops')
    assert flaws(found)[0] == "cell 2 opens a quote that is never closed"
    assert found[FLAW].null_count() == 1000


def test_two_stray_quotes_far_apart_do_not_swallow_rows(frame: Frame) -> None:
    rows = "".join(f"{i},x{i}\n" for i in range(300))
    found = frame(f'a,b\n1,"oops\n{rows}1,oops"\n{rows}'.encode())
    assert found.height == 602
    assert found[FLAW].null_count() == 601


def test_a_long_text_over_many_lines_is_one_cell(frame: Frame) -> None:
    letter = "\n".join(f"Line {i}, of a long letter, with commas." for i in range(500))
    found = frame(f'a,b\n1,"{letter}"\n2,x\n'.encode())
    assert cells(found) == [("1", letter), ("2", "x")]


def test_undoubled_quotes(frame: Frame) -> None:
    found = frame(b'a,b,c\n1,5" pipe,2\n2,"un"escaped",3\n3,"bad"tail,4\n4,"x" ,5\n')
    assert cells(found) == [
        ("1", '5" pipe', "2"),
        ("2", 'un"escaped', "3"),
        ("3", '"bad"tail', "4"),
        ("4", "x", "5"),
    ]
    assert [flaw is None for flaw in flaws(found)] == [True, False, False, True]


def test_backslash_escapes(frame: Frame) -> None:
    found = frame(rb"a,b" + b"\n" + rb'1,"say \"hi\" \\ \n"' + b"\n", escape="\\")
    assert cells(found) == [("1", 'say "hi" \\ \\n')]


def test_no_quote(frame: Frame) -> None:
    assert cells(frame(b'a,b\n"1,"2"\n', quote=None)) == [('"1', '"2"')]


def test_single_quote_and_long_delimiter(frame: Frame) -> None:
    found = frame(b"a::b\n'1::2'::'it''s'\n", delimiter="::", quote="'")
    assert cells(found) == [("1::2", "it's")]


def test_nul_is_a_flaw(frame: Frame) -> None:
    found = frame(b"a,b\n1,x\0y\n2,z\n")
    assert cells(found) == [("1", "x\ufffdy"), ("2", "z")]
    assert flaws(found) == ["NUL at character 2 of cell 2", None]


def test_undecodable_bytes_are_named(frame: Frame) -> None:
    found = frame(b"a,b\n1,caf\xe9\n2,ok\n")
    assert cells(found) == [("1", "caf\ufffd"), ("2", "ok")]
    assert flaws(found) == ["byte 0xE9 at character 4 of cell 2 is not utf-8", None]


def test_undecodable_bytes_in_the_header(frame: Frame) -> None:
    found = frame(b"caf\xe9,b\ncaf\xe9,b\n1,2\n")
    assert found.columns[3:] == ["caf\ufffd", "b"]
    assert flaws(found) == ["repeats the names of the columns", None]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(frame: Frame, encoding: str) -> None:
    data = "näme,€\r\n1,“x”\r\n".encode(encoding)
    found = frame(data, encoding=encoding)
    assert found.columns[3:] == ["näme", "€"]
    assert cells(found) == [("1", "“x”")]


def test_a_mark_is_no_part_of_the_first_name(frame: Frame) -> None:
    assert frame(b'\xef\xbb\xbf"id",b\n1,2\n').columns[3:] == ["id", "b"]
    assert frame("\ufeffid\n1\n".encode("utf-16-le"), encoding="utf-16-le").columns[3:] == ["id"]


def test_unknown_encoding(frame: Frame) -> None:
    for name in ("klingon", "base64", "zlib"):
        with pytest.raises(InvalidRequest, match=name):
            frame(b"a\n1\n", encoding=name)


def test_dos_end_of_file(frame: Frame) -> None:
    assert cells(frame(b"a,b\n1,2\n\x1a")) == [("1", "2")]


def test_no_header(frame: Frame) -> None:
    found = frame(b"1,2\n3,4\n", header=False)
    assert found.columns[3:] == ["column_1", "column_2"]
    assert found.height == 2


def test_batches_have_the_size_asked_for(read: Read) -> None:
    data = b"a\n" + b"".join(b"%d\n" % i for i in range(25))
    batches = read(data, rows=10)
    assert [batch.frame.height for batch in batches] == [10, 10, 5]
    assert [row for batch in batches for row in batch.frame[ROW]] == list(range(1, 26))
    assert batches[-1].bytes_read == len(data)


def test_a_header_alone_still_gives_the_columns(read: Read) -> None:
    (batch,) = read(b"a,b\n")
    assert batch.frame.columns == [*META, "a", "b"]
    assert batch.frame.height == 0


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_nothing_to_read(read: Read, data: bytes) -> None:
    with pytest.raises(InvalidFormat, match="no rows"):
        read(data)


def test_row_limit(read: Read) -> None:
    limits = ReadLimits(max_rows=3)
    assert read(b"a\n1\n2\n3\n", limits=limits)[0].frame.height == 3
    with pytest.raises(TooManyRowsToImport, match="more than 3 rows"):
        read(b"a\n1\n2\n3\n4\n", limits=limits)


def test_column_limit(read: Read) -> None:
    with pytest.raises(InvalidFormat, match=r"Line 1 has 2,001 cells"):
        read(b"," * 2000 + b"\n")
    with pytest.raises(InvalidFormat, match=r"Line 2 has"):
        read(b"a,b\n" + b"," * 3_000_000)


def test_cell_limit(read: Read) -> None:
    limits = ReadLimits(max_cell_bytes=100)
    with pytest.raises(InvalidFormat, match=r"Cell 2 at line 3 is larger than 100 bytes"):
        read(b"a,b\n1,2\n1," + b"x" * 101 + b"\n", limits=limits)
    assert read(b"a,b\n1,2\n1," + b"x" * 100 + b"\n", limits=limits)


class Endless(io.RawIOBase):
    """One cell without an end; remembers how much was taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


def test_an_endless_line_is_not_read_to_its_end() -> None:
    file = Endless()
    with pytest.raises(InvalidFormat, match="Cell 1 at line 1"):
        list(read_rows(file, Dialect(), rows=10, limits=ReadLimits()))  # type: ignore[arg-type]
    assert file.taken < 8 << 20


def test_reads_forward_only_in_any_pieces(pipe: type[io.RawIOBase]) -> None:
    text = 'näme,b\r\n"1 ""x""\r\ny",é\r\n2,\r\n'
    (batch,) = read_rows(
        pipe(text.encode()),  # type: ignore[call-arg]
        Dialect(),
        rows=9,
        limits=ReadLimits(),
    )
    assert cells(batch.frame) == [('1 "x"\r\ny', "é"), ("2", None)]


def test_blocks_meet_without_loss_or_repetition() -> None:
    """Small blocks, so that many rows of every sort lie across their ends."""
    rows = [f'{i},"a ""q""\nb",x' if i % 3 else f'{i},,5" z' for i in range(400)]
    data = "\n".join(("n,t,u", *rows)).encode()
    whole = list(read_rows(io.BytesIO(data), Dialect(), rows=10_000, limits=ReadLimits()))
    with patch.object(lookahead, "_FIRST_BLOCK", 64), patch.object(lookahead, "_BLOCK", 97):
        parts = list(read_rows(io.BytesIO(data), Dialect(), rows=10_000, limits=ReadLimits()))
    assert whole[0].frame.height == 400
    assert parts[0].frame.equals(whole[0].frame)


def test_a_header_of_several_rows_is_joined(frame: Frame) -> None:
    found = frame(b",Population,,Area\nTown,Men,Women,\nBonn,1,2,3\n", header_rows=2)
    assert found.columns[3:] == ["Town", "Population Men", "Population Women", "Area"]
    assert found[LINE].to_list() == [3]


def test_footer_rows_are_ignored_and_counted(read: Read) -> None:
    batches = read(b"a,b\n1,2\n3,4\n\nTotal,6\nSource: us\n", skip_footer=2, rows=1)
    assert [row for batch in batches for row in cells(batch.frame)] == [("1", "2"), ("3", "4")]
    assert sum(batch.ignored for batch in batches) == 3


def test_a_footer_longer_than_the_file_leaves_the_columns(read: Read) -> None:
    (batch,) = read(b"a,b\n1,2\n", skip_footer=9)
    assert batch.frame.columns == [*META, "a", "b"]
    assert (batch.frame.height, batch.ignored) == (0, 1)


def test_a_header_that_comes_again_is_a_flaw(frame: Frame) -> None:
    found = frame(b"id,name\n1,x\nid,name\n2,id\n")
    assert flaws(found) == [None, "repeats the names of the columns", None]


def test_a_total_at_the_end_of_a_large_file_is_a_flaw(frame: Frame) -> None:
    data = b"region,code,n\n" + b"north,n1,1\nsouth,s1,2\n" * 20 + b"Total,,60\n"
    assert frame(data)[FLAW].null_count() == 41
    with patch.object(endings, "END_SEEN", 100):
        found = frame(data)
    assert flaws(found)[-1] == "looks like a total of the rows above, in the last row of the file"
    assert found[FLAW].null_count() == 40


def test_plain_files_take_the_fast_path(frame: Frame) -> None:
    with patch.object(reading, "_tolerant", side_effect=AssertionError("tolerant path")):
        assert frame(b"a,b,c\r\n1,,\r\n,,\r\n").height == 2
        assert frame("a,b\n1,é\n".encode("utf-16"), encoding="utf-16").height == 1
        assert frame(b'a,b\r\n1,"x, ""y"""\r\n"",\r\n').height == 2
        assert frame(b"a;b\r1;2\r", delimiter=";").height == 1
