from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.events import AliasEvent, Event, ScalarEvent

from core.errors import InvalidFormat
from core.formats.text.rows import HeadText
from core.formats.yaml.events import Events
from core.formats.yaml.strict import StrictParser
from tests.core.formats.yaml.yaml_frames import cells


def told(events: list[Any]) -> list[tuple[Any, ...]]:
    """What the events say, without where they stand."""
    return [_told(event) for event in events]


def _told(event: Event) -> tuple[Any, ...]:
    kind = type(event).__name__
    if isinstance(event, ScalarEvent):
        return kind, event.anchor, event.tag, event.value, event.style or None
    if isinstance(event, AliasEvent):
        return kind, event.anchor
    return kind, getattr(event, "anchor", None), getattr(event, "tag", None)


def strictly(text: str) -> list[Any]:
    parser = StrictParser(text)
    error = parser.parse()
    assert error is None, (error.clause, parser.mark(error.position), text)
    return parser.events


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('{"a"\n:1, b: 2}', {"a": "1", "b": "2"}),
        ("{a\n: 1}", {"a": "1"}),
        ("&a: key: &a value\nfoo:\n  *a:\n", {"key": "value", "foo": "key"}),
        ("a:\n  \tb\nc:\t d\n", {"a": "b", "c": "d"}),
        ("\t{a: 1}\n", {"a": "1"}),
        ("? a\n: - b\n  -\tc\n", {"a": '["b","c"]'}),
        ("a: |\n \tx\n", {"a": "\tx\n"}),
        ("é&: &日本 x\nb: *日本\n", {"é&": "x", "b": "x"}),
        ("%FOO bar # c\n---\na: b\n", {"a": "b"}),
        ('a: "x\\\n  \\ y\\\n\n  z"\nb: "\\ud83d\\ude00"\n', {"a": "x y\nz", "b": "😀"}),
        ("a: [?x, b: c, : d]\n", {"a": '["?x",{"b":"c"},{"":"d"}]'}),
        ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\nb: ::x\nc: {y: :z}\n", None),
    ],
)
def test_what_libyaml_refuses_or_not_is_read(text: str, row: dict[str, str] | None) -> None:
    (found,) = cells(text)
    assert found["a"] == "1" if row is None else {key: found[key] for key in row} == row


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("a: [b,, c]\n{", (0, 6), "a comma stands here without anything before it"),
        ("a: [b\n ]x\n{", (1, 2), "the value has ended, but more follows"),
        ("a:\n  b: 1\n c: 2\n{", (2, 1), "the line is indented more than what"),
        ("a: 'x\ny'\n{", (1, 0), "the line has to be indented more"),
        ("- a\nb: c\n", (1, 0), "the document has ended, but more follows"),
        ("a: &x &y b\n", (0, 6), "an anchor or tag is malformed, or stands here twice"),
        ("a: !e!x b\n", (0, 3), "the tag handle !e! is not declared"),
        ('a: "\\q"\n', (0, 4), "no such escape is known"),
        ('a: "\\ud800"\n', (0, 4), "this escape stands for no character"),
        ("a: |x\n  b\n", (0, 4), "only a comment may stand behind"),
        ("a: |\n   \n  b\n", (2, 2), "an empty line before is indented more"),
        ("a: 1\nb\n", (1, 0), "a key and a colon are expected here"),
        ("a: @b\n", (0, 3), "a value is expected, but here stands '@b'"),
        ("[a\n: b]\n", (1, 0), "a key and its colon have to stand on one line here"),
        ("[a,\n--- b]\n", (1, 0), "the document ends before what is open does"),
        ("%YAML 1.2\na: b\n", (1, 0), "--- is expected behind directives"),
        ("%TAG ! x\n%TAG ! x\n---\n", (1, 0), "the directive %TAG is malformed"),
        ("a: *\n", (0, 3), "an alias needs a name"),
        ("a\n... b\n", (1, 4), "only a comment may stand behind ..."),
        ("[" * 60, (0, 50), "nested more than 50 levels deep"),
    ],
)
def test_what_is_refused_with_its_place(text: str, place: tuple[int, int], why: str) -> None:
    parser = StrictParser(text)
    error = parser.parse()
    assert error is not None
    assert why in error.clause
    assert tuple(parser.mark(error.position)) == place


def test_its_word_is_final_in_files_of_moderate_size() -> None:
    with pytest.raises(InvalidFormat, match="Line 3, column 2: the line is indented more"):
        list(iter(Events(HeadText("a:\n  b: 1\n c: 2\n"), "utf-8").next, None))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        ["", " ", "- a", "a: b", "a #b", "#", "~", "null", "0123", "é日😀", "|", "...", "---"]
    ),
    st.text(st.sampled_from("ab:#-?[]{},&*!|>'\"%@` \n\t\\\x07é😀"), max_size=12),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.sampled_from("abc:- #é?'\n"), max_size=6), inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=250, deadline=None)
@given(
    data=DATA,
    flow=st.sampled_from([None, True, False]),
    style=st.sampled_from([None, '"', "'", "|", ">"]),
    indent=st.sampled_from([2, 4, 7]),
    width=st.sampled_from([10, 80]),
)
def test_both_parsers_tell_the_same_of_what_pyyaml_writes(
    data: Any, flow: bool | None, style: str | None, indent: int, width: int
) -> None:
    text = yaml.safe_dump(
        data,
        default_flow_style=flow,
        default_style=style,
        indent=indent,
        width=width,
        allow_unicode=True,
        sort_keys=False,
    )
    quick = list(yaml.parse(io.StringIO(text), Loader=yaml.CSafeLoader))
    assert told(strictly(text)) == told(quick)
