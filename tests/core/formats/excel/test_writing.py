"""Workbooks as written: what other programs see in them, and their limits."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, time
from typing import Any

import openpyxl
import polars as pl
import pytest

from core.errors import InvalidRequest
from core.formats import by_name
from core.formats.base import WriteOptions
from core.formats.excel.writing import sheets
from core.formats.excel.writing.cells import letters
from core.formats.excel.writing.dates import number_format
from core.model.dialect import Dialect
from core.model.table import Column, Kind


def column(kind: Kind, name: str = "c", **more: Any) -> Column:
    return Column(name=name, kind=kind, type_text="", **more)


def written(columns: list[Column], rows: list[tuple[str | None, ...]], **options: Any) -> bytes:
    names = [c.name for c in columns]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    file = io.BytesIO()
    dialect = Dialect(format="excel", **options.pop("dialect", {}))
    writer = by_name("excel").writer
    assert writer is not None
    chosen = WriteOptions(dialect=dialect, **options)
    assert writer.write([frame], columns, file, chosen) == len(rows)
    return file.getvalue()


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def cell(one: Column, text: str, **options: Any) -> Any:
    """The cell as openpyxl sees it: value, type and number format."""
    return opened(written([one], [(text,)], **options)).active["A2"]


@pytest.mark.parametrize(
    ("one", "text", "value", "code"),
    [
        (column(Kind.INTEGER), "12", 12, "0"),
        (column(Kind.INTEGER), "-999999999999999", -999999999999999, "0"),
        (column(Kind.INTEGER), "1000000000000000", "1000000000000000", "0"),
        (column(Kind.INTEGER), "007", "007", "0"),
        (column(Kind.NUMBER, scale=2), "12.50", 12.5, "0.00"),
        (column(Kind.NUMBER, scale=3), "0.001", 0.001, "0.000"),
        (column(Kind.NUMBER, scale=18), "12.500000000000000000", 12.5, "0.000000000000000000"),
        (column(Kind.NUMBER, scale=2), "12345678901234.56", "12345678901234.56", "0.00"),
        (column(Kind.NUMBER), "1.5", 1.5, "General"),
        (column(Kind.NUMBER, exact=False), "1e-07", 1e-07, "General"),
        (column(Kind.NUMBER, exact=False), "0.30000000000000004", 0.1 + 0.2, "General"),
        (column(Kind.NUMBER, exact=False), "1e+308", "1e+308", "General"),
        (column(Kind.NUMBER, exact=False), "NaN", "NaN", "General"),
        (column(Kind.BOOLEAN), "true", True, "General"),
        (column(Kind.BOOLEAN), "maybe", "maybe", "General"),
        (column(Kind.DATE), "2026-01-31", datetime(2026, 1, 31), "yyyy-mm-dd"),
        (column(Kind.DATE), "1900-03-01", datetime(1900, 3, 1), "yyyy-mm-dd"),
        (column(Kind.DATE), "1900-02-28", "1900-02-28", "yyyy-mm-dd"),
        (column(Kind.DATE), "infinity", "infinity", "yyyy-mm-dd"),
        (
            column(Kind.DATETIME), "2026-01-31T13:45:01",
            datetime(2026, 1, 31, 13, 45, 1), "yyyy-mm-dd hh:mm:ss",
        ),
        (
            column(Kind.DATETIME, timezone=True), "2026-01-31T13:45:01.500000+00:00",
            datetime(2026, 1, 31, 13, 45, 1, 500_000), "yyyy-mm-dd hh:mm:ss.000",
        ),
        (
            column(Kind.DATETIME), "2026-01-31T13:45:01.000001",
            "2026-01-31T13:45:01.000001", "yyyy-mm-dd hh:mm:ss.000",
        ),
        (column(Kind.TIME), "13:45:00", time(13, 45), "hh:mm:ss"),
        (column(Kind.TIME), "24:00:00", "24:00:00", "hh:mm:ss"),
        (column(Kind.TEXT), "007", "007", "@"),
        (column(Kind.TEXT), "=1+1", "=1+1", "@"),
        (column(Kind.UUID), "1e5", "1e5", "@"),
    ],
    ids=str,
)  # fmt: skip
def test_cells_by_kind(one: Column, text: str, value: object, code: str) -> None:
    found = cell(one, text)
    assert (found.value, found.number_format) == (value, code)
    assert found.data_type != "f"


@pytest.mark.parametrize(
    ("date_format", "code"),
    [
        ("us", "mm/dd/yyyy hh:mm:ss"),
        ("eu", "dd/mm/yyyy hh:mm:ss"),
        ("de", "dd.mm.yyyy hh:mm:ss"),
        ("DD.MM.YYYY HH:mm", "dd.mm.yyyy hh:mm"),
        ("%Y%m%dT%H%M%S", r"yyyymmdd\Thhmmss"),
        ("%d %b %y %I:%M %p", "dd mmm yy hh:mm AM/PM"),
        ("%F %T", "yyyy-mm-dd hh:mm:ss"),
    ],
)
def test_a_date_format_becomes_a_number_format(date_format: str, code: str) -> None:
    found = cell(column(Kind.DATETIME), "2026-01-31T13:45:01", date_format=date_format)
    assert found.value == datetime(2026, 1, 31, 13, 45, 1)
    assert found.number_format.replace("\\ ", " ") == code


@pytest.mark.parametrize("pattern", ["%j", "%H %m", "%M %d", "%I:%M", "%d%Q"])
def test_what_no_number_format_shows(pattern: str) -> None:
    assert number_format(pattern) is None


def test_dates_no_number_format_shows_are_text() -> None:
    found = cell(column(Kind.DATE), "2026-01-31", date_format="%Y-%j")
    assert (found.value, found.number_format) == ("2026-031", "@")
    seconds = cell(column(Kind.DATE), "1970-01-02", date_format="timestamp")
    assert seconds.value == 86_400


def test_the_header_is_bold_frozen_and_filters() -> None:
    data = written([column(Kind.TEXT, "a & <b>"), column(Kind.TEXT, "é\n")], [("x", "y")] * 3)
    sheet = opened(data).active
    assert [c.value for c in sheet[1]] == ["a & <b>", "é\n"]
    assert all(c.font.b for c in sheet[1])
    assert not sheet["A2"].font.b
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B4"


def test_looks_can_be_left_out() -> None:
    one = [column(Kind.TEXT, "name")]
    bare = opened(written(one, [("x",)], dialect={"header": False})).active
    assert ([c.value for c in bare[1]], bare.freeze_panes, bare.auto_filter.ref) == (
        ["x"],
        None,
        None,
    )
    plain = opened(written(one, [("x" * 30,)], fit=False, freeze=False)).active
    assert (plain.freeze_panes, plain.column_dimensions["A"].width) == (None, 13)


def test_columns_are_as_wide_as_their_first_values() -> None:
    columns = [column(Kind.TEXT, n) for n in "abc"] + [column(Kind.DATE, "d")]
    sheet = opened(written(columns, [("x" * 20, "x" * 200, "", "2026-01-31")])).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths == [22, 50, 8, 12]


def test_null_is_no_cell_and_an_empty_text_is_one() -> None:
    xml = part(written([column(Kind.TEXT)], [(None,), ("",)]), "xl/worksheets/sheet1.xml")
    assert '<row r="2"></row>' in xml
    assert 'r="A3"' in xml


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 4)
    rows: list[tuple[str | None, ...]] = [(str(n),) for n in range(7)]
    name = "A sheet name of thirty-one char"
    book = opened(written([column(Kind.INTEGER, "n")], rows, dialect={"sheet": name}))
    assert book.sheetnames == [name, f"{name[:29]} 2", f"{name[:29]} 3"]
    values = [[c.value for c in sheet["A"]] for sheet in book]
    assert values == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


def test_a_sheet_is_full_before_a_part_needs_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_BYTES", 10)
    frames = [pl.DataFrame({"n": ["1"]})] * 3
    file = io.BytesIO()
    writer = by_name("excel").writer
    assert writer is not None
    writer.write(frames, [column(Kind.INTEGER, "n")], file, WriteOptions(dialect=Dialect()))
    assert opened(file.getvalue()).sheetnames == ["Data", "Data 2", "Data 3"]


@pytest.mark.parametrize(
    "name", ["", "x" * 32, "a/b", "a[b", "'a", "a'", "History", "a\nb", "😀" * 16]
)
def test_names_no_sheet_can_have(name: str) -> None:
    with pytest.raises(InvalidRequest, match="sheet_name"):
        written([column(Kind.TEXT)], [("x",)], dialect={"sheet": name})


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384, "bad \ufffe"])
def test_what_no_cell_can_hold_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InvalidRequest, match="Row 2, column 'c'"):
        written([column(Kind.TEXT)], [("x",), (text,)])


def test_the_longest_text_is_held() -> None:
    assert cell(column(Kind.TEXT), "é" * 32_767).value == "é" * 32_767


def test_controls_are_escaped_as_the_standard_says() -> None:
    xml = part(written([column(Kind.TEXT)], [("\x01\r_x000D_",)]), "xl/worksheets/sheet1.xml")
    assert "_x0001__x000D__x005F_x000D_" in xml


def test_the_same_rows_make_the_same_bytes() -> None:
    assert written([column(Kind.TEXT)], [("x",)]) == written([column(Kind.TEXT)], [("x",)])


def test_too_many_or_no_columns() -> None:
    with pytest.raises(InvalidRequest, match="at least one column"):
        written([], [])
    many = [column(Kind.TEXT, f"c{n}") for n in range(16_385)]
    with pytest.raises(InvalidRequest, match="16,384 columns at most"):
        written(many, [])


def test_column_letters() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


def test_every_part_is_listed() -> None:
    data = written([column(Kind.TEXT)], [("x",)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        parts = {n for n in archive.namelist() if n.startswith("xl/") and "_rels" not in n}
    types = part(data, "[Content_Types].xml")
    assert set(re.findall(r'PartName="/([^"]+)"', types)) == parts
