"""The cell styles of a workbook in XML: what each makes of a number (styles.xml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from core.formats.excel.numbers.formats import BUILT_IN, NumberFormat, Shows, parse


@dataclass(frozen=True, kw_only=True, slots=True)
class Styles:
    """Formats by the number cells name them by; only those that do something to a number."""

    formats: Mapping[str, NumberFormat] = field(default_factory=dict)

    def of(self, *shows: Shows) -> list[str]:
        return [name for name, found in self.formats.items() if found.shows in shows]


def parsed(xml: bytes) -> etree._Element | None:
    """The root of a small part, whatever is wrong with it left out; None when nothing is left."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        return etree.fromstring(xml, parser) if xml.strip() else None
    except (etree.XMLSyntaxError, ValueError):
        return None


def read_styles(xml: bytes) -> Styles:
    """The styles in styles.xml; none when it cannot be read."""
    root = parsed(xml)
    if root is None:
        return Styles()
    codes = dict(BUILT_IN)
    for element in root.iterfind(".//{*}numFmts/{*}numFmt"):
        number = _integer(element.get("numFmtId"))
        codes[number] = element.get("formatCode") or "General"
    formats = {}
    for index, element in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        found = parse(codes.get(_integer(element.get("numFmtId")), "General"))
        if found.shows is not Shows.VALUE:
            formats[str(index)] = found
    return Styles(formats=formats)


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
