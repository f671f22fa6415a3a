"""The parts of .xlsx, .xlsm and .xlsb: Open Packaging Conventions (ECMA-376 Part 2)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl
from lxml import etree

from core.formats.excel.parts.archive import Archive, plain_name
from core.formats.excel.parts.styles import Styles, parsed, read_styles

_SHARED = r"(?s)<(?:\w+:)?si(?:\s[^>]*?)?(?:/>|>.*?</(?:\w+:)?si>)"
_TEXT = r"<(?:\w+:)?t(?:\s[^>]*)?>(?:[^<]|<!\[CDATA\[)"
_SHARED_END = b"</si>"
_WORKBOOK = "/officedocument"
_STYLES = "/styles"
_STRINGS = "/sharedstrings"


@dataclass(frozen=True, kw_only=True)  # with a place to keep what was parsed
class Package:
    """Where the parts are, and what the workbook says of all its sheets."""

    archive: Archive
    workbook: str  #: the part that lists the sheets
    targets: Mapping[str, str] = field(default_factory=dict)  #: part by relationship id
    kinds: Mapping[str, str] = field(default_factory=dict)  #: part by kind of relationship

    @property
    def binary(self) -> bool:
        """Are its parts binary (.xlsb) rather than XML?"""
        return self.workbook.endswith(".bin")

    @cached_property
    def _root(self) -> etree._Element | None:
        return parsed(self.archive.read(self.workbook))

    def sheets(self) -> dict[str, str]:
        """The part of each sheet, by the sheet's name. Only for workbooks in XML."""
        found: dict[str, str] = {}
        for element in self._root.iterfind("{*}sheets/{*}sheet") if self._root is not None else ():
            ids = [str(value) for name, value in element.items() if str(name).endswith("}id")]
            target = self.targets.get(ids[0], "") if ids else ""
            if target in self.archive:
                found[str(element.get("name"))] = target
        return found

    @cached_property
    def from_1904(self) -> bool:
        """Do the days count from 1904?"""
        return self._says("workbookPr", "date1904")

    def calculates_on_load(self) -> bool:
        """Does the workbook ask to be calculated when it is opened?"""
        return self._says("calcPr", "fullCalcOnLoad")

    @cached_property
    def styles(self) -> Styles:
        return read_styles(self.archive.read(self.kinds.get(_STYLES, "")))

    @cached_property
    def empty_strings(self) -> list[int]:
        """Which of the shared strings hold no character."""
        empty: list[int] = []
        count = 0
        for xml in self._shared_strings():
            # Polars' patterns leave the interpreter to the reading of the sheet.
            strings = pl.Series([xml.decode("utf-8", "replace")]).str.extract_all(_SHARED).explode()
            filled = strings.drop_nulls().str.contains(_TEXT)
            empty += (count + place for place in (~filled).arg_true())
            count += filled.len()
        return empty

    def _shared_strings(self) -> Iterator[bytes]:
        """Their XML in pieces that each end with a string."""
        name = self.kinds.get(_STRINGS, "")
        held = bytearray()
        for chunk in self.archive.chunks(name) if name in self.archive else ():
            seen = max(len(held) - len(_SHARED_END), 0)
            held += chunk
            last = held.rfind(_SHARED_END, seen)
            if last >= 0:
                end = last + len(_SHARED_END)
                yield bytes(held[:end])
                del held[:end]
        yield bytes(held)

    def _says(self, element: str, attribute: str) -> bool:
        found = self._root.find(f"{{*}}{element}") if self._root is not None else None
        return found is not None and found.get(attribute) in ("1", "true")


def open_package(archive: Archive) -> Package | None:
    """The package in an archive; None when it holds no workbook."""
    root = _relationships(archive, "", "_rels/.rels")
    workbook = next((target for _, kind, target in root if kind.endswith(_WORKBOOK)), "")
    if workbook not in archive:
        named = [name for name in archive.names if re.search(r"(^|/)workbook\.(xml|bin)$", name)]
        if not named:
            return None
        workbook = named[0]
    folder, name = posixpath.split(workbook)
    found = _relationships(archive, folder, posixpath.join(folder, "_rels", f"{name}.rels"))
    return Package(
        archive=archive,
        workbook=workbook,
        targets={key: target for key, _, target in found},
        kinds={kind[kind.rfind("/") :]: target for _, kind, target in found},
    )


def _relationships(archive: Archive, folder: str, name: str) -> list[tuple[str, str, str]]:
    """Id, kind in lower case, and part of each relationship to a part of the package."""
    root = parsed(archive.read(name))
    found = []
    for element in root.iterfind("{*}Relationship") if root is not None else ():
        if element.get("TargetMode") == "External":
            continue
        target = str(element.get("Target") or "").replace("\\", "/")
        part = target if target.startswith("/") else posixpath.join(folder, target)
        kind = str(element.get("Type") or "").lower()
        found.append((str(element.get("Id")), kind, plain_name(posixpath.normpath(part))))
    return found
