from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.errors import InvalidFormat, TableportError
from core.formats import by_name, detect_file
from core.formats.base import META, Head, ReadLimits
from core.model.dialect import Detection, Dialect


def detect(text: str | bytes, *, complete: bool = True, **given: Any) -> Detection:
    head = text.encode() if isinstance(text, str) else text
    begun = Head(io.BytesIO(head), "x.csv")
    begun.complete = complete
    reader = by_name("csv").reader
    assert reader is not None
    found = reader.detect(begun, given=given)
    assert found is not None
    return found


BODY = [["id", "name", "price"], ["1", "Ann", "2.50"], ["2", "Bob", "3.75"], ["3", "Cy", "1.00"]]


@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|", ", ", "; ", "||", "::", "~", "^", "\x1f"]
)
def test_delimiters(delimiter: str) -> None:
    found = detect("\n".join(delimiter.join(row) for row in BODY))
    assert found.dialect == Dialect(delimiter=delimiter)
    assert found.columns == ("id", "name", "price")
    assert found.warnings == ()


def test_spaces_need_better_evidence() -> None:
    assert detect("name\nAnn Lee\nBob Ray\n").dialect.delimiter == ","
    assert detect("a b c d\n1 2 3 4\n5 6 7 8\n").dialect.delimiter == " "


def test_decimal_commas() -> None:
    found = detect("a;b\n1,5;2,25\n3,5;4,75\n")
    assert found.dialect.delimiter == ";"
    assert found.columns == ("a", "b")


def test_delimiters_inside_quotes_do_not_count() -> None:
    found = detect('a,b\n"x;y;z",1\n"p;q;r",2\n')
    assert found.dialect.delimiter == ","


def test_single_quotes() -> None:
    found = detect("a,b\n'x,1',2\n'y,2',3\n")
    assert found.dialect.quote == "'"
    assert detect("a,b\nO'Neil,2\nD'Arcy,3\n").dialect.quote == '"'


def test_backslashes() -> None:
    found = detect('a,b\n"say \\"hi\\", he",2\n"so \\"ho\\", me",3\n')
    assert found.dialect.escape == "\\"
    assert any(finding.name == "escape" for finding in found.findings)


def test_quotes_that_mean_nothing() -> None:
    found = detect('a|b\n"x|1\n"y|2\n"z|3\n')
    assert found.dialect.quote is None
    assert found.dialect.delimiter == "|"


@pytest.mark.parametrize(("line", "delimiter"), [("sep=;", ";"), ("sep=\\t", "\t"), ("SEP=|", "|")])
def test_sep_line(line: str, delimiter: str) -> None:
    found = detect(f"{line}\r\na{delimiter}b\r\n1{delimiter}2\r\n")
    assert (found.dialect.delimiter, found.dialect.skip_rows) == (delimiter, 1)
    assert found.columns == ("a", "b")
    assert found.first_lines[0] == line


def test_preamble() -> None:
    found = detect("Sales report\nMade: today\n\nid,name,price\n1,x,2\n2,y,3\n")
    assert found.dialect.skip_rows == 3
    assert found.columns == ("id", "name", "price")
    assert "Sales report" in found.warnings[0]


def test_comment_lines() -> None:
    found = detect("# a, comment, with, commas\nid,name\n1,x\n2,y\n")
    assert found.dialect.skip_rows == 1


def test_header_by_types() -> None:
    found = detect("id,when\n1,2026-01-01\n2,2026-01-02\n")
    finding = next(finding for finding in found.findings if finding.name == "header")
    assert (finding.value, finding.confidence) == ("yes", 0.95)


def test_no_header() -> None:
    found = detect("1,2026-01-01,x\n2,2026-01-02,y\n3,2026-01-03,z\n")
    assert found.dialect.header is False
    assert found.columns == ("column_1", "column_2", "column_3")
    assert any("no header" in warning for warning in found.warnings)


def test_a_year_can_be_a_name() -> None:
    assert detect("city,2024,2025\nBonn,12.5,13\nUlm,7,8.5\n").dialect.header is True


def test_an_unsure_header_is_said() -> None:
    found = detect("name,city\nAnn,Bonn\nBob,Ulm\n")
    assert found.dialect.header is True
    assert "not certain" in found.warnings[0]
    repeated = detect("red,x\nblue,y\nred,z\n")
    assert repeated.dialect.header is False
    assert "not certain" in repeated.warnings[0]


def test_names_are_mended_with_a_warning() -> None:
    found = detect("id,,id\n1,2,3\n4,5,6\n")
    assert found.columns == ("id", "column_2", "id_2")
    assert len(found.warnings) == 2


def finding(found: Detection, name: str) -> str | None:
    return next((finding.value for finding in found.findings if finding.name == name), None)


def test_lines_of_words_and_values_before_the_table_are_passed_over() -> None:
    found = detect(
        'Report,Sales\nDate,2020-01-31\nBy,"Lee, A"\n\nid,name,price,n\n1,x,1.5,2\n2,y,2.5,3\n'
    )
    assert (found.dialect.skip_rows, found.columns) == (4, ("id", "name", "price", "n"))
    assert finding(found, "skip_rows") == "4"
    assert "“Report,Sales”" in found.warnings[0]


