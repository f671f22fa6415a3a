"""What is given is taken as it is, and everything else is found anew under it."""

from __future__ import annotations

import pytest

from core.errors import InvalidFormat
from core.model.dialect import Dialect
from tests.core.formats.csv.test_detection import detect


def test_what_is_given_is_taken_as_it_is() -> None:
    found = detect(
        b"x\n1,a;2\n", delimiter=";", header=False, skip_rows=1, encoding="cp1252", decimal="."
    )
    assert found.dialect == Dialect(delimiter=";", header=False, skip_rows=1, encoding="cp1252")
    assert found.columns == ("column_1", "column_2")


#: By commas a title, two columns and a total; by semicolons three columns and no header.
TWO_WAYS = """1;2,5;3
4;5,5;6
7;8,5;9
"""
#: A table parted by semicolons in quotes, below a note, over a total; commas part more of it.
BY_SEMICOLONS = """Made, by, hand
id;"who; what";price
1;"a, b, c";2,50
2;"d, e, f";3,75
3;"g, h, i";1,00
total;;7,25
"""


def test_under_a_given_delimiter_all_else_is_found_again() -> None:
    by_commas = detect(BY_SEMICOLONS, delimiter=",")
    by_semicolons = detect(BY_SEMICOLONS, delimiter=";")
    assert by_commas.dialect.skip_rows != 1
    assert by_semicolons.dialect == Dialect(
        delimiter=";", skip_rows=1, skip_footer=1, decimal=",", quote='"'
    )
    assert by_semicolons.columns == ("id", "who; what", "price")
    assert detect(TWO_WAYS, delimiter=";").dialect.header is False
    quoted = "a|'b|1'|c\n1|'x|y'|2\n3|'z|y'|4\n"
    assert detect(quoted, delimiter="|").dialect.quote == "'"
    assert detect("a|b\n'x|1\n'y|2\n", delimiter="|").dialect.quote == '"'


def test_under_given_lines_to_skip_the_rest_is_found_again() -> None:
    text = "a,b,c\n" * 20 + "id;name\n1;x\n2;y\n3;z\n"
    assert detect(text).dialect.delimiter == ","
    found = detect(text, skip_rows=20)
    assert (found.dialect.delimiter, found.columns) == (";", ("id", "name"))
    assert found.dialect.skip_rows == 20
    assert found.warnings == ()
    kept = detect("Sales report\nMade: today\n\nid,name\n1,x\n2,y\n", skip_rows=3)
    assert (kept.dialect.delimiter, kept.dialect.skip_rows) == (",", 3)
    assert kept.columns == ("id", "name")
    none = detect("Sales report,\nid,name\n1,x\n2,y\n", skip_rows=0)
    assert none.dialect.skip_rows == 0
    assert none.columns == ("Sales report id", "Sales report name")
    with pytest.raises(InvalidFormat, match="Nothing is left of the file after skipping 9 lines"):
        detect("a,b\n1,2\n", skip_rows=9)


def test_lines_to_skip_beyond_what_is_looked_at() -> None:
    found = detect("a,b\n1,2\n" * 9, skip_rows=1_000, complete=False)
    assert found.columns == ()
    assert "The rows begin beyond what was looked at." in found.warnings


def test_under_a_given_encoding_the_rest_is_found_again() -> None:
    wide = "id;name\n1;é\n2;ü\n".encode("utf-16-le")
    assert detect(wide, encoding="utf-16-le").columns == ("id", "name")
    marked = detect(b"\xef\xbb\xbfid;name\n1;x\n", encoding="utf-8")
    assert (marked.dialect.bom, marked.dialect.delimiter) == (True, ";")
    other = detect("id;name\n1;Zoë\n".encode("cp1252"), encoding="cp1250")
    assert (other.dialect.encoding, other.dialect.delimiter) == ("cp1250", ";")
    assert other.warnings == ()


def test_a_given_header_is_believed() -> None:
    body = "1,2026-01-01,x\n2,2026-01-02,y\n3,2026-01-03,z\n"
    named = detect(body, header=True)
    assert (named.dialect.header, named.columns) == (True, ("1", "2026-01-01", "x"))
    assert named.warnings == ()
    titled = detect("Report\n\nid,when\n1,2026-01-01\n2,2026-01-02\n", header=False)
    assert (titled.dialect.skip_rows, titled.dialect.header) == (2, False)
    assert titled.columns == ("column_1", "column_2")
    tall = detect("id,name\nnr,who\n1,x\n2,y\n", header_rows=2)
    assert (tall.dialect.header_rows, tall.columns) == (2, ("id nr", "name who"))
    low = detect("id,when\n[nr],[day]\n1,2026-01-01\n2,2026-01-02\n", header_rows=1)
    assert (low.dialect.header_rows, low.columns) == (1, ("id", "when"))


def test_a_given_footer_is_believed() -> None:
    text = "region,n\nnorth,10\nsouth,20\nTotal,30\n"
    assert detect(text, skip_footer=0).dialect.skip_footer == 0
    assert detect(text, skip_footer=0).warnings == ()
    assert detect(text, skip_footer=2).dialect.skip_footer == 2


def test_a_given_quote_or_escape_is_believed() -> None:
    text = "a,b\n'x,1',2\n'y,2',3\n"
    found = detect(text, quote='"')
    assert (found.dialect.quote, len(found.columns)) == ('"', 3)
    slashed = 'a,b\n"say \\"hi\\", he",2\n"so \\"ho\\", me",3\n'
    assert detect(slashed, escape=None).dialect.escape is None
    assert detect("a,b;c\n1,2;3\n4,5;6\n7,8;9\n", quote=",").dialect.delimiter == ";"
    assert detect('a"b\n1"2\n3"4\n', delimiter='"').columns == ("a", "b")


def test_under_a_given_mark_the_other_is_found_again() -> None:
    text = "n;m\n1.234,5;1,5\n2.345,5;2,5\n3,456.5;3,5\n"
    assert detect(text, decimal=".").dialect.thousands == ","
    assert detect(text, decimal=",").dialect.thousands == "."
    assert detect(text, thousands=",").dialect.decimal == "."
    assert detect("n;m\n1.234;x\n2.345;y\n", thousands=".").dialect.decimal == ","


def test_with_a_line_that_names_the_delimiter() -> None:
    text = "sep=;\na;b,c\n1;2,3\n"
    assert detect(text, skip_rows=0).columns == ("a", "b,c")
    assert detect(text, delimiter=",").dialect == Dialect(skip_rows=1)
