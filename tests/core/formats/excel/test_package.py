"""Which shared strings of a workbook are empty, however they are spelled."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from core.formats.excel.parts import archive
from core.formats.excel.parts.archive import Archive
from core.formats.excel.parts.package import Package
from tests.core.formats.excel.books import zipped

_FILLED = (
    "<si><t>é</t></si>",
    '<si><t xml:space="preserve"> </t></si>',
    "<si><r><rPr><b/></rPr><t/></r><r><t>b</t></r></si>",
    "<si><t>東京</t><phoneticPr fontId='1'/></si>",
    "<si><t><![CDATA[<si>]]></t></si>",
    "<x:si><x:t>z</x:t></x:si>",
)
_EMPTY = (
    "<si/>",
    "<si />",
    "<si></si>",
    '<si\nxml:lang="de"/>',
    "<si><t/></si>",
    "<si><t></t></si>",
    '<si><t xml:space="preserve"></t></si>',
    "<si><r><rPr><b/></rPr><t/></r></si>",
    "<si><phoneticPr/></si>",
    "<x:si><x:t/></x:si>",
)


def empty(strings: str) -> list[int]:
    parts = {"xl/sharedstrings.xml": f'<sst count="1">{strings}</sst>'}
    package = Package(
        archive=Archive(zipped(parts)),
        workbook="xl/workbook.xml",
        kinds={"/sharedstrings": "xl/sharedstrings.xml"},
    )
    return package.empty_strings


@pytest.mark.parametrize("chunk", [1 << 20, 64, 7, 1])
def test_empty_strings_in_their_places(chunk: int) -> None:
    strings = [text for pair in zip(_EMPTY, _FILLED * 2, strict=False) for text in pair]
    with patch.object(archive, "_CHUNK", chunk):
        assert empty("".join(strings)) == list(range(0, 2 * len(_EMPTY), 2))


@pytest.mark.parametrize("strings", ["", "<si>", "<si><t>", "</si>", "<sid/>"])
def test_what_is_no_string(strings: str) -> None:
    assert empty(strings) == []


def test_a_workbook_without_shared_strings() -> None:
    package = Package(archive=Archive(zipped({"a": ""})), workbook="a")
    assert package.empty_strings == []