def test_the_first_of_rows_without_a_header_is_data_even_if_sparse() -> None:
    found = detect("1,,,,\n2,Ann,a@x.org,1,Bonn\n3,Bob,b@x.org,2,Ulm\n4,Cy,c@x.org,3,Kiel\n")
    assert (found.dialect.header, found.dialect.skip_rows) == (False, 0)


def test_a_missing_value_in_the_first_row_makes_it_no_header() -> None:
    found = detect("id,price,score\nA,N/A,unknown\nB,1.5,2\nC,2.5,3\nD,3.5,4\nE,4.5,5\n")
    assert (found.dialect.header, found.dialect.header_rows) == (True, 1)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("day;rain;wind\n;(mm);(m/s)\n", ("day", "rain (mm)", "wind (m/s)")),
        ("day;rain;wind\nday;rain;wind\n", ("day day", "rain rain", "wind wind")),
        (";Weather;\nDay;Rain;Wind\n", ("Day", "Weather Rain", "Weather Wind")),
    ],
)
def test_headers_of_two_rows(lines: str, names: tuple[str, ...]) -> None:
    found = detect(lines + "".join(f"2020-01-{day};{day},5;{day},25\n" for day in range(10, 20)))
    assert found.dialect.header_rows == 2
    assert found.columns == names
    assert finding(found, "header_rows") == "2"


def test_equal_rows_are_no_header_of_several_rows() -> None:
    assert detect("a,b\n" * 9).dialect.header_rows == 1
    assert detect("1,2\n" * 9).dialect.header is False


def test_a_header_of_codes_stands_out() -> None:
    found = detect("code,name\nAB-12,x\nCD-34,y\nEF-56,z\n")
    assert finding(found, "header") == "yes"
    assert detect("AB-12,x\nCD-34,y\nEF-56,z\n").dialect.header is False


@pytest.mark.parametrize(
    ("end", "footer"),
    [
        ("\nSource: the office of figures\n", 1),
        ("(1) Preliminary.\n(2) Estimated, see note.\n", 2),
        ("Total,,60\n", 1),
        ("Total,,60\n\nNotes:\n* rounded\n", 3),
        (",,\n,,\n", 2),
        ("south\n", 0),  # a row cut short, which the reader reports
        ("Totals Ltd,t1,7\n", 0),
        ("south,s9,\n", 0),
    ],
)
def test_what_follows_the_table_is_left_out_and_said(end: str, footer: int) -> None:
    found = detect("region,code,n\nnorth,n1,10\nsouth,s1,20\nwest,w1,30\n" + end)
    assert found.dialect.skip_footer == footer
    assert finding(found, "skip_footer") == (str(footer) if footer else None)
    assert any("left out" in warning for warning in found.warnings) == bool(footer)


def test_a_total_that_adds_up_is_one_even_without_gaps() -> None:
    assert detect("region,n\nnorth,10\nsouth,20\nTotal,30\n").dialect.skip_footer == 1
    unsure = detect("region,n\nnorth,10\nsouth,20\nTotal,99\n")
    assert unsure.dialect.skip_footer == 0
    assert "may be a total" in unsure.warnings[-1]


def test_rows_with_one_cell_among_the_others_are_no_footer() -> None:
    found = detect("Item,Q1,Q2\nFruit,,\nApple,1,2\nPear,3,4\nNuts and seeds,,\n")
    assert (found.dialect.skip_rows, found.dialect.skip_footer) == (0, 0)


TWO = (
    "name,amount\na,1\nb,2\nc,3\n\nTowns of the world\n"
    "city,people,area\nx,10,2.5\ny,20,3.5\nz,30,4.5\n"
)


def test_the_first_of_two_tables_is_read_and_the_other_named() -> None:
    found, frame = _load(TWO.encode())
    assert found.columns == ("name", "amount")
    assert frame.rows() == [(1, 2, None, "a", "1"), (2, 3, None, "b", "2"), (3, 4, None, "c", "3")]
    assert "Another table begins in line 6" in found.warnings[0]


def test_the_end_of_a_file_larger_than_its_head_is_looked_at() -> None:
    rows = "".join(f"{n},{'x' * 90}\n" for n in range(5_000))
    found, frame = _load(f"n,text\n{rows}\nSource: us\n".encode())
    assert found.dialect.skip_footer == 1
    assert frame.height == 5_000


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands"),
    [
        (("1,5", "2,25"), ",", ""),
        (("1.234,56", "7,5"), ",", "."),
        (("1,234.56", "7.5"), ".", ","),
        (("1 234,5", "7,5"), ",", " "),
        (("1'234.5", "7.5"), ".", "'"),
        (("1,234,567", "8"), ".", ","),
        (("1.5", "2.25"), ".", ""),
        (("1", "2"), ".", ""),
    ],
)
def test_marks_of_numbers(cells: tuple[str, str], decimal: str, thousands: str) -> None:
    found = detect("".join(f"{cell};x\n" for cell in ("n", *cells)))
    assert (found.dialect.decimal, found.dialect.thousands) == (decimal, thousands)
    assert (finding(found, "thousands") is not None) == bool(thousands)


