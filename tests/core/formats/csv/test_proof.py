from __future__ import annotations

from unittest.mock import patch

import pytest

from core.formats.csv import proof
from core.formats.csv.proof import prove


@pytest.mark.parametrize(
    ("data", "final", "taken", "rows"),
    [
        (b"1,2\n3,4\n5,", False, 8, 2),  # the last row may go on
        (b"1,2\n3,4\n5,", True, 10, 3),
        (b'1,"x\ny"\n2,"x\ny', False, 8, 1),
        (b"1\r2\r3\r", False, 4, 2),  # an LF may follow
        (b"1\r2\r3\r", True, 6, 3),
        (b"1\r2\r\n3\r4", False, 5, 2),
    ],
)
def test_whole_rows_are_taken(data: bytes, final: bool, taken: int, rows: int) -> None:
    found = prove(data, ",", '"', final=final)
    assert found is not None
    assert (found.taken, found.rows) == (taken, rows)
    assert found.data.count(b"\n") == found.lines


def test_lines_and_places_of_rows() -> None:
    found = prove(b'1,"x\ny"\n2,\r\n"a"",""b",4\n', ",", '"', final=True)
    assert found is not None
    assert found.row_lines.tolist() == [1, 2, 3]
    assert found.ends.tolist() == [7, 11, 23]
    assert found.row_stops().tolist() == [7, 10, 23]
    assert (found.lines, found.longest_row) == (4, 12)


@pytest.mark.parametrize(
    "data",
    [
        b'1,"2\n3,4\n',  # no row ends outside quotes
        b"1,2",
        b'1,a"\nb"\n',
        b'1,"a"b\n',
        b'1,"a"\r2\n',
        b"1,\0\n",
        b"\xef\xbb\xbf1,2\n",
        b"\xef\xbb\xbf1\r2\r3",
        b'"1"\r2\r3',
        b"\r",
    ],
)
def test_not_proven(data: bytes) -> None:
    assert prove(data, ",", '"', final=False) is None


def test_without_a_quote_quotes_are_plain() -> None:
    found = prove(b'1,a"b\n', ",", None, final=True)
    assert found is not None
    assert len(found.quotes) == 0


def test_the_same_whatever_the_window() -> None:
    data = b'1,"x\r\ny"\r\n2,""\r\n"a"",""b",4\r\n' * 9
    whole = prove(data, ",", '"', final=True)
    with patch.object(proof, "_WINDOW", 3):
        parts = prove(data, ",", '"', final=True)
    assert whole is not None
    assert parts is not None
    assert whole.rows == 27
    assert parts.ends.tolist() == whole.ends.tolist()
    assert parts.quotes.tolist() == whole.quotes.tolist()
