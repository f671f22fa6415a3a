from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from core.errors import InvalidFormat, TableportError
from core.formats import by_name, detect_file
from core.formats.base import META, Head, ReadLimits
from core.model.dialect import Detection, Dialect


def detect(text: str | bytes, *, given: Dialect | None = None, complete: bool = True) -> Detection:
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


def test_a_legacy_encoding_warns() -> None:
    found = detect("id,name\n1,Zoë\n".encode("cp1252"))
    assert found.dialect.encoding == "cp1252"
    assert "is a guess" in found.warnings[0]


def test_a_given_dialect_is_taken_as_it_is() -> None:
    given = Dialect(delimiter=";", header=False, skip_rows=1, encoding="cp1252")
    found = detect(b"x\n1,a;2\n", given=given)
    assert found.dialect == given
    assert found.columns == ("column_1", "column_2")
    assert found.findings == ()


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
    assert {error.code for error in refused} == {"IMPORT_002"}
    assert all(error.detail.endswith(".") for error in refused)


def test_attacks_give_the_rows_they_should(corpora: Path) -> None:
    for name, rows in (("cp1252_smart", 2), ("utf16le_bom", 2), ("quotes_inside", 7)):
        _, frame = _load((corpora / "attacks" / f"{name}.csv").read_bytes())
        assert frame.height == rows, name


def test_fuzzed_files_never_break_the_reader(corpora: Path) -> None:
    files = [f for f in (corpora / "duckdb_csv" / "afl").rglob("*.csv") if f.is_file()]
    assert {error.code for error in _refusals(files)} == {"IMPORT_002"}
