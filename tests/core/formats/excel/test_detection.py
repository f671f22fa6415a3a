"""Which sheet and which rows of a workbook are the table, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidFormat
from core.model.dialect import Detection, Dialect
from tests.core.formats.excel.books import (
    book,
    cells,
    detected,
    number,
    openpyxl_book,
    read,
    saved,
    table,
    word,
    zipped,
)

PEOPLE = [["id", "name"], [1, "Ada"], [2, "Bob"], [3, "Cleo"]]


def of(rows: list[list[Any]]) -> Detection:
    return detected(saved(openpyxl_book(rows)))


def finding(found: Detection, name: str) -> tuple[str, float]:
    one = next(f for f in found.findings if f.name == name)
    assert one.evidence.endswith(".")
    return one.value, one.confidence


def said(found: Detection, words: str) -> bool:
    return any(words in warning for warning in found.warnings)


def test_a_plain_table() -> None:
    found = of(PEOPLE)
    assert found.dialect == Dialect(format="excel", sheet="Sheet")
    assert found.columns == ("id", "name")
    assert finding(found, "header") == ("yes", 0.95)
    assert finding(found, "sheet") == ("Sheet", 0.99)
    assert found.warnings == ()
    assert found.first_lines[:2] == ("id\tname", "1\tAda")


def test_titles_above_the_table_are_skipped_and_named() -> None:
    found = of([["Report of 2026"], [None], ["made by Ada"], *PEOPLE])
    assert (found.dialect.skip_rows, found.columns) == (3, ("id", "name"))
    assert finding(found, "skip_rows") == ("3", 0.8)
    assert said(found, "The first 3 rows are skipped: titles, beginning “Report of 2026”.")


def test_a_table_may_begin_anywhere() -> None:
    found = of([[], [], *([None, None, *row] for row in PEOPLE)])
    assert (found.dialect.skip_rows, found.columns) == (2, ("id", "name"))
    assert not found.warnings


@pytest.mark.parametrize(
    ("first", "present"),
    [
        (["id", "name"], True),
        ([0, "Zoe"], False),
        ([True, "Zoe"], False),
        (["name", 2024], True),
    ],
)
def test_values_are_no_header_but_years_may_be(first: list[Any], present: bool) -> None:
    rows = [["Ada", 7.5], ["Bob", 8.25]] if "name" in first[:1] else PEOPLE[1:]
    found = of([first, *rows])
    assert found.dialect.header is present
    assert found.columns == (tuple(map(str, first)) if present else ("column_1", "column_2"))


def test_a_header_that_is_not_certain_is_said() -> None:
    found = of([["red"], ["green"], ["blue"]])
    assert said(found, "The first row is taken as column names, but this is not certain")


def test_merged_cells_make_a_header_of_several_rows() -> None:
    made = openpyxl_book([["id", "sales", None], [None, "Q1", "Q2"], [1, 2, 3], [4, 5, 6]])
    assert made.active is not None
    made.active.merge_cells("B1:C1")
    found = detected(saved(made))
    assert found.dialect.header_rows == 2
    assert found.columns == ("id", "sales Q1", "sales Q2")
    assert finding(found, "header_rows") == ("2", 0.8)


def test_a_title_merged_over_the_table_is_no_header() -> None:
    made = openpyxl_book([["All people", None], *PEOPLE])
    assert made.active is not None
    made.active.merge_cells("A1:B1")
    found = detected(saved(made))
    assert (found.dialect.skip_rows, found.columns) == (1, ("id", "name"))


def test_notes_below_the_table_are_skipped_and_totals_are_told() -> None:
    found = of([*PEOPLE, ["Total", 3], [None], ["Source: the office"]])
    assert found.dialect.skip_footer == 1
    assert finding(found, "skip_footer") == ("1", 0.7)
    assert said(found, "The last 1 rows are skipped: notes, beginning “Source: the office”")
    assert said(found, "Row 5 seems to hold totals (“Total”)")


def test_other_tables_on_the_sheet_are_told() -> None:
    below = of([*PEOPLE, [None], ["code", "price"], ["x", 1.5], ["y", 2.5]])
    assert said(below, "Row 6, behind a blank row, looks like the header of another table")
    beside = of([[*row, None, *row] for row in PEOPLE])
    assert said(beside, "Column C is blank: several tables may stand side by side")


def test_the_other_sheets_are_named_with_their_rows() -> None:
    made = book(table(number(1)), table(number(1), number(2)), "")
    found = detected(made)
    assert finding(found, "sheet") == ("S1", 0.6)
    assert said(found, "Only the sheet “S1” is read. Choose another to import it: “S2” (3 rows)")
    assert said(found, "“S3” (0 rows)")


def test_hidden_and_blank_sheets_are_passed_over_unless_asked_for() -> None:
    made = openpyxl_book(PEOPLE)
    made.create_sheet("cover", 0)
    made.create_sheet("secret", 0).append(["hidden"])
    made["secret"].sheet_state = "hidden"
    made.create_chartsheet("chart", 0)
    found = detected(saved(made))
    assert (found.dialect.sheet, found.columns) == ("Sheet", ("id", "name"))
    assert "“secret” (1 row, hidden)" in next(f.evidence for f in found.findings)
    assert not said(found, "Only the sheet")
    assert read(saved(made), sheet="secret", header=False) == [("hidden",)]


def test_what_is_given_is_taken_as_it_is() -> None:
    made = saved(openpyxl_book(PEOPLE))
    found = detected(made, given={"header": False, "skip_rows": 1, "skip_footer": 1})
    assert found.dialect == Dialect(
        format="excel", sheet="Sheet", header=False, skip_rows=1, skip_footer=1
    )
    assert found.columns == ("column_1", "column_2")


def test_on_a_given_sheet_the_table_is_found_again() -> None:
    made = openpyxl_book(PEOPLE)
    other = made.create_sheet("other")
    rows = [["Report of May"], [], ["when", "n"], ["x", 1], ["y", 2], ["z", 3], [], ["A note"]]
    for row in rows:
        other.append(row)
    bare = made.create_sheet("bare")
    for row in PEOPLE[1:]:
        bare.append(row)
    found = detected(saved(made), given={"sheet": "other"})
    assert found.dialect == Dialect(format="excel", sheet="other", skip_rows=2, skip_footer=1)
    assert found.columns == ("when", "n")
    chosen = next(f for f in found.findings if f.name == "sheet")
    assert chosen.evidence == "Set for this import, not detected."
    assert chosen.choices == ("Sheet", "other", "bare")
    assert not said(found, "Only the sheet")
    without = detected(saved(made), given={"sheet": "bare"})
    assert (without.dialect.header, without.columns) == (False, ("column_1", "column_2"))


def test_under_given_rows_the_header_is_found_again() -> None:
    made = openpyxl_book([*PEOPLE, ["a", "b"], [1, 2], [3, 4]])
    found = detected(saved(made), given={"skip_rows": 4})
    assert (found.dialect.header, found.columns) == (True, ("a", "b"))
    assert detected(saved(made), given={"skip_rows": 1}).dialect.header is False
    tall = detected(saved(made), given={"header_rows": 2})
    assert (tall.dialect.header, tall.columns) == (True, ("id 1", "name Ada"))
    with pytest.raises(InvalidFormat, match="Nothing is left of the sheet after skipping"):
        detected(saved(made), given={"skip_rows": 99})


def test_cells_without_a_value_are_told() -> None:
    made = book(table(' t="e"><v>#N/A</v>', ">" + "<f>1</f>"))
    assert said(detected(made), "2 rows have cells without a value: A2 holds the error #N/A.")


def test_hidden_rows_macros_links_and_stale_results_are_told() -> None:
    rows = cells(word("h")) + '<row r="2" hidden="1"><c r="A2"><f>1</f><v>1</v></c></row>'
    made = book(
        rows,
        workbook='<calcPr fullCalcOnLoad="1"/>',
        parts={"xl/vbaProject.bin": b"code", "xl/externalLinks/externalLink1.xml": "<x/>"},
    )
    found = detected(made)
    assert said(found, "On the sheet 1 row is hidden, and read as well.")
    assert said(found, "The workbook holds macros: only its data is read")
    assert said(found, "linked to other files or programs")
    assert said(found, "asks to be calculated when it is opened")


@pytest.mark.parametrize("filename", ["x.xlsx", "x.xlsm", "x.xlsb", "x.ods", "x.xls", "x", "x.bin"])
def test_the_content_decides(filename: str) -> None:
    assert detected(saved(openpyxl_book(PEOPLE)), filename).dialect.format == "excel"


def test_a_workbook_named_as_something_else() -> None:
    with pytest.raises(InvalidFormat, match=r"its content is excel. Rename it to .xlsx"):
        detected(saved(openpyxl_book(PEOPLE)), "x.csv")


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (b"id,name\n1,Ada\n", "x.xlsx", r"its content is csv. Rename it to .csv"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "x.xls", "a web page"),
        (
            zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>"}),
            "x.xlsx",
            "without a workbook",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "x.xls", "cannot be read"),
    ],
)
def test_what_is_no_workbook(content: bytes, filename: str, words: str) -> None:
    with pytest.raises(InvalidFormat, match=words):
        detected(content, filename)


def test_a_workbook_of_blank_sheets() -> None:
    with pytest.raises(InvalidFormat, match="holds no cells"):
        detected(book("", ""))
