"""How a file is read: each choice with how sure we are and why, and another choice at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.text import plain
from core.model.dialect import Detection, Dialect, Finding

#: Words for the choices of a dialect; anything else can be typed.
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
_CHOICES: dict[str, Mapping[Any, str]] = {
    "encoding": ENCODINGS,
    "delimiter": DELIMITERS,
    "quote": QUOTES,
}

_TITLES = {
    "format": ("Format", ":material/description:"),
    "encoding": ("Encoding", ":material/translate:"),
    "delimiter": ("Delimiter", ":material/splitscreen_left:"),
    "quote": ("Quote", ":material/format_quote:"),
    "header": ("Header row", ":material/table_rows:"),
    "skip_rows": ("Skipped rows", ":material/vertical_align_bottom:"),
    "sheet": ("Sheet", ":material/tab:"),
    "record_path": ("Records at", ":material/account_tree:"),
}
_OF_TEXT = ("encoding", "delimiter", "quote", "header", "skip_rows")
_OF_FORMAT = {
    "csv": _OF_TEXT,
    "json": ("encoding", "record_path"),
    "jsonl": ("encoding",),
    "excel": ("sheet", "header", "skip_rows"),
    "xml": ("record_path",),
    "yaml": ("record_path",),
}
#: Below this a chip asks to be looked at.
SURE = 0.75


def dialect_form(detection: Detection, *, key: str) -> dict[str, Any]:
    """Draw a chip per choice; the changes the visitor has just made, by field of Dialect."""
    findings = {f.name: f for f in detection.findings}
    dialect = detection.dialect
    changes: dict[str, Any] = {}
    names = _OF_FORMAT.get(dialect.format, _OF_TEXT)
    with st.container(horizontal=True, gap="xsmall"):
        for name in names:
            finding = findings.get(name)
            with st.popover(_label(name, dialect, finding), icon=_icon(name, finding)):
                _evidence(finding)
                value = _choose(name, dialect, key=f"{key}:{name}")
            if value != getattr(dialect, name):
                changes[name] = value
    return changes


def shown_value(name: str, dialect: Dialect) -> str:
    """One field of a dialect in words."""
    value = getattr(dialect, name)
    every: dict[str, Mapping[Any, str]] = {
        **_CHOICES,
        "header": {True: "yes", False: "no"},
        "skip_rows": {0: "none"},
    }
    if name in ("sheet", "record_path") and value is None:
        return "first" if name == "sheet" else "top level"
    return re.split(r"  | \(", every.get(name, {}).get(value, str(value)))[0]


def _label(name: str, dialect: Dialect, finding: Finding | None) -> str:
    sure = f" :gray[{finding.confidence:.0%}]" if finding else ""
    return f"{_TITLES[name][0]}: **{plain(shown_value(name, dialect))}**{sure}"


def _icon(name: str, finding: Finding | None) -> str:
    return ":material/help:" if finding and finding.confidence < SURE else _TITLES[name][1]


def _evidence(finding: Finding | None) -> None:
    if finding is None:
        st.caption("Nothing in the file speaks for or against it.")
        return
    st.text(finding.evidence)
    st.progress(min(max(finding.confidence, 0.0), 1.0), text=f"{finding.confidence:.0%} sure")


def _choose(name: str, dialect: Dialect, *, key: str) -> Any:
    value = getattr(dialect, name)
    if name == "header":
        return st.toggle("The first row holds column names", value=value, key=key)
    if name == "skip_rows":
        return int(st.number_input("Lines to skip before the header", 0, 1000, value, key=key))
    if name in ("sheet", "record_path"):
        title = "Sheet name" if name == "sheet" else "Path of the records, e.g. data.items"
        return st.text_input(title, value or "", key=key) or None
    known = _CHOICES[name]
    options = list(known) if value in known else [value, *known]
    return st.selectbox(
        _TITLES[name][0],
        options,
        index=options.index(value),
        format_func=lambda option: known.get(option, str(option)),
        accept_new_options=name != "quote",
        key=key,
    )
