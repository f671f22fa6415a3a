"""Workbooks made to harm: refused with words, before anything parses them."""

from __future__ import annotations

import io
import zipfile

import pytest

from core.errors import InvalidFormat, UnsafeContent
from core.formats.excel import workbook
from core.formats.excel.parts import archive
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.sheet_xml import blocks
from tests.core.formats.excel.books import (
    book,
    cells,
    detected,
    frame,
    number,
    sheet,
    table,
    word,
    zipped,
)


def test_a_bomb_is_counted_while_it_inflates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FLOOR", 1 << 16)
    with pytest.raises(UnsafeContent, match="more than 100 times its size"):
        detected(book(table(number(1)), parts={"xl/big.xml": bytes(1 << 20)}))


def test_a_large_workbook_is_refused_however_badly_it_is_packed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MAX_INFLATED", 1 << 16)
    with pytest.raises(UnsafeContent, match="unpacks to more than 0 MB"):
        detected(book(table(number(1)), parts={"xl/big.xml": bytes(1 << 17)}))


def test_small_files_may_be_packed_well() -> None:
    assert detected(book(table(number(1)), parts={"xl/big.xml": bytes(1 << 20)})).columns == ("h",)


def test_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 8)
    with pytest.raises(UnsafeContent, match="has 9 entries; a workbook may have 8"):
        Archive(zipped({f"p{n}.xml": "" for n in range(9)}))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_doctype_in_any_part(codec: str) -> None:
    entity = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    with pytest.raises(UnsafeContent, match="declares a DOCTYPE") as refusal:
        detected(book(table(number(1)), parts={"docProps/app.xml": entity.encode(codec)}))
    assert "root" not in str(refusal.value)


def test_an_archive_inside() -> None:
    inner = zipped({"a": b"x"})
    with pytest.raises(UnsafeContent, match="holds another archive or document"):
        detected(book(table(number(1)), parts={"xl/embeddings/a.docx": inner}))


def test_damaged_archives() -> None:
    made = bytearray(book(table(number(1))))
    cut = bytes(made[: len(made) // 2])
    with pytest.raises(InvalidFormat, match="its table of contents cannot be read"):
        Archive(cut)
    start = made.find(b"xl/workbook.xml") + len("xl/workbook.xml") + 10
    made[start : start + 20] = bytes(20)
    with pytest.raises(InvalidFormat, match=r"its part xl/workbook.xml cannot be unpacked"):
        detected(bytes(made))


def test_two_parts_of_the_same_name() -> None:
    file = io.BytesIO(book(table(number(1))))
    with zipfile.ZipFile(file, "a") as more:
        more.writestr("XL\\S1.xml", sheet(table(number(2))))
    with pytest.raises(InvalidFormat, match="two of its parts have the same name"):
        detected(file.getvalue())


def test_a_cell_at_the_far_end_of_the_sheet() -> None:
    far = cells(word("h")) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(InvalidFormat, match=r"reaches to cell XFD1048576: that is 17,179,869,184"):
        frame(book(far))


def test_blank_rows_and_columns_far_beyond_the_data_cost_nothing() -> None:
    far = table(number(1)) + (
        '<row r="1048576" s="1" customFormat="1"><c r="XFD1048576" s="1"/>'
        '<c r="XFC1048576" s="1"></c></row>'
    )
    assert frame(book(far), header=False).height == 2


def test_the_bound_is_that_of_the_rectangle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_CELLS", 3)
    assert frame(book(table(number(1), number(2)))).height == 2
    with pytest.raises(InvalidFormat, match="4 cells, and 3 can be read"):
        frame(book(table(number(1), number(2), number(3))))


def test_a_row_without_end() -> None:
    endless = b"<row>" + b"x" * (1 << 20)
    with pytest.raises(InvalidFormat, match="A row of the sheet is larger than 64 MB"):
        for _ in blocks(endless for _ in range(80)):
            pass


def test_deep_xml_and_senseless_styles_are_survived() -> None:
    deep = "<a>" * 5000 + "</a>" * 5000
    made = book(table(number(1, 3)), parts={"xl/styles.xml": f"<styleSheet>{deep}</styleSheet>"})
    assert frame(made).height == 1
    with pytest.raises(InvalidFormat, match="The workbook cannot be read"):
        frame(book(table(number(1)), parts={"xl/styles.xml": b"\xff\xfe<"}))


def test_a_panic_of_the_parser_is_a_refusal() -> None:
    panic = type("PanicException", (BaseException,), {})
    with pytest.raises(InvalidFormat, match="its structure makes no sense"), workbook.calamine():
        raise panic
    with pytest.raises(KeyboardInterrupt), workbook.calamine():
        raise KeyboardInterrupt
