"""The format of an export: cards that say what each is good for, and its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components import text
from core.model.dialect import FormatInfo
from core.model.export_options import BY_NAME, PRESETS, ExportOption, OptionKind
from core.model.packing import PACKED_INSIDE, PACKINGS

_ICONS = {
    "csv": ":material/csv:",
    "json": ":material/data_object:",
    "jsonl": ":material/format_align_left:",
    "excel": ":material/table_view:",
    "xml": ":material/code:",
    "yaml": ":material/format_list_bulleted:",
    "parquet": ":material/view_column:",
    "sql": ":material/database:",
}
#: So many options stand in the open; of formats that have more, the rest is behind a click.
_IN_THE_OPEN = 4
_FEW = 6
_WIDTHS = {OptionKind.CHOICE: 210, OptionKind.TEXT: 170, OptionKind.COUNT: 170}


def format_form(formats: list[FormatInfo], *, key: str) -> dict[str, Any]:
    """Draw the cards and the options of the chosen format; what was chosen, as export options."""
    by_name = {f.name: f for f in formats}
    st.markdown("**Format**")
    name = st.segmented_control(
        "Format",
        list(by_name),
        default=formats[0].name,
        required=True,
        format_func=lambda n: f"{_ICONS.get(n, '')} {by_name[n].title}",
        label_visibility="collapsed",
        key=f"{key}:format",
    )
    info = by_name[str(name)]
    limit = f" · at most {text.number(info.max_rows)} rows in a sheet" if info.max_rows else ""
    st.caption(text.plain(info.description) + limit)
    key = f"{key}:{info.name}"
    chosen: dict[str, Any] = {"format": info.name}
    preset = _preset(info, key=key)
    defaults: Mapping[str, Any] = {}
    if preset is not None:
        chosen["preset"] = preset
        defaults = next(p.options for p in PRESETS if p.name == preset)
        key = f"{key}:{preset}"
    options = [BY_NAME[option] for option in info.options]
    shown = len(options) if len(options) <= _FEW else _IN_THE_OPEN
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen["filename"] = st.text_input(
            "File name", placeholder=f"named by table and time{info.extensions[0]}",
            key=f"{key}:name", width=250,
        )  # fmt: skip
        if info.name not in PACKED_INSIDE:
            chosen["compression"] = _compression(key)
        chosen |= _choices(options[:shown], defaults, key=key)
    if options[shown:]:
        with (
            st.expander("More options", icon=":material/tune:"),
            st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
        ):
            chosen |= _choices(options[shown:], defaults, key=key)
    return chosen


def _preset(info: FormatInfo, *, key: str) -> str | None:
    """Bundles of options under one name, where the format has some."""
    titles = {preset.name: preset for preset in PRESETS if preset.format == info.name}
    if not titles:
        return None
    name = st.segmented_control(
        "Made for",
        ["", *titles],
        default="",
        required=True,
        format_func=lambda n: titles[n].title if n else "Any program",
        key=f"{key}:preset",
    )
    if not name:
        return None
    st.caption(titles[name].help)
    return str(name)


def _choices(
    options: list[ExportOption], defaults: Mapping[str, Any], *, key: str
) -> dict[str, Any]:
    """One widget per option, the flags last."""
    ordered = sorted(options, key=lambda option: option.kind is OptionKind.FLAG)
    return {
        option.name: _choice(option, defaults.get(option.name, option.default), key)
        for option in ordered
    }


def _choice(option: ExportOption, default: Any, key: str) -> Any:
    key = f"{key}:{option.name}"
    if option.kind is OptionKind.FLAG:
        return st.checkbox(option.title, value=default, help=option.help, key=key)
    width = _WIDTHS[option.kind]
    if option.kind is OptionKind.COUNT:
        return int(
            st.number_input(
                option.title, 1, 100_000, default, help=option.help, key=key, width=width
            )
        )
    if option.kind is OptionKind.TEXT:
        return st.text_input(option.title, default, help=option.help, key=key, width=width)
    choices = list(option.choices)
    return st.selectbox(
        option.title,
        choices,
        index=choices.index(default),
        format_func=lambda value: option.choices.get(value, str(value)),
        accept_new_options=option.other is not None,
        help=option.help,
        key=key,
        width=width,
    )


def _compression(key: str) -> str | None:
    chosen = st.selectbox(
        "Packed as",
        [None, *PACKINGS],
        format_func=lambda name: PACKINGS[name].extension if name else "not packed",
        help="A large file may be zipped even so",
        key=f"{key}:compression",
        width=140,
    )
    return None if chosen is None else str(chosen)
