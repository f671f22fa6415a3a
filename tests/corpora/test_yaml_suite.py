"""The official YAML test suite: what our parser tells, what is read, and what is accepted."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from yaml.events import AliasEvent, ScalarEvent

from core.errors import TableportError
from core.formats import detect_file, read_file
from core.formats.base import ReadLimits
from core.formats.yaml.strict import StrictParser

#: Not YAML, but libyaml reads it: docs/formats.md lists these.
BEYOND = {"9C9N", "9JBA", "DK95", "G5U8", "X4QW", "YJV2"}
_SHOWN = {"␣": " ", "⇔": "\ufeff", "↵": "", "∎\n": "", "←": "\r"}
_ESCAPED = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b"}
_SIGNS = {
    "StreamStart": "+STR",
    "StreamEnd": "-STR",
    "DocumentStart": "+DOC",
    "DocumentEnd": "-DOC",
}
_SIGNS |= {"MappingStart": "+MAP", "MappingEnd": "-MAP", "SequenceStart": "+SEQ"}
_SIGNS |= {"SequenceEnd": "-SEQ"}


class Case(NamedTuple):
    name: str
    text: str
    tree: str
    json: str
    fails: bool


def plain(shown: str) -> str:
    """Text in which the suite shows what cannot be seen."""
    text = re.sub("—*»", "\t", shown)
    for sign, meant in _SHOWN.items():
        text = text.replace(sign, meant)
    return text


def cases(folder: Path) -> Iterator[Case]:
    """Each case inherits from the one before it in its file what it does not say."""
    for file in sorted(folder.glob("*.yaml")):
        about: dict[str, str] = {}
        for case in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader):
            about |= case
            if "yaml" in case:
                text = plain(about["yaml"])
                tree = plain(about.get("tree", ""))
                fails = case.get("fail") == "true"
                yield Case(file.stem, text, tree, about.get("json", ""), fails)


def told(parser: StrictParser) -> list[str]:
    """Events in the notation of the suite, without how documents and brackets are marked."""
    lines = []
    for event in parser.events:
        sign = _SIGNS.get(type(event).__name__.removesuffix("Event"))
        anchor = getattr(event, "anchor", None)
        if isinstance(event, AliasEvent):
            lines.append(f"=ALI *{anchor}")
            continue
        marks = (f" &{anchor}" if anchor else "") + (
            f" <{event.tag}>" if getattr(event, "tag", None) else ""
        )
        if isinstance(event, ScalarEvent):
            value = "".join(_ESCAPED.get(character, character) for character in event.value)
            lines.append(f"=VAL{marks} {event.style or ':'}{value}".strip())
        else:
            lines.append(f"{sign}{marks}")
    return lines


def wanted(tree: str) -> list[str]:
    lines = [line.strip() for line in tree.splitlines() if line.strip()]
    lines = [re.sub(r"^([+-]DOC).*", r"\1", line) for line in lines]
    return [re.sub(r"^(\+(?:MAP|SEQ)) (?:\{\}|\[\])", r"\1", line) for line in lines]


def test_our_parser_tells_what_the_specification_has(corpora: Path) -> None:
    count = 0
    for case in cases(corpora / "yaml-test-suite"):
        parser = StrictParser(case.text.removeprefix("\ufeff"))
        error = parser.parse()
        assert (error is not None) == case.fails, (case.name, error and error.clause)
        if not case.fails and case.tree:
            assert told(parser) == wanted(case.tree), case.name
        count += 1
    assert count > 200


def test_every_table_is_read_and_what_is_accepted_beyond_is_known(corpora: Path) -> None:
    accepted = set()
    for case in cases(corpora / "yaml-test-suite"):
        data = case.text.encode()
        try:
            dialect = detect_file(io.BytesIO(data), filename="x.yaml").dialect
            list(read_file(io.BytesIO(data), dialect, rows=100, limits=ReadLimits()))
        except TableportError:
            assert case.fails or not case.json.lstrip().startswith(("{", "[")), case.name
        else:
            accepted |= {case.name} if case.fails else set()
    assert accepted == BEYOND
