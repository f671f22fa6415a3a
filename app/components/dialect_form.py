"""How a file is read: each choice with how sure we are and why, and another choice at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from app.components.text import plain
from core.model.dialect import Detection, Dialect, Finding
from core.usecases.formats import format_named

#: Words for the choices of a dialect; of some, anything else can be typed.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western)",
    "iso-8859-1": "ISO-8859-1 (Latin 1)",
    "iso-8859-15": "ISO-8859-15 (Latin 9)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "utf-16": "UTF-16",
    "shift_jis": "Shift JIS",
    "gb18030": "GB 18030",
    "mac_roman": "Mac Roman",
}
DELIMITERS = {",": "Comma  ,", ";": "Semicolon  ;", "\t": "Tab", "|": "Pipe  |", " ": "Blank"}
QUOTES: dict[str | None, str] = {'"': 'Double  "', "'": "Single  '", None: "None"}
ESCAPES: dict[str | None, str] = {None: "Doubled quote", "\\": "Backslash  \\"}
DECIMALS = {".": "Point  1.5", ",": "Comma  1,5"}
THOUSANDS = {
    "": "None",
    ",": "Comma  1,000",
    ".": "Point  1.000",
    " ": "Blank  1 000",
    "'": "Apostrophe  1'000",
}
#: Below this a chip asks to be looked at.
SURE = 0.75


class _Choice(NamedTuple):
    """One field of Dialect on the screen."""

    title: str
    icon: str
    words: Mapping[Any, str] = {}
    open: bool = False  #: may something else than one of `words` be typed?
    always: bool = False  #: a chip of its own, even when nothing was found and it is as usual
    label: str = ""  #: of the input; the title by default


_CHOICES: Mapping[str, _Choice] = {
    "encoding": _Choice("Encoding", ":material/translate:", ENCODINGS, open=True, always=True),
    "delimiter": _Choice(
        "Delimiter", ":material/splitscreen_left:", DELIMITERS, open=True, always=True
    ),
    "quote": _Choice("Quote", ":material/format_quote:", QUOTES, always=True),
    "escape": _Choice("Escape", ":material/keyboard_command_key:", ESCAPES),
    "header": _Choice(
        "Header row",
        ":material/table_rows:",
        {True: "yes", False: "no"},
        always=True,
        label="The first row holds column names",
    ),
    "header_rows": _Choice(
        "Header takes", ":material/table_rows_narrow:", label="Rows of the header"
    ),
    "skip_rows": _Choice(
        "Skipped rows",
        ":material/vertical_align_bottom:",
        {0: "none"},
        always=True,
        label="Lines to skip before the header",
    ),
    "skip_footer": _Choice(
        "Skipped at the end",
        ":material/vertical_align_top:",
        {0: "none"},
        label="Rows at the end that are no data, such as totals",
    ),
    "decimal": _Choice("Decimal sign", ":material/decimal_increase:", DECIMALS),
    "thousands": _Choice("Thousands", ":material/123:", THOUSANDS),
    "null_values": _Choice(
        "NULL is", ":material/block:", label="Cells that mean NULL, with commas between"
    ),
    "skip_blank_rows": _Choice(
        "Blank rows",
        ":material/density_small:",
        {True: "skipped", False: "kept"},
        label="Pass over blank rows",
    ),
    "sheet": _Choice("Sheet", ":material/tab:", {None: "first"}, always=True, label="Sheet name"),
    "record_path": _Choice(
        "Records at",
        ":material/account_tree:",
        {None: "top level"},
        always=True,
        label="Path of the records, e.g. data.items",
    ),
}
_USUAL = Dialect()


def dialect_form(detection: Detection, *, key: str) -> dict[str, Any]:
    """Draw a chip per choice; the changes the visitor has just made, by field of Dialect.

    What is as usual and was not even looked for stands together behind one more chip.
    """
    findings = {f.name: f for f in detection.findings}
    dialect = detection.dialect
    changes: dict[str, Any] = {}

    def draw(name: str) -> None:
        value = _choose(name, dialect, findings.get(name), key=f"{key}:{name}")
        if value != getattr(dialect, name):
            changes[name] = value

    rest: list[str] = []
    with st.container(horizontal=True, gap="xsmall"):
        for name in format_named(dialect.format).read_options:
            finding, choice = findings.get(name), _CHOICES[name]
            usual = getattr(dialect, name) == getattr(_USUAL, name)
            if usual and finding is None and not choice.always:
                rest.append(name)
                continue
            with st.popover(_label(name, dialect, finding), icon=_icon(name, finding)):
                _evidence(finding)
                draw(name)
        if rest:
            with st.popover("More", icon=":material/tune:"):
                for name in rest:
                    draw(name)
    return changes


def shown_value(name: str, dialect: Dialect) -> str:
    """One field of a dialect in words."""
    value = getattr(dialect, name)
    if name == "null_values":
        return ", ".join(word or "nothing" for word in value) or "nothing"
    if name == "header_rows":
        return f"{value} rows" if value > 1 else "1 row"
    return re.split(r"  | \(", _CHOICES[name].words.get(value, str(value)))[0]


def _label(name: str, dialect: Dialect, finding: Finding | None) -> str:
    sure = f" :gray[{finding.confidence:.0%}]" if finding else ""
    return f"{_CHOICES[name].title}: **{plain(shown_value(name, dialect))}**{sure}"


def _icon(name: str, finding: Finding | None) -> str:
    doubtful = finding is not None and finding.confidence < SURE
    return ":material/help:" if doubtful else _CHOICES[name].icon


def _evidence(finding: Finding | None) -> None:
    if finding is None:
        st.caption("Nothing in the file speaks for or against it.")
        return
    st.text(finding.evidence)
    st.progress(min(max(finding.confidence, 0.0), 1.0), text=f"{finding.confidence:.0%} sure")


def _choose(name: str, dialect: Dialect, finding: Finding | None, *, key: str) -> Any:
    value, choice = getattr(dialect, name), _CHOICES[name]
    label = choice.label or choice.title
    if isinstance(value, bool):
        return st.toggle(label, value=value, key=key)
    if name in _COUNTS:
        low, high = _COUNTS[name]
        return int(st.number_input(label, low, max(high, value), value, key=key))
    if name == "null_values":
        typed = st.text_input(label, ",".join(value), key=key)
        return tuple(word.strip() for word in typed.split(","))
    if name in ("sheet", "record_path"):
        return _place(label, value, finding, key=key)
    options = list(choice.words) if value in choice.words else [value, *choice.words]
    return st.selectbox(
        label,
        options,
        index=options.index(value),
        format_func=lambda option: choice.words.get(option, str(option)),
        accept_new_options=choice.open,
        key=key,
    )


_COUNTS = {"header_rows": (1, 10), "skip_rows": (0, 1000), "skip_footer": (0, 1000)}


def _place(label: str, value: str | None, finding: Finding | None, *, key: str) -> str | None:
    """Where the rows stand: one of the places that were found, or any other."""
    places = list(finding.choices) if finding else []
    if not places:
        return st.text_input(label, value or "", key=key) or None
    if value is not None and value not in places:
        places.insert(0, value)
    chosen: str | None = st.selectbox(
        label,
        places,
        index=places.index(value) if value is not None else None,
        accept_new_options=True,
        key=key,
    )
    return chosen
