"""Whether a file is YAML, and where its records stand (ruling A8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.errors import InvalidFormat
from core.formats.base import Head, ReadLimits
from core.formats.json.decoding import shown
from core.formats.json.detection import Layout, layout_of, list_layout, path_finding
from core.formats.json.outline import Outline, outline_of
from core.formats.json.text import Unfinished
from core.formats.text.encoding import decode_head, encoding_under
from core.formats.text.heads import encoding_finding, encoding_warnings, first_lines
from core.formats.text.rows import HeadText
from core.formats.yaml.cursor import YamlText
from core.formats.yaml.events import Events
from core.formats.yaml.reading import settled_rows
from core.model.content import JSON as JSON_CONTENT
from core.model.content import identify
from core.model.dialect import Detection, Dialect, Finding, Given

NAME = "yaml"
_NAMED = (".yaml", ".yml")
#: A list of maps, alone or under a key, with a second member: nothing else looks like this.
_LIST_OF_MAPS = re.compile(
    r"(?:(?:#.*|---[ ]*|[ ]*)\r?\n)*(?:[\w.-]+:[ ]*\r?\n)?([ ]*)- +[\w.-]+:(?: .*)?\r?\n"
    r"(?:\1  +[\w.-]+:(?: .*)?\r?\n|\1- +[\w.-]+:(?: |\r?\n))"
)
#: Names of files that are delimited text whatever they look like.
_DELIMITED = (".csv", ".tsv", ".tab", ".txt")
_MOST_DOCUMENTS = 100
_LOOKED_AT = 4096  # bytes


def detect(head: Head, *, given: Given) -> Detection | None:
    """See `core.formats.base.Reader`. YAML has no sign of its own: mostly the name tells it."""
    name, start, complete = head.filename.lower(), head.start, head.complete
    named = "format" in given or name.endswith(_NAMED)
    if not named and (name.endswith(_DELIMITED) or not _LIST_OF_MAPS.match(_begun(start))):
        return None
    content = identify(start)
    if content not in (None, JSON_CONTENT):
        raise InvalidFormat(f"The content is {content.what}: {content.remedy}.")
    guess = encoding_under(head, given)
    text = decode_head(start, guess.encoding, complete=complete)
    if not text.strip():
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
    dialect = Dialect(format=NAME, encoding=guess.encoding, bom=guess.bom)
    try:
        layout = _layout(text, dialect, given, complete=complete)
    except InvalidFormat:
        if content == JSON_CONTENT and "format" not in given:  # what JSON's reader may well read
            return None
        raise
    layout.dialect = replace(layout.dialect, **given)
    layout.findings.insert(0, encoding_finding(guess))
    layout.warnings[:0] = encoding_warnings(guess)
    settled = settled_rows(HeadText(text), layout.dialect, ReadLimits(), complete=complete)
    if not settled.columns.names and not complete:
        layout.warnings.append("The records begin beyond what was looked at.")
    return Detection(
        dialect=layout.dialect,
        columns=tuple(settled.columns.names),
        findings=tuple(layout.findings),
        warnings=(*layout.warnings, *settled.columns.warnings),
        first_lines=first_lines(text),
    )


def _begun(start: bytes) -> str:
    return start[:_LOOKED_AT].decode("utf-8", "replace").removeprefix("\ufeff")


def _layout(text: str, start: Dialect, given: Given, *, complete: bool) -> Layout:
    outlines = _outlines(text, start, complete=complete)
    first = outlines[0]
    if len(outlines) > 1:
        return _documents(start, outlines, given)
    if first.top in ("[", "{"):
        return layout_of(start, first, given)
    raise InvalidFormat(
        f"{first.place}: the document is the single value {shown(first.value)}, "
        "not a list of records. If the file is something else, such as CSV, rename it accordingly."
    )


def _outlines(text: str, dialect: Dialect, *, complete: bool) -> list[Outline]:
    """Of the first documents of the file; at least one. Raises InvalidFormat."""
    cursor = YamlText(Events(HeadText(text), dialect.encoding, complete=complete))
    found: list[Outline] = []
    try:
        while len(found) < _MOST_DOCUMENTS and cursor.next_document():
            found.append(outline_of(cursor, complete=complete))
    except Unfinished:
        if complete:
            raise
    if not found:
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
    return found


def _documents(start: Dialect, outlines: Sequence[Outline], given: Given) -> Layout:
    """Documents that follow one another: each a record, or a list of records."""
    layout = Layout(dialect=start)
    if all(outline.top == "[" for outline in outlines):
        layout = list_layout(start, outlines[0].lists[0], given)
    else:
        evidence = f"{len(outlines):,} documents were seen: each holds one record, or a list."
        layout.findings.append(path_finding(None, 0.8, evidence))
    layout.findings.append(
        Finding(
            name="format",
            value="YAML, several documents",
            confidence=0.95,
            evidence="One document follows another.",
        )
    )
    return layout