def test_numbers_written_in_two_ways_are_said() -> None:
    found = detect("a;b\n1,5;1.5\n2,5;2.5\n3,5;3.5\n")
    assert "“1,5” and “1.5”" in next(w for w in found.warnings if "two ways" in w)


def test_the_other_quote_can_be_the_escape() -> None:
    found = detect("a,b\n'5\"\" pipe, x',1\n'3\"\" pipe, y',2\n")
    assert (found.dialect.quote, found.dialect.escape) == ("'", '"')


def test_a_legacy_encoding_warns() -> None:
    found = detect("id,name\n1,Zoë\n".encode("cp1252"))
    assert found.dialect.encoding == "cp1252"
    assert "is a guess" in found.warnings[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("id,price\n1,2,50\n2,3,75\n3,12,00\n", "“2,50” in line 2"),
        ("id,price,name\n1,-2,50,x\n2,3,75,y\n3,12,00,z\n", "“-2,50” in line 2"),
        ("price\n2,50\n3,75\n1,25\n", "“2,50” in line 2"),
        ("id,price\n1,2,5\n2,3,75\n3,12,00\n", ""),
        ("id,price\n1,a,50\n2,3,75\n3,12,00\n", ""),
        ("id,price,cents\n1,2,50\n2,3,75\n3,12,00\n", ""),
        ('id,price\n1,2,"50"\n2,3,75\n3,12,00\n', ""),
        ("id;price\n1;2;50\n2;3;75\n3;12;00\n", ""),
    ],
)
def test_numbers_parted_at_their_decimal_commas_are_told(text: str, shown: str) -> None:
    told = [w for w in detect(text).warnings if "decimal comma" in w]
    assert len(told) == bool(shown)
    assert all(shown in warning for warning in told)


def test_a_cut_head() -> None:
    found = detect('a,b\n1,2\n3,"4', complete=False)
    assert found.columns == ("a", "b")
    assert found.warnings == ()


def test_first_lines_are_short_and_few() -> None:
    found = detect("a,b\n" + "1,2\n" * 50 + "x" * 1000)
    assert found.first_lines[:2] == ("a,b", "1,2")
    assert len(found.first_lines) == 10


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"%PDF-1.4", b"<html><body>", b"\0" * 64])
def test_refused(data: bytes) -> None:
    with pytest.raises(InvalidFormat):
        detect(data)


def test_content_that_is_no_text_is_named_with_a_remedy() -> None:
    with pytest.raises(InvalidFormat, match="The content is a PDF document: save the table"):
        detect(b"%PDF-1.7\n")
    with pytest.raises(InvalidFormat, match="The content is compressed with gzip: unpack it"):
        detect(b"\x1f\x8b\x08\x00")


def _load(data: bytes) -> tuple[Detection, pl.DataFrame]:
    found = detect_file(io.BytesIO(data), filename="x.csv")
    reader = by_name("csv").reader
    assert reader is not None
    batches = reader.read(io.BytesIO(data), found.dialect, rows=5000, limits=ReadLimits())
    frame = pl.concat(batch.frame for batch in batches)
    assert tuple(frame.columns[3:]) == found.columns
    return found, frame


def test_csv_spectrum(corpora: Path) -> None:
    files = sorted((corpora / "csv-spectrum" / "csvs").glob("*.csv"))
    assert files
    for file in files:
        expected = json.loads((corpora / "csv-spectrum" / "json" / f"{file.stem}.json").read_text())
        _, frame = _load(file.read_bytes())
        rows = frame.drop(META).rows(named=True)
        # the expectations were read with universal line ends
        mended = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in rows]
        wanted = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in expected]
        assert mended == wanted, file.name


def _refusals(files: list[Path]) -> list[TableportError]:
    """What each file that cannot be read is refused with; anything else escapes."""
    assert files
    found = []
    for file in files:
        try:
            _load(file.read_bytes())
        except TableportError as error:
            found.append(error)
    return found


def test_hostile_files_are_read_or_refused_in_words(corpora: Path) -> None:
    files = [f for f in (corpora / "attacks").iterdir() if f.stat().st_size < 1 << 20]
    refused = _refusals(files)
    assert {error.code for error in refused} == {"IMPORT_002", "IMPORT_007"}
    assert all(error.detail.endswith(".") for error in refused)


def test_attacks_give_the_rows_they_should(corpora: Path) -> None:
    for name, rows in (("cp1252_smart", 2), ("utf16le_bom", 2), ("quotes_inside", 7)):
        _, frame = _load((corpora / "attacks" / f"{name}.csv").read_bytes())
        assert frame.height == rows, name


def test_fuzzed_files_never_break_the_reader(corpora: Path) -> None:
    files = [f for f in (corpora / "duckdb_csv" / "afl").rglob("*.csv") if f.is_file()]
    assert {error.code for error in _refusals(files)} == {"IMPORT_002"}
