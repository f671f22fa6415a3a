"""Whether a file is XML, in what encoding, and where its records stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.errors import InvalidFormat
from core.formats.base import Head, ReadLimits
from core.formats.json.records import join_path
from core.formats.text.encoding import decode_head, encoding_under
from core.formats.text.heads import encoding_finding, encoding_warnings, first_lines
from core.formats.text.rows import HeadText
from core.formats.xml.encoding import declared_encoding
from core.formats.xml.names import path_of
from core.formats.xml.outline import Proposal, outline_of, propose
from core.formats.xml.reading import settled_rows
from core.model.content import XML as XML_CONTENT
from core.model.content import identify
from core.model.dialect import Detection, Dialect, Finding, Given

NAME = "xml"
#: Content that may pass for XML when the name says it is XML.
_HONEST = (None, XML_CONTENT)
_MOST_NAMED = 8


@dataclass(kw_only=True, slots=True)
class _Layout:
    """How the file is to be read, and why."""

    dialect: Dialect
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def detect(head: Head, *, given: Given) -> Detection | None:
    """See `core.formats.base.Reader`. A file not named as XML is XML when it begins like it."""
    start, complete = head.start, head.complete
    named = "format" in given or head.filename.lower().endswith(".xml")
    content = identify(start)
    if not named and content != XML_CONTENT:
        return None
    if content not in _HONEST:
        assert content is not None
        raise InvalidFormat(f"The content is {content.what}: {content.remedy}.")
    if not start.strip():
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
    guess = encoding_under(head, given) if "encoding" in given else declared_encoding(start)
    encoding = guess.encoding
    dialect = Dialect(format=NAME, encoding=encoding, bom=guess.bom)
    layout = _Layout(
        dialect=replace(dialect, **given),
        findings=[encoding_finding(guess)],
        warnings=[*encoding_warnings(guess)],
    )
    text = decode_head(start, encoding, complete=complete)
    if not text.lstrip().startswith("<"):
        raise InvalidFormat(
            "Line 1, column 1: < is expected, with which XML begins. If the file is something "
            "else, such as CSV, rename it accordingly."
        )
    if layout.dialect.record_path is None:
        _settle_path(layout, propose(outline_of(HeadText(text), encoding, complete=complete)))
    else:
        _tell_choices(layout, text, complete=complete)
    path = path_of(layout.dialect.record_path)
    settled = settled_rows(HeadText(text), encoding, path, ReadLimits(), complete=complete)
    if not settled.columns.names and not complete:
        layout.warnings.append("The records begin beyond what was looked at.")
    return Detection(
        dialect=layout.dialect,
        columns=tuple(settled.columns.names),
        findings=tuple(layout.findings),
        warnings=(*layout.warnings, *settled.columns.warnings),
        first_lines=first_lines(text),
    )


def _tell_choices(layout: _Layout, text: str, *, complete: bool) -> None:
    """Which record paths there are beside the given one."""
    try:
        outline = outline_of(HeadText(text), layout.dialect.encoding, complete=complete)
    except InvalidFormat:
        return  # the reader says what is wrong, if that is in the way of the given path
    layout.findings.append(_path_finding(propose(outline)))


def _path_finding(proposal: Proposal) -> Finding:
    confidence, evidence = _reasons(proposal)
    path = join_path(proposal.records.path) if proposal.records else None
    return Finding(
        name="record_path",
        value=path or "none",
        confidence=confidence,
        evidence=evidence,
        choices=tuple(path for seen in proposal.listed if (path := join_path(seen.path))),
    )


def _settle_path(layout: _Layout, proposal: Proposal) -> None:
    records = proposal.records
    path = join_path(records.path) if records else None
    layout.dialect = replace(layout.dialect, record_path=path)
    layout.findings.append(_path_finding(proposal))
    others = [
        f"“{join_path(seen.path)}” ({seen.count:,})"
        for seen in proposal.listed
        if seen is not records
    ]
    if others:
        layout.warnings.append(
            f"Other lists of elements are not read: {', '.join(others[:_MOST_NAMED])}"
            f"{' and others' if len(others) > _MOST_NAMED else ''}. Choose one of them as record "
            "path to import it."
        )
    listed = {seen.path[: len(records.path)][-1] for seen in proposal.listed} if records else set()
    beside = [text for text in proposal.beside if text.strip("“”") not in listed]
    if beside:
        layout.warnings.append(
            f"Beside the records stand {', '.join(beside[:_MOST_NAMED])}"
            f"{' and others' if len(beside) > _MOST_NAMED else ''}, which are not read."
        )


def _reasons(proposal: Proposal) -> tuple[float, str]:
    """How sure the proposal is, and why."""
    records = proposal.records
    if records is None:
        return 0.6, "The root is empty: there are no records."
    path = join_path(records.path)
    if records in proposal.listed and records.most > 1:
        longest = f", the most of {proposal.level} such lists" if proposal.level > 1 else ""
        evidence = f"{records.count:,} such elements were seen side by side{longest}."
        return (0.5 if proposal.level > 1 else 0.95), evidence
    if records in proposal.listed:
        return 0.8, f"“{records.path[-2]}” is named as a list of “{records.name}” and holds one."
    if len(records.path) > 1 and records.most > 1:
        return 0.7, f"{records.count:,} texts were seen in “{path}”, and nothing else."
    return 0.6, f"Nothing is repeated in the document: “{path}” is the only record."
