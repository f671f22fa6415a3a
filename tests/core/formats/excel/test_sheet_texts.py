from __future__ import annotations

import zipfile
from collections.abc import Iterator

import polars as pl
import pytest

from core.errors import UnsafeContent
from core.formats.excel.parts import sheet_texts
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.sheet_texts import SheetTexts
from core.formats.excel.parts.sheet_xml import blocks
from tests.core.formats.excel.books import zipped

_ROW = "<row r='1'><c r='A1' t='str'><v>O’Neill's é</v></c></row>"
_SHEET = f"<worksheet><sheetData>{_ROW * 22_000}</sheetData></worksheet>"
_PLAIN = _SHEET.replace("='1'", '="1"').replace("='A1'", '="A1"').replace("='str'", '="str"')


def items(texts: Iterator[pl.Series]) -> list[bytes]:
    return [str(text.item()).encode() for text in texts]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts unpacked, in turn."""
    found: list[str] = []
    unpack = zipfile.ZipFile.open

    def noted(self: zipfile.ZipFile, name: zipfile.ZipInfo, mode: str = "r") -> object:
        found.extend([name.filename] * (mode == "r"))
        return unpack(self, name, mode)

    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    return found


@pytest.mark.parametrize(
    ("room", "unpacked"), [(8 << 20, ["a", "b"]), (2 << 20, ["a", "b", "b"]), (0, ["a", "b", "b"])]
)
def test_a_sheet_is_unpacked_once_for_two_looks_if_it_is_small(
    room: int, unpacked: list[str], opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_texts, "_KEPT_BYTES", room)
    texts = SheetTexts(Archive(zipped({"a": _SHEET, "b": _SHEET})))
    looked = [list(texts.look(part)) for part in ("a", "b")]
    assert len(looked[0]) > 1
    assert b"".join(looked[0]) == b"".join(looked[1]) == _PLAIN.encode()
    assert items(texts.read("b")) == looked[1]
    assert opened == unpacked
    assert items(texts.read("a")) == looked[0]
    assert opened == [*unpacked, "a"]  # whatever was kept of it is gone


def test_both_looks_refuse_what_is_no_workbook() -> None:
    texts = SheetTexts(Archive(zipped({"a": "<!DOCTYPE a>"})))
    for look in (texts.look, texts.read):
        with pytest.raises(UnsafeContent, match="DOCTYPE"):
            list(look("a"))


@pytest.mark.parametrize("room", [8 << 20, 0])
def test_bytes_that_are_no_text_are_shown_as_such(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_texts, "_KEPT_BYTES", room)
    texts = SheetTexts(Archive(zipped({"a": b'<c r="A1"><v>a\xff\xc3</v></c>'})))
    assert list(texts.look("a")) == [b'<c r="A1"><v>a\xff\xc3</v></c>']
    assert [text.item() for text in texts.read("a")] == ['<c r="A1"><v>a\ufffd\ufffd</v></c>']


@pytest.mark.parametrize("quoted", ["r='A1'", 'r="A1"'])
def test_an_apostrophe_in_a_text_hides_no_other_quotes(quoted: str) -> None:
    (block,) = blocks([f'<row r="1"><c r="A1"><v>O\'Neill</v></c><c {quoted}/></row>'.encode()])
    assert block.endswith(b'<c r="A1"/></row>')


@pytest.mark.parametrize("prefix", ["x", "Tabellé", "表"])
def test_prefixes_of_any_letters_are_dropped(prefix: str) -> None:
    xml = "<p:worksheet><p:row r='1'><p:c><p:v>p:é</p:v></p:c></p:row></p:worksheet>"
    (block,) = blocks([xml.replace("p:", f"{prefix}:").encode()])
    plain = f'<worksheet><row r="1"><c r="A1"><v>{prefix}:é</v></c></row></worksheet>'
    assert block.decode() == plain


def test_comments_are_dropped_and_verbatim_text_is_escaped() -> None:
    (block,) = blocks(['<c r="A1"><!-- <c> --><v><![CDATA[é<c>&]]></v></c>'.encode()])
    assert block.decode() == '<c r="A1"><v>é&lt;c>&amp;</v></c>'
