"""Whether a file is JSON, of what layout, and where its records stand (ruling A8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import InvalidFormat
from core.formats.base import Head
from core.formats.json.decoding import compact, shown
from core.formats.json.outline import FoundList, Outline, outline_of
from core.formats.json.reading import head_columns
from core.formats.json.records import LINES, join_path
from core.formats.json.text import JsonText
from core.formats.text.encoding import decode_head, encoding_under, guess_encoding
from core.formats.text.header import judge_header
from core.formats.text.heads import encoding_finding, encoding_warnings, first_lines
from core.formats.text.rows import HeadText
from core.model.content import JSON as JSON_CONTENT
from core.model.content import identify
from core.model.dialect import Detection, Dialect, Finding, Given

DOCUMENT = "json"  #: name of the format of one document
_NAMED_DOCUMENT = (".json",)
_NAMED_LINES = (".jsonl", ".ndjson")
_STARTS = '{["-0123456789tfn'  # what a JSON value begins with
#: Content that may pass for JSON when the name says it is JSON.
_HONEST = (None, JSON_CONTENT)


@dataclass(kw_only=True, slots=True)
class Layout:
    """How the file is to be read, and why."""

    dialect: Dialect
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def detect(head: Head, *, given: Given) -> Detection | None:
    """See `core.formats.base.Reader`; the dialect's format is json or jsonl.

    A file not named as JSON is taken for JSON when it surely begins like it.
    """
    name, start, complete = head.filename.lower(), head.start, head.complete
    named = "format" in given or name.endswith((*_NAMED_DOCUMENT, *_NAMED_LINES))
    encoding = given.get("encoding") or guess_encoding(start, complete=complete).encoding
    text = decode_head(start, encoding, complete=complete)
    if not named and identify(text[:4096].lstrip().encode("utf-8", "replace")) != JSON_CONTENT:
        return None
    content = identify(start)
    if content not in _HONEST:
        assert content is not None
        raise InvalidFormat(f"The content is {content.what}: {content.remedy}.")
    if not text.strip():
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
    guess = encoding_under(head, given)
    text = decode_head(start, guess.encoding, complete=complete)
    dialect = Dialect(format=DOCUMENT, encoding=guess.encoding, bom=guess.bom)
    layout = _layout(text, dialect, given, complete=complete, lines=name.endswith(_NAMED_LINES))
    layout.dialect = replace(layout.dialect, **given)
    layout.findings.insert(0, encoding_finding(guess))
    layout.warnings[:0] = encoding_warnings(guess)
    columns = head_columns(HeadText(text), layout.dialect, complete=complete)
    if not columns.names and not complete:
        layout.warnings.append("The records begin beyond what was looked at.")
    return Detection(
        dialect=layout.dialect,
        columns=tuple(columns.names),
        findings=tuple(layout.findings),
        warnings=(*layout.warnings, *columns.warnings),
        first_lines=first_lines(text),
    )


def _layout(text: str, start: Dialect, given: Given, *, complete: bool, lines: bool) -> Layout:
    """`lines`: the name promises JSON Lines."""
    cursor = JsonText(HeadText(text))
    if cursor.peek() not in _STARTS:
        refusal = cursor.instead("{ or [")
        raise InvalidFormat(
            f"{refusal} If the file is something else, such as CSV, rename it accordingly."
        )
    outline = outline_of(cursor, complete=complete)
    after = "" if outline.cut else cursor.peek()
    sequence = given.get("format") == LINES
    if sequence or ("format" not in given and _is_sequence(cursor, outline, after, lines)):
        return _sequence(start, outline, given, several=bool(after))
    if after:
        raise cursor.fail("the document has ended, but more follows")
    if outline.top in ("[", "{"):
        return layout_of(start, outline, given)
    raise InvalidFormat(
        f"{outline.place}: the document is the single value {shown(outline.value)}, "
        "not a list of records."
    )


def _is_sequence(cursor: JsonText, outline: Outline, after: str, lines: bool) -> bool:
    """Do documents follow one another?"""
    if not after:
        return lines and (outline.top == "{" or not _of_objects(outline))
    if lines:
        return True
    if outline.top == "[":  # two lists on one line are more likely a slip
        return after == "[" and cursor.line > outline.last_line
    return outline.top == "{" and after == "{"


def _of_objects(outline: Outline) -> bool:
    return any(found.objects for found in outline.lists if not found.path)


def _sequence(start: Dialect, outline: Outline, given: Given, *, several: bool) -> Layout:
    layout = Layout(dialect=replace(start, format=LINES))
    evidence = "One JSON value follows another." if several else "The file is named so."
    layout.findings.append(
        Finding(name="format", value="JSON Lines", confidence=0.95, evidence=evidence)
    )
    if outline.top == "[" and "header" not in given:
        _settle_header(layout, [outline.lists[0].first])
    return layout


def layout_of(start: Dialect, outline: Outline, given: Given) -> Layout:
    """One document: where its records are, or what there is to choose from where that is given."""
    if outline.top == "[":
        layout = list_layout(start, outline.lists[0], given)
    else:
        layout = object_layout(start, outline)
    if given.get("record_path", layout.dialect.record_path) == layout.dialect.record_path:
        return layout
    path = given["record_path"]
    choices = [finding for finding in layout.findings if finding.name == "record_path"]
    layout = Layout(dialect=replace(start, record_path=path), findings=choices)
    for found in outline.lists:
        if join_path(found.path) == path:
            _settle_rows(layout, found, given)
    return layout


def list_layout(start: Dialect, found: FoundList, given: Given) -> Layout:
    layout = Layout(dialect=start)
    if found.objects:
        evidence = f"The document is a list of objects; {found.objects:,} were seen."
    elif found.count:
        evidence = "The document is a list, but not of objects."
    else:
        evidence = "The document is an empty list."
    layout.findings.append(path_finding(None, 0.99 if found.objects else 0.6, evidence))
    odd = found.count - found.objects
    if found.objects and odd:
        layout.warnings.append(f"{odd:,} of the first {found.count:,} items are not objects.")
    _settle_rows(layout, found, given)
    return layout


def _settle_rows(layout: Layout, found: FoundList, given: Given) -> None:
    """Whether the records are lists and the first holds names, unless that is given."""
    rows = [item for item in found.first if item is not None]
    if rows and isinstance(rows[0], list) and "header" not in given:
        _settle_header(layout, [row for row in rows if isinstance(row, list)])


def _settle_header(layout: Layout, rows: Sequence[list[Any]]) -> None:
    """Records that are lists: does the first hold names?"""
    texts = [[c if isinstance(c, str) else compact(c) for c in row] for row in rows]
    judged = judge_header(texts, len(texts[0]))
    words = bool(rows[0]) and all(type(cell) is str for cell in rows[0])
    present = judged.present and words
    evidence = judged.evidence if words else "It holds more than texts."
    layout.dialect = replace(layout.dialect, header=present)
    layout.findings.append(
        Finding(
            name="header",
            value="yes" if present else "no",
            confidence=judged.confidence if words else 0.95,
            evidence=evidence,
        )
    )
    taken = "as column names" if present else "as data, and columns are named by position"
    layout.warnings.append(f"The records are lists, not objects: the first is taken {taken}.")


def object_layout(start: Dialect, outline: Outline) -> Layout:
    """One document: the list of objects in it, or the object as the only record."""
    lists = sorted((f for f in outline.lists if f.objects), key=lambda f: len(f.path))
    nearest = [f for f in lists if len(f.path) == len(lists[0].path)]
    if not nearest:
        return _lone_object(start, outline)
    chosen = max(nearest, key=lambda f: f.count)
    path = join_path(chosen.path)
    layout = Layout(dialect=replace(start, record_path=path))
    evidence = f"{chosen.objects:,} objects were seen in the list “{path}”"
    if len(lists) > 1:
        evidence += f", the longest of {len(nearest)}" if len(nearest) > 1 else ""
        others = ", ".join(f"“{join_path(f.path)}” ({f.count:,})" for f in lists if f is not chosen)
        layout.warnings.append(
            f"Other lists of objects are not read: {others}. Choose one of them as record path "
            "to import it."
        )
    layout.findings.append(path_finding(path, _confidence(outline, nearest), f"{evidence}.", lists))
    read = {f.path[0] for f in lists}
    left = [key for key in outline.members if key not in read]
    if left:
        layout.warnings.append(
            f"Beside the records stand {', '.join(map(shown, left[:8]))}"
            f"{' and others' if len(left) > 8 else ''}, which are not read."
        )
    return layout


def _confidence(outline: Outline, nearest: Sequence[FoundList]) -> float:
    if len(nearest) > 1:
        return 0.5
    texts = sum(first == '"' for first in outline.members.values())
    return 0.95 if not texts else 0.8 if texts < 3 else 0.6


def _lone_object(start: Dialect, outline: Outline) -> Layout:
    """No list of objects: an empty list of records, or one record."""
    empty = [f for f in outline.lists if not f.count and len(f.path) == 1]
    wordless = '"' not in outline.members.values()
    if len(empty) == 1 and len(outline.lists) == 1 and wordless and not outline.cut:
        path = join_path(empty[0].path)
        evidence = f"The list “{path}” is empty, and nothing else looks like a record."
        layout = Layout(dialect=replace(start, record_path=path))
        layout.findings.append(path_finding(path, 0.6, evidence))
        return layout
    layout = Layout(dialect=start)
    evidence = "The document is an object without a list of objects: it is the only record."
    layout.findings.append(path_finding(None, 0.5 if outline.cut else 0.9, evidence))
    if outline.cut:
        layout.warnings.append(
            "No list of records was seen in the first part of the file. Choose the record path "
            "if there is one further on."
        )
    return layout


def path_finding(
    path: str | None, confidence: float, evidence: str, lists: Sequence[FoundList] = ()
) -> Finding:
    """`lists`: the lists of objects that were found, of which one can be chosen."""
    return Finding(
        name="record_path",
        value=path or "top level",
        confidence=confidence,
        evidence=evidence,
        choices=tuple(path for found in lists if (path := join_path(found.path))),
    )
