"""Forms as other programs see them, and as our own reader reads them back."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.errors import InvalidRequest
from core.formats import detect_file, read_file
from core.formats.base import META, ReadLimits
from core.formats.excel.forms import Form, FormColumn, FormRow, cells, sheet_title, write_form
from core.formats.excel.forms.entries import entry_format
from core.formats.excel.writing.sheets import MAX_COLUMNS
from core.model.table import Column, Kind

MADE_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
RED = "00FFC7CE"
Cell = str | int | None


def column(kind: Kind, name: str = "c", **more: Any) -> Column:
    return Column(name=name, kind=kind, type_text="", **more)


def form(*columns: FormColumn, title: str = "Pets", guide: tuple[str, ...] = ("How",)) -> Form:
    return Form(title=title, columns=columns, guide=guide)


def written(made: Form, *rows: FormRow, marker: str | None = None) -> bytes:
    file = io.BytesIO()
    assert write_form(made, rows, file, marker=marker, made_at=MADE_AT) == len(rows)
    return file.getvalue()


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def texts(*values: Cell) -> Form:
    return form(*(FormColumn(name=f"c{n}") for n in range(len(values))))


def read_back(data: bytes) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Names and cells as a mended file is read."""
    file = io.BytesIO(data)
    found = detect_file(file, filename="f.xlsx", given={"header": True, "skip_footer": 0})
    file.seek(0)
    limits = ReadLimits(max_columns=100, max_cell_bytes=1 << 20)
    frames = [b.frame for b in read_file(file, found.dialect, rows=100_000, limits=limits)]
    own = [name for name in frames[0].columns if name not in META]
    return own, [row for frame in frames for row in frame.select(own).rows()]


def rule(one: FormColumn) -> Any:
    """The only rule of a form of one column, with what it is for."""
    book = opened(written(form(one)))
    (found,) = book.worksheets[0].data_validations.dataValidation
    assert str(found.sqref) == "A2:A1048576"
    assert (found.errorStyle, found.showErrorMessage) == ("warning", True)
    assert found.allowBlank
    return found


@pytest.mark.parametrize(
    "text",
    [
        "007", "2026-01-31", "1e5", "TRUE", "=1+1", "+1", "-cmd", "@x", "#N/A", "#REF!", " a ",
        "  ", "\t", "\n", "a\nb", "a\r\nb", "\r", "\x00\x01\x1f", "_x000D_", "_x005F_x000D_",
        "\x7f\x85\xa0", "<b>&amp;\"'", "😀" * 100, "x" * 32_767, "\x01" * 32_767, "None",
    ],
)  # fmt: skip
def test_texts_come_back_as_they_are(text: str) -> None:
    data = written(texts(text, ""), FormRow(cells=[text, "end"]))
    assert read_back(data) == (["c0", "c1"], [(text, "end")])
    cell = opened(data).active["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")


def test_naughty_strings_come_back(corpora: Path) -> None:
    lines = (corpora / "blns" / "blns.txt").read_text(encoding="utf-8").splitlines()
    naughty = [line for line in lines if line and not {"\ufffe", "\uffff"} & set(line)]
    assert len(naughty) > 500
    data = written(texts(1, ""), *(FormRow(cells=[line, "end"]) for line in naughty))
    assert read_back(data)[1] == [(line, "end") for line in naughty]


@pytest.mark.parametrize(
    ("text", "said"),
    [("x" * 32_768, "32,767"), ("😀" * 16_384, "32,767"), ("a\uffff", "U\\+FFFE")],
)
def test_what_no_cell_can_hold_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"Row 3 of the workbook, column 'c1'.*{said}"):
        written(texts("", ""), FormRow(cells=["", "ok"]), FormRow(cells=["", text]))


def test_what_makes_it_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_CHARACTERS", 5)
    written(texts(""), FormRow(cells=["12345"]))
    with pytest.raises(InvalidRequest, match="more than 5 characters"):
        written(texts(""), FormRow(cells=["123"]), FormRow(cells=["456"]))
    with pytest.raises(InvalidRequest, match="columns"):
        written(texts(*[""] * (MAX_COLUMNS + 1)))


def test_header_flaws_and_marker() -> None:
    made = form(
        FormColumn(name="name", required=True, note="Text.\nRequired."),
        FormColumn(name="=born"),
        FormColumn(name="tableport_row", added=True),
    )
    data = written(
        made, FormRow(cells=["Ann", None, 12], flaws={1: "is missing\x00"}), marker="job-1"
    )
    book = opened(data)
    sheet = book.worksheets[0]
    assert (book.sheetnames, book.active.title) == (["Pets", "How to"], "Pets")
    assert sheet.freeze_panes == "A2"
    assert [c.value for c in sheet[1]] == ["name", "=born", "tableport_row"]
    assert all(c.font.b for c in sheet[1])
    assert sheet["A1"].fill != sheet["B1"].fill
    assert sheet["A1"].comment.text == "Text.\nRequired."
    assert (sheet["B2"].fill.fgColor.rgb, sheet["B2"].comment.text) == (RED, "is missing\ufffd")
    assert sheet["A2"].fill.fgColor.rgb != RED
    assert (sheet["C2"].value, sheet["C2"].data_type) == (12, "n")
    assert book.custom_doc_props["tableport_job"].value == "job-1"
    assert opened(written(made)).custom_doc_props.names == []


def test_comments_are_bounded_and_red_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_COMMENTS", 2)
    rows = [FormRow(cells=["x"], flaws={0: f"wrong {n}"}) for n in range(4)]
    sheet = opened(written(texts(""), *rows)).active
    assert [sheet[f"A{n}"].comment is not None for n in range(2, 6)] == [True, True, False, False]
    assert {sheet[f"A{n}"].fill.fgColor.rgb for n in range(2, 6)} == {RED}


