"""The format of an export: cards that say what each is good for, and its options."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from app.components import text
from app.components.dialect_form import DELIMITERS
from core.model.dialect import Dialect, FormatInfo

DATES = {
    "iso": "2026-01-31",
    "eu": "31/01/2026",
    "us": "01/31/2026",
    "timestamp": "Seconds since 1970",
}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8 bom": "UTF-8 with BOM, for Excel",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "iso-8859-1": "ISO-8859-1 (Latin 1)",
}
_ICONS = {
    "csv": ":material/csv:",
    "json": ":material/data_object:",
    "excel": ":material/table_view:",
    "xml": ":material/code:",
    "yaml": ":material/format_list_bulleted:",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What was chosen about the file."""

    dialect: Dialect
    date_format: str
    escape_formulas: bool
    filename: str | None


def format_form(formats: list[FormatInfo], *, key: str) -> Chosen:
    """Draw the cards and the options of the chosen format."""
    names = [f.name for f in formats]
    by_name = {f.name: f for f in formats}
    st.markdown("**Format**")
    name = st.segmented_control(
        "Format",
        names,
        default=names[0],
        required=True,
        format_func=lambda n: f"{_ICONS.get(n, '')} {by_name[n].title}",
        label_visibility="collapsed",
        key=f"{key}:format",
    )
    info = by_name[str(name)]
    limit = f" · at most {text.number(info.max_rows)} rows" if info.max_rows else ""
    st.caption(text.plain(info.description) + limit)
    dialect = Dialect(format=info.name)
    escape = True
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        filename = st.text_input(
            "File name", placeholder=f"named by table and time{info.extensions[0]}",
            key=f"{key}:name", width=250,
        )  # fmt: skip
        date_format = str(
            st.selectbox(
                "Dates as",
                list(DATES),
                format_func=lambda d: DATES.get(d, d),
                accept_new_options=True,
                help="Or type a pattern such as %d.%m.%Y or DD.MM.YYYY",
                key=f"{key}:dates",
                width=190,
            )
        )
        if info.name == "csv":
            dialect, escape = _csv(dialect, key=key)
        elif info.name == "excel":
            dialect = replace(dialect, header=_headers(key))
    return Chosen(
        dialect=dialect,
        date_format=date_format,
        escape_formulas=escape,
        filename=filename or None,
    )


def _csv(dialect: Dialect, *, key: str) -> tuple[Dialect, bool]:
    delimiter = st.selectbox(
        "Delimiter",
        list(DELIMITERS)[:4],
        format_func=DELIMITERS.__getitem__,
        key=f"{key}:delimiter",
        width=150,
    )
    encoding = str(
        st.selectbox(
            "Encoding",
            list(ENCODINGS),
            format_func=ENCODINGS.__getitem__,
            key=f"{key}:encoding",
            width=220,
        )
    )
    header = _headers(key)
    escape = st.checkbox(
        "Disarm formulas",
        value=True,
        key=f"{key}:escape",
        help="Text that a spreadsheet would run (= + - @) gets an apostrophe. Numbers stay.",
    )
    changed = replace(
        dialect,
        delimiter=str(delimiter),
        encoding=encoding.removesuffix(" bom"),
        bom=encoding.endswith(" bom"),
        header=header,
    )
    return changed, escape


def _headers(key: str) -> bool:
    return st.checkbox("Column names in the first row", value=True, key=f"{key}:header")
