"""Cells of workbooks as text, rows as the dialect says, and what cannot be read."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidFormat, TooManyRowsToImport
from core.formats import read_file
from core.formats.base import FLAW, LINE, ROW, ReadLimits
from core.formats.excel.cells import number_text, text_column
from core.model.dialect import Dialect
from tests.core.formats.excel.books import (
    batches,
    book,
    cells,
    column,
    frame,
    number,
    openpyxl_book,
    read,
    saved,
    sheet,
    table,
    word,
)


def test_values_of_every_kind_in_canonical_text() -> None:
    made = openpyxl_book(
        [
            ["int", "float", "text", "bool", "date", "moment", "time", "length", "none"],
            [
                1,
                12.5,
                "00123",
                True,
                date(2026, 1, 31),
                datetime(2026, 1, 31, 13, 45, 1),
                time(13, 45),
                timedelta(hours=51, minutes=2),
                None,
            ],
        ]
    )
    assert read(saved(made)) == [
        (
            "1",
            "12.5",
            "00123",
            "true",
            "2026-01-31",
            "2026-01-31T13:45:01",
            "13:45:00",
            "51:02:00",
            None,
        )
    ]


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("1", "1"),
        ("-0", "0"),
        ("1E5", "100000"),
        ("0.1", "0.1"),
        ("59.969999999999999", "59.97"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456789012345", "123456789012345"),
        ("12345678901234567", "12345678901234567"),
        ("-98765432109876543210", "-98765432109876543210"),
        ("1.2345678901234568E+16", "12345678901234568"),
        ("1e-7", "1e-07"),
        ("1e+300", "1e+300"),
    ],
)
def test_numbers(stored: str, text: str) -> None:
    assert column(book(table(number(stored)))) == [text]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_from_its_text(value: float) -> None:
    assert float(number_text(value)) == value
    assert text_column([value], "c").texts.to_list() == [number_text(value)]


def test_texts_keep_every_character() -> None:
    texts = ["  lead", "007", "=1+1", "tab\tnewline\n", "'", "é😀", "NULL", "1e5"]
    assert column(book(table(*(word(text) for text in texts)))) == texts
    assert column(book(table(word("a_x000D_b"), word("&amp;&lt;")))) == ["a\rb", "&<"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", None),
        (' s="0">', None),
        (' t="inlineStr"><is><t></t></is>', ""),
        (' t="inlineStr"><is><t xml:space="preserve"/></is>', ""),
        (' t="s"><v>0</v>', ""),
        (' t="s"><v>1</v>', "shared"),
        (' t="str"><v></v>', ""),
        (' t="str"><f>""</f><v></v>', None),
    ],
)
def test_an_empty_text_is_no_blank_cell_but_what_a_formula_leaves_is(
    cell: str, text: str | None
) -> None:
    strings = ("<si><t/></si>", "<si><t>shared</t></si>")
    made = book(cells(word("h"), word("k")) + cells(cell, word("x"), row=2), strings=strings)
    assert read(made) == [(text, "x")]


def test_the_line_is_the_row_of_the_sheet() -> None:
    made = book(
        cells(word("a"), row=3) + cells(number(1), row=4) + cells(number(2), row=7),
    )
    (batch,) = batches(made)
    assert batch.frame.select(ROW, LINE, "a").rows() == [(1, 4, "1"), (2, 7, "2")]
    assert (batch.ignored, batch.bytes_read) == (4, len(made))
    (batch,) = batches(made, skip_blank_rows=False)
    assert batch.frame.select(ROW, LINE, "a").rows() == [
        (1, 4, "1"),
        (2, 5, None),
        (3, 6, None),
        (4, 7, "2"),
    ]
    assert batch.ignored == 2


def test_the_dialect_says_which_rows_are_the_table() -> None:
    rows = [["Title"], ["name", "year"], ["of town", "seen"], ["Bern", 1], ["NA", 2], ["sum", 3]]
    made = saved(openpyxl_book(rows))
    found = frame(made, skip_rows=1, header_rows=2, skip_footer=1, null_values=("", "NA"))
    assert found.columns[3:] == ["name of town", "year seen"]
    assert found.drop(ROW, FLAW).rows() == [(4, "Bern", "1"), (5, None, "2")]
    assert read(made, header=False, skip_rows=3) == [("Bern", "1"), ("NA", "2"), ("sum", "3")]


def test_merged_header_cells_name_all_the_columns_they_cover() -> None:
    made = openpyxl_book([["id", "sales", None], [None, "Q1", "Q2"], [1, 2, 3]])
    assert made.active is not None
    made.active.merge_cells("A1:A2")
    made.active.merge_cells("B1:C1")
    assert frame(saved(made), header_rows=2).columns[3:] == ["id", "sales Q1", "sales Q2"]


def test_blank_columns_without_a_name_are_left_out() -> None:
    made = book(
        cells("", word("a"), "", word("b"), word(" ")) + cells("", number(1), "", number(2), row=2)
    )
    assert frame(made).columns[3:] == ["a", "b", "column_3"]
    made = book(cells("", number(1), "", number(2)))
    assert read(made, header=False) == [("1", None, "2")]


def test_batches_have_the_size_asked_for() -> None:
    made = saved(openpyxl_book([["n"], *([n] for n in range(7))]))
    found = batches(made, rows=3)
    assert [b.frame[ROW].to_list() for b in found] == [[1, 2, 3], [4, 5, 6], [7]]
    assert found[-1].bytes_read == len(made)
    (empty,) = batches(saved(openpyxl_book([["a", "b"]])))
    assert (empty.frame.height, empty.frame.columns[3:]) == (0, ["a", "b"])


def test_a_pipe_is_enough(pipe: type[io.RawIOBase]) -> None:
    made = saved(openpyxl_book([["a"], [1]]))
    source = pipe(made)  # type: ignore[call-arg]
    (batch,) = read_file(source, Dialect(format="excel"), rows=9, limits=ReadLimits())  # type: ignore[arg-type]
    assert batch.frame["a"].to_list() == ["1"]


def test_errors_are_flaws_of_their_row_and_stay_visible() -> None:
    made = book(
        cells(word("a"), word("b"))
        + cells(' t="e"><f>1/0</f><v>#DIV/0!</v>', number(1), row=2)
        + cells(number(1), number(2), row=3)
        + cells(' t="e"><v>#N/A</v>', ' t="e"><v>#REF!</v>', row=4)
    )
    found = frame(made)
    assert found[FLAW].to_list() == [
        "A2 holds the error #DIV/0!",
        None,
        "A4 holds the error #N/A; B4 holds the error #REF!",
    ]
    assert found["a"].to_list() == ["#DIV/0!", "1", "#N/A"]


@pytest.mark.parametrize("formula", ["<f>1+1</f>", '<f t="shared" si="0"/>', "<f>1</f><v></v>"])
def test_a_formula_without_a_result_is_a_flaw(formula: str) -> None:
    made = book(table(f">{formula}", number(1)))
    (batch,) = batches(made)
    assert batch.frame[FLAW][0] is not None
    assert "A2 holds a formula without a result (open the workbook in Excel" in batch.frame[FLAW][0]
    assert batch.frame["h"].to_list() == [None, "1"]


def test_a_sheet_of_nothing_but_formulas_without_results_is_not_blank() -> None:
    made = book(cells(">" + "<f>1</f>", ">" + "<f>2</f>"))
    assert frame(made, header=False)[FLAW].len() == 1


def test_a_number_beyond_all_doubles_is_a_flaw() -> None:
    found = frame(book(table(number("1e999"), word("x"), number("-1e999"))))
    assert found[FLAW].to_list() == [
        "A2 holds a number too large to be read",
        None,
        "A4 holds a number too large to be read",
    ]


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("45292", "yyyy-mm-dd", "2024-01-01"),
        ("45292", "yyyy-mm-dd hh:mm", "2024-01-01T00:00:00"),
        ("45292.5", "yyyy-mm-dd", "2024-01-01T12:00:00"),
        ("59", "yyyy-mm-dd hh:mm", "1900-02-28T00:00:00"),
        ("61", "yyyy-mm-dd hh:mm", "1900-03-01T00:00:00"),
        ("-5", "yyyy-mm-dd", "-5"),
        ("0.5", "h:mm", "12:00:00"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
    ],
)
def test_days_and_times(stored: str, code: str, text: str) -> None:
    assert column(book(table(number(stored, 1)), formats=[code])) == [text]


def test_days_from_1904() -> None:
    made = book(
        table(number(1, 1), number(1, 2)),
        formats=["yyyy-mm-dd", "yyyy-mm-dd hh:mm"],
        workbook='<workbookPr date1904="1"/>',
    )
    assert column(made) == ["1904-01-02", "1904-01-02T00:00:00"]


def test_masks_are_the_text_and_dressed_numbers_are_shown_beside() -> None:
    made = book(
        cells(word("zip"), word("price"), word("plain"))
        + cells(number(123, 1), number(12.5, 2), number(1), row=2)
        + cells(number(1.5, 1), number(1234, 2), number(2), row=3)
        + cells(word("x"), word("y"), number(3), row=4),
        formats=["00000", "#,##0.00"],
    )
    (batch,) = batches(made)
    assert batch.frame["zip"].to_list() == ["00123", "1.5", "x"]
    assert batch.frame["price"].to_list() == ["12.5", "1234", "y"]
    assert batch.shown is not None
    assert batch.shown.to_dict(as_series=False) == {"price": ["12.50", "1,234.00", "y"]}
    shown = [b.shown for b in batches(made, rows=2)]
    assert [s["price"].to_list() for s in shown if s is not None] == [["12.50", "1,234.00"], ["y"]]


def test_a_sheet_without_dressed_numbers_shows_nothing_else() -> None:
    (batch,) = batches(book(table(number(1)), formats=["0.00"]))
    assert batch.shown is None


@pytest.mark.parametrize("wanted", ["S2", "2"])
def test_a_sheet_by_name_or_number(wanted: str) -> None:
    made = book(table(number(1)), table(number(2)))
    assert column(made, sheet=wanted) == ["2"]


def test_a_sheet_that_is_not_there() -> None:
    with pytest.raises(InvalidFormat, match=r"no sheet “S3”. Its sheets are “S1”, “S2”"):
        batches(book(table(number(1)), table(number(2))), sheet="S3")


def test_the_xml_may_be_spelled_in_other_ways() -> None:
    rows = (
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>h</x:t></x:is></x:c></x:row>'
        "<x:row r='2'><x:c r='A2' t='e'><x:v>#N/A</x:v></x:c></x:row>"
        '<x:row r="3"><!-- <x:c r="A3" t="e"> --><x:c r="A3"><x:v>1</x:v></x:c></x:row>'
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<x:worksheet xmlns:x="{space}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    found = frame(book("", parts={"xl/s1.xml": xml}))
    assert found.drop(ROW).rows() == [
        (2, "A2 holds the error #N/A", "#N/A"),
        (3, None, "1"),
    ]


def test_cells_need_not_say_where_they_stand() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
        '<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    )
    found = frame(book(sheet(rows)))
    assert found[FLAW].to_list() == ["B2 holds the error #N/A"]
    assert found.select("a", "b").rows() == [("1", "#N/A")]


def test_limits() -> None:
    made = saved(openpyxl_book([["a", "b"], [1, "long"], [2, "x"]]))
    with pytest.raises(TooManyRowsToImport):
        batches(made, limits=ReadLimits(max_rows=1))
    with pytest.raises(InvalidFormat, match="has 2 columns; a file may have 1"):
        batches(made, limits=ReadLimits(max_columns=1))
    with pytest.raises(InvalidFormat, match="Cell B2 is larger than 3 bytes"):
        batches(made, limits=ReadLimits(max_cell_bytes=3))
    with pytest.raises(InvalidFormat, match="Nothing is left of the sheet after skipping 3 rows"):
        batches(made, skip_rows=9)