def test_the_same_form_is_the_same_bytes() -> None:
    made, row = texts("", ""), FormRow(cells=["a", "b"], flaws={0: "wrong"})
    assert written(made, row, marker="j") == written(made, row, marker="j")


def test_nothing_lies_in_the_clear(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr("openpyxl.worksheet._writer.create_temporary_file", refuse)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert opened(written(texts(""), FormRow(cells=["a"]))).active["A2"].value == "a"


@pytest.mark.parametrize(
    ("choices", "formula"),
    [
        (("cat", "dog"), '"cat,dog"'),
        (("a,b", "c"), "choices!$A$1:$A$2"),
        (('say "x"', "c"), "choices!$A$1:$A$2"),
        (("=1", "c"), "choices!$A$1:$A$2"),
        (tuple(f"value {n}" for n in range(40)), "choices!$A$1:$A$40"),
    ],
)
def test_lists(choices: tuple[str, ...], formula: str) -> None:
    one = FormColumn(name="kind", takes=column(Kind.INTEGER), choices=choices)
    found = rule(one)
    assert (found.type, found.formula1) == ("list", formula)
    book = opened(written(form(one)))
    assert book.worksheets[0].column_dimensions["A"].number_format == "@"
    if formula.startswith("choices"):
        assert book["choices"].sheet_state == "hidden"
        assert tuple(c.value for c in book["choices"]["A"]) == choices
        assert {c.data_type for c in book["choices"]["A"]} == {"s"}
    else:
        assert "choices" not in book.sheetnames


@pytest.mark.parametrize("choices", [("a", " b"), ("a\nb",), ("x" * 256,), ("",), ("v",) * 1_001])
def test_no_list_that_could_not_offer_every_value(choices: tuple[str, ...]) -> None:
    book = opened(written(form(FormColumn(name="kind", choices=choices))))
    assert not book.active.data_validations.dataValidation


def test_two_long_lists_stand_side_by_side() -> None:
    columns = [
        FormColumn(name=n, choices=(f"{n},1", f"{n},2")[:m]) for n, m in (("a", 1), ("b", 2))
    ]
    book = opened(written(form(*columns)))
    rules = book.worksheets[0].data_validations.dataValidation
    assert [r.formula1 for r in rules] == ["choices!$A$1:$A$1", "choices!$B$1:$B$2"]
    rows = list(book["choices"].iter_rows(values_only=True))
    assert rows == [("a,1", "b,1"), (None, "b,2")]


@pytest.mark.parametrize(
    ("takes", "kind", "low", "high"),
    [
        (column(Kind.BOOLEAN), "list", '"true,false"', None),
        (column(Kind.INTEGER, minimum=0, maximum=255), "whole", "0", "255"),
        (column(Kind.INTEGER, minimum=-(2**63), maximum=2**63 - 1), "whole",
         "-999999999999999", "999999999999999"),
        (column(Kind.NUMBER, precision=5, scale=2), "decimal", "-999.99", "999.99"),
        (column(Kind.NUMBER, exact=False), "decimal", "-9.99999999999999E+307",
         "9.99999999999999E+307"),
        (column(Kind.DATE), "date", "1", "2958465"),
        (column(Kind.DATETIME), "date", "1", "2958465.99999"),
        (column(Kind.TIME), "time", "0", "0.999999"),
        (column(Kind.TEXT, max_length=20), "textLength", "20", None),
    ],
)  # fmt: skip
def test_warnings(takes: Column, kind: str, low: str, high: str | None) -> None:
    found = rule(FormColumn(name=takes.name, takes=takes))
    assert (found.type, found.formula1, found.formula2) == (kind, low, high)
    assert 0 < len(found.error) <= 225


@pytest.mark.parametrize(
    ("takes", "code"),
    [
        (None, "@"),
        (column(Kind.TEXT), "@"),
        (column(Kind.UUID), "@"),
        (column(Kind.INTEGER), "0"),
        (column(Kind.NUMBER, precision=10, scale=2), "0.00"),
        (column(Kind.NUMBER, precision=10, scale=0), "0"),
        (column(Kind.NUMBER), "General"),
        (column(Kind.NUMBER, exact=False), "General"),
        (column(Kind.NUMBER, precision=20, scale=2), "@"),
        (column(Kind.DATE), "yyyy-mm-dd"),
        (column(Kind.DATETIME), "yyyy-mm-dd hh:mm:ss"),
        (column(Kind.DATETIME, timezone=True), "@"),
        (column(Kind.TIME), "hh:mm:ss"),
    ],
)
def test_formats(takes: Column | None, code: str) -> None:
    assert entry_format(takes) == code
    sheet = opened(written(form(FormColumn(name="c", takes=takes)))).active
    assert sheet.column_dimensions["A"].number_format == code


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("pets", "pets"), ("a/b:c", "a_b_c"), ("x" * 40, "x" * 31), ("choices", "choices rows"),
        ("How To", "How To rows"), ("", "rows"), ("'x'", "x"), ("😀" * 20, "😀" * 15),
    ],
)  # fmt: skip
def test_titles(wanted: str, title: str) -> None:
    assert sheet_title(wanted) == title
    assert opened(written(form(FormColumn(name="c"), title=wanted))).sheetnames[0] == title


def test_the_sheet_that_explains_it() -> None:
    guide = opened(written(form(FormColumn(name="c"), guide=("Title", "=1+1\x00"))))["How to"]
    assert [(c.value, c.data_type) for c in guide["A"]] == [("Title", "s"), ("=1+1\ufffd", "s")]


def test_every_part_is_whole() -> None:
    data = written(texts(""), FormRow(cells=["a"], flaws={0: "x"}), marker="j")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
