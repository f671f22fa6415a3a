from __future__ import annotations

import pytest

from core.formats.base import ReadLimits
from core.formats.csv.proof import prove
from core.formats.csv.ragged import Parted, part
from core.formats.text.splitting import Splitter
from core.model.dialect import Dialect

PLAIN, LIMITS = Dialect(), ReadLimits()


def parted(
    data: bytes, *, width: int = 2, dialect: Dialect = PLAIN, limits: ReadLimits = LIMITS
) -> Parted | None:
    proof = prove(data, dialect.delimiter, dialect.quote, final=True)
    assert proof is not None
    return part(proof, dialect, Splitter(dialect, width=width), limits)


def test_rows_of_another_width_are_taken_out_and_the_rest_is_proven() -> None:
    found = parted(b'1\r\n1,"x\r\n,y"\r\n\r\n"a,b",2,""\r\n3,4\r\n5')
    assert found is not None
    assert found.regular.data == b'1,"x\r\n,y"\r\n3,4\r\n'
    assert (found.regular.rows, found.regular.lines) == (2, 3)
    assert found.line_offsets.tolist() == [1, 5]
    assert [odd.line_offset for odd in found.odd] == [0, 3, 4, 6]
    assert [odd.record.cells for odd in found.odd] == [["1"], [""], ["a,b", "2", ""], ["5"]]
    assert [odd.record.quoted for odd in found.odd] == [(), (), (0, 2), ()]
    assert [odd.raw for odd in found.odd] == ["1\r\n", "\r\n", '"a,b",2,""\r\n', "5\n"]


def test_lone_returns() -> None:
    found = parted(b"1,2\r3\r4,5\r")
    assert found is not None
    assert found.regular.data == b"1,2\n4,5\n"
    assert [odd.record.cells for odd in found.odd] == [["3"]]


@pytest.mark.parametrize(
    "data",
    [
        b"1,2\n3,4\n",  # nothing is odd
        b"1\n1,2,3\n",  # nothing is regular
        b"1,2\n\xff\n",
        b"1\n\xef\xbb\xbf1,2\n",  # a mark comes first in what is left
        b'1,2\n"' + b"\n" * 25 + b'"\n',  # may be rows that stray quotes swallowed
    ],
)
def test_not_parted(data: bytes) -> None:
    assert parted(data) is None


def test_an_escape_beside_quotes_is_not_understood() -> None:
    escaped = Dialect(escape="\\")
    assert parted(b'1,2\n"\\",3,4"\n', dialect=escaped) is None
    assert parted(b"1,2\n\\,3,4\n", dialect=escaped) is not None


def test_what_the_limits_refuse_is_left_to_the_reader_that_says_so() -> None:
    data = b"1,2\n1,2,3,4567890\n"
    assert parted(data, limits=ReadLimits(max_columns=3)) is None
    assert parted(data, limits=ReadLimits(max_cell_bytes=40)) is None
    assert parted(data, limits=ReadLimits(max_columns=4, max_cell_bytes=80)) is not None


def test_short_lines_of_a_wide_table_do_not_fill_the_memory() -> None:
    wide = b"," * 999 + b"\n"
    assert parted(wide + b"1\n" * 500, width=1000) is not None
    assert parted(wide + b"1\n" * 600, width=1000) is None
